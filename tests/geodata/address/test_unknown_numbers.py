"""What a text may mean of which the register lacks the number or the name: never another one as if it were this one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.address.candidates import Candidate, Found
from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex

Find = Callable[[str], Found]


@pytest.fixture(scope="module")
def find(tmp_path_factory: pytest.TempPathFactory) -> Find:
    """A road with a gap and an end, compounds with and without phases, two roads of one name in two streets."""
    texts = [
        *(f"示例市甲区山原路{number}号" for number in (2, 4, 6, 7, 9, 11, 14, 16, 18, 20)),
        *(f"示例市甲区山原路15号春溪里{building}号楼" for building in (1, 2, 3, 17)),
        *(f"示例市甲区云岭苑{building}号楼{unit}单元" for building in (1, 2, 3) for unit in (1, 2)),
        "示例市甲区云岭苑二期9号楼1单元",
        *(f"示例市甲区香樟中路{number}号" for number in (3, 5)),
        "示例市甲区竹溪花园4号楼",
        *(f"示例市甲区竹溪里{building}号楼" for building in (1, 2)),
        "示例市乙区柳荫路12号",
    ]
    entries = [
        Entry(f"A{place}", "address", text, 117 + place / 1000, 36.6, areas=("示例市", text[3:5]))
        for place, text in enumerate(texts)
    ]
    entries.append(Entry("S1", "street", "山原路", 117.5, 36.6))
    entries.append(Entry("P1", "place", "云岭苑", 117.02, 36.6, areas=("示例市", "甲区")))
    folder = tmp_path_factory.mktemp("register")
    compile_entries(entries, folder)
    return AddressIndex(folder).find


def first(found: Found) -> Candidate:
    return found.candidates[0]


def test_a_number_between_known_ones_of_its_side_lies_between_them(find: Find) -> None:
    candidate = first(find("山原路8号"))
    likeliest = sorted(zip(candidate.weights.tolist(), candidate.points[:, 0].tolist(), strict=True))[-1]

    assert not candidate.exact
    assert candidate.text == "示例市甲区山原路6号"
    assert likeliest[1] == pytest.approx(117.002)
    assert 0 < candidate.within_metres < 20


def test_the_farther_a_number_is_beyond_the_last_known_one_the_farther_away_it_may_lie(find: Find) -> None:
    near, far = first(find("山原路24号")), first(find("山原路60号"))

    assert 50 <= near.within_metres < far.within_metres
    assert near.weights.max() / near.score > far.weights.max() / far.score


def test_a_road_and_its_doors_are_one_candidate_where_the_number_is_not_known(find: Find) -> None:
    candidates = [one for one in find("山原路8号").candidates if one.parts.get("road") == "山原路" and not one.exact]

    assert len(candidates) == 1
    assert first(find("山原路8号")).parts == {"road": "山原路"}


def test_a_door_of_a_road_is_never_a_building_of_a_compound_there(find: Find) -> None:
    candidate = first(find("山原路17号"))

    assert "building" not in candidate.parts
    assert not candidate.exact


def test_a_compound_and_a_place_of_one_name_are_one_candidate(find: Find) -> None:
    (candidate, *others) = find("云岭苑").candidates

    assert candidate.score > 0.9
    assert not [one for one in others if "云岭苑" in one.label and one.score > 0.05]


def test_a_building_that_is_known_goes_before_its_neighbours_where_the_unit_is_not(find: Find) -> None:
    candidate = first(find("云岭苑2号楼7单元"))

    assert candidate.parts == {"compound": "云岭苑", "building": "2"}
    assert candidate.score > 0.95


def test_a_building_of_another_phase_is_not_surely_the_one_without_a_phase(find: Find) -> None:
    assert find("云岭苑9号楼1单元").candidates[0].score < 0.95


@pytest.mark.parametrize(
    "typed",
    [
        "香樟南路3号",
        "竹溪里4号楼",
        "贵州省遵义市红花岗区柳荫路12号",
        "甲区八宝山北路15号",
    ],
)
def test_a_name_that_the_register_lacks_is_not_surely_another_one(find: Find, typed: str) -> None:
    found = find(typed)

    assert max((one.score for one in found.candidates if one.exact), default=0.0) < 0.95


@pytest.mark.parametrize("typed", ["香樟中路3号", "香张中路3号", "竹溪花园4号楼", "竹西花园4号楼", "柳荫路12号"])
def test_a_name_that_it_has_is_sure_as_it_stands_or_as_it_sounds(find: Find, typed: str) -> None:
    assert first(find(typed)).score > 0.95


def test_labels_of_several_doors_say_what_they_share(find: Find) -> None:
    assert first(find("云岭苑1号楼")).label == "云岭苑1号楼"
    assert first(find("山原路8号")).label == "山原路"


def test_a_unit_of_a_building_stands_in_its_label(tmp_path: Path) -> None:
    compile_entries(
        [Entry("B1", "building", "文溪苑20号楼", 117.0, 36.6, {"compound": "文溪苑", "building": "20号楼"},
               units=("1单元", "2单元"))], tmp_path,
    )  # fmt: skip

    assert first(AddressIndex(tmp_path).find("文溪苑二十号楼一单元")).label == "文溪苑20号楼1单元"
