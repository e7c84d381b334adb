"""Checks of what is loaded, for the operator: tilings whole, people on duty everywhere, the snapshot fresh."""

import time
from collections.abc import Sequence

import geopandas as gpd

from geodata.following import SnapshotStore
from geodata.grid.validate import validate
from geodata.moment import Moment
from geodata.records import Finding
from geodata.selfcheck import Check, CheckContext, CheckResult

NAMED = 5
QUIET_SECONDS = 60.0
_FAULTS = ("overlap", "gap", "edge-mismatch", "invalid-ring")


def data_checks(store: SnapshotStore) -> tuple[Check, ...]:
    """Checks of the data that a store gives, for `geodata.selfcheck.run_checks`."""

    def check_snapshot(_: CheckContext) -> CheckResult:
        return snapshot_freshness(store)

    def check_tilings(_: CheckContext) -> CheckResult:
        return tilings(store.refresh().moment(time.time_ns() // 1000))

    def check_people(_: CheckContext) -> CheckResult:
        return people(store.refresh().moment(time.time_ns() // 1000))

    return check_snapshot, check_tilings, check_people


def snapshot_freshness(store: SnapshotStore) -> CheckResult:
    """Whether a server follows the database; says which version of the data is the newest."""
    silent = store.seconds_since_followed
    version = store.refresh().version
    if silent is not None and silent < QUIET_SECONDS:
        return CheckResult(
            "snapshot", "ok", f"version {version}, followed by a server", f"数据版本 {version}，服务已同步"
        )
    return CheckResult(
        "snapshot",
        "warning",
        f"version {version}; no server has followed this database for a minute",
        f"数据版本 {version}；一分钟内没有服务与此数据库同步",
        "start one with: gridmap serve",
        "请启动服务：gridmap serve",
    )


def tilings(moment: Moment) -> CheckResult:
    """Whether every layer that must tile its communities does, without gap or overlap."""
    faults: list[tuple[str, Finding]] = []
    checked = 0
    for layer in moment.layers:
        grids = moment.grids(layer.code)
        if layer.tiling == "full" and grids:
            checked += len(grids)
            faults += [(layer.code, finding) for finding in _tiling_faults(moment, layer.code)]
    if not faults:
        return CheckResult(
            "tilings", "ok", f"{checked} grids tile without gap or overlap", f"{checked} 个网格无缝无重叠"
        )
    layer_code, first = faults[0]
    return CheckResult(
        "tilings",
        "failed" if any(finding.severity == "error" for _, finding in faults) else "warning",
        f"{len(faults)} faults, first in layer {layer_code}: {first.message}",
        f"共 {len(faults)} 处问题，首处在“{layer_code}”：{first.message_zh}",
        "load the layer again with --repair, or redraw the place",
        "请用 --repair 重新导入该类型网格，或在该处重画边界",
    )


def _tiling_faults(moment: Moment, layer: str) -> Sequence[Finding]:
    grids = moment.grids(layer)
    community_codes = {grid.code: area.code for grid in grids if (area := moment.area_by_id(grid.community_id))}
    shapes = [(code, moment.area_geometry(code)) for code in sorted(set(community_codes.values()))]
    drawn = [(code, shape) for code, shape in shapes if shape is not None]
    frame = gpd.GeoDataFrame(
        {
            "code": [grid.code for grid in grids],
            "row": list(range(1, len(grids) + 1)),
            "community": [community_codes.get(grid.code) for grid in grids],
        },
        geometry=[moment.geometry(grid) for grid in grids],
        crs="EPSG:4326",
    )
    communities = gpd.GeoDataFrame(
        {"code": [code for code, _ in drawn]}, geometry=[shape for _, shape in drawn], crs="EPSG:4326"
    )
    return [finding for finding in validate(frame, communities, tiling="full") if finding.kind in _FAULTS]


def people(moment: Moment) -> CheckResult:
    """Whether every grid of the default layer has somebody of its own on duty."""
    layer = moment.default_layer.code
    grids = moment.grids(layer)
    without = [grid for grid in grids if not any(person.via == "grid" for person in moment.people(grid))]
    if not grids:
        hint, hint_zh = "gridmap load grids FILE --commit", "请导入网格：gridmap load grids FILE --commit"
        return CheckResult("people", "warning", "no grids are loaded", "尚未导入网格", hint, hint_zh)
    if not without:
        return CheckResult(
            "people", "ok", f"{len(grids)} grids have somebody on duty", f"{len(grids)} 个网格均有人在岗"
        )
    named = ", ".join(grid.code for grid in without[:NAMED]) + (" …" if len(without) > NAMED else "")
    return CheckResult(
        "people",
        "warning",
        f"{len(without)} of {len(grids)} grids {'has' if len(without) == 1 else 'have'} nobody of their own on duty: "
        f"{named}",
        f"{len(grids)} 个网格中有 {len(without)} 个没有自己的在岗人员：{named}",
        "load duties for them: gridmap load duties FILE --commit",
        "请为其导入职责：gridmap load duties FILE --commit",
    )
