"""Whatever was loaded before: a load that is undone leaves every answer, at every instant, as it was before it."""

from collections.abc import Sequence
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import shapely
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from geodata.changes import undo_change
from geodata.errors import GeodataError
from geodata.intake.report import LoadOptions, LoadReport
from geodata.load import load_frame
from geodata.published import parts
from geodata.times import parse_time
from tests.support import draw

DAY = 86_400_000_000
START = parse_time("2026-01-01")
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
NAMES = st.sampled_from(["样例-甲", "样例-乙", "样例-丙"])
CODES = st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=3, unique=True)
DAYS = st.integers(0, 20)
DATES = st.integers(0, 60).map(lambda day: f"{pd.Timestamp('2026-01-01') + pd.Timedelta(days=day):%Y-%m-%d}")


@st.composite
def plain(pick: st.DrawFn, kind: str, **columns: st.SearchStrategy[Any]) -> tuple[str, pd.DataFrame]:
    """Records by code, with the columns that a clerk happens to give."""
    codes = pick(CODES)
    frame = {"code": codes} | {
        name: pick(st.lists(values, min_size=len(codes), max_size=len(codes))) for name, values in columns.items()
    }
    return kind, pd.DataFrame(frame)


@st.composite
def areas(pick: st.DrawFn) -> tuple[str, pd.DataFrame]:
    picture = pick(st.sampled_from(["AAB", "ABB", "ABC", "A.."]))
    drawn = draw(picture)
    drawn["name"] = pick(NAMES)
    return "areas", drawn[["code", "name", "geometry"]]


@st.composite
def duties(pick: st.DrawFn) -> tuple[str, pd.DataFrame]:
    rows = pick(
        st.lists(
            st.fixed_dictionaries(
                {
                    "holder": st.sampled_from(["1", "2", "3"]),
                    "role": st.sampled_from(["1", "2", "3"]),
                    "target_kind": st.just("area"),
                    "target": st.sampled_from("ABC"),
                    "assignment": st.sampled_from(["primary", "stand_in"]),
                    "hours": st.sampled_from(["", "Mo-Fr 08:30-17:30"]),
                },
                optional={"from": DATES, "to": DATES},
            ),
            min_size=1,
            max_size=3,
        )
    )
    return "duties", pd.DataFrame(rows).astype(object).where(lambda cell: cell.notna(), None)


@st.composite
def leave(pick: st.DrawFn) -> tuple[str, pd.DataFrame]:
    row = {"worker": pick(st.sampled_from(["1", "2", "3"])), "from": pick(DATES), "to": pick(DATES)}
    return "leave", pd.DataFrame([row | {"stand_in": pick(st.sampled_from([None, "1", "2"]))}])


@st.composite
def calendar(pick: st.DrawFn) -> tuple[str, pd.DataFrame]:
    days = pick(st.lists(DATES, min_size=1, max_size=3, unique=True))
    kinds = pick(st.lists(st.sampled_from(["holiday", "workday"]), min_size=len(days), max_size=len(days)))
    return "calendar", pd.DataFrame({"day": days, "kind": kinds})


@st.composite
def compounds(pick: st.DrawFn) -> tuple[str, gpd.GeoDataFrame]:
    drawn = draw(pick(st.sampled_from(["AAB", "ABB", "A.C"])))
    drawn["name"] = pick(NAMES)
    return "compounds", drawn[["code", "name", "geometry"]]


@st.composite
def buildings(pick: st.DrawFn) -> tuple[str, gpd.GeoDataFrame]:
    codes = pick(CODES)
    points = [shapely.Point(117.0001 + 0.0001 * pick(st.integers(0, 9)), 36.5001) for _ in codes]
    data = {"code": codes, "name": [pick(NAMES) for _ in codes], "compound": [pick(st.sampled_from("AB"))] * len(codes)}
    return "buildings", gpd.GeoDataFrame(data, geometry=points, crs="EPSG:4326")


@st.composite
def layers(pick: st.DrawFn) -> tuple[str, pd.DataFrame]:
    codes = pick(st.lists(st.sampled_from(["party", "police"]), min_size=1, max_size=2, unique=True))
    default = pick(st.sampled_from([None, *codes]))
    data = {"code": codes, "name": [pick(NAMES) for _ in codes], "tiling": ["partial"] * len(codes)}
    return "layers", pd.DataFrame(data | {"is_default": ["是" if code == default else "否" for code in codes]})


LOADS = st.one_of(
    plain("workers", name=NAMES, phone=st.sampled_from(["13800000001", "13800000002"])),
    plain("roles", name=NAMES),
    plain("organisations", name=NAMES),
    areas(),
    duties(),
    leave(),
    calendar(),
    compounds(),
    buildings(),
    layers(),
)
STEPS = st.lists(st.tuples(LOADS, DAYS, st.booleans()), min_size=1, max_size=7)
FOUNDATION: Sequence[tuple[str, pd.DataFrame]] = (
    ("workers", pd.DataFrame({"code": ["1", "2"], "name": ["样例-甲", "样例-乙"]})),
    ("roles", pd.DataFrame({"code": ["1", "2"], "name": ["网格长", "网格员"]})),
    ("areas", draw("AAB").drop(columns="row").assign(name="样例社区")),
)


def committed(connection: Connection[Any], kind: str, frame: pd.DataFrame, **options: Any) -> LoadReport | None:
    """The report of a load that was committed; None where its checks refused it, and nothing was written."""
    told = LoadOptions(commit=True, actor="样例-甲", **options)
    try:
        return load_frame(connection, kind, frame, options=told)
    except GeodataError:
        return None


def state(connection: Connection[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that answers are made from, with their periods and identities, past and planned ones too."""
    queries = parts._SQL
    kinds = [*parts.SOURCES, "area_geometries", "compound_outlines", "building_outlines"]
    everything = {"size": 1 << 40, "shards": [0]}
    return {
        kind: connection.execute(queries[kind], everything).fetchall()
        for kind in kinds
        if kind not in ("keys", "releases")
    }


@EXAMPLES
@given(steps=STEPS)
def test_undoing_loads_from_the_last_to_the_first_goes_back_through_every_state(
    connection: psycopg.Connection[Any], steps: list[tuple[tuple[str, pd.DataFrame], int, bool]]
) -> None:
    with connection.transaction(force_rollback=True):
        for kind, frame in FOUNDATION:
            assert committed(connection, kind, frame, effective=START) is not None
        done: list[tuple[int, dict[str, Any]]] = []
        for (kind, frame), day, retire in steps:
            before = state(connection)
            options = {"effective": START + day * DAY, "retire_missing": retire and kind != "layers"}
            report = committed(connection, kind, frame, **options)
            if report is not None and report.change_id is not None:
                done.append((report.change_id, before))
            else:
                assert state(connection) == before
        event(f"{len(done)} loads were committed")
        after = state(connection)
        undone = []
        for change_id, before in reversed(done):
            undone.append(undo_change(connection, change_id, "样例-乙").change_id)
            assert state(connection) == before
        for change_id in reversed(undone):
            undo_change(connection, change_id, "样例-乙")
        assert state(connection) == after


@EXAMPLES
@given(pictures=st.lists(st.text(alphabet="ABCD", min_size=4, max_size=4), min_size=2, max_size=5))
def test_undoing_releases_from_the_last_to_the_first_brings_every_tiling_back(
    connection: psycopg.Connection[Any], pictures: list[str]
) -> None:
    def tiling() -> list[tuple[Any, ...]]:
        return connection.execute(
            """SELECT code, name, kind, community_id, ST_AsBinary(geom) FROM grid_versions
            WHERE withdrawn_at IS NULL AND upper_inf(period) ORDER BY code"""
        ).fetchall()

    with connection.transaction(force_rollback=True):
        done = []
        for picture in pictures:
            before = tiling()
            report = committed(connection, "grids", draw(picture), retire_missing=True)
            assert report is not None
            if report.change_id is not None:
                done.append((report.change_id, before))
        after = tiling()
        undone = []
        for change_id, before in reversed(done):
            undone.append(undo_change(connection, change_id, "样例-乙").change_id)
            assert tiling() == before
        for change_id in reversed(undone):
            undo_change(connection, change_id, "样例-乙")
        assert tiling() == after
