"""What a draft would do, record by record, for people to look at before they commit."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from geodata.intake.draft import Difference
from geodata.intake.report import Change, Plan
from geodata.records import FOREVER_FROM, FOREVER_TO
from geodata.times import LOCAL_ZONE, instant

Label = Callable[[Mapping[str, Any]], str]

_SHAPE = "wkb"
_TIMES = ("from", "to")


def named(record: Mapping[str, Any]) -> str:
    """The name of a record; else its code."""
    return str(record.get("name") or record["code"])


def planned(
    found: Difference,
    ended: Sequence[Mapping[str, Any]],
    fields: Iterable[str],
    rows: Mapping[str, int],
    label: Label = named,
) -> Plan:
    """The plan, each change with the fields before and after.

    Parameters
    ----------
    ended
        What ends, with its fields.
    fields
        Fields to show; ``wkb`` stands for the shape.
    rows
        Row in the source of each code.
    label
        What people call a record.
    """
    shown = tuple(fields)
    changes = [
        Change("new", record["code"], label(record), None, _shown(record, shown), rows.get(record["code"]))
        for record in found.new
    ]
    for record, row in zip(found.changed, found.replaced, strict=True):
        after = _shown(record, shown)
        if after.get("shape") and row.get(_SHAPE) and record[_SHAPE] != row[_SHAPE]:
            after["shape"] = "redrawn"
        code = record["code"]
        changes.append(Change("changed", code, label(record), _shown(row, shown), after, rows.get(code)))
    changes += [
        Change("ended", row["code"], label(row), _shown(row, shown), None, rows.get(row["code"])) for row in ended
    ]
    return Plan(
        tuple(record["code"] for record in found.new),
        tuple(record["code"] for record in found.changed),
        tuple(row["code"] for row in ended),
        found.same,
        tuple(changes),
    )


def _shown(record: Mapping[str, Any], fields: Sequence[str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"code": record["code"]}
    for name in fields:
        if name == _SHAPE:
            if record.get(_SHAPE):
                shown["shape"] = "drawn"
        else:
            shown[name] = _plain(name, record.get(name))
    return shown


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    if name in _TIMES and isinstance(value, int):
        return None if value in (FOREVER_FROM, FOREVER_TO) else _local(value)
    return value


def _local(micros: int) -> str:
    return instant(micros).astimezone(LOCAL_ZONE).isoformat()
