"""Operations on real ground: 11,490 small areas, 456 villages with faults, and bad polygons drawn as lassos."""

from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pyogrio
import pytest
import shapely

from geodata.errors import CoordinateError, EditRefusedError
from geodata.grid.edit import Edit, Tiling, hand_over
from tests.random_edits import OPERATIONS
from tests.rings import ring_sets, scaled, shapes_of

pytestmark = pytest.mark.real_data


def _layer(shared_data: Path, layer: str) -> Tiling:
    _, _, shapes, _ = pyogrio.raw.read(shared_data / "taipei" / "taipei.gpkg", layer=layer, columns=[])
    read = shapely.make_valid(shapely.force_2d(shapely.from_wkb(shapes)), method="structure", keep_collapsed=False)
    return Tiling.of({f"g{number}": shape for number, shape in enumerate(read)})


def _after(before: Tiling, edit: Edit) -> Tiling:
    return before.changed(edit.placed([f"n{number}" for number in range(len(edit.pieces))]).shapes)


def _around(tiling: Tiling, edit: Edit, before: Tiling) -> np.ndarray:
    """Everything where something changed."""
    changed = [before.shape(key) for key in edit.shapes if key in before]
    west, south, east, north = shapely.total_bounds(changed).tolist()
    return tiling.within((west - 1e-5, south - 1e-5, east + 1e-5, north + 1e-5))[1]


def _tried(tiling: Tiling, name: str, key: str, chance: Random) -> tuple[Edit | None, str]:
    try:
        return OPERATIONS[name](tiling, key, chance), ""
    except EditRefusedError as refusal:
        return None, refusal.reason


def test_every_operation_keeps_a_real_city_matched_edge_by_edge(shared_data: Path) -> None:
    tiling, chance = _layer(shared_data, "small_area"), Random(7)
    keys, done = sorted(tiling.keys()), dict.fromkeys(OPERATIONS, 0)
    for number in range(80):
        name, key = sorted(OPERATIONS)[number % len(OPERATIONS)], chance.choice(keys)
        edit, reason = _tried(tiling, name, key, chance) if key in tiling else (None, "on-rim")
        if edit is None:
            assert reason in {"on-rim", "junction", "crosses-itself", "no-crossing", "sliver", "outside"}
            continue
        done[name] += 1
        after = _after(tiling, edit)
        old, new = _around(tiling, edit, tiling), _around(after, edit, tiling)
        assert shapely.is_valid(new).all()
        assert shapely.coverage_is_valid(new)
        assert shapely.area(old).sum() == pytest.approx(shapely.area(new).sum(), rel=1e-12)
        tiling = after
    assert min(done.values()) >= 3


def test_a_layer_with_faults_gets_no_new_ones(shared_data: Path) -> None:
    villages, chance, done = _layer(shared_data, "village"), Random(3), 0
    for number in range(18):
        key = f"g{chance.randrange(456)}"
        edit, reason = _tried(villages, sorted(OPERATIONS)[number % len(OPERATIONS)], key, chance)
        if edit is None:
            assert reason in {"on-rim", "not-matched", "junction", "crosses-itself", "not-on-border"}
            continue
        done += 1
        assert shapely.is_valid(_around(_after(villages, edit), edit, villages)).all()
    assert done >= 7


def test_bad_polygons_are_lassos_that_are_refused_with_a_place_or_that_keep_the_tiling(shared_data: Path) -> None:
    folder = shared_data / "polygons"
    drawn = [scaled(ring) for ring in ring_sets(folder / "earcut")]
    drawn += [scaled(shape) for shape, _ in islice(shapes_of(folder / "geos"), 0, None, 20)]
    drawn = [ground for ground in drawn if ground is not None]
    corners = np.stack(np.meshgrid(np.arange(3), np.arange(3)), axis=-1).reshape(-1, 2) * 0.05 + (117, 36.5)
    boxes = [shapely.box(x - 0.001, y - 0.001, x + 0.049, y + 0.049) for x, y in corners.tolist()]
    tiling = Tiling.of({f"g{number}": box for number, box in enumerate(_noded(boxes))})
    reasons, done = set(), 0
    for ground in drawn:
        edit, reason = _handed(tiling, ground)
        reasons.add(reason)
        if edit is None:
            continue
        done += 1
        after = _after(tiling, edit)
        shapes = [after.shape(key) for key in sorted(after.keys())]
        assert shapely.is_valid(shapes).all()
        assert shapely.coverage_is_valid(shapes)
        assert shapely.area(shapes).sum() == pytest.approx(shapely.area(boxes).sum(), rel=1e-9)
    assert done >= 15
    assert reasons <= {
        "",
        "not-on-earth",
        "crosses-itself",
        "not-an-area",
        "too-many-points",
        "sliver",
        "outside",
        "nothing-to-hand-over",
    }
    assert {"crosses-itself", "not-an-area"} <= reasons


def _handed(tiling: Tiling, ground: shapely.Geometry) -> tuple[Edit | None, str]:
    try:
        return hand_over(tiling, ground, "g4", allow_parts=True), ""
    except EditRefusedError as refusal:
        return None, refusal.reason
    except CoordinateError:
        return None, "not-on-earth"


def _noded(boxes: list[shapely.Geometry]) -> np.ndarray:
    """Boxes side by side with the very same corners."""
    return shapely.set_precision(np.array(boxes, dtype=object), 1e-6)
