"""Stage 6 for duties and leave: what a change says to whoever reads it, with names beside codes."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal

from psycopg import Connection

from geodata.intake.report import Change
from geodata.intake.targets import UNIT_MARK
from geodata.people.roster import Named, names_of
from geodata.times import LOCAL_ZONE, open_end

ASSIGNMENT_ZH = {"primary": "主责", "stand_in": "替补"}
TARGET_ZH = {
    "area": "区划",
    "grid": "网格",
    "compound": "小区",
    "building": "楼栋",
    "unit": "单元",
    "place": "地点",
    "station": "站点",
}

Names = Mapping[tuple[str, int], Named]


def register_kind(target_kind: str) -> str:
    """Kind under which a target's name is found: a unit's is its building's."""
    return "building" if target_kind == "unit" else target_kind


def names_of_duties(connection: Connection[Any], duties: Iterable[Mapping[str, Any]]) -> dict[tuple[str, int], Named]:
    """Names of everything that these duties point at."""
    asked: set[tuple[str, int]] = set()
    for duty in duties:
        asked |= {
            ("holder", duty["holder_id"]),
            ("role", duty["role_id"]),
            (register_kind(duty["target_kind"]), duty["target_id"]),
        }
    return names_of(connection, asked) if asked else {}


def named(names: Names, kind: str, identity: int) -> Named:
    """The name of an identity; its number where nothing is known."""
    return names.get((kind, identity)) or Named(str(identity), "")


def target_words(names: Names, target_kind: str, target_id: int, unit: str) -> str:
    """A target as a sentence calls it: name and code, and the unit."""
    words = named(names, register_kind(target_kind), target_id).words
    return f"{words}{UNIT_MARK}{unit}" if unit else words


def target_code(names: Names, target_kind: str, target_id: int, unit: str) -> str:
    """A target as a file calls it."""
    code = named(names, register_kind(target_kind), target_id).code
    return f"{code}{UNIT_MARK}{unit}" if unit else code


def duty_code(names: Names, duty: Mapping[str, Any]) -> str:
    """A duty by codes: ``holder · role · kind of target · target · assignment``."""
    return " · ".join(
        (
            named(names, "holder", duty["holder_id"]).code,
            named(names, "role", duty["role_id"]).code,
            duty["target_kind"],
            target_code(names, duty["target_kind"], duty["target_id"], duty["unit"]),
            duty["assignment"],
        )
    )


def duty_change(
    what: Literal["new", "changed", "ended"],
    names: Names,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    row: int | None,
) -> Change:
    """One duty that begins, changes or ends."""
    duty = after or before
    assert duty is not None
    words = (
        named(names, "holder", duty["holder_id"]).words,
        named(names, "role", duty["role_id"]).words,
        TARGET_ZH[duty["target_kind"]]
        + " "
        + target_words(names, duty["target_kind"], duty["target_id"], duty["unit"]),
        ASSIGNMENT_ZH[duty["assignment"]],
    )
    return Change(
        what,
        duty_code(names, duty),
        " · ".join(words),
        None if before is None else duty_fields(names, before),
        None if after is None else duty_fields(names, after),
        row,
    )


def duty_fields(names: Names, duty: Mapping[str, Any]) -> dict[str, Any]:
    """A duty in the fields of its kind, with ``holder_name role_name target_name`` beside the codes."""
    kind, identity = duty["target_kind"], duty["target_id"]
    holder, role = named(names, "holder", duty["holder_id"]), named(names, "role", duty["role_id"])
    target = named(names, register_kind(kind), identity)
    return {
        "holder": holder.code,
        "holder_name": holder.name or None,
        "role": role.code,
        "role_name": role.name or None,
        "target_kind": kind,
        "target": target_code(names, kind, identity, duty["unit"]),
        "target_name": f"{target.name}{UNIT_MARK}{duty['unit']}"
        if target.name and duty["unit"]
        else target.name or None,
        "layer": target.layer,
        "assignment": duty["assignment"],
        "from": local_time(duty["begins"]),
        "to": local_time(duty["ends"]),
        "hours": duty["hours"],
    }


@lru_cache(maxsize=1024)
def local_time(micros: int) -> str | None:
    """Local RFC 3339 text of an instant; None for an open end."""
    moment = open_end(micros)
    return None if moment is None else moment.astimezone(LOCAL_ZONE).isoformat()
