"""What an operator may set: ``GRIDMAP_…`` variables or a ``.env`` file in the working directory."""

from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geodata.drafts.bands import Bands, parse_bands
from geodata.intake.count_kinds import public_names
from service.outside_tiles import OutsideTiles, checked_datum, checked_tiles_url, outside_tiles
from service.portals import origins_of, verification_files
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
    database_wait_seconds: float = Field(
        default=1.0,
        gt=0,
        le=60,
        description="How long a request waits for a connection to PostGIS before it is told that the database is away",
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
        default=256,
        ge=1,
        le=2048,
        description="Largest file that a clerk or a planner may bring, in megabytes; a clerk's is kept 30 days",
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

    public_counts: str = Field(
        default="",
        description="Loaded counts that everybody may see by grid, such as events,elderly; all others take a key",
    )
    household_bands: str = Field(
        default="",
        max_length=1000,
        description="Households that grids are to have where they are redrawn, such as "
        "urban=300-500,rural=-300,service/urban=800-1500: by kind, after the code of a layer that is not the first; "
        "`none` for no band. Without it 300–500 for grids in town of the first layer",
    )
    attribution: str = Field(
        default="",
        max_length=300,
        description="Whose data maps and printed pages show, such as © OpenStreetMap contributors; written on each",
    )
    map_approval_number: str = Field(
        default="", max_length=60, description="Approval number of the map (审图号), written on maps and printed pages"
    )

    frame_ancestors: str = Field(
        default="",
        description="Sites that may show the map in a frame, beside our own: origins such as https://portal.example or "
        "https://*.portal.example, separated by commas",
    )
    cors_origins: str = Field(
        default="",
        description="Sites whose pages may ask the public part of the API by script: origins such as "
        "https://portal.example, separated by commas; never with a session",
    )
    verification_files: str = Field(
        default="",
        description="Files at the root by which other systems see that the domain is ours, as NAME=CONTENT, several "
        "separated by commas; mini-program web views ask for one",
    )

    @field_validator("frame_ancestors")
    @classmethod
    def _framing(cls, value: str) -> str:
        return ",".join(origins_of(value, wildcards=True))

    @field_validator("cors_origins")
    @classmethod
    def _asking(cls, value: str) -> str:
        return ",".join(origins_of(value, wildcards=False))

    @field_validator("verification_files")
    @classmethod
    def _verified(cls, value: str) -> str:
        return value if verification_files(value) else ""

    base_tiles_url: str = Field(
        default="",
        description="Tiles of another map below the grids instead of our own, such as "
        "https://tiles.example/{z}/{x}/{y}.png?key={key}, in Web Mercator; browsers fetch them from there",
    )
    base_tiles_key: str = Field(
        default="", max_length=300, description="What {key} in that address stands for; browsers see it"
    )
    base_tiles_attribution: str = Field(
        default="", max_length=300, description="Whose map those tiles are; written on the map"
    )
    base_tiles_crs: str = Field(
        default="EPSG:4326",
        description="Datum that those tiles are drawn in: EPSG:4326, EPSG:4490 or GCJ-02, which is shifted back",
    )

    @field_validator("base_tiles_url")
    @classmethod
    def _tiles(cls, value: str) -> str:
        return checked_tiles_url(value)

    @field_validator("base_tiles_crs")
    @classmethod
    def _datum(cls, value: str) -> str:
        return checked_datum(value)

    public_url: str = Field(
        default="",
        max_length=300,
        description="Address at which residents reach the service, such as https://grids.example.gov.cn/gridmap: QR "
        "codes on printed boards and maps lead there; without it, to the address that a print was asked from",
    )

    @field_validator("public_counts")
    @classmethod
    def _counts(cls, value: str) -> str:
        return ",".join(public_names(value))

    @field_validator("household_bands")
    @classmethod
    def _households(cls, value: str) -> str:
        parse_bands(value)
        return value

    @field_validator("report_url")
    @classmethod
    def _safe_link(cls, value: str) -> str:
        return checked_template(value)

    @field_validator("public_url")
    @classmethod
    def _link(cls, value: str) -> str:
        parts = urlsplit(value.strip())
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        if value.strip() and not (parts.scheme in ("http", "https") and parts.hostname and plain):
            raise ValueError("public_url must be like https://grids.example.gov.cn or with a path below that")
        return value.strip().rstrip("/")

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

    @property
    def bands(self) -> Bands:
        """Households that grids are to have, where some are set."""
        return parse_bands(self.household_bands)

    @property
    def counts_for_everybody(self) -> frozenset[str]:
        """Names of loaded counts that take no key."""
        return frozenset(public_names(self.public_counts))

    @property
    def outside_tiles(self) -> OutsideTiles | None:
        """The map of somebody else below the grids, where one is set."""
        return outside_tiles(self.base_tiles_url, self.base_tiles_key, self.base_tiles_attribution, self.base_tiles_crs)

    @property
    def framing_origins(self) -> tuple[str, ...]:
        """Sites that may show the map in a frame."""
        return origins_of(self.frame_ancestors, wildcards=True)

    @property
    def asking_origins(self) -> tuple[str, ...]:
        """Sites whose pages may ask the public part of the API."""
        return origins_of(self.cors_origins, wildcards=False)
