"""Whether the register of addresses is compiled and what is in it, for the operator."""

from geodata.address.base import compiling, newest_base, open_base
from geodata.address.sources import ADDRESSES, addresses_changed, count_addresses, read_marks
from geodata.address.store import MANY_CHANGED, RegisterStore
from geodata.selfcheck import Check, CheckContext, CheckResult

_SERVE = ("a running server compiles it: gridmap serve", "运行中的服务会自动编译：gridmap serve")


def register_check(store: RegisterStore) -> Check:
    """A check of the compiled register of a store, for `geodata.selfcheck.run_checks`; compiles nothing."""

    def check_register(context: CheckContext) -> CheckResult:
        count = count_addresses(context.connection)
        busy = compiling(store.home)
        base = newest_base(store.home)
        marks = read_marks(context.connection)
        index = None if base is None or base.database_id != marks.database_id else open_base(store.home, base)
        if base is None or index is None:
            if busy is not None:
                done, total = busy
                said = f"being compiled: {done:,} of {total:,} addresses", f"正在编译：{done:,} / {total:,} 条地址"
                return CheckResult("register", "warning", *said)
            said = f"{count:,} addresses, not compiled yet", f"{count:,} 条地址，尚未编译"
            return CheckResult("register", "warning", *said, *_SERVE)
        changed = addresses_changed(context.connection, *base.parts.get(ADDRESSES, (0, "0")))
        many = changed is None or len(changed) > MANY_CHANGED
        if busy is not None:
            done, total = busy
            said = (
                f"{len(index):,} entries answer; being compiled anew: {done:,} of {total:,} addresses",
                f"现有 {len(index):,} 项可查；正在重新编译：{done:,} / {total:,} 条地址",
            )
            return CheckResult("register", "warning" if many else "ok", *said)
        if changed is None or many:
            said = f"{count:,} addresses, many changed since they were compiled", f"{count:,} 条地址，编译后有大量变更"
            return CheckResult("register", "warning", *said, *_SERVE)
        return CheckResult(
            "register",
            "ok",
            f"{count:,} addresses; compiled {len(index):,} entries, {len(changed):,} changed since",
            f"{count:,} 条地址；已编译 {len(index):,} 项，此后变更 {len(changed):,} 条",
        )

    return check_register
