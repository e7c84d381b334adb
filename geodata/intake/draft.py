"""A change that is worked out but not written: what is wrong with it, what it would do, and how to do it."""

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from geodata.intake.report import Plan
from geodata.records import FOREVER_TO, Finding, Mend


@dataclass(frozen=True, slots=True)
class Draft:
    """Outcome of the stages up to the commit.

    ``write`` does it and returns the number of the release that it made, None for kinds without releases; it is
    called only when there is no error and the plan changes anything.
    """

    plan: Plan
    findings: list[Finding]
    write: Callable[[], int | None]
    effective: int
    mends: list[Mend] = field(default_factory=list)
    layer: str | None = None
    needs_retire_missing: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates a file from what is in force: full records to write, versions to end.

    ``replaced`` holds the versions that ``changed`` replaces, in the same order.
    """

    new: list[dict[str, Any]]
    changed: list[dict[str, Any]]
    missing: list[dict[str, Any]]
    replaced: list[dict[str, Any]]
    same: int

    @property
    def records(self) -> list[dict[str, Any]]:
        """What is to be written."""
        return self.new + self.changed


def difference(
    records: Sequence[dict[str, Any]],
    stored: Sequence[dict[str, Any]],
    defaults: dict[str, Any],
    named: Iterable[str | None] = (),
    later: Container[str] = (),
) -> Difference:
    """What is new, changed, missing and the same.

    Parameters
    ----------
    records
        ``code`` and the fields that the file gives.
    stored
        What is in force: ``code``, every field, ``ends``.
    defaults
        Every field with its value for a new record whose file does not give it.
    named
        Codes that the file holds, in records that could not be read too: these are not missing.
    later
        Codes with a version that is planned already.

    Notes
    -----
    A field that the file does not give keeps its stored value. A stored version that is to end later is not the same
    as one that goes on, unless another is planned to follow it.
    """
    known = {row["code"]: row for row in stored}
    new, changed, replaced, same = [], [], [], 0
    for record in records:
        row = known.get(record["code"])
        if row is None:
            new.append({**defaults, **record})
            continue
        merged = {"code": row["code"], **{name: record.get(name, row[name]) for name in defaults}}
        goes_on = row.get("ends", FOREVER_TO) == FOREVER_TO or row["code"] in later
        if goes_on and all(merged[name] == row[name] for name in defaults):
            same += 1
        else:
            changed.append(merged)
            replaced.append(row)
    present = {record["code"] for record in records} | set(named)
    missing = [row for code, row in known.items() if code not in present]
    return Difference(new, changed, missing, replaced, same)
