"""Whatever stands in the cells: a report, a refusal with reasons, or a clean commit."""

import contextlib

import geopandas as gpd
import pandas as pd
import psycopg
import shapely
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from geodata.errors import GeodataError
from geodata.intake.kinds import KINDS
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import parse_time

OPTIONS = LoadOptions(commit=True, effective=parse_time("2026-01-01"), actor="t")
EXAMPLES = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

PLAIN = {
    "code": st.sampled_from(["a", "b", "general", "z10"]),
    "name": st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1),
    "tiling": st.sampled_from(["full", "partial"]),
    "lon": st.floats(min_value=-180, max_value=180),
    "lat": st.floats(min_value=-90, max_value=90),
    "holder": st.just("W"),
    "role": st.just("r"),
    "kind": st.sampled_from(["urban", "holiday", "workday"]),
    "target_kind": st.just("area"),
    "target": st.just("S"),
    "from": st.dates(),
    "to": st.dates(),
    "households": st.integers(min_value=0, max_value=2**31 - 1),
    "position": st.integers(min_value=0, max_value=2**31 - 1),
    "phone": st.sampled_from(["138", 13800000000, 12345.0]),
    "services": st.text(),
    "worker": st.just("W"),
    "stand_in": st.none(),
    "station": st.just("T"),
    "compound": st.just("K"),
    "organisation": st.just("O"),
    "area": st.sampled_from(["S", None]),
    "layer": st.sampled_from(["general", None]),
    "per": st.sampled_from(["grid", "社区", None]),
    "least": st.integers(min_value=0, max_value=3),
    "most": st.integers(min_value=3, max_value=9),
    "most_per_person": st.integers(min_value=1, max_value=9),
    "slot": st.sampled_from(["hotline", "公告"]),
    "title": st.text(alphabet=st.characters(exclude_categories=["C", "Z"]), min_size=1),
    "day": st.dates(),
    "units": st.one_of(st.integers(min_value=0, max_value=200), st.sampled_from(["1-3单元", "甲、乙"])),
    "aliases": st.text(),
    "promised": st.sampled_from(["2小时", "3 days", 90, "5个工作日"]),
    "hours": st.sampled_from(["周一至周五 8:30-17:30", "24/7", "Mo-Su 20:00-06:00", None]),
    "address": st.text(),
}
WILD = st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.datetimes(), st.lists(st.text()))
SHAPES = st.one_of(
    st.none(),
    st.builds(shapely.Point, st.floats(), st.floats()),
    st.builds(
        lambda x, y, w, h: shapely.box(x, y, x + w, y + h),
        *[st.floats(min_value=-400, max_value=400)] * 2,
        *[st.floats(min_value=0, max_value=5)] * 2,
    ),
    st.lists(st.tuples(st.floats(-200, 200), st.floats(-100, 100)), min_size=3, max_size=6).map(shapely.Polygon),
    st.just(shapely.GeometryCollection()),
)


@st.composite
def frames(draw, kind):
    """Mostly what a kind expects; in every fourth column anything at all."""
    count = draw(st.integers(min_value=0, max_value=4))
    columns = {}
    for field in kind.fields:
        if field.name == "wkt" or (not field.required and draw(st.booleans())):
            continue
        wild = draw(st.sampled_from([False, False, False, True]))
        cells = WILD if wild else PLAIN.get(field.name, st.none())
        unique = field.name == "code" and not wild
        columns[field.name] = draw(st.lists(cells, min_size=count, max_size=count, unique=unique))
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()}, index=range(count))
    if kind.shape == "none" or (kind.name != "grids" and draw(st.booleans())):
        return frame
    return gpd.GeoDataFrame(frame, geometry=draw(st.lists(SHAPES, min_size=count, max_size=count)), crs="EPSG:4326")


@EXAMPLES
@given(data=st.data(), kind=st.sampled_from(sorted(KINDS)))
def test_no_cells_whatever_break_a_load(connection: psycopg.Connection, data, kind):
    frame = data.draw(frames(KINDS[kind]))
    with connection.transaction(force_rollback=True):
        for one, rows in (
            ("workers", {"code": ["W"], "name": ["甲"]}),
            ("roles", {"code": ["r"], "name": ["网格员"]}),
            ("areas", {"code": ["S"], "name": ["街道"]}),
            ("organisations", {"code": ["O"], "name": ["街道办"]}),
            ("stations", {"code": ["T"], "name": ["流动站"], "lon": [117.0], "lat": [36.5]}),
            ("compounds", {"code": ["K"], "name": ["小区"]}),
        ):
            load_frame(connection, one, pd.DataFrame(rows), options=OPTIONS)
        first = None
        with contextlib.suppress(GeodataError):
            first = load_frame(connection, kind, frame, options=OPTIONS)
        event(f"{kind} {'refused' if first is None else 'committed' if first.committed else 'nothing to write'}")
        if first is not None:
            assert first.errors == ()
            assert not load_frame(connection, kind, frame, options=OPTIONS).plan.changes_anything
