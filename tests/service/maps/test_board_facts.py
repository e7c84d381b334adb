"""What a notice board says and what is wrong with it, without any database or paper."""

from dataclasses import replace

import pytest

from service.maps.boards.callers import joined, people_count
from service.maps.boards.facts import Board, MatterTold, Person, TextTold, Tier, dialable, findings
from service.maps.boards.people import by_hotline
from service.maps.boards.words import hours_told, promised, way_told

WORKER = Person("worker", "网格员", "样例-李", "13800000001", "grid", "第一网格")
HIDDEN = replace(WORKER, phone="138****0001", masked=True)
OFFICE = Person("office", "值班室", "示例街道", "0531-00000001", "area", "示例街道")
HOTLINE = TextTold("便民服务热线", phone="000-00012345")
BOARD = Board(
    "grid",
    "A1",
    "第一网格",
    "general",
    "综合网格",
    "zh-CN",
    grids=(("A1", "第一网格"),),
    tiers=(Tier("above", "示例街道", (OFFICE,)), Tier("grid", "第一网格", (WORKER,))),
    hotlines=(HOTLINE,),
)


def _kinds(board: Board) -> list[str]:
    return [one.kind for one in findings(board)]


@pytest.mark.parametrize("phone", ["13800000001", "0531-00000001", "+86 138 0000 0001", "12345", "(0531) 8600-0001"])
def test_a_whole_number_can_be_dialled(phone: str) -> None:
    assert dialable(phone) == (not phone.startswith("("))


@pytest.mark.parametrize("phone", ["", "138****0001", "****", "问物业", "1"])
def test_what_is_hidden_or_no_number_cannot_be_dialled(phone: str) -> None:
    assert not dialable(phone)


def test_a_board_with_somebody_to_call_and_a_hotline_is_sound() -> None:
    assert _kinds(BOARD) == []


def test_hidden_phones_are_told_by_role_and_leave_nobody_to_dial() -> None:
    found = {
        one.kind: one for one in findings(replace(BOARD, tiers=(BOARD.tiers[0], Tier("grid", "第一网格", (HIDDEN,)))))
    }
    assert set(found) == {"no-dialable-number", "phone-not-public"}
    assert found["no-dialable-number"].facts == {"any_number": True}
    assert found["phone-not-public"].facts == {"roles": ["网格员"], "phones": 1}


def test_a_board_that_names_only_those_above_has_nobody_on_duty() -> None:
    assert _kinds(replace(BOARD, tiers=BOARD.tiers[:1])) == ["nobody-on-duty", "no-dialable-number"]


def test_no_number_at_all_is_said_apart_from_numbers_of_offices() -> None:
    bare = replace(BOARD, tiers=(), hotlines=())
    told = {one.kind: one for one in findings(bare)}
    assert told["no-dialable-number"].facts == {"any_number": False}
    assert "no-hotline" in told
    assert all(one.message and one.message_zh for one in findings(bare))


def test_a_community_tells_its_grids_without_anybody() -> None:
    community = replace(BOARD, kind="community", name="示例社区", grids=(("A1", "第一网格"), ("A2", "第二网格")))
    (found,) = [one for one in findings(community) if one.kind == "grids-without-people"]
    assert found.facts == {"grids": ["第二网格"]}


def test_a_matter_that_nobody_answers_for_is_a_finding() -> None:
    orphan = MatterTold("井盖", "", "", "", "", None)
    assert _kinds(replace(BOARD, matters=(orphan,))) == ["matter-without-anybody"]


def test_a_matter_whose_people_hide_their_phones_goes_by_the_hotline() -> None:
    own = MatterTold("噪声", "", "民警", "样例-王", "13800000009", 120)
    silent = MatterTold("维修", "", "网格员", "样例-李", "", 120)
    orphan = MatterTold("井盖", "", "", "", "", None)
    first, second, third = by_hotline((own, silent, orphan), (TextTold("热线", phone="未定"), HOTLINE))
    assert (first.phone, first.by_hotline) == ("13800000009", False)
    assert (second.phone, second.by_hotline) == ("000-00012345", True)
    assert third.phone == ""
    assert by_hotline((silent,), ()) == (silent,)


def test_the_digest_is_of_what_is_written_not_of_when() -> None:
    assert replace(BOARD, day="2027-01-01", release=9, release_day="2027-01-01").digest() == BOARD.digest()
    assert replace(BOARD, hotlines=()).digest() != BOARD.digest()
    assert replace(BOARD, shapes="other").digest() != BOARD.digest()


def test_the_parts_tell_what_is_other() -> None:
    before, now = BOARD.parts(), replace(BOARD, tiers=BOARD.tiers[:1], footer="新").parts()
    assert {name for name in before if before[name] != now[name]} == {"people", "texts"}


def test_numbered_names_are_joined_as_people_say_them() -> None:
    assert joined(["1号楼", "2号楼", "3号楼", "5号楼", "6号楼"]) == "1–3、5、6号楼"
    assert joined(["枫岭雅居 1号楼", "枫岭雅居 2号楼", "东楼"]) == "枫岭雅居 1、2号楼、东楼"
    assert joined(["东楼", "东楼"]) == "东楼"


def test_each_grid_of_a_community_is_one_row() -> None:
    community = replace(
        BOARD, kind="community", tiers=(Tier("grid", "一", (WORKER, HIDDEN)), Tier("area", "社区", (OFFICE,)))
    )
    assert people_count(community) == 2


@pytest.mark.parametrize(
    ("hours", "zh", "en"),
    [
        (
            "Mo-Fr 08:30-12:00,13:30-17:30; PH closed",
            "周一至周五 08:30–12:00、13:30–17:30",
            "Mon–Fri 08:30–12:00, 13:30–17:30",
        ),
        ("24/7", "全天", "day and night"),
        ("Mo-Su 20:00-08:00", "每天 20:00–08:00", "daily 20:00–08:00"),
        ("Sa-Su,PH 09:00-18:00", "周六至周日、节假日 09:00–18:00", "Sat–Sun, holidays 09:00–18:00"),
        ("Mo[1] 09:00-10:00", "Mo[1] 09:00-10:00", "Mo[1] 09:00-10:00"),
        ("", "", ""),
    ],
)
def test_hours_are_written_as_people_read_them_and_as_they_are_where_that_is_not_simple(
    hours: str, zh: str, en: str
) -> None:
    assert (hours_told(hours, "zh-CN"), hours_told(hours, "en")) == (zh, en)


def test_promised_times_are_said_in_the_largest_whole_unit() -> None:
    assert [promised(minutes, "zh-CN") for minutes in (None, 45, 120, 2880)] == ["", "45 分钟", "2 小时", "2 天"]


def test_a_station_that_no_street_leads_to_is_told_by_its_distance() -> None:
    assert way_told(4.0, 300.0, "zh-CN") == "步行 4 分钟"
    assert way_told(None, 1250.0, "zh-CN") == "直线 1,250 米"
    assert way_told(None, 90.0, "en") == "90 m in a straight line"
    assert way_told(None, None, "en") == ""
