"""Workers, organisations, duties and leave of the sample while they are being made up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import pandas as pd

SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
NOW: Final = ("2025-01-01", None)

Period = tuple[str, str | None]
"""First and last day, both inclusive; None where no end is known."""

DUTY_COLUMNS: Final = (
    "holder", "role", "target_kind", "target", "layer", "assignment", "from", "to", "hours",
)  # fmt: skip
LEAVE_COLUMNS: Final = ("worker", "from", "to", "reason", "stand_in")
HOLE_COLUMNS: Final = ("role", "target_kind", "target", "layer", "holder", "from", "to", "reason")


class Post(NamedTuple):
    """A role on a target; ``layer`` is that of a grid, None elsewhere."""

    role: str
    kind: str
    target: str
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One holder in one post for a period, at weekly hours."""

    holder: str
    post: Post
    assignment: str
    period: Period
    hours: str


@dataclass(slots=True)
class Roster:
    """Workers, organisations, duties and leave while they are being made up.

    Parameters
    ----------
    workers, organisations
        Rows of their tables.
    duties
        In the order in which they were given.
    leave
        Worker, first and last day or time, reason, stand-in.
    empty
        Codes of grids that are left without anybody now.
    holes
        Rows of `HOLE_COLUMNS`: posts that are left empty for some time on purpose.
    """

    workers: list[tuple[str, str, str, bool]] = field(default_factory=list)
    organisations: list[tuple[str, str, str]] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    leave: list[tuple[str, str, str | None, str, str | None]] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    holes: list[tuple[str, str, str, str | None, str, str, str | None, str]] = field(default_factory=list)

    def worker(self) -> str:
        """Add a worker, visibly made up; return the code."""
        number = len(self.workers) + 1
        surname = SURNAMES[(number * 7) % len(SURNAMES)]
        self.workers.append((f"W{number:05d}", f"样例-{surname}{number:04d}", f"138{number:08d}", number % 9 == 0))
        return f"W{number:05d}"

    def organisation(self, name: str) -> str:
        """Add an organisation with a duty phone, visibly made up; return the code."""
        number = len(self.organisations) + 1
        self.organisations.append((f"O{number:05d}", name, f"000-{number:08d}"))
        return f"O{number:05d}"

    def duty(self, holder: str, post: Post, hours: str, *, period: Period = NOW, stand_in: bool = False) -> None:
        """Give a duty."""
        self.duties.append(Duty(holder, post, "stand_in" if stand_in else "primary", period, hours))

    def hole(self, post: Post, holder: str, period: Period, reason: str) -> None:
        """Remember that a post is left empty on purpose."""
        self.holes.append((post.role, post.kind, post.target, post.layer, holder, *period, reason))

    def workers_table(self) -> pd.DataFrame:
        """Return the workers."""
        return pd.DataFrame(self.workers, columns=["code", "name", "phone", "phone_public"])

    def organisations_table(self) -> pd.DataFrame:
        """Return the organisations."""
        return pd.DataFrame(self.organisations, columns=["code", "name", "phone"])

    def duties_table(self) -> pd.DataFrame:
        """Return the duties; dates are inclusive local days, an empty ``to`` means that no end is known."""
        return _table(
            [(one.holder, *one.post, one.assignment, *one.period, one.hours) for one in self.duties], DUTY_COLUMNS
        )

    def leave_table(self) -> pd.DataFrame:
        """Return the leave by its begin; days are inclusive, times are local."""
        return _table(sorted(self.leave, key=lambda one: (one[1], one[0])), LEAVE_COLUMNS)

    def holes_table(self) -> pd.DataFrame:
        """Return what is left empty for some time on purpose."""
        return _table(self.holes, HOLE_COLUMNS)


def _table(rows: Sequence[tuple[object, ...]], columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype(object).where(lambda table: table.notna(), None)
