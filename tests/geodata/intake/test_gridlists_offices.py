"""Lists written the ways offices write them: every door comes back to its grid, and what was guessed is said."""

from collections import Counter

import pytest
import shapely

from geodata.grid.publish import grids_in_force
from geodata.intake.report import LoadOptions
from geodata.load import load, load_frame
from geodata.times import parse_time
from tests.listing import owners
from tests.offices import write_offices
from tests.samples import sample

BEGIN, LATER = parse_time("2023-01-01"), parse_time("2030-01-01")
# What each office's way of writing is said to mean, beside the doubts of the drawing.
SAID = [
    {"community-by-code": 1, "bounds-not-used": 2, "left-out-words": 2}
    | {"header-row": 1, "total-row": 1, "remark-row": 1},
    {"total-row": 1},
    {},
    {"header-row": 1, "bounds-not-used": 1},
    {"code-by-name": 1},
]  # fmt: skip
DRAWING = {"borders-drawn", "divided-block", "unlisted-ground", "edge-mismatch", "unlisted-doors", "many-parts"}


@pytest.fixture(scope="module")
def street():
    return sample("street")


@pytest.fixture
def loaded(connection, street):
    options = LoadOptions(crs="EPSG:4326", effective=BEGIN, commit=True)
    for kind in ("areas", "compounds", "buildings", "streets", "addresses"):
        load_frame(connection, kind, getattr(street, kind), options=options)
    load_frame(connection, "grids", street.grids["general"], options=options)
    return connection


def test_five_offices_lists_give_the_grids_that_they_describe_one_after_the_other(loaded, street, tmp_path):
    for path, said in zip(write_offices(street, tmp_path), SAID, strict=True):
        report = load(loaded, "gridlists", path, options=LoadOptions(effective=LATER))
        assert report.errors == (), path.name
        assert Counter(one.kind for one in report.findings if one.kind not in DRAWING) == said, path.name
        assert not [one for one in report.findings if one.kind == "unlisted-doors"], path.name
        assert len([one for one in report.findings if one.kind == "edge-mismatch"]) <= 1
        assert (report.plan.new, report.plan.ended) == ((), ())
        codes = set(report.plan.changed)
        with loaded.transaction(force_rollback=True):
            done = load(loaded, "gridlists", path, options=LoadOptions(effective=LATER, commit=True))
            assert done.committed
            built = _in_force(loaded)
        _assert_doors_stay(street, built, codes)


def _in_force(connection):
    layer_id = connection.execute("SELECT layer_id FROM layers WHERE code = 'general'").fetchone()[0]
    return {row["code"]: shapely.from_wkb(row["wkb"]) for row in grids_in_force(connection, layer_id, LATER)}


def _assert_doors_stay(street, built, codes):
    """Every door of the communities that were drawn lies in the grid in which it truly lies."""
    truth = street.grids["general"]
    points = shapely.points(street.addresses["lon"], street.addresses["lat"])
    true_codes = [truth["code"].iloc[at] if at >= 0 else None for at in owners(shapely.STRtree(truth.geometry), points)]
    order = sorted(built)
    now = owners(shapely.STRtree([built[code] for code in order]), points)
    wrong = [
        (true, order[at])
        for true, at in zip(true_codes, now, strict=True)
        if true in codes and (at < 0 or order[at] != true)
    ]
    assert wrong == []
