"""Files that commands write."""

from collections.abc import Sequence
from pathlib import Path

from geodata.errors import InputError

TABLES = (".csv", ".xlsx", ".gpkg", ".geojson")


def refuse_unwritable(
    path: Path, option: str, suffixes: tuple[str, ...] = TABLES, *, others: Sequence[Path] = ()
) -> None:
    """Refuse, before any work is done, a file that could not be written after it, or would take another one's place.

    Parameters
    ----------
    option
        Which option or argument named it.
    others
        Files that the same command reads or writes.

    Raises
    ------
    InputError
        The suffix names no format that is written, the folder is not there, or it is one of the others.
    """
    if any(path.resolve() == other.resolve() or _same_file(path, other) for other in others):
        raise InputError(
            f"{option}: {path.name!r} is read or written by this command already; name another file",
            f"{option}：本命令已在读取或写入“{path.name}”，请换一个文件名",
        )
    if path.suffix.lower() not in suffixes:
        known = ", ".join(suffixes)
        raise InputError(
            f"{option} is written as {known}, not as {path.name!r}", f"{option} 可写为 {known}，不能写成“{path.name}”"
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{option}: there is no folder {folder}", f"{option}：没有文件夹 {folder}")


def _same_file(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
