"""A dispatcher pins a text to what it means; the next caller is found."""

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely

from geodata.access import list_audit
from geodata.address.store import RegisterStore
from geodata.changes import list_changes, undo_change
from geodata.database import connect
from geodata.errors import CoordinateError, InputError, NotKnownError
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.pinning import list_pins, one_pin, pin_address, withdraw_pin
from tests.territory import committed

Opened = psycopg.Connection[Any]
COMMIT = LoadOptions(commit=True)


@pytest.fixture
def url(database_url: str) -> str:
    committed(database_url)
    with connect(database_url) as connection:
        load_frame(
            connection,
            "addresses",
            pd.DataFrame({"code": ["A1"], "text": ["甲街道解放路12号"], "lon": [87.004], "lat": [36.655]}),
            options=COMMIT,
        )
        load_frame(connection, "places", pd.DataFrame(
            {"code": ["P1", "P2"], "name": ["红星电影院", "红星电影院"], "lon": [87.004, 87.025],
             "lat": [36.655, 36.655]}), options=COMMIT)  # fmt: skip
    return database_url


@pytest.fixture
def opened(url: str) -> Any:
    with connect(url) as connection:
        yield connection


def _first(url: str, folder: Path, text: str) -> tuple[str, str, list[str]]:
    found = RegisterStore(folder, url).refresh().find(text)
    assert found.weights.sum() + found.nothing + found.area_weight == pytest.approx(1)
    first = found.candidates[0]
    return first.kind, first.code, [reason.code for reason in first.reasons]


def _willows(opened: Opened) -> None:
    """Load a compound with two buildings."""
    shape = [shapely.box(87.01, 36.654, 87.014, 36.656)]
    compound = gpd.GeoDataFrame({"code": ["C1"], "name": ["柳园小区"]}, geometry=shape, crs="EPSG:4326")
    load_frame(opened, "compounds", compound, options=COMMIT)
    load_frame(opened, "buildings", pd.DataFrame(
        {"code": ["B3", "B5"], "name": ["3号楼", "5号楼"], "compound": ["C1", "C1"], "lon": [87.011, 87.013],
         "lat": [36.655, 36.655]}), options=COMMIT)  # fmt: skip
    opened.commit()


def test_a_text_that_was_pinned_to_a_door_is_found_as_it_was_said(url: str, opened: Opened, tmp_path: Path) -> None:
    pin = pin_address(opened, "老纺织厂 大门", "值班员", kind="address", code="A1")
    opened.commit()
    assert (pin.label, pin.text, pin.recorded_by) == ("甲街道解放路12号", "老纺织厂大门", "值班员")
    assert _first(url, tmp_path, "老纺织厂大门") == ("address", "A1", ["pinned"])


def test_a_pause_within_what_was_pinned_makes_no_difference(url: str, opened: Opened, tmp_path: Path) -> None:
    pin_address(opened, "大槐树底下老王家门口那个坡", "值班员", kind="address", code="A1")
    opened.commit()
    assert _first(url, tmp_path, "大槐树底下 老王家门口，那个坡") == ("address", "A1", ["pinned"])


def test_what_is_nearly_said_as_it_was_pinned_is_found_by_its_name(url: str, opened: Opened, tmp_path: Path) -> None:
    pin_address(opened, "老纺织厂大门", "值班员", kind="address", code="A1")
    opened.commit()
    kind, code, reasons = _first(url, tmp_path, "甲街道老纺织场大门")
    assert (kind, code) == ("address", "A1")
    assert reasons != ["pinned"]


def test_of_two_places_of_one_name_the_pinned_one_is_meant(url: str, opened: Opened, tmp_path: Path) -> None:
    pin_address(opened, "红星电影院", "值班员", kind="place", code="P2")
    opened.commit()
    assert _first(url, tmp_path, "红星电影院")[:2] == ("place", "P2")
    found = RegisterStore(tmp_path, url).refresh().find("红星电影院").candidates
    assert found[0].score > 0.95
    assert found[0].points.tolist() == [[87.025, 36.655]]


def test_numbers_behind_what_a_compound_was_pinned_as_are_its_numbers(url: str, opened: Opened, tmp_path: Path) -> None:
    _willows(opened)
    pin_address(opened, "纺织厂宿舍", "值班员", kind="compound", code="C1")
    opened.commit()
    assert _first(url, tmp_path, "纺织厂宿舍5号楼") == ("building", "B5", ["name-alias", "number-same"])
    assert _first(url, tmp_path, "纺织厂宿舍") == ("compound", "C1", ["pinned"])


def test_a_text_can_be_pinned_to_a_point(url: str, opened: Opened, tmp_path: Path) -> None:
    pin = pin_address(opened, "河边那个大烟囱", "值班员", label="北厂烟囱", lon=87.01, lat=36.656)
    opened.commit()
    assert (pin.kind, pin.code, pin.lon, pin.lat) == (None, None, 87.01, 36.656)
    assert _first(url, tmp_path, "河边那个大烟囱") == ("pin", str(pin.pin_id), ["pinned"])


def test_a_text_means_what_it_was_pinned_to_last(opened: Opened) -> None:
    first = pin_address(opened, "红房子", "甲", kind="place", code="P1")
    second = pin_address(opened, "红房子", "乙", kind="place", code="P2")
    assert [pin.pin_id for pin in list_pins(opened, text="红 房子")] == [second.pin_id]
    with pytest.raises(NotKnownError):
        one_pin(opened, first.pin_id)


def test_a_withdrawn_pin_holds_no_more(url: str, opened: Opened, tmp_path: Path) -> None:
    pin = pin_address(opened, "红房子", "甲", kind="place", code="P1")
    opened.commit()
    assert _first(url, tmp_path, "红房子")[:2] == ("place", "P1")
    withdraw_pin(opened, pin.pin_id, "乙")
    opened.commit()
    assert not RegisterStore(tmp_path, url).refresh().find("红房子").candidates
    with pytest.raises(NotKnownError):
        withdraw_pin(opened, pin.pin_id, "乙")


def test_a_pin_to_what_is_no_more_is_no_longer_found(url: str, opened: Opened, tmp_path: Path) -> None:
    pin_address(opened, "老纺织厂大门", "值班员", kind="address", code="A1")
    opened.execute("UPDATE addresses SET withdrawn_at = now()")
    opened.commit()
    assert not RegisterStore(tmp_path, url).refresh().find("老纺织厂大门").candidates


def test_pinning_and_withdrawing_are_undone(opened: Opened) -> None:
    pin = pin_address(opened, "红房子", "甲", kind="place", code="P1")
    replaced = pin_address(opened, "红房子", "乙", kind="place", code="P2")
    change = list_changes(opened)[0]
    assert (change.target, change.actor) == ("address_aliases", "乙")
    undo_change(opened, change.change_id, "丙")
    assert [one.pin_id for one in list_pins(opened)] == [pin.pin_id]
    withdraw_pin(opened, pin.pin_id, "乙")
    assert list_pins(opened) == []
    undo_change(opened, list_changes(opened)[0].change_id, "丙")
    assert [one.pin_id for one in list_pins(opened)] == [pin.pin_id] != [replaced.pin_id]


def test_the_audit_says_who_pinned_and_never_what_was_said(opened: Opened) -> None:
    pin = pin_address(opened, "红房子", "甲", kind="place", code="P1")
    withdraw_pin(opened, pin.pin_id, "乙")
    audit = [entry for entry in list_audit(opened) if entry.action.startswith("address.")]
    assert [(entry.actor, entry.action, entry.target) for entry in audit] == [
        ("乙", "address.unpin", str(pin.pin_id)),
        ("甲", "address.pin", str(pin.pin_id)),
    ]
    assert "红房子" not in repr(audit) + repr(list_changes(opened))


def test_pins_are_listed_the_newest_first_page_by_page(opened: Opened) -> None:
    made = [pin_address(opened, f"第{name}个说法", "甲", kind="place", code="P1").pin_id for name in "甲乙丙"]
    assert [pin.pin_id for pin in list_pins(opened, limit=2)] == made[:0:-1]
    assert [pin.pin_id for pin in list_pins(opened, before=made[1])] == made[:1]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("王女士 13800001111 老槐树", "老槐树"),
        ("老槐树（王阿姨）", "老槐树"),
        ("老槐树下，我叫王样例，身份证110101199001010000", "老槐树下"),
        ("联系人:王样例 老槐树 0531-88880000", "老槐树"),
        ("老槐树\u202e\u200b\x07\n下", "老槐树 下"),
        ("老百货（三楼）", "老百货（三楼）"),
    ],
)
def test_who_called_is_not_kept_with_what_was_said(
    url: str, opened: Opened, tmp_path: Path, typed: str, kept: str
) -> None:
    pin = pin_address(opened, typed, "甲", label=f"{typed}旁", lon=87.004, lat=36.655)
    assert pin.typed == kept
    assert not any(word in str(pin) for word in ("王", "1380000", "110101", "8888", "\u202e", "\u200b"))
    opened.commit()
    assert _first(url, tmp_path, typed)[0] == "pin"


@pytest.mark.parametrize("label", ["", " ", "王大爷家", "13800001111", "\u202e\u200b", "长" * 201])
def test_a_point_is_called_by_what_it_is_not_by_who_lives_there(opened: Opened, label: str) -> None:
    with pytest.raises(InputError, match="not who lives there"):
        pin_address(opened, "老槐树", "甲", label=label, lon=87.004, lat=36.655)


@pytest.mark.parametrize("said", ["新纺织厂宿舍5号楼", "红纺织厂宿舍5号楼", "纺织厂宿舍花园5号楼"])
def test_a_compound_is_not_meant_by_a_longer_name_that_has_its_pin_inside(
    url: str, opened: Opened, tmp_path: Path, said: str
) -> None:
    _willows(opened)
    pin_address(opened, "纺织厂宿舍", "值班员", kind="compound", code="C1")
    opened.commit()
    assert _first(url, tmp_path, said)[2] != ["name-alias", "number-same"]
    for whole in ("甲街道纺织厂宿舍5号楼", "老纺织厂宿舍5号楼", "纺织厂宿舍5号楼"):
        assert _first(url, tmp_path, whole) == ("building", "B5", ["name-alias", "number-same"])


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "\x00\x1b",
        "12",
        "一",
        "长" * 201,
        "13800001111",
        "小区",
        "小区3号楼",
        "3号楼2单元",
        "花园",
        "大街",
        "十字路口",
    ],
)
def test_a_text_that_says_nothing_is_not_pinned(opened: Opened, typed: str) -> None:
    with pytest.raises(InputError):
        pin_address(opened, typed, "甲", kind="place", code="P1")


@pytest.mark.parametrize(
    "target",
    [
        {},
        {"kind": "place"},
        {"code": "P1"},
        {"kind": "grid", "code": "A1"},
        {"kind": "place", "code": "P1", "lon": 87.0, "lat": 36.0, "label": "两样"},
        {"lon": 87.0, "label": "一半"},
        {"lon": 87.0, "lat": 36.0},
        {"lon": 87.0, "lat": 36.0, "label": "长" * 201},
    ],
)
def test_a_pin_needs_one_target(opened: Opened, target: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        pin_address(opened, "红房子", "甲", **target)
    assert list_pins(opened) == []


def test_a_pin_to_nothing_known_or_no_place_on_earth_is_refused(opened: Opened) -> None:
    with pytest.raises(NotKnownError):
        pin_address(opened, "红房子", "甲", kind="place", code="P9")
    with pytest.raises(CoordinateError):
        pin_address(opened, "红房子", "甲", label="天上", lon=187.0, lat=36.0)
