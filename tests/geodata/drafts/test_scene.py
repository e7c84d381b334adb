"""What drafts are judged by, read from PostGIS: people, stations, streets, barriers, gates and duties of one town."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import psycopg
import pytest
import shapely

from geodata.database import connect
from geodata.drafts.impact import impact
from geodata.drafts.scene import Scene, scene_of
from geodata.drafts.state import DraftState
from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.moment import Moment
from geodata.redraw import apply, create_draft, draft_state
from geodata.snapshot import compile_snapshot
from geodata.times import parse_time
from tests.conftest import COPIED
from tests.coverage_town import LAT, NOW, publish_homes, publish_streets, publish_town, walking
from tests.territory import box

WALL = shapely.LineString([(87.003, LAT - 0.02), (87.003, LAT + 0.02)])


@pytest.fixture(scope="module")
def published(
    cluster_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Moment]]:
    """A database with the town, and its moment; what tests do in it is rolled back."""
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE scene_town TEMPLATE {template_name} {COPIED}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", "/scene_town?")
    with connect(url) as connection:
        publish_town(connection)
        _add_wall_and_worker(connection)
        connection.commit()
        yield url, compile_snapshot(connection, tmp_path_factory.mktemp("scene")).moment(NOW)


def _add_wall_and_worker(connection: psycopg.Connection[Any]) -> None:
    options = LoadOptions(commit=True, effective=parse_time("2026-02-01"), actor="test")
    wall = gpd.GeoDataFrame({"code": ["Q1"], "name": ["样例墙"], "class": ["wall"]}, geometry=[WALL], crs="EPSG:4326")
    roles = pd.DataFrame({"code": ["worker"], "name": ["网格员"], "name_en": ["Grid worker"], "name_public": ["否"]})
    workers = pd.DataFrame({"code": ["W1"], "name": ["样例甲"], "phone": ["13800000001"]})
    duties = pd.DataFrame(
        {"holder": ["W1"], "role": ["worker"], "target_kind": ["grid"], "target": ["A1"], "from": ["2026-02-01"]}
    )
    layers = pd.DataFrame({"code": ["police"], "name": ["警务"], "name_en": ["Police"], "tiling": ["partial"]})
    for kind, frame in (
        ("barriers", wall), ("roles", roles), ("workers", workers), ("duties", duties), ("layers", layers)
    ):  # fmt: skip
        report = load_frame(connection, kind, frame, options=options)
        assert report.committed, report.findings
    beat = gpd.GeoDataFrame(
        {"code": ["P1"], "name": ["警务一"], "community": ["990101001"]},
        geometry=[shapely.from_wkt(box(1, 12))],
        crs="EPSG:4326",
    )
    report = load_frame(connection, "grids", beat, options=replace(options, layer="police"))
    assert report.committed, report.findings


@pytest.fixture
def town(published: tuple[str, Moment]) -> Iterator[psycopg.Connection[Any]]:
    with connect(published[0]) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def moment(published: tuple[str, Moment]) -> Moment:
    return published[1]


def _draft(connection: psycopg.Connection[Any]) -> tuple[int, DraftState]:
    draft = create_draft(connection, None, name="样例草案", actor="样例-甲").draft_id
    return draft, draft_state(connection, draft).first


def _split(connection: psycopg.Connection[Any], draft: int, scene: Scene) -> Any:
    south_to_north = [[87.0051, 30.0], [87.0051, 40.0]]
    operation = {"id": "1", "kind": "split", "grid": "A1", "line": south_to_north}
    return apply(connection, draft, operation, actor="样例-甲", scene=scene)


def test_without_a_register_the_stated_households_are_spread_and_walks_are_straight(
    town: psycopg.Connection[Any], moment: Moment
) -> None:
    _, base = _draft(town)
    scene = scene_of(town, base, moment)
    counts = scene.living.counts(base, base.grids)

    assert {base.grids[key].code: (one.households, one.estimated) for key, one in counts.items()} == {
        "A1": (100, 100),
        "A2": (120, 120),
        "B1": (80, 80),
    }
    assert sum(one.stations for one in counts.values()) == 4
    assert scene.surroundings.known == {"guides": 1, "barriers": 1}
    assert impact(base, scene).walk_basis == "straight"
    assert scene.once_known["A1"] == {base.by_code("A1").grid_id}


def test_with_register_and_streets_homes_count_and_walks_follow_the_streets(
    town: psycopg.Connection[Any], moment: Moment
) -> None:
    publish_homes(town)
    publish_streets(town)
    _, base = _draft(town)
    known, on_streets = scene_of(town, base, moment), scene_of(town, base, moment, walking(persons=25))

    key = base.codes["A1"]
    for scene in (known, on_streets):
        counts = scene.living.counts(base, [key])[key]
        assert (counts.households, counts.persons, counts.estimated) == (100, 250, 0)
    assert (impact(base, known).walk_basis, impact(base, on_streets).walk_basis) == ("straight", "network")
    assert known.surroundings.known["guides"] == 2
    straight, along = (scene.living.walks(base, [key]).walk.minutes for scene in (known, on_streets))
    assert straight is not None
    assert along is not None
    assert straight <= along + 0.01


def test_who_lives_where_is_counted_anew_only_where_it_changed(town: psycopg.Connection[Any], moment: Moment) -> None:
    _, base = _draft(town)
    first = scene_of(town, base, moment)
    again = scene_of(town, base, moment, before=first)
    publish_homes(town)
    after = scene_of(town, base, moment, before=again)
    on_streets = scene_of(town, base, moment, walking(persons=25), before=after)

    assert again is not first
    assert again.living is first.living
    assert after.living is not again.living
    assert sum(counts.addresses for counts in after.living.counts(base, base.grids).values()) == 30
    assert on_streets.living is not after.living
    assert scene_of(town, base, moment, walking(), before=on_streets).living is not on_streets.living


def test_a_step_of_a_draft_is_judged_by_the_scene(town: psycopg.Connection[Any], moment: Moment) -> None:
    publish_homes(town)
    draft, base = _draft(town)
    scene = scene_of(town, base, moment)
    done = _split(town, draft, scene)

    kinds = {finding.kind for finding in done.findings}
    assert {"size-band", "across-barrier"} <= kinds
    assert "nobody-on-duty" not in kinds
    assert done.impact is not None
    assert [flow.counts.households for flow in done.impact.flows.grids] == [50]
    assert done.impact.stations == ()
    told = {(one.held.holder, one.held.role): one for one in done.impact.duties}
    assert {(one.change, one.target_kind, one.source) for one in told.values()} == {("inherited", "grid", "A1")}
    assert told["W1", "worker"].held.holder_name == "样**"


def test_other_layers_are_told_of_where_a_community_loses_ground_or_ends(
    town: psycopg.Connection[Any], moment: Moment
) -> None:
    for operation, told in (
        ({"kind": "move-grids", "grids": ["A1"], "community": "990101002"}, "beyond the new border"),
        (
            {"kind": "merge-communities", "communities": ["990101001", "990101002"], "survivor": "990101002"},
            "which ends",
        ),
    ):
        draft, base = _draft(town)
        scene = scene_of(town, base, moment)
        done = apply(town, draft, {"id": "1", **operation}, actor="样例-甲", scene=scene)
        (found,) = (finding for finding in done.findings if finding.kind == "other-layer")
        assert (found.code, found.facts["layer"], found.facts["grids"]) == ("990101001", "police", ["P1"])
        assert "Police: P1" in found.message
        assert told in found.message
        assert "警务" in found.message_zh
