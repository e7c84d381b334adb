"""Where the PostgreSQL programs of the embedded cluster are: the newest version that has PostGIS."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from geodata.errors import SetupError

PROGRAMS = ("initdb", "pg_ctl", "postgres")
# The same names stand in docker/apt.txt.
PACKAGES = ("postgresql-15", "postgresql-15-postgis-3")
PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin")


@dataclass(frozen=True, slots=True)
class Binaries:
    """Programs of one PostgreSQL version.

    Parameters
    ----------
    folder
        Where the programs are.
    major
        Major version; 0 where the folder doesn't tell.
    postgis
        Whether PostGIS is installed for it.
    """

    folder: Path
    major: int
    postgis: bool

    def path(self, program: str) -> str:
        """Path of one program."""
        return str(self.folder / program)


def find_binaries(major: int | None = None, places: tuple[str, ...] = PLACES) -> Binaries:
    """Newest PostgreSQL with PostGIS on this machine.

    Parameters
    ----------
    major
        Only this major version: the one that made the data. None for any.
    places
        Patterns of folders to look in, before the ``PATH``.

    Raises
    ------
    SetupError
        There is none; the text names the packages to install, or the version that the data needs.
    """
    found = sorted(_installed(places), key=lambda each: each.major, reverse=True)
    usable = [each for each in found if each.postgis and (major is None or each.major in (major, 0))]
    if usable:
        return usable[0]
    elsewhere = "or set GRIDMAP_DATABASE_URL to a PostGIS that runs elsewhere"
    elsewhere_zh = "或设置 GRIDMAP_DATABASE_URL 指向已有的 PostGIS"
    if major is not None and any(each.postgis for each in found):
        packages = f"postgresql-{major} postgresql-{major}-postgis-3"
        raise SetupError(
            f"the data was made by PostgreSQL {major}, which is not installed: apt-get install {packages}, {elsewhere}",
            f"数据由 PostgreSQL {major} 创建，但该版本未安装：apt-get install {packages}，{elsewhere_zh}",
        )
    missing = "PostGIS" if found else "PostgreSQL with PostGIS"
    install = f"apt-get install {' '.join(PACKAGES)}"
    raise SetupError(
        f"{missing} is not installed: {install} (as root, on Debian 12), {elsewhere}",
        f"未安装 {missing}：请以 root 执行 {install}（Debian 12），{elsewhere_zh}",
    )


def _installed(places: tuple[str, ...]) -> Iterator[Binaries]:
    folders = [Path(match) for place in places for match in sorted(Path("/").glob(place.lstrip("/")))]
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    for folder in folders:
        if all((folder / program).is_file() for program in PROGRAMS):
            numbers = re.findall(r"(?:postgresql|pgsql)[-/@]?(\d+)", str(folder))
            major = int(numbers[-1]) if numbers else 0
            yield Binaries(folder, major, _has_postgis(folder, major))


def _has_postgis(folder: Path, major: int) -> bool:
    above = folder.parent
    shares = (Path(f"/usr/share/postgresql/{major}"), above / "share", above / "share" / "postgresql")
    return any((share / "extension" / "postgis.control").is_file() for share in shares)
