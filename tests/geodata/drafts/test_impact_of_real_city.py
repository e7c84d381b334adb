"""Impacts on Taipei's 11,490 small areas in their villages: nobody is lost, and each step is told apart."""

import csv
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.drafts.balance import Band
from geodata.drafts.impact import impact, impact_of_step
from geodata.drafts.living import Counts, Living
from geodata.drafts.rules import findings_of_draft
from geodata.drafts.scene import Scene
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.drafts.walks import StraightTimes
from geodata.grid.edit import merge, split
from tests.drafted import homes_at

HOUSEHOLDS, PERSONS = 1_048_986, 2_689_272


def _whole(value: float) -> int | None:
    return None if np.isnan(value) else int(value)


def _city(folder: Path) -> DraftState:
    source = folder / "taipei" / "taipei.gpkg"
    villages, areas = (gpd.read_file(source, layer=name) for name in ("village", "small_area"))
    shapes = shapely.force_2d(areas.geometry.to_numpy())
    village = np.zeros(len(shapes), dtype=np.int64)
    at, of = shapely.STRtree(villages.geometry.to_numpy()).query(shapely.point_on_surface(shapes), "intersects")
    village[at] = of
    codes = villages["CPTVID"].astype(str).tolist()
    rows = zip(areas["CODEBASE"], areas["H_CNT"], areas["P_CNT"], strict=True)
    grids = [
        DraftGrid(f"g{at}", at, code, "", "urban", codes[village[at]], (f"g{at}",), (_whole(some), _whole(all_)))
        for at, (code, some, all_) in enumerate(rows)
    ]
    named = zip(codes, villages["PTVNAME"], villages.geometry, strict=True)
    communities = [DraftArea(at, code, name, "community", None, shape) for at, (code, name, shape) in enumerate(named)]
    return DraftState.of_base("general", 1, grids, communities, {f"g{at}": one for at, one in enumerate(shapes)})


def _stations(folder: Path) -> tuple[list[float], list[float]]:
    with (folder / "taipei" / "facilities.csv").open(encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    return [float(row["lon"]) for row in rows], [float(row["lat"]) for row in rows]


def _cut(state: DraftState, living: Living, key: str) -> tuple[DraftState, str]:
    """A grid cut from west to east; the part with most households keeps the key."""
    west, _, east, _ = state.shape(key).bounds
    middle = shapely.point_on_surface(state.shape(key)).y
    edit = split(state.tiling, key, shapely.LineString([(west - 1e-4, middle), (east + 1e-4, middle)]))
    most = int(np.argmax(living.households(edit.pieces)))
    names = [key if at == most else f"n{state.version + 1}.{at}" for at in range(len(edit.pieces))]
    grid = state.grids[key]
    new = {
        name: DraftGrid(name, None, f"{grid.code}-{name}", "", grid.kind, grid.community, grid.origins)
        for name in names
        if name != key
    }
    return state.changed(new, edit.placed(names).shapes, {}, state.version + 1), next(iter(new))


@pytest.mark.real_data
def test_cuts_and_merges_in_a_real_city_lose_nobody(shared_data: Path) -> None:
    base = _city(shared_data)
    stations = _stations(shared_data)
    living = Living.of(base, homes_at(), stations=stations, times=StraightTimes(stations))
    scene = Scene(living, bands={"urban": Band(60, 200, "", "")})
    largest = sorted(base.grids.values(), key=lambda grid: -(grid.stated[0] or 0))[:5]

    state, cut = base, []
    for grid in largest:
        before, (state, new) = state, _cut(state, living, grid.key)
        step = impact_of_step(before, state, scene)
        assert {(flow.source, flow.target) for flow in step.flows.grids} >= {(grid.code, state.grids[new].code)}
        assert step.changing_grid.households <= (grid.stated[0] or 0) / 2
        cut.append(new)
    key = largest[0].key
    edit = merge(state.tiling, [key, cut[0]], key)
    state = state.changed({cut[0]: None}, edit.shapes, {}, state.version + 1)

    _, values = living.values(state)
    assert values[:, :2].sum(axis=0).tolist() == [HOUSEHOLDS, PERSONS]
    found = impact(state, scene)
    changed = {(one.after or one.before).code for one in found.grids}  # type: ignore[union-attr]
    assert changed >= {grid.code for grid in largest[1:]}
    assert (found.balance_before.households, found.balance_after.households) == (HOUSEHOLDS, HOUSEHOLDS)
    assert found.changing_community == Counts()
    assert {finding.kind for finding in findings_of_draft(state, scene)} <= {
        "size-band", "crosses-community", "many-parts"
    }  # fmt: skip
