"""Noise keeps the truth: whatever is typed still means the door that it was made from."""

from pathlib import Path

import numpy as np
import pytest

from tests.mainland import STYLES, Register, make_register
from tests.noise import KINDS, Noise
from tests.noise_numbers import spoken
from tests.noise_pieces import cut
from tests.noise_sounds import like, near_key, sound_key, syllables, usual_characters

DOORS = 3_000


@pytest.fixture(scope="module")
def register() -> Register:
    return make_register("mixed", doors=DOORS, seed=3)


@pytest.fixture(scope="module")
def noise(register: Register) -> Noise:
    return Noise(
        [door.text for door in register.doors],
        register.grid_of.tolist(),
        [door.areas for door in register.doors],
        [door.aliases for door in register.doors],
    )


def digits(text: str) -> str:
    return "".join(character for character in text if character.isascii() and character.isdigit())


def queries(noise: Noise, kind: str, seed: int = 1) -> list[tuple[int, str]]:
    rng = np.random.default_rng(seed)
    chosen = rng.integers(len(noise.said), size=150).tolist()
    made = [(position, noise.query(kind, position, rng)) for position in chosen]
    return [(position, query) for position, query in made if query is not None]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_fits_some_doors_and_is_the_same_for_the_same_seed(noise: Noise, kind: str) -> None:
    made = queries(noise, kind)
    assert made
    assert made == queries(noise, kind)


@pytest.mark.parametrize(
    "kind", ["slip wrong", "slip missing", "slip swapped", "homophone", "near sound", "alias", "slips"]
)
def test_noise_in_names_leaves_every_digit_of_the_number(noise: Noise, kind: str) -> None:
    for position, query in queries(noise, kind):
        assert digits(query) == digits(noise.said[position].text)


def test_no_slip_makes_a_name_that_the_register_knows_as_another(noise: Noise) -> None:
    names = set(noise.known.names)
    for kind in ("slip wrong", "slip missing", "slip swapped", "homophone", "near sound"):
        for position, query in queries(noise, kind):
            before = {piece.text for piece in noise.said[position].pieces if piece.role == "name"}
            after = {piece.text for piece in cut(query, noise.said[position].areas).pieces if piece.role == "name"}
            assert not (after - before) & names, (kind, query)


def test_what_remains_without_areas_means_one_grid_only(noise: Noise) -> None:
    for position, query in queries(noise, "upper missing"):
        rest = cut(query, noise.said[position].areas)
        kept = [piece.text for piece in rest.uppers]
        assert noise.known.decides(noise.said[position], kept)


def test_homophones_sound_the_same_and_near_sounds_near(noise: Noise) -> None:
    for kind, key in (("homophone", sound_key), ("near sound", near_key)):
        for position, query in queries(noise, kind):
            before = [piece.text for piece in noise.said[position].pieces if piece.role == "name"]
            after = [piece.text for piece in cut(query, noise.said[position].areas).pieces if piece.role == "name"]
            assert [key(name) for name in before] == [key(name) for name in after], query
            assert before != after


def test_numbers_are_said_in_each_usual_way() -> None:
    rng = np.random.default_rng(2)
    assert {spoken("125", rng) for _ in range(200)} == {"一百二十五", "一二五", "幺二五"}
    assert {spoken("301", rng, room=True) for _ in range(200)} == {"三零一", "三〇一", "三零幺", "三〇幺"}
    assert {spoken("23", rng) for _ in range(200)} == {"二十三", "廿三"}
    assert [spoken(number, rng) for number in ("10", "15", "07")] == ["十", "十五", "零七"]
    assert spoken("1005", np.random.default_rng(0)) in {"一千零五", "一零零五", "幺零零五", "一〇〇五", "幺〇〇五"}


def test_an_address_is_cut_into_areas_names_and_numbers() -> None:
    said = cut("山东省青岛市市南区香港中路街道香港东路12号甲阳光花园3号楼2单元")
    assert [(piece.role, piece.text) for piece in said.pieces] == [
        ("upper", "山东省"), ("upper", "青岛市"), ("upper", "市南区"), ("upper", "香港中路街道"), ("name", "香港东路"),
        ("number", "12"), ("unit", "号"), ("name", "甲阳光花园"), ("number", "3"), ("unit", "号楼"), ("number", "2"),
        ("unit", "单元"),
    ]  # fmt: skip
    assert cut("臺北市大安區光復南路116巷1號5樓").text == "臺北市大安區光復南路116巷1號5樓"


def test_sounds_that_the_hotline_mistakes_are_near() -> None:
    assert "lan" in like("nan")
    assert {"zong", "zhong"} <= like("zong") | like("zhong")
    assert "hu" in like("fu")
    assert near_key("槐荫") == near_key("华银")
    assert syllables("长春路A座") == ("chang", "chun", "lu", "A", "zuo")
    assert len(usual_characters()) == 3_755


def test_an_address_that_two_doors_share_is_a_twin_and_no_query_of_another_kind_is_made_of_it() -> None:
    texts = ["甲区中山路12号", "乙区中山路12号", "乙区和平路3号"]
    noise = Noise(texts, [0, 1, 1], [("甲区",), ("乙区",), ("乙区",)])
    rng = np.random.default_rng(1)
    assert noise.twins() == [0, 1]
    assert noise.twin_query(0) == "中山路12号"
    assert noise.query("upper missing", 0, rng) is None
    assert noise.query("upper missing", 2, rng) == "和平路3号"


@pytest.mark.parametrize("style", STYLES)
def test_registers_of_each_style_are_seeded_and_each_door_lies_in_its_grid(style: str) -> None:
    made = make_register(style, doors=1_500, seed=9)
    again = make_register(style, doors=1_500, seed=9)
    assert made.doors == again.doors
    assert len({door.text for door in made.doors}) == len(made.doors) > 1_000
    assert np.bincount(made.grid_of).max() <= 500
    for door, grid in zip(made.doors, made.grid_of.tolist(), strict=True):
        west, south, east, north = made.grids[grid].bounds
        assert west <= door.lon <= east
        assert south <= door.lat <= north


def test_registers_hold_near_twins_on_purpose() -> None:
    made = make_register("jinan", doors=8_000, seed=1)
    names = {door.parts.get("compound", "") for door in made.doors} | {
        door.parts.get("road", "") for door in made.doors
    }
    assert {"阳光花园", "阳光花苑", "阳光花园二期"} <= names
    assert any(name[:-1] + "街" in names for name in names if name.endswith("路"))


@pytest.mark.real_data
def test_real_names_of_streets_and_communities_are_used_where_the_open_data_is(shared_data: Path) -> None:
    made = make_register("beijing", doors=2_000, data=shared_data)
    assert "建外街道" in {area for door in made.doors for area in door.areas}
