"""Stage 4 for duties: what a duty is for, from the code that a file gives."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from geodata.grid.layers import layers
from geodata.intake.references import Known, known_buildings, known_codes, known_grids, unknown
from geodata.records import Finding

UNIT_MARK = "#"
_REGISTERS = {"area": "areas", "station": "stations", "compound": "compounds", "place": "places"}
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row names: kind and code of a target, for a grid its layer (the default where None)."""

    kind: str
    code: str
    layer: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What a row means: the identity of a target, for a unit that of its building and the unit's label."""

    kind: str
    identity: int
    unit: str = ""


class Targets:
    """Everything that the rows of one file name, found with one question for each kind.

    Parameters
    ----------
    connection
        To ask.
    wanted
        What the rows name.
    at
        Instant of the load, microseconds since 1970-01-01 UTC.
    default_layer
        Layer of grids that name none; the default layer where None.
    """

    def __init__(
        self, connection: Connection[Any], wanted: Iterable[Wanted], at: int, default_layer: str | None
    ) -> None:
        known_layers = layers(connection)
        self._layers: dict[str, int] = {layer["code"]: layer["layer_id"] for layer in known_layers}
        default = next((layer["code"] for layer in known_layers if layer["is_default"]), None)
        self.default_layer: str | None = default_layer or default
        codes: dict[tuple[str, str | None], set[str]] = {}
        for one in wanted:
            code = _building(one.code) if one.kind == "unit" else one.code
            kind = "building" if one.kind == "unit" else one.kind
            codes.setdefault((kind, self.layer(one)), set()).add(code)
        self._units: dict[int, tuple[str, ...]] = {}
        self._known = {
            (kind, layer): self._found(connection, kind, layer, names, at) for (kind, layer), names in codes.items()
        }

    def layer(self, wanted: Wanted) -> str | None:
        """Layer of a grid; None for everything else."""
        return (wanted.layer or self.default_layer) if wanted.kind == "grid" else None

    def find(self, wanted: Wanted, row: int, label: str, *, past: bool) -> Target | Finding:
        """The target, or the error that there is none.

        Parameters
        ----------
        past
            Whether what is over may be named.
        """
        layer = self.layer(wanted)
        if layer is not None and layer not in self._layers:
            return unknown("layer", layer, row, label)
        unit = wanted.kind == "unit"
        code = _building(wanted.code) if unit else wanted.code
        known = self._known["building" if unit else wanted.kind, layer].get(code)
        if known is None or not (known.alive or past):
            return unknown("target", wanted.code, row, label)
        return self._unit(wanted, known, row, label) if unit else Target(wanted.kind, known.identity)

    def _found(
        self, connection: Connection[Any], kind: str, layer: str | None, codes: Iterable[str], at: int
    ) -> dict[str, Known]:
        if kind == "grid":
            layer_id = self._layers.get(layer or "")
            return {} if layer_id is None else known_grids(connection, layer_id, codes, at)
        if kind == "building":
            buildings = known_buildings(connection, codes, at)
            self._units |= {known.identity: units for known, units in buildings.values()}
            return {code: known for code, (known, _) in buildings.items()}
        return known_codes(connection, _REGISTERS[kind], codes, at)  # type: ignore[arg-type]

    def _unit(self, wanted: Wanted, building: Known, row: int, label: str) -> Target | Finding:
        labels = self._units[building.identity]
        asked = _parts(wanted.code)[1]
        alike = [one for one in labels if asked and _plain_unit(one) == _plain_unit(asked)]
        found = asked if asked in labels else next(iter(alike), None)
        return _no_such_unit(wanted, labels, row, label) if found is None else Target("unit", building.identity, found)


def _parts(code: str) -> tuple[str, str]:
    """Code of the building and label of the unit; buildings are called 3# too, so the last mark parts them."""
    building, _, unit = code.replace("＃", UNIT_MARK).rpartition(UNIT_MARK)
    return (building.strip(), unit.strip()) if building else (unit.strip(), "")


def _building(code: str) -> str:
    return _parts(code)[0]


def _plain_unit(label: str) -> str:
    """A unit's label as it is compared: 3, 3单元, ３ 单元 and 03 are one unit."""
    text = unicodedata.normalize("NFKC", label).casefold().replace(" ", "").removesuffix("单元")
    return text.lstrip("0") or text


def _no_such_unit(wanted: Wanted, labels: tuple[str, ...], row: int, label: str) -> Finding:
    building, unit = _parts(wanted.code)
    listed = ", ".join(labels[:_SHOWN]) + (" …" if len(labels) > _SHOWN else "")
    if not unit:
        said, said_zh = f"{wanted.code} names no unit", f"{wanted.code} 未写明单元"
    elif not labels:
        said, said_zh = f"building {building} has no units", f"楼栋 {building} 没有登记单元"
    else:
        said, said_zh = f"{wanted.code} is no unit of its building", f"{wanted.code} 不是该楼栋的单元"
    return Finding(
        "error",
        "unknown-unit",
        f"target: {said}. Write BUILDING#UNIT; units of {building}: {listed or '-'}.",
        f"target：{said_zh}。请写成“楼栋编码#单元”；{building} 的单元：{listed or '无'}。",
        row=row,
        code=label,
        facts={"field": "target", "value": wanted.code, "units": list(labels)},
    )
