"""Whether the walking network is compiled and how much of the city it reaches, for the operator."""

import time

from geodata.selfcheck import Check, CheckContext, CheckResult
from geodata.station.network.compile import newest_state, read_state
from geodata.station.network.sources import read_marks, read_sizes
from geodata.station.network.store import NetworkStore
from geodata.station.network.walking import Standing

MANY_OFF = 0.1
"""With more homes off the network than this share, streets are missing."""

_SERVE = ("a running server compiles it: gridmap serve", "运行中的服务会自动编译：gridmap serve")
_LOAD = (
    "load them, as gridmap load streets FILE.osm.pbf --commit",
    "请先导入街道，例如 gridmap load streets 文件.osm.pbf --commit",
)
_LOOK = ("see what is missing: gridmap coverage network", "查看缺少哪些道路：gridmap coverage network")


def network_check(store: NetworkStore) -> Check:
    """A check of the compiled walking network of a store, for `geodata.selfcheck.run_checks`; compiles nothing."""

    def check_network(context: CheckContext) -> CheckResult:
        marks = read_marks(context.connection)
        wanted = read_state(context.connection, marks, time.time_ns() // 1000)
        newest = newest_state(store.home)
        if newest is None or newest.database_id != marks.database_id:
            streets, _ = read_sizes(context.connection)
            if not streets:
                return _no_streets()
            said = f"{streets:,} streets, not compiled yet", f"{streets:,} 条街道，尚未编译"
            return CheckResult("network", "warning", *said, *_SERVE)
        if not newest.same(wanted):
            said = "streets or homes changed since it was compiled", "编译后街道或住户有变更"
            return CheckResult("network", "warning", *said, *_SERVE)
        store.open_compiled()
        return _result(store.standing)

    return check_network


def _no_streets() -> CheckResult:
    said = "no streets are loaded: walks cannot be counted", "未导入街道，无法计算步行时间"
    return CheckResult("network", "warning", *said, *_LOAD)


def _result(standing: Standing) -> CheckResult:
    if standing.state == "empty":
        return _no_streets()
    km = standing.walked_mm / 1e6
    said = (
        f"{standing.edges:,} edges, {km:,.1f} km walked, in {standing.pieces:,} pieces",
        f"{standing.edges:,} 条路段，步行道路 {km:,.1f} 千米，{standing.pieces:,} 个连通部分",
    )
    if standing.off_network <= MANY_OFF * standing.homes:
        return CheckResult("network", "ok", *said)
    off = (
        f"; {standing.off_network:,} of {standing.homes:,} homes are off the network",
        f"；{standing.homes:,} 处住所中有 {standing.off_network:,} 处不在路网上",
    )
    return CheckResult("network", "warning", said[0] + off[0], said[1] + off[1], *_LOOK)
