"""A board fits one page of any paper: nothing outside, nothing on anything else, and it says what it leaves out."""

from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import pytest

from service.maps.boards.facts import Board, Figure, MatterTold, Person, RoleTold, StationTold, TextTold, Tier
from service.maps.boards.layout import PAPERS, LaidBoard, lay_board
from service.maps.boards.typeset import Text, paragraph, svg_of, text_width, wrapped
from service.maps.lettering import clean

LONG = "示例长名称网格" * 27 + "Hall No 12."


def _person(number: int, name: str = "样例", phone: str = "13800000000") -> Person:
    return Person(
        "worker", "专职网格员", f"{name}{number}", phone, "grid", f"第{number}网格", hours="Mo-Fr 08:30-17:30"
    )


def _grids(count: int) -> tuple[Tier, ...]:
    return tuple(Tier("grid", f"示例社区第{number}网格", (_person(number),)) for number in range(1, count + 1))


FULL = Board(
    "grid",
    "A1",
    "示例社区第一网格",
    "general",
    "综合网格",
    "zh-CN",
    above=("示例区", "示例街道", "示例社区"),
    grids=(("A1", "示例社区第一网格"),),
    figures=(Figure("households", 412, "stated"), Figure("persons", 1130), Figure("area", 79_478.0)),
    tiers=(Tier("above", "示例社区", tuple(_person(n, phone="138****0000") for n in range(6))), *_grids(1)),
    roles=(RoleTold("专职网格员", "每日巡查网格，登记住户与场所变动。"), RoleTold("民警", "治安。" * 20)),
    matters=tuple(MatterTold(f"事项{n}", "说明" * 6, "专职网格员", "", "000-00012345", 120, True) for n in range(10)),
    hotlines=tuple(TextTold(f"热线{n}", phone="000-00012345") for n in range(3)),
    stations=tuple(StationTold(f"站点{n}", "警务室", "示例路1号", "001-00000200", "24/7", 2.0) for n in range(8)),
    notices=(TextTold("节假日值守", "全天值守。"),),
    release=3,
    day="2026-11-22",
    link="https://grids.example.gov.cn/maps/boards/general/A1",
    footer="示例数据",
)
COMMUNITY = replace(
    FULL, kind="community", name="示例社区", tiers=_grids(18), grids=tuple((t.name, t.name) for t in _grids(18))
)
_CHIEFS = tuple(Person("chief", "网格长", f"样例长{n}", "13800000001", "grid", "") for n in range(3))
SHARED = replace(
    COMMUNITY,
    tiers=(
        Tier("area", "示例社区", (_person(99),)),
        *(
            Tier(
                "grid",
                tier.name,
                (
                    *(replace(one, phone="138****0000") for one in tier.people),
                    _CHIEFS[place // 12],
                    *(
                        (replace(_person(900 + place), stand_in=True), replace(_person(900 + place), role_name="兼职"))
                        if place % 6 == 0
                        else ()
                    ),
                ),
            )
            for place, tier in enumerate(_grids(35))
        ),
        Tier("grid", "示例社区空网格", ()),
    ),
)
BARE = Board("grid", "A1", "示例社区第一网格", "general", "综合网格", "zh-CN")
CROWDED = replace(
    COMMUNITY,
    tiers=_grids(79),
    matters=FULL.matters * 8,
    hotlines=FULL.hotlines * 20,
    notices=tuple(TextTold("通知" * 10, "请居民注意。" * 300) for _ in range(9)),
    intro=TextTold("", "介绍。" * 900),
    footer="说明。" * 900,
    roles=FULL.roles * 30,
)
CASES = {
    "full": FULL,
    "community": COMMUNITY,
    "shared": SHARED,
    "bare": BARE,
    "crowded": CROWDED,
    "long-names": replace(
        FULL,
        name=LONG,
        above=(LONG, LONG),
        tiers=(Tier("above", LONG, (_person(1, LONG),)), Tier("grid", LONG, (_person(2, LONG), _person(3, "W" * 200)))),
        stations=tuple(replace(one, name=LONG, address=LONG, phone="0" * 60) for one in FULL.stations),
        hotlines=(TextTold(LONG, phone="9" * 80),),
        matters=tuple(replace(one, name=LONG, responsible=LONG) for one in FULL.matters),
    ),
    "english": replace(FULL, lang="en", name="Sample community, first grid of the north side"),
}


def _texts(laid: LaidBoard) -> list[Text]:
    return [item for item in laid.items if isinstance(item, Text)]


@cache
def _laid(case: str, paper: str) -> LaidBoard:
    return lay_board(CASES[case], PAPERS[paper], logo_ratio=1.5)


def _overlap(one: Text, other: Text) -> bool:
    a, b = one.bounds(), other.bounds()
    # Lines of one text may touch; half a letter of two is a fault.
    play = 0.3 * min(one.size, other.size)
    return min(a[2], b[2]) - max(a[0], b[0]) > play and min(a[3], b[3]) - max(a[1], b[1]) > play


@pytest.mark.parametrize(
    ("case", "paper"),
    [
        ("full", "A4"),
        ("full", "600x900"),
        ("community", "A3"),
        ("shared", "A4"),
        ("bare", "A4"),
        ("crowded", "A4"),
        ("long-names", "A4"),
        ("long-names", "A3"),
        ("english", "A3"),
    ],
)
def test_everything_stands_on_the_page_and_nothing_on_anything_else(case: str, paper: str) -> None:
    size = PAPERS[paper]
    laid = _laid(case, paper)
    for item in laid.items:
        left, top, right, bottom = item.bounds()
        assert left >= -0.01, item
        assert top >= -0.01, item
        assert right <= size.width + 0.2, item
        assert bottom <= size.height + 0.01, item
    texts = sorted(_texts(laid), key=lambda text: text.y)
    for place, text in enumerate(texts):
        for other in texts[place + 1 :]:
            if other.y - text.y > 3 * max(text.size, other.size):
                break
            assert not _overlap(text, other), (text, other)
    assert laid.plan is not None
    assert not [
        text
        for text in texts
        if laid.plan.x < text.x < laid.plan.x + laid.plan.width
        and laid.plan.y + text.size < text.y < laid.plan.y + laid.plan.height
    ]


def test_a_usual_board_is_whole_on_a3_and_letters_grow_with_the_paper() -> None:
    laid = {name: lay_board(FULL, paper) for name, paper in PAPERS.items()}
    assert laid["A3"].shortened == {}
    assert laid["A4"].size < laid["A3"].size < laid["600x900"].size


def test_what_has_no_room_is_counted_on_the_board_and_told() -> None:
    laid = _laid("crowded", "A4")
    shown, total = laid.shortened["people"]
    assert total == 79
    assert 0 < shown < total
    assert f"另有 {total - shown} 项，扫码查看" in [text.text for text in _texts(laid)]
    assert laid.size >= PAPERS["A4"].least


def test_thirty_six_grids_with_their_people_have_room_on_a4_each_person_named_once() -> None:
    laid = _laid("shared", "A4")
    assert "people" not in laid.shortened
    said = [text.text for text in _texts(laid)]
    for number in range(1, 36):
        assert f"样例{number}" in said
    for chief in range(3):
        assert said.count(f"网格长 样例长{chief}") == 1
    # With two duties in one grid somebody stands there once, with both.
    assert len([text for text in said if text.startswith("样例906")]) == 1
    assert "暂缺，请拨打服务热线" in said


def test_a_name_beside_a_matter_takes_a_line_of_its_own_before_it_is_broken() -> None:
    matters = tuple(replace(one, responsible="Community police officer", person="样例-张1169") for one in FULL.matters)
    said = [text.text for text in _texts(lay_board(replace(FULL, lang="en", matters=matters), PAPERS["A4"]))]
    assert [text for text in said if "张" in text]
    assert all("样例-张1169" in text for text in said if "张" in text or "1169" in text)


def test_grids_without_anybody_make_no_chart() -> None:
    empty = tuple(Tier("grid", tier.name, ()) for tier in _grids(6))
    laid = lay_board(replace(COMMUNITY, tiers=empty), PAPERS["A4"])
    assert "组织架构" not in [text.text for text in _texts(laid)]
    assert "组织架构" in [text.text for text in _texts(_laid("community", "A3"))]


def test_the_chart_shows_what_the_board_is_about_and_breaks_no_word() -> None:
    tiers = (*FULL.tiers, Tier("compound", "示例小区", (_person(7),)), Tier("building", "", (_person(8),)))
    laid = lay_board(replace(FULL, kind="compound", name="示例小区", lang="en", tiers=tiers), PAPERS["A4"])
    assert [text.text for text in _texts(laid) if text.colour == "#ffffff" and text.size < 3.0] == ["示例小区"]
    assert "Buildings" in [text.text for text in _texts(laid)]


def test_a_board_without_a_live_page_does_not_send_readers_there() -> None:
    said = [text.text for text in _texts(lay_board(replace(COMMUNITY, tiers=_grids(160), link=""), PAPERS["A4"]))]
    assert not any("扫码" in text for text in said)
    assert any("项未列出" in text for text in said)


def test_a_board_of_which_nothing_is_known_says_so_and_gives_its_page_to_the_plan() -> None:
    laid = _laid("bare", "A4")
    assert "暂无责任人" in [text.text for text in _texts(laid)]
    assert laid.plan is not None
    assert laid.plan.width == pytest.approx(PAPERS["A4"].inner)
    assert laid.plan.height > PAPERS["A4"].height / 2


def test_a_name_of_two_hundred_signs_stands_there_whole() -> None:
    laid = _laid("long-names", "A4")
    white = [text.text for text in _texts(laid) if text.colour == "#ffffff" and text.bold]
    assert clean(LONG).replace(" ", "") in "".join(white).replace(" ", "")


def test_lines_are_no_wider_than_their_room_and_lose_nothing() -> None:
    text = "每日巡查网格，登记住户（含场所）变动：上报、跟进 Full-time worker，“联系”独居老人" + "W" * 60
    lines = wrapped(text, 40.0, 3.0)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(text_width(line, 3.0) for line in lines) <= 40.0 + 3.0
    assert not [line for line in lines if line[0] in "，。：、）”"]


def test_one_title_of_two_hundred_signs_leaves_hotlines_beside_each_other() -> None:
    hotlines = (TextTold(LONG, phone="12345"), *FULL.hotlines)
    said = _texts(lay_board(replace(FULL, hotlines=hotlines), PAPERS["A4"]))
    first, second = (next(text for text in said if text.text == f"热线{number}") for number in (1, 2))
    assert first.y == second.y


def test_a_text_that_must_be_short_ends_with_dots() -> None:
    block = paragraph("介绍。" * 100, 30.0, 3.0, most=2)
    lines = [item.text for item in block.items if isinstance(item, Text)]
    assert len(lines) == 2
    assert lines[-1].endswith("…")


@pytest.mark.parametrize(
    "hostile",
    [
        "<img src=x onerror=alert(1)>",
        "${alert(1)}",
        "`${alert(1)}`",
        "</script></style></svg><script>alert(1)</script>",
        "\" onload=\"alert(1)' x='",
        "a\x0b\u202eb",
    ],
)
def test_names_are_written_and_never_become_elements(hostile: str) -> None:
    board = replace(BARE, name=hostile, tiers=(Tier("grid", hostile, (_person(1, hostile, hostile),)),), footer=hostile)
    laid = lay_board(board, PAPERS["A4"])
    read = ElementTree.fromstring(str(svg_of(laid.items, 210.0, 297.0)))
    assert {element.tag.rpartition("}")[2] for element in read.iter()} <= {"svg", "text", "rect", "path"}
    assert not [name for element in read.iter() for name in element.attrib if name.startswith("on")]
    said = "".join(element.text or "" for element in read.iter()).replace(" ", "")
    assert clean(hostile).replace(" ", "") in said
