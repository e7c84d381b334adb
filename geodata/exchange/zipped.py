"""Zip archives: looked through before anything is unpacked, then only the parts of one table, under our own names."""

import contextlib
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from geodata.errors import FileError
from geodata.exchange.shapefile import PARTS
from geodata.exchange.sniff import SUFFIXES
from geodata.exchange.table import Limits

MOST_ENTRIES: Final = 10_000
# Honest tables rarely shrink to a hundredth; archives that grow a thousandfold are made to fill disks.
HIGHEST_RATIO: Final = 200
RATIO_COUNTS_FROM: Final = 32 * 2**20
_CHUNK: Final = 2**20
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    ValueError,
)
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_INNER: Final = frozenset({".shp", ".gpkg", ".geojson", ".json", ".csv", ".xlsx", ".xls", ".ods"})


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file taken out of an archive.

    Parameters
    ----------
    path
        Where it lies for now.
    name
        Its name in the archive, without folder.
    """

    path: Path
    name: str


def check_archive(path: Path, limits: Limits) -> None:
    """Refuse an archive that is damaged, hostile or far too large, judging by what it says of itself.

    Parameters
    ----------
    path
        A zip archive; xlsx and ods are such, too.
    limits
        ``unpacked_bytes`` counts.

    Raises
    ------
    FileError
        Damaged; encrypted; too many entries; too large or too dense when unpacked; names that leave the folder.
    """
    with _archive(path) as archive:
        _checked_entries(archive, path, limits)


@contextmanager
def unpacked(path: Path, source_layer: str | int | None, limits: Limits) -> Iterator[tuple[Unpacked, list[str]]]:
    """The wanted table of an archive, unpacked into a folder that is gone afterwards; and the names of all tables.

    Parameters
    ----------
    path
        A zip archive.
    source_layer
        Name of the table inside, with or without folder or suffix, or its 1-based number; the first by default.
    limits
        ``unpacked_bytes`` is counted while unpacking, whatever the archive says of itself.

    Raises
    ------
    FileError
        As `check_archive`; or there is no table inside, no such one, or only another archive.
    """
    with tempfile.TemporaryDirectory(prefix="gridmap-unzip-") as folder:
        with _archive(path) as archive:
            entries = _checked_entries(archive, path, limits)
            tables = [
                name for name in entries if PurePosixPath(name).suffix.lower() in _INNER and not _is_clutter(name)
            ]
            tables.sort(key=lambda name: (PurePosixPath(name).suffix.lower() != ".shp", name))
            if not tables:
                raise _nothing_inside(entries)
            wanted = tables[_position(tables, source_layer)]
            inside = _unpack(archive, entries, wanted, Path(folder), limits)
        yield inside, tables


def _position(tables: list[str], source_layer: str | int | None) -> int:
    if source_layer is None:
        return 0
    text = str(source_layer).strip()
    if isinstance(source_layer, str):
        for part in ("as_posix", "name", "stem"):
            spelled = [_spelled(name, part) for name in tables]
            if spelled.count(text) == 1:
                return spelled.index(text)
    if text.isascii() and text.isdecimal() and len(text) < 6 and 1 <= int(text) <= len(tables):
        return int(text) - 1
    # One table inside: the name may be that of a sheet or layer in it.
    if len(tables) == 1:
        return 0
    listed = ", ".join(f"“{name[:80]}”" for name in tables[:30])
    raise FileError(
        f"The archive holds no table “{text[:80]}”. There are: {listed}.",
        f"压缩包中没有“{text[:80]}”。现有：{listed}。",
        sheets=tables[:30],
    )


def _spelled(name: str, part: str) -> str:
    path = PurePosixPath(name)
    return {"as_posix": name, "name": path.name, "stem": path.stem}[part]


@contextmanager
def _archive(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (*_DAMAGED, OSError) as error:
        shown = str(error)[:200]
        raise FileError(
            f"The file is damaged or was not transferred whole, and cannot be unpacked: {shown}",
            f"文件已损坏，或没有传输完整，无法解压：请重新导出或重新上传（{shown}）。",
        ) from error


def _checked_entries(archive: zipfile.ZipFile, path: Path, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Files of the archive by name, once nothing speaks against them."""
    infos = archive.infolist()
    if len(infos) > MOST_ENTRIES:
        raise FileError(
            f"The archive holds more than {MOST_ENTRIES:,} files.", f"压缩包中的文件超过 {MOST_ENTRIES:,} 个。"
        )
    total = sum(info.file_size for info in infos)
    if total > limits.unpacked_bytes:
        raise _too_large(limits)
    if total > RATIO_COUNTS_FROM and total > HIGHEST_RATIO * path.stat().st_size:
        raise FileError(
            "The archive unpacks to more than 200 times its size: such archives are made to fill disks.",
            "压缩包解压后超过其大小的 200 倍，疑似压缩炸弹，已拒绝。",
        )
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = _name(info)
        _refuse_strange(info, name)
        if not info.is_dir():
            if name in entries:
                raise FileError(f"The archive holds “{name[:80]}” twice.", f"压缩包中“{name[:80]}”重复。")
            entries[name] = info
    return entries


def _refuse_strange(info: zipfile.ZipInfo, name: str) -> None:
    shown = "".join(sign if sign.isprintable() else "�" for sign in name[:80])
    parts = name.replace("\\", "/").split("/")
    mode = info.external_attr >> 16
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\x00" in name:
        raise FileError(f"The archive wants to write outside its folder: “{shown}”.", f"压缩包含越界路径：“{shown}”。")
    if stat.S_ISLNK(mode) or (stat.S_IFMT(mode) and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))):
        raise FileError(f"The archive holds a link or device: “{shown}”.", f"压缩包含链接或设备文件：“{shown}”。")
    if info.flag_bits & 1:
        raise FileError("The archive is protected by a password.", "压缩包有密码保护，请取消密码后再试。")
    if info.compress_type not in _METHODS:
        raise FileError(
            f"“{shown}” is packed in an unusual way; use plain zip.", f"“{shown}”的压缩方式不受支持，请使用普通 zip。"
        )


def _name(info: zipfile.ZipInfo) -> str:
    """Name of an entry; those that Chinese systems write without saying so are GBK."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename
    with contextlib.suppress(UnicodeEncodeError):
        coded = raw.encode("cp437")
        for codec in ("utf-8", "gb18030"):
            with contextlib.suppress(UnicodeDecodeError):
                return coded.decode(codec)
    return raw


def _is_clutter(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return "__MACOSX" in parts or parts[-1].startswith(".")


def _nothing_inside(entries: dict[str, zipfile.ZipInfo]) -> FileError:
    suffixes = {PurePosixPath(name).suffix.lower() for name in entries}
    if ".zip" in suffixes:
        return FileError("The archive holds another archive; unpack that one first.", "压缩包内还有压缩包，请先解压。")
    if suffixes & {".dbf", ".shx", ".prj"}:
        return FileError(
            "The archive lacks the shapes (.shp) of its Shapefile.",
            "压缩包缺少 Shapefile 的图形文件（.shp）。",
            missing=".shp",
        )
    accepted = ", ".join(sorted(_INNER))
    return FileError(f"The archive holds no table. Looked for: {accepted}.", f"压缩包中没有数据表（{accepted}）。")


def _too_large(limits: Limits) -> FileError:
    allowed = f"{limits.unpacked_bytes / 2**20:,.0f} MiB"
    return FileError(
        f"The archive unpacks to more than {allowed}.", f"压缩包解压后超过 {allowed}。", limit=limits.unpacked_bytes
    )


def _unpack(
    archive: zipfile.ZipFile, entries: dict[str, zipfile.ZipInfo], wanted: str, folder: Path, limits: Limits
) -> Unpacked:
    """Write the wanted file, and its sisters where it is a Shapefile."""
    left = limits.unpacked_bytes
    suffix = PurePosixPath(wanted).suffix.lower()
    stem = wanted[: -len(suffix)]
    for name, info in entries.items():
        ending = PurePosixPath(name).suffix.lower()
        sister = suffix == ".shp" and ending in PARTS and name[: -len(ending)].casefold() == stem.casefold()
        if name == wanted or sister:
            left = _copy(archive, info, folder / f"table{ending}", left, limits)
    return Unpacked(folder / f"table{suffix}", PurePosixPath(wanted).name)


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, left: int, limits: Limits) -> int:
    """Bytes that may still be written after copying one entry."""
    dense = max(RATIO_COUNTS_FROM, HIGHEST_RATIO * max(info.compress_size, 1))
    written = 0
    with archive.open(info) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > left or written > dense:
                raise _too_large(limits)
            sink.write(chunk)
    return left - written


assert set(SUFFIXES) >= _INNER
