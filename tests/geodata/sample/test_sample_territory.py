"""Sizes, codes and tilings of the sample cities."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import shapely

from geodata.errors import InputError
from geodata.intake.kinds import KINDS
from geodata.sample import SampleCity, generate

ToMetres = Callable[[Any], Any]


@pytest.mark.parametrize(
    ("size", "grids", "communities", "stations", "workers"),
    [("street", 83, 6, 14, 152), ("district", 896, 80, 402, 1643), ("city", 10_000, None, 1776, 18_300)],
)
def test_each_size_has_exactly_the_promised_numbers(
    request: pytest.FixtureRequest, size: str, grids: int, communities: int | None, stations: int, workers: int
) -> None:
    found: SampleCity = request.getfixturevalue(size)
    assert len(found.grids["general"]) == grids
    assert communities is None or (found.areas["level"] == "community").sum() == communities
    assert len(found.stations) == stations
    assert len(found.workers) == workers


def test_an_unknown_size_is_refused_with_the_sizes_there_are() -> None:
    with pytest.raises(InputError, match="street, district and city"):
        generate("province")


def test_every_table_has_the_columns_that_its_load_expects(street: SampleCity) -> None:
    assert list(street.areas.columns) == ["code", "name", "level", "parent", "geometry"]
    assert list(street.layers.columns) == ["code", "name", "name_en", "tiling", "nested_in"]
    for table in street.grids.values():
        assert list(table.columns) == ["code", "name", "kind", "community", "households", "persons", "geometry"]
    assert list(street.roles.columns) == [
        "code", "name", "name_en", "duties", "duties_en", "name_public", "phone_public", "position"]  # fmt: skip
    assert list(street.workers.columns) == ["code", "name", "phone", "phone_public"]
    assert list(street.organisations.columns) == ["code", "name", "phone"]
    assert list(street.duties.columns) == [
        "holder", "role", "target_kind", "target", "layer", "assignment", "from", "to", "hours"]  # fmt: skip
    assert list(street.leave.columns) == ["worker", "from", "to", "reason", "stand_in"]
    assert list(street.calendar.columns) == ["day", "kind", "name"]
    assert list(street.stops.columns) == ["code", "station", "lon", "lat", "address", "from", "to", "hours"]
    assert list(street.places.columns) == ["code", "name", "aliases", "category", "lon", "lat"]
    for name in ("calendar", "leave", "duties", "stops", "places", "matters", "norms", "texts"):
        fields = {field.name for field in KINDS[name].fields}
        assert set(getattr(street, name).columns) <= fields, name
    assert list(street.stations.columns) == (
        ["code", "name", "category", "level", "parent", "address", "lon", "lat", "phone", "hours", "services"]
    )
    assert list(street.compounds.columns) == ["code", "name", "aliases", "geometry"]
    assert list(street.gates.columns) == ["compound", "lon", "lat"]
    assert list(street.buildings.columns) == [
        "code", "name", "compound", "units", "households", "lon", "lat", "geometry"]  # fmt: skip
    assert {"text", "lon", "lat", "households", "code"} <= set(street.addresses.columns)
    for name in ("areas", "streets", "rail", "water", "barriers", "compounds", "buildings"):
        assert getattr(street, name).crs == "EPSG:4326"


def test_full_layers_are_true_tilings_of_every_community(any_city: SampleCity, in_metres: ToMetres) -> None:
    areas = any_city.areas
    communities = areas[areas["level"] == "community"].set_index("code").geometry
    for layer in ("general", "service"):
        grids = any_city.grids[layer]
        assert shapely.coverage_is_valid(in_metres(grids.geometry.array), gap_width=0.5)
        for code, rows in grids.groupby("community"):
            union = shapely.coverage_union_all(rows.geometry.array)
            assert shapely.equals(shapely.normalize(union), shapely.normalize(communities[code]))


def test_areas_tile_the_area_above_them(any_city: SampleCity, in_metres: ToMetres) -> None:
    areas = any_city.areas
    for parent, rows in areas.dropna(subset="parent").groupby("parent"):
        above = areas.loc[areas["code"] == parent].geometry.array[0]
        assert shapely.coverage_is_valid(in_metres(rows.geometry.array), gap_width=0.5)
        assert shapely.equals(shapely.coverage_union_all(rows.geometry.array), above)


def test_all_areas_and_grids_are_one_valid_polygon(any_city: SampleCity) -> None:
    for table in (any_city.areas, *any_city.grids.values()):
        shapes = table.geometry.array
        assert shapely.is_valid(shapes).all()
        assert (shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON).all()


def test_dedicated_grids_do_not_overlap_and_lie_in_their_community(built_city: SampleCity, in_metres: ToMetres) -> None:
    dedicated = built_city.grids["dedicated"]
    shapes = in_metres(dedicated.geometry.array)
    assert len(dedicated) >= 4
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum())
    areas = built_city.areas.set_index("code").geometry
    assert shapely.covers(areas[dedicated["community"]].array, dedicated.geometry.array).all()


def test_general_and_service_layers_are_different_tilings(built_city: SampleCity) -> None:
    general, service = built_city.grids["general"], built_city.grids["service"]
    assert 0.25 * len(general) < len(service) < 0.6 * len(general)
    assert service["households"].sum() == general["households"].sum()
    assert service["persons"].sum() == general["persons"].sum()


def test_codes_are_text_that_no_real_area_has(any_city: SampleCity) -> None:
    assert any_city.areas["code"].str.fullmatch(r"99\d{10}").all()
    assert any_city.areas["code"].is_unique
    for table in any_city.grids.values():
        assert table["code"].is_unique
        assert table["code"].str.fullmatch(r"99\d{13}").all()
        assert (table["code"].str[:12] == table["community"]).all()
        assert table["community"].isin(any_city.areas["code"]).all()


def test_grids_are_numbered_from_one_and_from_the_north_west(street: SampleCity) -> None:
    for _, rows in street.grids["general"].groupby("community"):
        assert [int(code[-3:]) for code in rows["code"]] == list(range(1, len(rows) + 1))
        middles = shapely.get_coordinates(shapely.centroid(rows.geometry.array))
        number = np.arange(len(rows))
        # Reading order: later numbers lie further south, and in the first band further east.
        assert np.corrcoef(number, -middles[:, 1])[0, 1] > 0.8
        assert middles[1, 0] > middles[0, 0]


def test_names_of_areas_are_unique_within_their_level(any_city: SampleCity) -> None:
    assert not any_city.areas.duplicated(["level", "name"]).any()


def test_grids_in_town_have_three_to_five_hundred_households(built_city: SampleCity) -> None:
    grids = built_city.grids["general"]
    urban = grids.loc[grids["kind"] == "urban", "households"]
    assert urban.between(300, 500).mean() >= 0.9
    assert urban.between(100, 500).all()
    assert (grids["persons"] > 2 * grids["households"]).all()


def test_rural_grids_are_larger_and_have_fewer_households(district: SampleCity, in_metres: ToMetres) -> None:
    grids = district.grids["general"]
    rural = grids["kind"] == "rural"
    assert rural.sum() == 196
    assert grids.loc[rural, "households"].between(100, 300).mean() >= 0.9
    area = shapely.area(in_metres(grids.geometry.array))
    assert np.median(area[rural]) > 4 * np.median(area[~rural])
    towns = district.areas.loc[district.areas["level"] == "street", "name"]
    assert towns.str.endswith("镇").sum() == 4
    assert towns.str.endswith("街道").sum() == 8
