"""Files that commands write."""

from pathlib import Path

from geodata.errors import InputError

TABLES = (".csv", ".xlsx", ".gpkg", ".geojson")


def refuse_unwritable(path: Path, option: str, suffixes: tuple[str, ...] = TABLES) -> None:
    """Refuse, before any work is done, a file that could not be written after it.

    Parameters
    ----------
    option
        Which option or argument named it.

    Raises
    ------
    InputError
        The suffix names no format that is written, or the folder is not there.
    """
    if path.suffix.lower() not in suffixes:
        known = ", ".join(suffixes)
        raise InputError(
            f"{option} is written as {known}, not as {path.name!r}", f"{option} 可写为 {known}，不能写成“{path.name}”"
        )
    folder = path.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{option}: there is no folder {folder}", f"{option}：没有文件夹 {folder}")
