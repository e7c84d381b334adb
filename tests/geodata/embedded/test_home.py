"""Where a cluster may lie: awkward places, places of somebody else, full ones, and who gets to its socket."""

import os
import pwd
import stat
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest

from geodata.embedded.account import Account, is_private
from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import SetupError
from tests.clusters import QUICK, Client, do, needs_root, value_of

pytestmark = pytest.mark.cluster


def test_nobody_but_the_server_and_root_gets_to_the_socket(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        data = (folder / "postgres" / "data").stat()
        socket_folder = (folder / "postgres" / "socket").stat()
        assert stat.S_IMODE(socket_folder.st_mode) == 0o700
        assert stat.S_IMODE(data.st_mode) == 0o700
        assert socket_folder.st_uid == data.st_uid != 0


@pytest.mark.parametrize(
    "name", ["long-" * 40, "a,b", "it's 网格 %41", "网格" * 30], ids=["long", "comma", "odd", "wide"]
)
def test_any_working_directory_will_do(folder: Path, name: str) -> None:
    state = folder.parent / name / ".gridmap"
    with EmbeddedCluster(state, settings=QUICK) as url:
        assert value_of(url, "SELECT 1") == 1
        place = Path(unquote(url.partition("host=")[2]))
        owner = (state / "postgres" / "data").stat()
        assert is_private(place, Account(owner.st_uid, owner.st_gid, ""))
        assert len(os.fsencode(place)) < 90
        with EmbeddedCluster(state) as joined:
            assert joined == url
    assert not place.exists() or place.is_relative_to(state)


def test_a_socket_folder_that_others_can_enter_is_not_used(folder: Path) -> None:
    state = folder.parent / ("long-" * 40)
    with EmbeddedCluster(state, settings=QUICK):
        pass
    open_to_all = folder.parent / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    (state / "postgres" / "socket.at").write_text(f"{open_to_all}\n")
    with EmbeddedCluster(state, settings=QUICK) as url:
        assert str(open_to_all) not in unquote(url)
        assert list(open_to_all.iterdir()) == []


def test_a_link_in_place_of_the_socket_folder_is_refused(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    elsewhere.chmod(0o755)
    (folder / "postgres" / "socket").rmdir()
    (folder / "postgres" / "socket").symlink_to(elsewhere)
    with pytest.raises(SetupError, match="cannot be used"):
        EmbeddedCluster(folder, settings=QUICK).start()
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o755


@needs_root
def test_data_goes_where_the_servers_user_can_reach_it(folder: Path) -> None:
    closed = folder.parent / "home"
    closed.mkdir()
    closed.chmod(0o700)
    far = folder.parent / "far"
    for expected in (None, 42):
        with EmbeddedCluster(closed / ".gridmap", settings=QUICK, far_homes=far) as url:
            if expected is None:
                do(url, "CREATE TABLE kept AS SELECT 42 AS number")
            assert value_of(url, "SELECT number FROM kept") == 42
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert Path((closed / ".gridmap" / "postgres.at").read_text().strip()).parent == far
    moved = folder.parent / "moved"
    (closed / ".gridmap").rename(moved)
    with EmbeddedCluster(moved, settings=QUICK, far_homes=far) as url:
        assert value_of(url, "SELECT number FROM kept") == 42


@needs_root
def test_a_folder_of_somebody_else_is_refused_by_name(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)
    with pytest.raises(SetupError, match="belongs to the user nobody"):
        EmbeddedCluster(folder).start()


@needs_root
def test_an_ordinary_user_is_told_that_root_made_it(folder: Path) -> None:
    with EmbeddedCluster(folder, settings=QUICK):
        pass
    client = Client(folder, "nobody")
    _, said = client.process.communicate(timeout=60)
    assert client.process.returncode == 1
    assert "belongs to the user root" in said


@needs_root
def test_a_missing_system_user_is_named(folder: Path) -> None:
    with pytest.raises(SetupError, match="no system user nobody-of-this-name"):
        EmbeddedCluster(folder, user="nobody-of-this-name").start()


@needs_root
def test_a_user_without_a_name_is_told_so(folder: Path) -> None:
    os.chown(folder.parent, 54321, -1)
    client = Client(folder, "54321")
    _, said = client.process.communicate(timeout=60)
    assert client.process.returncode == 1
    assert "no system user number 54321" in said


@needs_root
def test_a_full_disk_is_called_that(folder: Path) -> None:
    small = folder.parent / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=755", "none", str(small)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("this machine lets nobody mount a small disk")
    try:
        with pytest.raises(SetupError, match="free some disk space"):
            EmbeddedCluster(small / ".gridmap", settings=QUICK).start()
        assert list((small / ".gridmap" / "postgres").glob("data*")) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_file_in_place_of_the_folder_is_a_clear_refusal(folder: Path) -> None:
    folder.write_text("not a folder")
    with pytest.raises(SetupError, match="GRIDMAP_DATABASE_URL"):
        EmbeddedCluster(folder).start()
