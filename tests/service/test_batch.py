import asyncio
import csv
import io
import json
import tracemalloc
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from geodata.assign import ADDED
from service.matching import NoRegister
from tests.service.conftest import Service, problem_of
from tests.service.holding import hold

PATH = "/api/v1/lookup/batch"


def send(service: Service, body: Any, kind: str = "text/csv", role: str | None = "clerk", **params: Any) -> Any:
    content = body.encode() if isinstance(body, str) else body
    headers = {**service.headers(role), "Content-Type": kind}
    return service.client.post(PATH, content=content, params=params, headers=headers)


def table(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


def test_csv_rows_come_back_with_their_answers(service: Service) -> None:
    response = send(service, "事件,经度,纬度\n漏水,87.005,36.655\n占道,87.035,36.655\n")
    rows = table(response)
    assert list(rows[0]) == ["事件", "经度", "纬度", *ADDED]
    assert [(row["事件"], row["status"], row["grid_code"]) for row in rows] == [
        ("漏水", "found", "A1"),
        ("占道", "outside", ""),
    ]
    assert (rows[0]["community"], rows[0]["worker"], rows[0]["on_boundary"]) == ("甲一社区", "示例W2", "false")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")


def test_json_rows_come_back_as_json_with_their_own_types(service: Service) -> None:
    rows = [{"id": 1, "x": 87.005, "y": "36.655", "tags": ["a", None]}, {"id": 2, "x": 87.025, "y": 36.655}]
    answered = send(service, json.dumps(rows), "application/json").json()
    assert [(row["id"], row["status"], row["grid_code"]) for row in answered] == [
        (1, "found", "A1"),
        (2, "found", "B1"),
    ]
    assert answered[0]["tags"] == ["a", None]
    assert answered[0]["on_boundary"] is False


def test_a_bad_row_is_invalid_and_does_not_fail_the_others(service: Service) -> None:
    rows = table(send(service, "lon,lat\nabc,36\n87.005\n999,36\nNaN,36\n36.655,87.005\n\n87.005,36.655,extra\n"))
    assert [row["status"] for row in rows] == ["invalid", "invalid", "invalid", "invalid", "outside", "found"]
    assert [row["reasons"] for row in rows] == [
        "not-a-number",
        "not-a-number",
        "not-on-earth",
        "not-a-number",
        "looks-swapped",
        "",
    ]


def test_json_rows_that_are_no_objects_are_invalid_too(service: Service) -> None:
    body = '[{"lon": 87.005, "lat": 36.655}, 5, null, {"lon": true, "lat": {}}, {"lon": 1e300, "lat": 1}]'
    answered = send(service, body, "application/json").json()
    assert [row["status"] for row in answered] == ["found", "invalid", "invalid", "invalid", "invalid"]
    assert answered[1]["row"] == 5


def test_an_added_name_that_the_input_has_gets_a_prefix(service: Service) -> None:
    row = table(send(service, "lon,lat,status\n87.005,36.655,open\n"))[0]
    assert (row["lon"], row["status"], row["gridmap_status"], row["gridmap_lon"]) == (
        "87.005",
        "open",
        "found",
        "87.005",
    )


def test_columns_can_be_named(service: Service) -> None:
    row = table(send(service, "lon,lat,real x,real y\n0,0,87.005,36.655\n", lon="real x", lat="real y"))[0]
    assert row["grid_code"] == "A1"


def test_time_and_datum_are_those_of_the_query(service: Service) -> None:
    body = "lon,lat\n87.021,36.655\n"
    assert table(send(service, body, as_of="2025-06-01"))[0]["grid_code"] == "B1"
    assert table(send(service, body, as_of="2026-06-01"))[0]["grid_code"] == "A2"
    assert table(send(service, body, crs="BD-09"))[0]["gridmap_lon"] != "87.021"


def test_a_planner_gets_masked_names(service: Service) -> None:
    assert table(send(service, "lon,lat\n87.005,36.655\n", role="planner"))[0]["worker"] == "示**"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_of_chinese_offices_are_read_without_being_named(service: Service, charset: str) -> None:
    row = table(send(service, "地点,经度,纬度\n石桥,87.005,36.655\n".encode(charset)))[0]
    assert (row["地点"], row["grid_code"]) == ("石桥", "A1")


def test_a_declared_encoding_is_used(service: Service) -> None:
    body = "地点,经度,纬度\n石桥,87.005,36.655\n".encode("utf-16")
    assert table(send(service, body, "text/csv; charset=utf-16"))[0]["地点"] == "石桥"


def test_quoted_cells_and_odd_characters_come_back_as_they_were(service: Service) -> None:
    cells = ['<b>,"q"\nline', "😀𠮷", "=1+1"]
    text = io.StringIO()
    csv.writer(text).writerows([["a", "b", "c", "lon", "lat"], [*cells, "87.005", "36.655"]])
    row = table(send(service, text.getvalue()))[0]
    assert [row["a"], row["b"], row["c"]] == cells


def test_json_values_come_back_as_they_were(service: Service) -> None:
    row = {"s": "😀𠮷", "n": 2**63 - 1, "f": 0.1, "deep": json.loads("[" * 90 + "]" * 90), "lon": 87.005, "lat": 36.655}
    answered = send(service, json.dumps([row]), "application/json").json()[0]
    assert {name: answered[name] for name in row} == row
    assert answered["grid_code"] == "A1"


def test_a_json_body_may_have_a_byte_order_mark(service: Service) -> None:
    body = b'\xef\xbb\xbf[{"lon": 87.005, "lat": 36.655}]'
    assert send(service, body, "application/json").json()[0]["grid_code"] == "A1"


def test_tables_are_read_as_by_the_command(service: Service) -> None:
    body = "2026年事件表\n\n事件;经度;纬度\n漏水;87.005;36.655\n"
    assert table(send(service, body.encode("utf-16")))[0]["grid_code"] == "A1"
    assert table(send(service, body.encode("gbk"), "text/csv; charset=utf-8"))[0]["事件"] == "漏水"


def test_an_empty_table_has_an_empty_answer(service: Service) -> None:
    assert table(send(service, "lon,lat\n")) == []
    assert send(service, " [ ] ", "application/json").json() == []


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        ("", "text/csv", "unreadable-file"),
        ("\n\n", "text/csv", "unreadable-file"),
        ("a,b\n1,2\n", "text/csv", "invalid-input"),
        (b"lon,lat\n\xff\xff\xff\n", "text/csv; charset=utf-8", "unreadable-file"),
        ("lon,lat\n1,2\n", "text/csv; charset=base64", "unreadable-file"),
        ("lon,lat\n1,2\n", "text/csv; charset=nope", "unreadable-file"),
        ("lon,lat\n1,2\n", "text/csv; charset=big5", "unreadable-file"),
        ('lon,lat\n1,"2\n3,4\n', "text/csv", "unreadable-file"),
        (b"lon,lat\n" + b"87.005,36.655\n" * 200_000 + b"\xff\xff\n", "text/csv", "unreadable-file"),
        ("x" * 1_200_000, "text/csv", "unreadable-file"),
        ("", "application/json", "unreadable-file"),
        ("{}", "application/json", "unreadable-file"),
        ("[1,", "application/json", "unreadable-file"),
        ("[1 2]", "application/json", "unreadable-file"),
        ("[] x", "application/json", "unreadable-file"),
        ('[{"lon": NaN, "lat": 1}]', "application/json", "unreadable-file"),
        ('{"item": [1]}', "application/json", "unreadable-file"),
        ("5", "application/json", "unreadable-file"),
        ("[" * 100_000, "application/json", "unreadable-file"),
        ("[" * 200_000 + "]" * 200_000, "application/json", "unreadable-file"),
        ("[" + '{"a":' * 100_000 + "1" + "}" * 100_000 + "]", "application/json", "unreadable-file"),
        ("[" + "9" * 5000 + "]", "application/json", "unreadable-file"),
        ("[9223372036854775808]", "application/json", "unreadable-file"),
        ('[{"lon": 1e999, "lat": 1}]', "application/json", "unreadable-file"),
        ('["\\ude00"]', "application/json", "unreadable-file"),
        ('[{"\\ude00": 1}]', "application/json", "unreadable-file"),
        ('[{"lon": 1, "lat": 1}]'.encode("utf-16"), "application/json", "unreadable-file"),
        (b"[\xff\xfe]", "application/json", "unreadable-file"),
        ('[{"a": "' + "x" * 1_200_000 + '"}]', "application/json", "unreadable-file"),
        ('[{"a": 1}]', "application/json", "invalid-input"),
        ('[{"lon": 1, "lat": 1}' + ', {"lon": 1, "lat": 1}' * 5000 + ", oops]", "application/json", "unreadable-file"),
    ],
)
def test_a_body_that_is_no_table_is_a_problem_before_anything_is_answered(
    service: Service, body: str | bytes, kind: str, code: str
) -> None:
    problem_of(send(service, body, kind), 422, code)


def test_a_type_that_is_no_table_is_not_taken(service: Service) -> None:
    for kind in ("application/xml", "text/plain", "", "multipart/form-data"):
        problem_of(send(service, "x", kind), 415, "unsupported-media-type")


def test_a_batch_needs_a_key(service: Service) -> None:
    problem_of(send(service, "lon,lat\n", role=None), 401, "not-allowed")


def test_wrong_settings_of_a_batch_are_problems(service: Service) -> None:
    body = "lon,lat\n1,1\n"
    problem_of(send(service, body, crs="nope"), 422, "unknown-crs")
    problem_of(send(service, body, layer="nope"), 404, "not-known")
    problem_of(send(service, body, as_of="nope"), 422, "invalid-time")
    problem_of(send(service, body, lon="nope"), 422, "invalid-input")


def test_many_rows_keep_their_order_over_all_chunks(service: Service) -> None:
    lons = [87.0005 + place * 0.000003 for place in range(9001)]
    rows = [{"n": n, "lon": lon, "lat": 36.655} for n, lon in enumerate(lons)]
    answered = send(service, json.dumps(rows), "application/json").json()
    assert [row["n"] for row in answered] == list(range(9001))
    assert [row["grid_code"] for row in answered] == [
        "A1" if lon <= 87.01 else "A2" if lon < 87.022 else "B1" for lon in lons
    ]


@pytest.mark.parametrize("kind", ["text/csv", "application/json"])
def test_memory_does_not_grow_with_the_body(service: Service, kind: str) -> None:
    def peak(rows: int) -> int:
        async def body() -> AsyncIterator[bytes]:
            if kind == "text/csv":
                yield b"note,lon,lat\n"
                for _ in range(rows // 100):
                    yield (b"x" * 200 + b",87.005,36.655\n") * 100
            else:
                yield b"["
                for _ in range(rows // 100):
                    yield (b'{"note":"' + b"x" * 200 + b'","lon":87.005,"lat":36.655},') * 100
                yield b'{"lon":87.005,"lat":36.655}]'

        tracemalloc.start()
        try:
            _exchange(service, kind, body(), lambda: None)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    small, large = peak(6000), peak(48_000)
    assert large < small + 2_000_000


@pytest.mark.parametrize(("kind", "text"), [("text/csv", b"lon,lat\n1,2\n"), ("application/json", b'[{"x":1,"y":2}]')])
def test_nothing_of_a_body_stays_behind_whoever_goes_away(
    service: Service, kind: str, text: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left: list[list[Path]] = []

    async def whole() -> AsyncIterator[bytes]:
        yield text
        left.append(list(tmp_path.iterdir()))

    async def broken_off() -> AsyncIterator[bytes]:
        yield text
        raise ClientDisconnect

    _exchange(service, kind, whole(), lambda: left.append(list(tmp_path.iterdir())))
    assert left[0]
    assert len(left) > 2
    assert not any(left[1:])
    _exchange(service, kind, broken_off(), lambda: None)
    send(service, b"\xff", kind)
    assert not list(tmp_path.iterdir())


def _exchange(service: Service, kind: str, body: AsyncIterator[bytes], told: Callable[[], None]) -> None:
    """One request whose caller throws away the answer and is told of each piece of it."""

    async def ask() -> None:
        messages = aiter(body)
        ended = asyncio.Event()

        async def receive() -> dict[str, Any]:
            block = await anext(messages, None) if not ended.is_set() else await asyncio.Event().wait()
            if block is None:
                ended.set()
            return {"type": "http.request", "body": block or b"", "more_body": block is not None}

        async def forget(message: Any) -> None:
            assert message.get("status", 200) == 200
            told()

        headers = [(b"content-type", kind.encode()), (b"authorization", f"Bearer {service.keys['clerk']}".encode())]
        scope = {
            "type": "http",
            "method": "POST",
            "path": PATH,
            "raw_path": PATH.encode(),
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "query_string": b"",
            "headers": headers,
        }
        await service.client.app(scope, receive, forget)

    service.client._portal.call(ask)


# --- addresses -------------------------------------------------------------------------------------------------------


def test_rows_with_an_address_are_answered_as_a_single_look_up_is(service: Service) -> None:
    texts = ["样园路12号", "淮阴小区三号楼", "幸福里3号", "王女士 13800000000", "", "城外果园"]
    rows = table(send(service, "工单,地址\n" + "".join(f"{n},{text}\n" for n, text in enumerate(texts))))
    assert [row["status"] for row in rows] == ["found", "found", "ambiguous", "not_found", "invalid", "outside"]
    assert [row["grid_code"] for row in rows] == ["A1", "A1", "", "", "", ""]
    assert (rows[0]["level"], rows[0]["worker"]) == ("number", "示例W2")
    assert rows[2]["reasons"].endswith("ask which area: 甲一社区 or 甲二社区")
    chinese = table(send(service, "地址\n幸福里3号\n", lang="zh"))
    assert chinese[0]["reasons"].endswith("请问区域是甲一社区，还是甲二社区？")


def test_json_rows_with_an_address_keep_their_own_members(service: Service) -> None:
    rows = [{"id": 1, "where": "样园路12号"}, {"id": 2, "where": None}, {"id": 3}, 7, {"where": ["x"]}, {"where": 12}]
    answered = send(service, json.dumps(rows), "application/json", address="where").json()
    statuses = ["found", "invalid", "invalid", "invalid", "invalid", "not_found"]
    assert [row["status"] for row in answered] == statuses
    assert answered[0]["score"] > 0.95
    assert answered[1]["reasons"] == ["no-address"]
    assert answered[4]["reasons"] == ["not-a-text"]


def test_the_point_of_a_row_counts_and_its_address_where_it_has_none(service: Service) -> None:
    body = "lon,lat,地址\n87.026,36.655,样园路12号\n,,样园路12号\n"
    both = table(send(service, body, lon="lon", lat="lat", address="地址"))
    assert [(row["grid_code"], row["level"]) for row in both] == [("B1", "point"), ("A1", "number")]
    assert [row["status"] for row in table(send(service, body))] == ["found", "invalid"]


def test_addresses_may_be_said_to_lie_in_an_area(service: Service) -> None:
    (row,) = table(send(service, "地址\n幸福里3号\n", within="990101002"))
    assert (row["status"], row["grid_code"]) == ("found", "B1")
    problem_of(send(service, "地址\n幸福里3号\n", within="nowhere"), 404, "not-known")


def test_an_address_column_that_is_not_there_is_refused(service: Service) -> None:
    problem_of(send(service, "a,b\n1,2\n", address="c"), 422, "invalid-input")
    problem_of(send(service, '[{"a": 1}]', "application/json", address="c"), 422, "invalid-input")


def test_addresses_wait_for_the_register_and_points_do_not(service: Service) -> None:
    held = service.client.app.state.serving
    hold(service.client.app, register=NoRegister())
    try:
        problem_of(send(service, "地址\n样园路12号\n"), 503, "register-not-ready")
        problem_of(send(service, '[{"地址": "样园路12号"}]', "application/json"), 503, "register-not-ready")
        assert table(send(service, "lon,lat,地址\n87.005,36.655,x\n"))[0]["status"] == "found"
    finally:
        service.client.app.state.serving = held


def test_no_address_of_a_batch_is_in_any_log(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    send(service, "地址\n样园路12号 王女士 13800000000\n")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("http")]
    assert not any("样园路" in line or "13800000000" in line for line in ours)
