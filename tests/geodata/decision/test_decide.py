"""What an address is decided to mean: one grid where that is sure, else candidates and what to ask."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from geodata.address.index import AddressIndex
from geodata.crs import GCJ02, WGS84
from geodata.database import connect
from geodata.errors import NotKnownError
from geodata.lookup import lookup_address
from geodata.moment import Moment
from geodata.snapshot import compile_snapshot
from tests.known_addresses import IN_A1, IN_B1, address_index
from tests.territory import COMMUNITY_A, COMMUNITY_B, committed

NOW = int(datetime(2026, 6, 1, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp() * 1_000_000)

Answer = dict[str, Any]
Ask = Callable[..., Answer]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> AddressIndex:
    return address_index(tmp_path_factory.mktemp("register"))


@pytest.fixture
def moment(database_url: str, tmp_path: Path) -> Moment:
    committed(database_url)
    with connect(database_url) as connection:
        connection.execute(
            "INSERT INTO layers (code, name, tiling, position) VALUES ('dedicated', '专属网格', 'partial', 50)"
        )
        connection.commit()
        return compile_snapshot(connection, tmp_path).moment(NOW)


@pytest.fixture
def ask(moment: Moment, book: AddressIndex) -> Ask:
    return lambda text, **how: lookup_address(moment, book, text, **how)


def codes(answer: Answer) -> list[str]:
    return [grid["code"] for grid in answer["grids"]]


def possible(answer: Answer) -> list[list[str]]:
    return [[grid["code"] for grid in candidate["grids"]] for candidate in answer["candidates"]]


def warned(answer: Answer) -> list[str]:
    return [warning["code"] for warning in answer["warnings"]]


def test_a_door_of_the_register_is_found_with_its_people(ask: Ask) -> None:
    answer = ask("样园路12号")
    assert (answer["status"], codes(answer)) == ("found", ["A1"])
    assert answer["grids"][0]["workers"][0]["role"] == "grid_chief"
    address = answer["address"]
    assert (address["label"], address["level"]) == ("样园路12号", "number")
    assert address["parts"] == {"road": "样园路", "number": "12"}
    assert address["reasons"] == ["road 样园路 as typed", "number 12 found"]
    assert address["reasons_zh"] == ["道路“样园路”一致", "门牌 12 已找到"]
    assert 0.95 <= address["score"] < 1
    assert answer["point"]["lon"] == pytest.approx(87.0065)
    assert answer["ask"] is None


@pytest.mark.parametrize(
    ("text", "label", "grid"),
    [
        ("槐荫小区3号楼", "槐荫小区3号楼", "A1"),
        ("淮阴小区三号楼", "槐荫小区3号楼", "A1"),
        ("yangyuanlu12hao", "样园路12号", "A1"),
        ("样园路十二号，王女士 138 0000 0000", "样园路12号", "A1"),
        ("银杏花园5号楼2单元301", "银杏花园5号楼", "A2"),
        ("老百货", "示例商场", "B1"),
    ],
)
def test_what_a_caller_says_is_found_as_far_as_it_is_known(ask: Ask, text: str, label: str, grid: str) -> None:
    answer = ask(text)
    assert (answer["status"], codes(answer), answer["address"]["label"]) == ("found", [grid], label)


def test_a_compound_in_one_grid_is_found_although_the_building_is_not_known(ask: Ask) -> None:
    answer = ask("槐荫小区12号楼")
    assert (answer["status"], codes(answer)) == ("found", ["A1"])
    address = answer["address"]
    assert (address["label"], address["level"], address["parts"]) == ("槐荫小区", "compound", {"compound": "槐荫小区"})
    assert "building 12 is not in the register" in address["reasons"]


def test_another_number_is_never_answered_as_if_it_were_this_one(ask: Ask) -> None:
    answer = ask("样园路99号")
    assert answer["status"] == "ambiguous"
    (candidate,) = answer["candidates"]
    assert (candidate["label"], candidate["level"], candidate["exact"]) == ("样园路", "road", False)
    assert "number" not in candidate["parts"]
    assert set(possible(answer)[0]) == {"A1", "A2", "B1"}
    assert answer["ask"]["part"] == "landmark"
    assert "99" in candidate["reasons"][1]


def test_an_unknown_door_near_a_border_may_lie_across_it(ask: Ask) -> None:
    answer = ask("望山路5号")
    assert (answer["status"], warned(answer)) == ("ambiguous", ["door-near-border"])
    assert possible(answer) == [["A1"], ["A2"]]
    assert "the nearest known is 望山路2号" in answer["candidates"][0]["reasons"]


def test_two_places_of_one_name_are_told_apart_by_their_areas(ask: Ask) -> None:
    answer = ask("幸福里3号")
    assert (answer["status"], possible(answer)) == ("ambiguous", [["A1"], ["B1"]])
    assert answer["ask"]["part"] == "area"
    assert answer["ask"]["options"] == ["甲一社区", "甲二社区"]
    assert answer["ask"]["message_zh"] == "请问区域是甲一社区，还是甲二社区？"
    assert (answer["point"], answer["grids"], answer["address"]) == (None, [], None)


def test_the_text_or_the_place_that_it_is_about_tells_them_apart(ask: Ask) -> None:
    assert codes(ask("甲二社区幸福里3号")) == ["B1"]
    assert possible(ask("幸福里3号", near=(IN_B1, 36.652)))[0] == ["B1"]
    assert codes(ask("幸福里3号", within=COMMUNITY_A)) == ["A1"]
    assert codes(ask("幸福里3号", within=COMMUNITY_B)) == ["B1"]


def test_what_lies_outside_the_area_asked_for_is_not_found_in_it(ask: Ask) -> None:
    answer = ask("老百货", within=COMMUNITY_A)
    assert (answer["status"], warned(answer)) == ("not_found", ["found-elsewhere"])
    with pytest.raises(NotKnownError):
        ask("老百货", within="nowhere")


def test_a_road_alone_asks_for_the_number(ask: Ask) -> None:
    answer = ask("样园路")
    assert (answer["status"], answer["ask"]["part"]) == ("ambiguous", "number")
    (candidate,) = answer["candidates"]
    assert (candidate["grid_count"], candidate["level"]) == (3, "road")
    assert candidate["spread_metres"] > 1000


def test_a_place_that_no_grid_covers_is_outside_with_the_nearest_grid(ask: Ask) -> None:
    answer = ask("城外果园")
    assert (answer["status"], answer["address"]["label"], answer["grids"]) == ("outside", "城外果园", [])
    assert [near["code"] for near in answer["nearest"]] == ["B1"]


@pytest.mark.parametrize(("text", "grids"), [("甲一社区", ["A1", "A2"]), ("甲街道", ["A1", "A2", "B1"])])
def test_an_area_alone_asks_for_more_and_names_its_grids(ask: Ask, text: str, grids: list[str]) -> None:
    answer = ask(text)
    assert (answer["status"], possible(answer)) == ("ambiguous", [grids])
    assert (answer["candidates"][0]["level"], answer["ask"]["part"]) == ("area", "road")


def test_an_area_of_one_grid_is_that_grid(ask: Ask) -> None:
    answer = ask("甲二社区")
    assert (answer["status"], codes(answer), answer["address"]["level"]) == ("found", ["B1"], "area")


def test_what_is_not_in_the_register_is_not_found_with_the_nearest_thing_known(ask: Ask) -> None:
    answer = ask("甲二社区不存在的大街8号")
    assert answer["status"] == "not_found"
    assert answer["nearest_known"] == {"level": "community", "label": "甲二社区", "code": COMMUNITY_B}
    assert answer["ask"]["part"] == "address"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "王", "王女士", "13800000000", "12345678901234567890", "110101199003070000", "' OR 1=1 --",
        "<script>alert(1)</script>", "\x00\x01\x02", "\ud800", "👍👍👍", "221B Baker Street, London",
        "1600 Pennsylvania Ave NW, Washington, DC 20500", "東京都千代田区丸の内1-9-1", "北京市朝阳区建国路1号",
        "号" * 200, "1" * 200, "((((((((((" * 20, "a" * 10_000,
    ],
)  # fmt: skip
def test_what_is_no_address_of_the_register_is_not_found(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert (answer["status"], answer["grids"], answer["point"]) == ("not_found", [], None)
    assert answer["ask"]["message_zh"]


def test_a_text_without_an_address_says_what_it_has_instead(ask: Ask) -> None:
    (warning,) = ask("王女士 13800000000")["warnings"]
    assert warning["code"] == "no-address"
    assert warning["message"] == "there is no address in the text, only somebody's name, a phone number"


@pytest.mark.parametrize(
    ("text", "grids"),
    [("样园路19号对面", {"A1", "A2"}), ("望山路2号旁边", {"A1", "A2"}), ("望山路2号往东50米", {"A2"})],
)
def test_words_that_may_lead_across_a_border_name_the_neighbour(ask: Ask, text: str, grids: set[str]) -> None:
    answer = ask(text)
    assert (answer["status"], warned(answer)) == ("ambiguous", ["relation-crosses-border"])
    assert {code for candidate in possible(answer) for code in candidate} == grids
    assert answer["ask"]["part"] == "side"
    assert answer["query"]["relation"]["text"] in text


def test_the_side_is_asked_about_with_the_names_of_the_grids_alone(ask: Ask) -> None:
    question = ask("样园路19号对面")["ask"]
    assert len(question["options"]) == len(set(question["options"])) == 2
    assert all(option in question["message_zh"] for option in question["options"])


def test_what_lies_opposite_a_place_keeps_its_name(ask: Ask) -> None:
    labels = [candidate["label"] for candidate in ask("样园路19号对面")["candidates"]]
    assert labels == ["样园路19号对面"] * 2


def test_two_roads_without_a_known_crossing_are_not_asked_about_as_two_roads(ask: Ask) -> None:
    answer = ask("样园路和望山路路口")
    assert (answer["status"], answer["ask"]["part"]) == ("ambiguous", "landmark")
    assert "没有这两条路的路口" in answer["ask"]["message_zh"]


@pytest.mark.parametrize("text", ["幸福里3号", "样园路99号", "样园路", "甲街道", "望山路5号", "样园路19号对面"])
def test_candidates_stand_in_the_order_of_their_scores(ask: Ask, text: str) -> None:
    scores = [candidate["score"] for candidate in ask(text)["candidates"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("text", ["样园路12号对面", "样园路19号门口", "望山路2号楼下", "样园路12号东50米"])
def test_words_that_stay_in_the_grid_are_only_reported(ask: Ask, text: str) -> None:
    answer = ask(text)
    assert (answer["status"], codes(answer)) == ("found", ["A1"])
    assert answer["query"]["relation"]["side"]


def test_pasted_coordinates_are_asked_about_where_their_datum_decides(ask: Ask) -> None:
    answer = ask(f"{IN_A1},36.655")
    assert (answer["status"], warned(answer)) == ("ambiguous", ["datum-matters"])
    assert (answer["ask"]["part"], answer["ask"]["options"]) == ("datum", ["EPSG:4326", "GCJ-02", "BD-09"])
    assert possible(answer) == [["A1"], ["A1"], []]


@pytest.mark.parametrize("text", ["87.005,36.655", "36.655,87.005", "坐标 87.005 36.655", "东经87.005° 北纬36.655°"])
def test_coordinates_whose_datum_is_told_are_a_point(ask: Ask, text: str) -> None:
    answer = ask(text, datum=WGS84)
    assert (answer["status"], codes(answer)) == ("found", ["A1"])
    assert answer["point"] == {"lon": 87.005, "lat": 36.655, "crs": "EPSG:4326"}
    assert answer["address"]["level"] == "point"
    moved = ask(text, datum=GCJ02)
    assert moved["point"]["lon"] != 87.005


def test_coordinates_may_say_their_datum_themselves(ask: Ask) -> None:
    answer = ask("高德坐标 36.655,87.008")
    assert (answer["status"], codes(answer)) == ("found", ["A1"])
    assert warned(answer) == ["looks-swapped"]


def test_coordinates_whose_datum_makes_no_difference_are_a_point_that_says_what_was_assumed(ask: Ask) -> None:
    answer = ask("88.5001,36.7001")
    assert (answer["status"], warned(answer)) == ("outside", ["datum-assumed"])


def test_a_layer_in_which_nothing_is_covered_leaves_the_others_sure(ask: Ask) -> None:
    assert ask("样园路12号")["status"] == "found"
    assert ask("样园路12号", layer="dedicated")["status"] == "outside"
    with pytest.raises(NotKnownError):
        ask("样园路12号", layer="nope")


def test_what_was_set_apart_is_told_by_its_place_only(ask: Ask) -> None:
    query = ask("样园路12号 王女士 13800000000")["query"]
    assert query["normalized"] == "样园路12号"
    assert query["aside"] == [{"kind": "person", "start": 7, "end": 10}, {"kind": "phone", "start": 11, "end": 22}]
