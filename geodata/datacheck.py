"""Checks of what is loaded, for the operator: tilings whole, somebody for every grid, no holes, the snapshot fresh."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
from psycopg import Connection

from geodata.grid.validate import validate
from geodata.moment import Moment
from geodata.queries import named_queries
from geodata.records import Finding
from geodata.selfcheck import Check, CheckContext, CheckResult
from geodata.snapshot_store import SnapshotStore
from geodata.staffing import unmet_norms, week
from geodata.times import instant

NAMED = 5
QUIET_SECONDS = 60.0
AHEAD_DAYS = 14
_DAY = 24 * 3600 * 1_000_000
_SQL = named_queries(__file__)
_FAULTS = ("overlap", "gap", "edge-mismatch", "invalid-ring")


def data_checks(store: SnapshotStore) -> tuple[Check, ...]:
    """Checks of the data that a store gives, for `geodata.selfcheck.run_checks`."""

    def check_snapshot(_: CheckContext) -> CheckResult:
        return snapshot_freshness(store)

    def check_tilings(_: CheckContext) -> CheckResult:
        return tilings(store.refresh().moment(time.time_ns() // 1000))

    def check_people(_: CheckContext) -> CheckResult:
        return people(store.refresh().moment(time.time_ns() // 1000))

    def check_roster(_: CheckContext) -> CheckResult:
        begins, snapshot = time.time_ns() // 1000, store.refresh()
        ends = begins + AHEAD_DAYS * _DAY
        return roster(snapshot.moment(begins), snapshot.moment(ends - 1), begins, ends)

    def check_norms(_: CheckContext) -> CheckResult:
        return norms(store.refresh().moment(time.time_ns() // 1000))

    def check_counts(context: CheckContext) -> CheckResult:
        counted = context.connection.execute(_SQL["counted_grids"]).fetchall()
        moment = store.refresh().moment(time.time_ns() // 1000)
        return counts(moment, counted, redrawn_since_counted(context.connection))

    return check_snapshot, check_tilings, check_people, check_roster, check_norms, check_counts


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
    """Whether every grid of the default layer has somebody of its own, on duty at the moment or not."""
    layer = moment.default_layer.code
    grids = moment.grids(layer)
    without = [grid for grid in grids if not any(person.via == "grid" for person in moment.people(grid))]
    if not grids:
        hint, hint_zh = "gridmap load grids FILE --commit", "请导入网格：gridmap load grids FILE --commit"
        return CheckResult("people", "warning", "no grids are loaded", "尚未导入网格", hint, hint_zh)
    if not without:
        return CheckResult(
            "people", "ok", f"{len(grids)} grids have somebody of their own", f"{len(grids)} 个网格均有责任人"
        )
    named = _listed(grid.code for grid in without)
    return CheckResult(
        "people",
        "warning",
        f"{len(without)} of {len(grids)} grids {'has' if len(without) == 1 else 'have'} nobody of their own: {named}",
        f"{len(grids)} 个网格中有 {len(without)} 个没有自己的责任人：{named}",
        "load duties for them: gridmap load duties FILE --commit",
        "请为其导入职责：gridmap load duties FILE --commit",
    )


def roster(first: Moment, last: Moment, begins: int, ends: int) -> CheckResult:
    """Whether somebody is on duty wherever and whenever somebody is needed, in the days to come.

    Parameters
    ----------
    first, last
        Moments of the begin, and just before the end.
    begins, ends
        Microseconds since 1970-01-01 UTC.
    """
    found = week(first, last, begins, ends)
    posts = {hole.post: hole for hole in reversed(found.holes())}
    days = round((ends - begins) / _DAY)
    if not posts:
        return CheckResult("roster", "ok", f"no hole in the next {days} days", f"未来 {days} 天值守无空缺")
    earliest = sorted(posts.values(), key=lambda hole: (hole.begins, hole.post))
    targets = {post: found.lives.target(post.target_kind, post.target_id, post.unit) for post in posts}
    named = _listed(
        f"{target.code} ({instant(hole.begins).astimezone(first.zone):%m-%d %H:%M})"
        for hole in earliest
        if (target := targets[hole.post]) is not None
    )
    return CheckResult(
        "roster",
        "warning",
        f"nobody will be on duty at some time in the next {days} days in {len(posts)} "
        f"{'role' if len(posts) == 1 else 'roles'}: {named}",
        f"未来 {days} 天内有 {len(posts)} 个岗位出现空缺：{named}",
        "name stand-ins or successors: gridmap load leave FILE --commit, gridmap load duties FILE --commit",
        "请安排替补或接任人员：gridmap load leave FILE --commit，gridmap load duties FILE --commit",
    )


def norms(moment: Moment) -> CheckResult:
    """Whether the staffing norms are met."""
    if not moment.norms:
        return CheckResult("norms", "ok", "no staffing norms are loaded", "未设置人员配备标准")
    faults = unmet_norms(moment)
    if not faults:
        return CheckResult(
            "norms", "ok", f"all staffing norms are met: {len(moment.norms)}", f"{len(moment.norms)} 项配备标准均已满足"
        )
    holders = {holder.holder_id: holder.code for holder in moment.workers}
    named = _listed(
        f"{holders.get(fault.holder_id or 0, '?') if fault.site is None else fault.site.code} "
        f"({fault.norm.code}: {fault.count})"
        for fault in faults
    )
    return CheckResult(
        "norms",
        "warning",
        f"staffing norms are not met in {len(faults)} {'case' if len(faults) == 1 else 'cases'}: {named}",
        f"人员配备标准有 {len(faults)} 处未满足：{named}",
        "GET /api/v1/staffing lists them; load duties or correct the norms",
        "GET /api/v1/staffing 列出全部；请导入职责或更正标准",
    )


def counts(moment: Moment, counted: Iterable[tuple[str, str]], redrawn: Iterable[tuple[str, str]] = ()) -> CheckResult:
    """Whether every grid that something was counted in is in force, with the ground that it had then.

    Parameters
    ----------
    counted
        Layer and code of each of those grids.
    redrawn
        Likewise of those that got other ground since.
    """
    known = {layer.code: {grid.code for grid in moment.grids(layer.code)} for layer in moment.layers}
    asked = list(counted)
    gone = sorted(grid for layer, grid in asked if grid not in known.get(layer, set()))
    other = sorted(grid for _, grid in redrawn)
    if not gone and not other:
        said = f"{len(asked)} grids have counts of their own" if asked else "nothing was counted by grid"
        said_zh = f"{len(asked)} 个网格有自己的统计数" if asked else "尚无按网格的统计数"
        return CheckResult("counts", "ok", said, said_zh)
    faults, faults_zh = [], []
    if gone:
        faults.append(f"{len(gone)} are no longer there, maps leave their counts out: {_listed(gone)}")
        faults_zh.append(f"{len(gone)} 个已不存在，地图不再显示其统计数：{_listed(gone)}")
    if other:
        faults.append(f"{len(other)} were redrawn since, their counts are those of other ground: {_listed(other)}")
        faults_zh.append(f"{len(other)} 个在统计后重新划定，统计数与现有范围不符：{_listed(other)}")
    return CheckResult(
        "counts",
        "warning",
        f"of {len(asked)} grids with counts {'; '.join(faults)}",
        f"{len(asked)} 个有统计数的网格中，{'；'.join(faults_zh)}",
        "count by the grids of today: gridmap load counts FILE --retire-missing --commit",
        "请按现有网格重新统计后导入：gridmap load counts FILE --retire-missing --commit",
    )


def redrawn_since_counted(connection: Connection[Any]) -> list[tuple[str, str]]:
    """Layer and code of each grid in force that something was counted in while it had other ground."""
    return connection.execute(_SQL["miscounted_grids"]).fetchall()


def _listed(names: Iterable[str]) -> str:
    """The first few of many names."""
    known = list(names)
    return ", ".join(known[:NAMED]) + (" …" if len(known) > NAMED else "")
