"""How a place lies to the named one is told apart from the name."""

from typing import Any

import pytest

from geodata.address.normalize import normalize
from geodata.address.relations import DIRECTIONS, SIDES, find_relations, relation_of


@pytest.mark.parametrize(("side", "word"), [(side, word) for side, words in SIDES.items() for word in words])
def test_each_word_tells_its_side_behind_an_address(side: str, word: str) -> None:
    normal = normalize(f"银座{word}")
    assert normal.text == "银座"
    assert [(item.kind, item.text, item.facts) for item in normal.aside] == [("relation", word, {"side": side})]


@pytest.mark.parametrize(("word", "side"), DIRECTIONS.items())
@pytest.mark.parametrize("form", ["{}侧", "{}边", "{}面", "以{}", "往{}", "{}方向"])
def test_each_direction_is_told_in_each_form(word: str, side: str, form: str) -> None:
    normal = normalize(f"文化路44号{form.format(word)}")
    assert normal.text == "文化路44号"
    assert [item.facts for item in normal.aside] == [{"side": side}]


@pytest.mark.parametrize(
    ("typed", "text", "facts"),
    [
        ("文化路44号往东50米", "文化路44号", {"side": "east", "metres": 50.0}),
        ("文化路44号东50米处", "文化路44号", {"side": "east", "metres": 50.0}),
        ("文化路44号以西约200米", "文化路44号", {"side": "west", "metres": 200.0}),
        ("文化路44号往北走大概两百米", "文化路44号", {"side": "north", "metres": 200.0}),
        ("文化路44号北侧30m", "文化路44号", {"side": "north", "metres": 30.0}),
        ("文化路44号前行100米", "文化路44号", {"side": "", "metres": 100.0}),
        ("文化路44号往前80米左右", "文化路44号", {"side": "front", "metres": 80.0}),
        ("文化路44号东北1.5公里", "文化路44号", {"side": "northeast", "metres": 1500.0}),
        ("文化路44号50米", "文化路44号", {"side": "", "metres": 50.0}),
        ("文化路与历山路交叉口东北角", "文化路与历山路交叉口", {"side": "northeast"}),
        ("文化路和历山路交叉口南角400m", "文化路和历山路交叉口", {"side": "south", "metres": 400.0}),
        ("银座小区北门口", "银座小区", {"side": "gate", "direction": "north"}),
        ("靠近银座大厦", "银座大厦", {"side": "near"}),
        ("距离文化路44号", "文化路44号", {"side": "near"}),
        ("银座对面很吵", "银座 很吵", {"side": "opposite"}),
        ("银座的对面", "银座", {"side": "opposite"}),
        ("银座小区的院子里", "银座小区", {"side": "inside"}),
        ("银座门口的车", "银座 的车", {"side": "gate"}),
        ("银座对面路边", "银座 路边", {"side": "opposite"}),
        ("银座东侧的小路", "银座 的小路", {"side": "east"}),
    ],
)
def test_distances_and_places_are_told(typed: str, text: str, facts: dict[str, Any]) -> None:
    normal = normalize(typed)
    assert (normal.text, [item.facts for item in normal.aside]) == (text, [facts])


@pytest.mark.parametrize(
    "name",
    [
        "东侧路12号",
        "对面村",
        "西门口地铁站",
        "西门口",
        "石门口",
        "永定门外",
        "试院里",
        "楼下村",
        "后面街",
        "山东面馆",
        "济南边防支队",
        "西边城",
        "东方路",
        "东角头村",
        "三米厂",
        "100米线店",
        "8km coffee",
        "五米街",
        "中间村",
        "路口",
        "历山路口",
        "南北街",
        "东北路",
        "以东村",
        "边上村",
        "下面村",
        "门口塘",
        "北门",
        "山东大学南门",
        "旁海镇",
        "里面店",
        "一带一路大厦",
        "千米山路",
        "米兰路",
        "前面屯",
        "古田县楼下",
        "12m",
        "国门口",
        "东海岸",
        "内部路",
    ],
)
def test_names_that_hold_such_words_are_left(name: str) -> None:
    assert list(find_relations(name)) == []
    assert normalize(name).aside == ()


@pytest.mark.parametrize(
    ("inside", "facts"),
    [
        ("近银座大厦", {"side": "near"}),
        ("银座旁边", {"side": "beside"}),
        ("距银座50米", {"side": "", "metres": 50.0}),
        ("老小区", {}),
    ],
)
def test_a_hint_in_brackets_tells_its_relation(inside: str, facts: dict[str, Any]) -> None:
    assert relation_of(inside) == facts
