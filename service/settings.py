"""What an operator may set: ``GRIDMAP_…`` variables or a ``.env`` file in the working directory."""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.report_link import checked_template


class Settings(BaseSettings):
    """Everything that can be set; frozen, read once when the application is made, passed down from there."""

    model_config = SettingsConfigDict(
        env_prefix="GRIDMAP_", env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    database_url: str | None = Field(
        default=None,
        description="PostGIS to use, as postgresql://user:password@host/database; without it the service runs its own",
    )
    state_folder: Path = Field(
        default=Path(".gridmap"),
        description="Folder for the own PostGIS, the compiled snapshot and the secret of page sessions",
    )
    root_path: str = Field(
        default="", description="Path that a proxy serves the application under, such as /gridmap; empty for none"
    )
    timezone: str = Field(
        default="Asia/Shanghai", description="Local time: how a time without offset is read and every time is shown"
    )
    max_body_megabytes: int = Field(
        default=8, ge=1, le=1024, description="Largest request body that is read, in megabytes"
    )
    max_batch_megabytes: int = Field(
        default=64, ge=1, le=4096, description="Largest body of a batch look-up, in megabytes; it is kept on disk"
    )
    max_load_megabytes: int = Field(
        default=256, ge=1, le=2048, description="Largest file that a clerk may bring, in megabytes; it is kept 30 days"
    )
    page_size: int = Field(
        default=100, ge=1, le=1000, description="Items on one page of a list, unless asked otherwise"
    )
    session_hours: float = Field(
        default=12.0,
        gt=0,
        le=24 * 31,
        description="How long a page stays signed in after a key was traded for a cookie",
    )

    report_url: str = Field(
        default="",
        description="Link of each grid in a look-up to a case system, such as "
        "https://cases.example/new?grid={grid}&at={lon},{lat}; it may name layer, grid, release, lon, lat and matter",
    )

    attribution: str = Field(
        default="",
        max_length=300,
        description="Whose data maps and printed pages show, such as © OpenStreetMap contributors; written on each",
    )
    map_approval_number: str = Field(
        default="", max_length=60, description="Approval number of the map (审图号), written on maps and printed pages"
    )

    @field_validator("report_url")
    @classmethod
    def _safe_link(cls, value: str) -> str:
        return checked_template(value)

    @field_validator("root_path")
    @classmethod
    def _rooted(cls, value: str) -> str:
        path = value.strip().rstrip("/")
        if path and not path.startswith("/"):
            raise ValueError("root_path must start with /")
        return path

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is not a time zone, such as Asia/Shanghai") from error
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The local time zone."""
        return ZoneInfo(self.timezone)
