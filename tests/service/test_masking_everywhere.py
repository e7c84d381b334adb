"""Every route, page, export, refusal and log line, read for a name or phone that is not public."""

import io
import logging
import re
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from fastapi.routing import APIRoute

from geodata.exchange import read_table
from geodata.export import LISTS
from service.app import ROUTERS
from tests import stocked
from tests.service.conftest import ORIGIN, Service, prepared
from tests.service.holding import hold_known_addresses
from tests.service.test_loads import Desk
from tests.service.test_roles import BODIES, FILLED, OPERATIONS, PARAMETERS
from tests.service.test_session import cookie

NOW, NIGHT, BEFORE, LATER = "2026-11-18T10:00", "2026-11-18T23:30", "2025-02-01", "2026-12-02T10:00"
ROUTES = sorted(
    {
        route.path: route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and "GET" in route.methods
    }.items()
)
# What is asked one by one; the first of each where a parameter must be given.
GIVEN: dict[str, tuple[str, ...]] = {
    "as_of": (NOW, NIGHT, BEFORE, LATER),
    "lon": ("87.0035",),
    "lat": ("36.6535",),
    "bbox": ("86,36,88,37",),
    "near": ("87.0035,36.6535",),
    "within": ("990101", "990101001"),
    "layer": ("general",),
    "history": ("true",),
    "format": ("geojson", "csv", "xlsx", "gpkg"),
    "lang": ("zh", "en"),
    "limit": ("1000",),
    "until": ("2027-01-01",),
    "from": ("2026-11-30",),
    "to": ("2027-01-15",),
    "role": ("closed", "half"),
    "holder": ("N2", "N4"),
    "worker": ("N4",),
    "kind": ("worker",),
    "target_kind": ("grid", "unit"),
    "target": ("building:B1", "unit:B2#3", "station:S1", "compound:C1", "B1"),
    "q": (stocked.SECRET, stocked.SECRET_PHONE),
    "address": ("样园路12号", "幸福里3号", "样园路19号对面"),
}
# A look-up asks about one of these, and what narrows an address goes with one.
ASKED = {"address": (), "target": (), "near": ("address",), "within": ("address",)}
# The files of pages, which hold no data.
STATIC = "/assets/{path:path}"
UNREADABLE = "工号,姓名,联系电话\nW77,样例-甲,1380000777x\n".encode()


class Lines(logging.Handler):
    """Keeps every line that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # What the asking side says of its own requests is not ours.
        if not record.name.startswith(("httpx", "httpcore")):
            self.lines.append(self.format(record))


@dataclass
class Scanned:
    """A service whose data holds secrets, what they are, and what it logged."""

    service: Service
    secrets: frozenset[str]
    codes: dict[str, list[str]]
    log: Lines
    found: dict[str, dict[str, set[str]]] = field(default_factory=dict)

    def read_all(self, role: str | None) -> dict[str, set[str]]:
        """Secrets by the route that shows them to a role."""
        if str(role) not in self.found:
            shown: dict[str, set[str]] = defaultdict(set)
            for route, response in self._answers(role):
                assert response.status_code < 500, f"{route}: {response.text[:300]}"
                shown[route] |= self.secrets_in(_texts(response))
            self.found[str(role)] = {route: secrets for route, secrets in shown.items() if secrets}
        return self.found[str(role)]

    def secrets_in(self, texts: list[str]) -> set[str]:
        """Secrets that stand in some texts, however they are written."""
        whole = "\n".join(texts)
        # A phone may be set in groups.
        whole += "\n" + re.sub(r"(?<=\d)[\s\u00a0-](?=\d)", "", whole)
        return {
            secret
            for secret in self.secrets
            if any(form in whole for form in (secret, quote(secret), secret.encode("unicode_escape").decode()))
        }

    def _answers(self, role: str | None) -> Iterator[tuple[str, Any]]:
        key = self.service.headers(role)
        for path, route in ROUTES:
            if path == STATIC:
                continue
            for filled in self._filled(path):
                for params in _variants(route, {**GIVEN, "matter": tuple(self.codes["matters"])}):
                    yield path, self.service.client.get(filled, params=params, headers=key)
                    if not route.include_in_schema:
                        page = cookie(self.service, role) if role else {}
                        yield path, self.service.client.get(filled, params=params, headers=page)
        yield from self._sent(role)

    def _filled(self, path: str) -> list[str]:
        """Addresses of a route for every record that there is."""
        blanks = re.findall(r"\{(\w+)[^}]*\}", path)
        addresses = [re.sub(r":path\}", "}", path)]
        for blank in blanks:
            values = self._values(path, blank)
            addresses = [one.replace(f"{{{blank}}}", quote(value)) for one in addresses for value in values]
        return addresses

    def _values(self, path: str, blank: str) -> list[str]:
        if blank == "name":
            return list(LISTS)
        if blank == "layer":
            return ["general"]
        if blank in ("number", "key_id"):
            return ["1"]
        if blank == "code" and "/grids/" in path:
            return ["A1", "B1"]
        place = path.removeprefix("/api/v1/").partition("/")[0]
        return self.codes.get(place) or ["1", "2"]

    def _sent(self, role: str | None) -> Iterator[tuple[str, Any]]:
        """What changes something: refused, or a look-up by its body."""
        for name, method, path in OPERATIONS:
            if method == "GET":
                continue
            for blank, value in FILLED.items():
                path = path.replace(blank, value)
            given = BODIES.get(name, {})
            headers = {"Origin": ORIGIN, **given.get("headers", {}), **self.service.headers(role)}
            body = {how: what for how, what in given.items() if how != "headers"}
            params = {**(PARAMETERS.get(name) or {}), **({"as_of": NOW} if name == "lookupBatch" else {})}
            yield f"{method} {name}", self.service.client.request(method, path, params=params, headers=headers, **body)


def _variants(route: APIRoute, values: dict[str, tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Queries of a route: the usual one, then each value of each parameter in turn."""
    names = [parameter.alias for parameter in route.dependant.query_params]
    base = {name: values[name][0] for name in ("lon", "lat", "as_of", "limit") if name in names}
    yield base
    for name in names:
        for value in values.get(name, ()):
            if "address" in names and name in ASKED:
                rest = {other: what for other, what in base.items() if other not in ("lon", "lat")}
                yield {**rest, **{other: values[other][0] for other in ASKED[name]}, name: value}
            else:
                yield {**base, name: value}


def _texts(response: Any) -> list[str]:
    """All that a response says, in its head and body; files are unpacked."""
    texts = [f"{name}: {value}" for name, value in response.headers.items()]
    kind = response.headers.get("content-type", "")
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
            return texts + [archive.read(name).decode(errors="replace") for name in archive.namelist()]
    if "geopackage" in kind:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.gpkg"
            path.write_bytes(response.content)
            texts.append(read_table(path).frame.drop(columns="geometry", errors="ignore").to_csv())
    return [*texts, response.content.decode(errors="replace")]


def _secrets(url: str) -> frozenset[str]:
    """Names and phones that are public nowhere: not by the person, not by a role that the person ever had."""
    with psycopg.connect(url, options="-c search_path=gridmap,public") as connection:
        rows = connection.execute(
            """SELECT w.name, w.phone, bool_or(w.phone_public OR coalesce(r.phone_public, false)),
                      bool_or(coalesce(r.name_public, false))
            FROM worker_versions AS w LEFT JOIN duties AS d USING (holder_id)
                 LEFT JOIN role_versions AS r USING (role_id)
            GROUP BY w.name, w.phone"""
        ).fetchall()
    phones = {phone for _, phone, public, _ in rows if phone and not public}
    return frozenset(phones | {name for name, _, _, public in rows if not public})


@pytest.fixture(scope="module")
def scanned(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Iterator[Scanned]:
    name = "gridmap_masking_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    log = Lines()
    root = logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.DEBUG)
    keys = prepared(url, stocked.stocked)
    service = serve_application(url, tmp_path_factory.mktemp("masking"), keys)
    hold_known_addresses(service.client.app, tmp_path_factory.mktemp("register"))
    yield Scanned(service, _secrets(url), _codes(service), log)
    root.removeHandler(log)
    root.setLevel(level)


def _codes(service: Service) -> dict[str, list[str]]:
    """What there is to be asked for one by one, by its list; and a clerk's load that names people in its faults."""
    desk = Desk(service)
    for content in (_workers_file(), UNREADABLE):
        desk.checked(content, kind="workers")
    found: dict[str, list[str]] = {}
    for path, _ in ROUTES:
        if path.startswith("/api/v1/") and path.count("/") == 3 and "{" not in path:
            response = service.get(path, "admin", as_of=NOW)
            place = path.rpartition("/")[2]
            if response.status_code == 200 and "items" in response.json():
                names = ("code", "day", "duty_id", "leave_id", "change_id", "id")
                items = response.json()["items"]
                found[place] = [str(item[name]) for item in items for name in names if name in item][:6]
    return found


def _workers_file() -> bytes:
    rows = [f"X{place},{stocked.SECRET},{stocked.SECRET_PHONE}x" for place in range(3)]
    return "\n".join(["工号,姓名,联系电话", *rows]).encode()


@pytest.mark.parametrize("role", [None, "planner"])
def test_nothing_that_is_not_public_is_shown(scanned: Scanned, role: str | None) -> None:
    assert scanned.read_all(role) == {}


def test_the_same_answers_hold_all_of_it_for_a_dispatcher(scanned: Scanned) -> None:
    shown = scanned.read_all("dispatcher")
    assert set().union(*shown.values()) == scanned.secrets
    assert {
        "/api/v1/lookup",
        "/api/v1/workers",
        "/api/v1/workers/{code:path}",
        "/api/v1/duties",
        "/api/v1/duties/{duty_id}",
        "/api/v1/leave",
        "/api/v1/layers/{layer}/grids/{code}/people",
        "/api/v1/layers/{layer}/grids/{code}/matters",
        "/api/v1/roster/week",
        "/api/v1/roster/holes",
        "/api/v1/workloads",
        "/api/v1/exports/{name}",
        "POST lookupByBody",
        "POST lookupBatch",
    } <= shown.keys()


def test_a_look_up_by_address_shows_them_to_a_dispatcher_alone(scanned: Scanned) -> None:
    for role in (None, "planner", "dispatcher"):
        response = scanned.service.get("/api/v1/lookup", role, address="样园路8号", as_of=NOW)
        assert response.json()["status"] == "found"
        assert bool(scanned.secrets_in([response.text])) == (role == "dispatcher")


def test_the_data_holds_the_secrets_that_are_looked_for(scanned: Scanned) -> None:
    assert scanned.secrets == set(stocked.SECRETS)


def test_faults_of_a_clerks_file_name_people_to_clerks_only(scanned: Scanned) -> None:
    shown = scanned.read_all("clerk")
    assert any("/loads/" in route for route in shown)
    assert not any("/loads" in route for route in scanned.read_all("dispatcher"))


@pytest.mark.parametrize("role", [None, "planner", "dispatcher", "clerk"])
def test_no_line_of_the_log_names_anybody(scanned: Scanned, role: str | None) -> None:
    scanned.read_all(role)
    assert any("/api/v1/exports/" in line for line in scanned.log.lines)
    assert [line for line in scanned.log.lines if scanned.secrets_in([line])] == []


@pytest.mark.parametrize("role", [None, "planner"])
def test_searching_for_a_hidden_name_or_phone_finds_nobody(scanned: Scanned, role: str | None) -> None:
    for secret in sorted(scanned.secrets):
        answer = scanned.service.get("/api/v1/workers", role, q=secret)
        assert answer.status_code == 401 if role is None else answer.json()["total"] == 0
        assert scanned.service.get("/api/v1/workers", "clerk", q=secret).json()["total"] > 0 or secret.isdigit()
