"""Which PostgreSQL is taken, and what is said where none will do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.embedded.binaries import PACKAGES, find_binaries
from geodata.errors import SetupError
from tests.clusters import ROOT


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str]]:
    """Pretend that only these PostgreSQL versions are installed, with or without PostGIS."""

    def install(**versions: bool) -> tuple[str]:
        for name, postgis in versions.items():
            prefix = tmp_path / f"pgsql-{name.removeprefix('v')}"
            (prefix / "bin").mkdir(parents=True)
            for program in ("initdb", "pg_ctl", "postgres"):
                (prefix / "bin" / program).touch()
            if postgis:
                (prefix / "share" / "extension").mkdir(parents=True)
                (prefix / "share" / "extension" / "postgis.control").touch()
        monkeypatch.setenv("PATH", str(tmp_path))
        return (f"{tmp_path}/pgsql-*/bin",)

    return install


def test_the_newest_postgresql_that_has_postgis_is_taken(places: Callable[..., tuple[str]]) -> None:
    found = places(v98=True, v97=True, v99=False)
    assert find_binaries(places=found).major == 98
    assert find_binaries(97, places=found).major == 97


@pytest.mark.parametrize(
    ("installed", "major", "words"),
    [
        ({}, None, "PostgreSQL with PostGIS is not"),
        ({"v99": False}, None, "PostGIS is not"),
        ({"v99": True}, 97, "postgresql-97"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_installs_it(
    places: Callable[..., tuple[str]], installed: dict[str, bool], major: int | None, words: str
) -> None:
    with pytest.raises(SetupError, match=words) as refused:
        find_binaries(major, places=places(**installed))
    for text in (refused.value.detail, refused.value.detail_zh):
        assert "apt-get install postgresql-" in text
        assert "GRIDMAP_DATABASE_URL" in text


def test_the_packages_that_are_named_are_those_that_set_up_installs() -> None:
    listed = (ROOT / "docker" / "apt.txt").read_text(encoding="utf-8").split()
    assert set(PACKAGES) <= set(listed)
