"""Questions for a caller: short, about what tells places apart, and answerable by somebody who knows no grids."""

from typing import Any

from geodata.decision.ask import crossing_question, differing_question, side_question


def candidate(label: str, score: float = 0.5, **parts: str) -> dict[str, Any]:
    return {"label": label, "score": score, "parts": parts, "areas": [], "exact": True, "level": "road"}


def test_places_that_differ_in_kind_are_asked_about_by_what_they_are_called() -> None:
    question = differing_question(
        [
            candidate("示例区碧望街道景望路15号瑞源名邸", compound="瑞源名邸"),
            candidate("示例区碧望街道景望路", road="景望路"),
        ]
    )
    assert question["options"] == ["景望路15号瑞源名邸", "景望路"]
    assert question["message_zh"] == "请问是景望路15号瑞源名邸，还是景望路？"
    assert question["part"] == "address"


def test_two_roads_are_asked_about_as_roads() -> None:
    question = differing_question([candidate("甲路3号", road="甲路"), candidate("乙路3号", road="乙路")])
    assert question["message_zh"] == "请问道路是甲路，还是乙路？"


def test_what_hardly_matters_is_not_asked_about() -> None:
    places = [
        candidate("甲路", 0.9, road="甲路"),
        candidate("乙路", 0.5, road="乙路"),
        candidate("丙路", 0.01, road="丙路"),
    ]
    assert differing_question(places)["options"] == ["甲路", "乙路"]


def test_codes_of_grids_are_told_only_where_names_are_the_same() -> None:
    assert side_question([("一网格", "990101"), ("二网格", "990102")])["options"] == ["一网格", "二网格"]
    assert side_question([("一网格", "990101"), ("一网格", "990102")])["options"] == ["一网格 990101", "一网格 990102"]


def test_a_crossing_that_is_not_known_is_asked_about_by_what_is_nearby() -> None:
    assert crossing_question()["options"] == []
    assert crossing_question()["part"] == "landmark"
