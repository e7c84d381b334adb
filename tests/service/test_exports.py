"""Every list as a file, by the API."""

import csv
import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import openpyxl
import psycopg
import pytest

from geodata.exchange import read_table
from geodata.export import LISTS
from tests import stocked
from tests.service.conftest import Service, prepared, problem_of

NOW = "2026-11-18T10:00"
KEY_NEEDED = {"workers", "organisations", "duties", "leave", "norms", "holes", "staffing", "workloads"}


@pytest.fixture(scope="module")
def stocked_service(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Service:
    name = "gridmap_export_service_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    keys = prepared(url, stocked.stocked)
    return serve_application(url, tmp_path_factory.mktemp("exports"), keys)


def rows_of(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_for_those_whom_it_is_meant_for(stocked_service: Service, name: str) -> None:
    answer = stocked_service.get(f"/api/v1/exports/{name}", as_of=NOW)
    if name in KEY_NEEDED:
        problem_of(answer, 401, "not-allowed")
        answer = stocked_service.get(f"/api/v1/exports/{name}", "planner", as_of=NOW)
    rows = rows_of(answer)
    assert rows
    assert not any(None in row or None in row.values() for row in rows)


def test_what_can_be_exported_is_told_with_what_the_key_allows(stocked_service: Service) -> None:
    for role, masked in ((None, True), ("planner", True), ("clerk", False)):
        items = {item["name"]: item for item in stocked_service.get("/api/v1/exports", role).json()["items"]}
        assert list(items) == list(LISTS)
        assert {name for name, item in items.items() if not item["allowed"]} == (KEY_NEEDED if role is None else set())
        assert items["duties"]["masked"] is masked
        assert items["stations"]["masked"] is False


def test_a_planner_gets_names_and_phones_masked_and_a_clerk_in_full(stocked_service: Service) -> None:
    def shown(role: str) -> dict[str, tuple[str, str]]:
        rows = rows_of(stocked_service.get("/api/v1/exports/workers", role, as_of=NOW))
        return {row["code"]: (row["name"], row["phone"]) for row in rows if row["code"].startswith(("3", "N"))}

    assert shown("clerk") == {
        "370102000000000001": (stocked.SECRET, stocked.SECRET_PHONE),
        "N2": (stocked.PHONE_PUBLIC, stocked.ROLE_PHONE),
        "N3": (stocked.ALL_PUBLIC, stocked.PUBLIC_PHONE),
        "N4": (stocked.AWAY_NAME, stocked.AWAY_PHONE),
    }
    assert shown("planner") == {
        "370102000000000001": ("样**", "138****1111"),
        "N2": ("样**", "138****2222"),
        "N3": ("样**", stocked.PUBLIC_PHONE),
        "N4": ("样**", "138****4444"),
    }


def test_a_role_may_make_the_phone_or_name_of_its_holders_public(stocked_service: Service) -> None:
    rows = rows_of(stocked_service.get("/api/v1/exports/duties", "planner", as_of=NOW))
    shown = {(row["holder"], row["role"]): (row["holder_name"], row["holder_phone"]) for row in rows}
    assert shown["370102000000000001", "closed"] == ("样**", "138****1111")
    assert shown["N2", "half"] == ("样**", stocked.ROLE_PHONE)
    assert shown["N3", "open"] == (stocked.ALL_PUBLIC, stocked.PUBLIC_PHONE)


@pytest.mark.parametrize("path", ["csv", "xlsx", "gpkg"])
def test_nothing_in_a_file_is_run_as_a_formula(stocked_service: Service, tmp_path: Path, path: str) -> None:
    answer = stocked_service.get("/api/v1/exports/organisations", "clerk", as_of=NOW, format=path)
    file = tmp_path / f"organisations.{path}"
    file.write_bytes(answer.content)
    if path == "csv":
        assert {row["code"]: row["name"] for row in rows_of(answer)} == {
            "O1": f"'{stocked.HOSTILE}",
            "O2": "''-样例物业",
        }
    if path == "xlsx":
        cells = [cell for row in openpyxl.load_workbook(file).active.iter_rows() for cell in row]
        assert stocked.HOSTILE in {cell.value for cell in cells}
        assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert sorted(read_table(file).frame["name"]) == sorted([stocked.HOSTILE, "'-样例物业"])


def test_the_name_of_the_file_is_given_in_both_languages(stocked_service: Service) -> None:
    answer = stocked_service.get("/api/v1/exports/grids", as_of=NOW, within=stocked.COMMUNITY, format="xlsx")
    plain, _, chinese = answer.headers["content-disposition"].partition("; filename*=UTF-8''")
    assert plain == f'attachment; filename="grids-{stocked.COMMUNITY}-2026-11-18.xlsx"'
    assert unquote(chinese) == f"网格-{stocked.COMMUNITY}-2026-11-18.xlsx"
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    assert answer.headers["cache-control"] == "no-store"


def test_as_of_within_and_layer_choose(stocked_service: Service) -> None:
    def codes(name: str, column: str = "code", **params: str) -> list[str]:
        rows = rows_of(stocked_service.get(f"/api/v1/exports/{name}", "clerk", **params))
        return [row[column] for row in rows]

    assert codes("grids", as_of=NOW) == ["A1", "A2", "B1"]
    assert codes("grids", as_of=NOW, within=stocked.COMMUNITY) == ["A1", "A2"]
    assert codes("grids", as_of=NOW, layer="party") == []
    assert codes("stations", as_of="2025-02-01") == ["S1", "S2"]
    assert codes("stations", as_of=NOW, within=stocked.COMMUNITY) == ["S1", "S9"]
    assert codes("gates", as_of="2025-02-01") == []
    assert "N3" not in codes("workers", as_of=NOW, within="990101002")
    assert set(codes("workers", as_of=NOW, within="990101002")) < set(codes("workers", as_of=NOW))
    assert codes("leave", "worker", as_of=NOW) == ["N4"]
    assert codes("leave", "worker", as_of=NOW, until="2027-01-01") == ["N4", "370102000000000001"]


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("nothing", {}, 422, "invalid-input"),
        ("roles", {"within": "990101"}, 422, "invalid-input"),
        ("stations", {"layer": "general"}, 422, "invalid-input"),
        ("stations", {"within": "no such area"}, 404, "not-known"),
        ("stations", {"within": "\x00"}, 404, "not-known"),
        ("grids", {"layer": "no such layer"}, 404, "not-known"),
        ("duties", {"until": "2020-01-01"}, 422, "invalid-input"),
        ("holes", {"until": "2030-01-01"}, 422, "invalid-input"),
        ("duties", {"as_of": "yesterday"}, 422, "invalid-time"),
        ("duties", {"format": "exe"}, 422, "invalid-request"),
    ],
)
def test_bad_requests_get_a_clear_answer(
    stocked_service: Service, path: str, params: dict[str, str], status: int, code: str
) -> None:
    given = {"as_of": NOW, **params}
    problem_of(stocked_service.get(f"/api/v1/exports/{path}", "clerk", **given), status, code)


def test_headers_are_chinese_where_asked(stocked_service: Service) -> None:
    rows = rows_of(stocked_service.get("/api/v1/exports/duties", "clerk", as_of=NOW, lang="zh"))
    assert {row["主备"] for row in rows} == {"主责", "替补"}
    assert {"责任人", "责任人姓名", "对象类型", "值班时间", "开始", "结束"} <= rows[0].keys()


def test_no_line_of_the_log_holds_personal_data(stocked_service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    stocked_service.get("/api/v1/exports/workers", "clerk", within="990101")
    assert any("/api/v1/exports/workers" in record.getMessage() for record in caplog.records)
    for record in caplog.records:
        assert not any(secret in record.getMessage() for secret in stocked.SECRETS)


@pytest.fixture
def away(stocked_service: Service, cluster_url: str) -> Iterator[None]:
    """Nobody gets into the database while this lasts."""
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute("ALTER DATABASE gridmap_export_service_tests ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'gridmap_export_service_tests'"
        )
        yield
        connection.execute("ALTER DATABASE gridmap_export_service_tests ALLOW_CONNECTIONS true")


PERSONAL = {name for name, what in LISTS.items() if what.personal}


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("name", LISTS)
def test_what_is_in_memory_is_written_while_the_database_is_away(stocked_service: Service, name: str) -> None:
    answer = stocked_service.get(f"/api/v1/exports/{name}", "clerk", as_of=NOW, masked=True)
    if name == "gates":
        problem_of(answer, 503, "database-away")
        assert answer.headers["retry-after"]
    else:
        assert rows_of(answer)


@pytest.mark.usefixtures("away")
@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_nobody_takes_out_phones_while_it_cannot_be_recorded(stocked_service: Service, name: str) -> None:
    problem = problem_of(stocked_service.get(f"/api/v1/exports/{name}", "clerk", as_of=NOW), 503, "database-away")
    assert "masked" in problem["detail"]
    assert rows_of(stocked_service.get(f"/api/v1/exports/{name}", "planner", as_of=NOW))


def recorded(service: Service) -> list[dict[str, Any]]:
    return list(service.get("/api/v1/audit", "admin", action="export.unmasked").json()["items"])


@pytest.mark.parametrize("name", sorted(PERSONAL))
def test_who_takes_out_names_and_phones_in_full_is_recorded_without_them(stocked_service: Service, name: str) -> None:
    before = len(recorded(stocked_service))
    asked = {"as_of": NOW, "format": "xlsx", "within": "990101"}
    response = stocked_service.get(f"/api/v1/exports/{name}", "clerk", **asked)
    entries = recorded(stocked_service)
    assert len(entries) == before + 1
    entry = entries[0]
    assert (entry["actor"], entry["target"]) == ("测试 clerk", name)
    sheet = openpyxl.load_workbook(io.BytesIO(response.content)).worksheets[0]
    assert entry["facts"] == {
        "rows": sheet.max_row - 1,
        "as_of": "2026-11-18T02:00:00+00:00",
        "format": "xlsx",
        "within": "990101",
    }
    assert not any(secret in str(entry) for secret in stocked.SECRETS)


def test_what_is_masked_or_public_leaves_no_record(stocked_service: Service) -> None:
    before = recorded(stocked_service)
    for name in ("workers", "duties", "holes"):
        rows_of(stocked_service.get(f"/api/v1/exports/{name}", "planner", as_of=NOW))
        masked = stocked_service.get(f"/api/v1/exports/{name}", "clerk", as_of=NOW, masked=True)
        assert not any(secret in masked.text for secret in stocked.SECRETS)
    for name in ("stations", "organisations", "grids"):
        rows_of(stocked_service.get(f"/api/v1/exports/{name}", "clerk", as_of=NOW))
    assert recorded(stocked_service) == before
