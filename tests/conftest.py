"""A real PostGIS for every test: one cluster per run, one migrated template, a rollback or a clone per test."""

import contextlib
import gc
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
import pytest
from psycopg.rows import TupleRow
from xdist.scheduler import LoadFileScheduling

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import GeodataError
from geodata.garbage_collection import without_collecting
from geodata.migrate import migrate
from tests.samples import share_in

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
PREFIX = "gridmap-test-"
# In memory where there is plenty: a cluster is forty megabytes of small files.
MEMORY = Path("/dev/shm")
SHORT = MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > 2**32 else Path("/tmp")
# Tests of these folders take longest and begin first: what is left at the end is short and can be shared out evenly.
FIRST = ("flows", "browser", "properties")
# Files that begin so use the same sample cities or the same server: one worker makes it, and no other.
TOGETHER = {
    "tests/geodata/sample/": "tests/geodata/sample",
    "tests/browser/test_dispatch_": "the hotline",
    "tests/browser/test_load_page": "the desk",
    "tests/browser/test_after_load": "the desk",
}
# Copying files costs half of what copying through the log does.
COPIED = "STRATEGY FILE_COPY"
# Nothing of a test run has to survive a power cut.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    # Each service that lasts for the run holds three to seven.
    "max_connections": "200",
}


def pytest_configure(config: pytest.Config) -> None:
    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # On a machine that runs several tests at once, a database that is there may take seconds to answer.
    os.environ["GRIDMAP_DATABASE_WAIT_SECONDS"] = "30"
    # What pages are checked for says what it found.
    pytest.register_assert_rewrite("tests.browser.usable")
    # A run that is told to end (a timeout, a closed terminal) still stops its cluster.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    # A million objects that stay: looking through them for cycles took a third of the collection.
    with without_collecting():
        collected = yield
    gc.freeze()
    return collected


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def turn(item: pytest.Item) -> int:
        folder = item.path.relative_to(ROOT / "tests").parts[0]
        return FIRST.index(folder) if folder in FIRST else len(FIRST)

    items.sort(key=turn)


class FilesTogether(LoadFileScheduling):
    """Files in the order of the collection, some of them together on one worker."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return next((group for prefix, group in TOGETHER.items() if file.startswith(prefix)), file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FilesTogether | None:
    if config.getvalue("dist") != "loadfile":
        return None
    # By the number of their tests, a single one of a minute would begin last.
    config.option.loadscopereorder = False
    return FilesTogether(config, log)


@pytest.fixture(scope="session", autouse=True)
def unsettled() -> Iterator[None]:
    """Services do not search for cycles: among all that a run has collected that takes half a second at each start."""
    with pytest.MonkeyPatch.context() as patch:
        if "service.maps.preparation" in sys.modules:
            patch.setattr("service.maps.preparation.settle", lambda: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def shared_samples(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The sample cities that all workers of a run share."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        share_in(tmp_path_factory.getbasetemp().parent)


@pytest.fixture(scope="session")
def make_short_folder() -> Iterator[Callable[[], Path]]:
    """Folders with short paths that any user can pass through, unlike those of tmp_path; removed at the end."""
    made: list[Path] = []

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHORT))
        folder.chmod(0o755)
        made.append(folder)
        return folder

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster_url(make_short_folder: Callable[[], Path]) -> Iterator[str]:
    """URL of an embedded cluster, one for the whole run."""
    _sweep()
    with EmbeddedCluster(make_short_folder(), settings=FAST) as url:
        yield url


@pytest.fixture(scope="session")
def template_name(cluster_url: str) -> str:
    """Name of a migrated database that nobody connects to, so that it can be cloned."""
    name = "gridmap_template"
    _administer(cluster_url, f"CREATE DATABASE {name}")
    migrate(_url_of(cluster_url, name))
    return name


@pytest.fixture(scope="session")
def rolled_back_url(cluster_url: str, template_name: str) -> str:
    """URL of the migrated database of all tests that roll back."""
    _administer(cluster_url, f"CREATE DATABASE gridmap_rolled_back TEMPLATE {template_name} {COPIED}")
    return _url_of(cluster_url, "gridmap_rolled_back")


@pytest.fixture
def connection(rolled_back_url: str) -> Iterator[psycopg.Connection[TupleRow]]:
    """A connection to a migrated, empty database; what the test does is rolled back."""
    with contextlib.closing(connect(rolled_back_url)) as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def database_url(cluster_url: str, template_name: str) -> Iterator[str]:
    """URL of a migrated, empty database of this test alone, for commits, locks and several connections."""
    yield from _database(cluster_url, f"TEMPLATE {template_name} {COPIED}")


@pytest.fixture
def empty_database_url(cluster_url: str) -> Iterator[str]:
    """URL of a database of this test alone that was never migrated."""
    yield from _database(cluster_url, "")


@pytest.fixture
def shared_data() -> Path:
    """Folder of the open data beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the open data is not here: {SHARED_DATA} does not exist")
    return SHARED_DATA


def _database(cluster_url: str, options: str) -> Iterator[str]:
    name = f"test_{os.getpid()}_{time.monotonic_ns()}"
    _administer(cluster_url, f"CREATE DATABASE {name} {options}")
    yield _url_of(cluster_url, name)
    _administer(cluster_url, f"DROP DATABASE {name} WITH (FORCE)")


def _url_of(cluster_url: str, database: str) -> str:
    return cluster_url.replace("/gridmap?", f"/{database}?")


def _administer(cluster_url: str, statement: str) -> None:
    with psycopg.connect(_url_of(cluster_url, "postgres"), autocommit=True) as opened:
        opened.execute(statement)  # type: ignore[arg-type]


def _sweep() -> None:
    """Remove what runs that were killed left behind; a folder in use refuses to be removed."""
    for folder in SHORT.glob(f"{PREFIX}*"):
        with contextlib.suppress(GeodataError, OSError):
            if time.time() - folder.stat().st_mtime > 300 and folder.owner() == Path("/proc/self").owner():
                EmbeddedCluster(folder).remove()
                shutil.rmtree(folder, ignore_errors=True)
