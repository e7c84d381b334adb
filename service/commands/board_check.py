"""Whether printed boards hang with something else on them than they would say now, for ``gridmap check``."""

import time
from itertools import islice

from geodata.boards.printed import PrintedBoard, printed_boards
from geodata.selfcheck import Check, CheckContext, CheckResult
from service.commands.boards import sources_now
from service.maps.boards.making import Sources
from service.maps.boards.staleness import Standing, standing_of
from service.settings import Settings

_SECONDS = 5.0
_AT_ONCE = 50
_NAMED = 5


def board_check(settings: Settings) -> Check:
    """The check, for `geodata.selfcheck.run_checks`.

    Notes
    -----
    Each board is made anew in memory to be compared, some milliseconds each: of very many only as many as there are a
    few seconds for, those that were printed last.
    """

    def check_boards(context: CheckContext) -> CheckResult:
        printed = sorted(printed_boards(context.connection), key=lambda one: -one.printed_board_id)
        if not printed:
            return CheckResult("boards", "ok", "no notice boards were printed", "尚未打印公示牌")
        return _told(_looked_at(sources_now(settings, context.url), printed), len(printed))

    return check_boards


def _looked_at(sources: Sources, printed: list[PrintedBoard]) -> list[Standing]:
    ends = time.monotonic() + _SECONDS
    left = iter(printed)
    found: list[Standing] = []
    while some := list(islice(left, _AT_ONCE)):
        found += standing_of(sources, some)
        if time.monotonic() > ends:
            break
    return found


def _told(standing: list[Standing], printed: int) -> CheckResult:
    stale = [one.printed for one in standing if one.stale]
    some = len(standing) < printed
    of, of_zh = f"the last {len(standing):,} of {printed:,}" if some else f"{printed:,}", f"{printed:,} 块"
    if some:
        of_zh = f"{printed:,} 块中最近打印的 {len(standing):,} 块"
    if not stale:
        return CheckResult(
            "boards", "ok", f"{of} printed boards say what they would say now", f"已打印公示牌（{of_zh}）均未过期"
        )
    codes = sorted({one.code for one in stale})
    named = ", ".join(codes[:_NAMED]) + (" …" if len(codes) > _NAMED else "")
    return CheckResult(
        "boards",
        "warning",
        f"{len(stale):,} of {of} printed boards hang with something else on them: {named}",
        f"已打印公示牌（{of_zh}）中 {len(stale):,} 块内容已过期：{named}",
        "see gridmap boards --list --stale; print them anew with --stale --out FOLDER",
        "查看：gridmap boards --list --stale；重印：加 --stale --out 文件夹",
    )
