"""What an answer warns of where nobody of the grid is on duty: who answers instead, or who is back first."""

from collections.abc import Mapping, Sequence
from typing import Any

from geodata.people.answers import NEAREST
from geodata.records import GridVersion


def roster_warnings(grid: GridVersion, workers: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Warnings about a grid's people.

    Parameters
    ----------
    workers
        Records of an answer, names masked already as the asker may see them.
    """
    on_duty = [person for person in workers if person["on_duty_now"]]
    if any(person["via"] in NEAREST for person in on_duty):
        return []
    first = next((person for person in workers if person["call_first"]), None)
    named = _instead if on_duty else _back_first
    told = _nobody(grid) if first is None else named(grid, first)
    return [told | {"layer": grid.layer, "grid": grid.code}]


def _instead(grid: GridVersion, first: Mapping[str, Any]) -> dict[str, str]:
    role, role_zh = _role(first)
    return {
        "code": "nobody-on-duty",
        "message": f"nobody is on duty in grid {grid.code}; {role} {first['name']} answers instead",
        "message_zh": f"网格“{grid.name}”当前无人在岗，由{role_zh}{first['name']}接听",
    }


def _back_first(grid: GridVersion, first: Mapping[str, Any]) -> dict[str, str]:
    role, role_zh = _role(first)
    back, back_zh = "is the first to try", "可优先联系"
    if first["back_at"] is not None:
        when = str(first["back_at"])[:16].replace("T", " ")
        back, back_zh = f"is back first, at {when}", f"最早于{when}返岗"
    return {
        "code": "nobody-at-all",
        "message": f"nobody at all is on duty for grid {grid.code}; {role} {first['name']} {back}",
        "message_zh": f"网格“{grid.name}”及其上级均无人在岗，{role_zh}{first['name']}{back_zh}",
    }


def _nobody(grid: GridVersion) -> dict[str, str]:
    return {
        "code": "nobody-at-all",
        "message": f"nobody has a duty for grid {grid.code} or for the areas above it",
        "message_zh": f"网格“{grid.name}”及其上级区划均未安排人员",
    }


def _role(person: Mapping[str, Any]) -> tuple[str, str]:
    return person["role_name_en"] or person["role_name"], person["role_name"]
