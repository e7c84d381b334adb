"""The sample street in a database of its own, served, and pages that report everything that should not happen."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from geodata.database import connect
from geodata.sample.loading import load_city
from tests.browser.browsing import Site, Visit, free_port, served
from tests.browser.desk import keys_for, worker
from tests.browser.dispatching import await_register
from tests.conftest import COPIED
from tests.samples import sample

CHROMIUM = "/usr/bin/chromium-headless-shell"
ARGUMENTS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

MakeDatabase = Callable[..., str]

# The five seconds that are usual say how busy the machine is, and nothing of the page.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="session")
def make_database(cluster_url: str, template_name: str) -> Iterator[MakeDatabase]:
    """Clones of the migrated template that last for the whole run."""
    made: list[str] = []

    def administer(statement: str) -> None:
        with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as opened:
            opened.execute(statement)  # type: ignore[arg-type]

    def make(name: str, template: str = template_name) -> str:
        database = f"browser_{name}_{os.getpid()}"
        administer(f"CREATE DATABASE {database} TEMPLATE {template} {COPIED}")
        made.append(database)
        return cluster_url.replace("/gridmap?", f"/{database}?")

    yield make
    for database in made:
        administer(f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture(scope="session")
def make_street(make_database: MakeDatabase) -> Callable[[str], str]:
    """Databases that hold the sample street, which is loaded once."""
    url = make_database("sample")
    with contextlib.closing(connect(url)) as connection:
        load_city(connection, sample("street"))
        connection.commit()
    return lambda name: make_database(name, urlsplit(url).path.removeprefix("/"))


@pytest.fixture(scope="session")
def street_url(make_street: Callable[[str], str]) -> str:
    """URL of a database that holds the sample street."""
    return make_street("street")


@pytest.fixture(scope="session")
def portal_origin() -> str:
    """Where somebody else's site lies, which the sample street's service lets frame it and ask it."""
    return f"http://localhost:{free_port()}"


@pytest.fixture(scope="session")
def street(street_url: str, portal_origin: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample street, served."""
    keys = keys_for(street_url, dispatcher="热线 3 号席", planner="样例 规划")
    sites = {"FRAME_ANCESTORS": portal_origin, "CORS_ORIGINS": portal_origin}
    with served(street_url, tmp_path_factory.mktemp("street"), **sites) as address:
        yield Site(address, sample("street"), keys)


@pytest.fixture(scope="session")
def empty(make_database: MakeDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A migrated database without data, served."""
    with served(make_database("empty"), tmp_path_factory.mktemp("empty")) as address:
        yield Site(address)


@pytest.fixture(scope="session")
def desk(make_street: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample street with a desk that works."""
    url, state = make_street("desk"), tmp_path_factory.mktemp("desk")
    keys = keys_for(url)
    with served(url, state) as address, worker(url, state):
        yield Site(address, sample("street"), keys)


@pytest.fixture(scope="session")
def hotline_url(make_street: Callable[[str], str]) -> str:
    """URL of the sample street's database."""
    return make_street("dispatch")


@pytest.fixture(scope="session")
def hotline(hotline_url: str, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    """The sample street with its register of addresses, and a key for a dispatcher."""
    keys = keys_for(hotline_url, dispatcher="样例 三号席")
    with served(hotline_url, tmp_path_factory.mktemp("dispatch")) as address:
        waiting = browser.new_page()
        await_register(waiting, address)
        waiting.close()
        yield Site(address, sample("street"), keys)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the run."""
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Make a visit to an address in a fresh context; options are those of a Playwright context."""
    contexts: list[BrowserContext] = []

    def begin(site: Site, **options: object) -> Visit:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "zh-CN", **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        made = Visit(page, site.address)
        page.on("request", lambda request: made.requests.append(request))
        page.on("console", lambda said: made.faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: made.faults.append(str(error)))
        page.on("dialog", lambda dialog: (made.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        return made

    yield begin
    for context in contexts:
        context.close()


@pytest.fixture
def state_folder(tmp_path: Path) -> Path:
    """A folder for a server of one test."""
    return tmp_path / "state"
