"""Logos in the heads of boards: raster pictures, checked and written anew, of an area and all below it."""

import hashlib
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from PIL import Image, UnidentifiedImageError
from psycopg import Connection
from psycopg.rows import class_row

from geodata.access import record_audit
from geodata.errors import FileError, NotKnownError
from geodata.queries import named_queries
from geodata.records import Area

MOST_BYTES: Final = 2_000_000
MOST_PIXELS: Final = 6000
_LARGEST: Final = 800
_LEAST: Final = 16
_MOST_RATIO: Final = 8.0
# How a whole file of each format ends, and where that is looked for.
_ENDS: Final = {"PNG": b"IEND", "JPEG": b"\xff\xd9"}
_TAIL: Final = 4096
_FORMATS: Final = tuple(_ENDS)
_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG that we wrote; width and height in pixels."""

    content: bytes
    width: int
    height: int
    digest: str

    @property
    def ratio(self) -> float:
        """Width in heights."""
        return self.width / self.height


def checked_logo(content: bytes) -> Logo:
    """The picture, decoded and written anew: nothing of the file but its pixels is kept.

    Parameters
    ----------
    content
        A PNG or JPEG file.

    Raises
    ------
    FileError
        It is no such picture, or too large, too small, or too long and narrow.
    """
    if len(content) > MOST_BYTES:
        raise FileError(
            f"the logo has {len(content) / 1e6:.1f} MB; at most {MOST_BYTES / 1e6:.0f} MB",
            f"标志文件为 {len(content) / 1e6:.1f} MB，不能超过 {MOST_BYTES / 1e6:.0f} MB",
            most=MOST_BYTES,
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture: Any = Image.open(io.BytesIO(content), formats=_FORMATS)
            _check_size(picture.width, picture.height)
            # What prints pages lets all of this process take half a picture for a whole one.
            if _ENDS[picture.format] not in content[-_TAIL:]:
                raise ValueError("the file is cut off")
            picture.load()
            picture = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise FileError(
            "the logo is no picture that can be read: bring a PNG or JPEG file",
            "标志不是可读取的图片：请使用 PNG 或 JPEG 文件",
        ) from error
    picture.thumbnail((_LARGEST, _LARGEST))
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    made = written.getvalue()
    return Logo(made, picture.width, picture.height, hashlib.sha256(made).hexdigest()[:24])


def _check_size(width: int, height: int) -> None:
    ratio = max(width, height) / max(min(width, height), 1)
    if min(width, height) < _LEAST or max(width, height) > MOST_PIXELS or ratio > _MOST_RATIO:
        raise FileError(
            f"the logo is {width} × {height} pixels: at least {_LEAST}, at most {MOST_PIXELS} on a side, and no more "
            f"than {_MOST_RATIO:.0f} times as long as wide",
            f"标志为 {width} × {height} 像素：每边应在 {_LEAST} 至 {MOST_PIXELS} 之间，长宽比不超过 {_MOST_RATIO:.0f}",
            width=width,
            height=height,
        )


def set_logo(connection: Connection[Any], area: Area | None, logo: Logo | None, actor: str) -> None:
    """Let an area, or everywhere where it is None, have this logo from now on, or none of its own.

    Raises
    ------
    NotKnownError
        There is none to be removed.
    """
    values = {"area_id": None if area is None else area.area_id}
    gone = connection.execute(_SQL["withdraw_logo"], values).rowcount
    if logo is None and not gone:
        raise NotKnownError("there is no logo to remove here", "此处没有可移除的标志")
    if logo is not None:
        picture = {"picture": logo.content, "width": logo.width, "height": logo.height, "digest": logo.digest}
        connection.execute(_SQL["add_logo"], {**values, **picture, "actor": actor})
    action = "logo.remove" if logo is None else "logo.set"
    record_audit(connection, actor=actor, action=action, target="" if area is None else area.code)


def logos_of_areas(connection: Connection[Any]) -> dict[int | None, str]:
    """Digests of logos by the identity of their area; None is everywhere."""
    return dict(connection.execute(_SQL["logos"]).fetchall())


def nearest_logo(logos: dict[int | None, str], chain: Sequence[Area]) -> str:
    """The digest of the logo that holds in an area: its own, else that of the nearest above; empty for none."""
    own = (logos[area.area_id] for area in chain if area.area_id in logos)
    return next(own, logos.get(None, ""))


def logo_of(connection: Connection[Any], digest: str) -> Logo | None:
    """One logo."""
    with connection.cursor(row_factory=class_row(Logo)) as cursor:
        return cursor.execute(_SQL["logo"], {"digest": digest}).fetchone()
