"""Stage 4 for kinds that are known by their code: what a record says must make sense, and fit what is known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from psycopg import Connection

from geodata.area import areas_in_force
from geodata.intake.fields import LEVELS
from geodata.intake.rows import Records
from geodata.intake.targets import Target, Targets, Wanted
from geodata.records import Finding

Sense = Callable[[Connection[Any], Records, int, str | None], tuple[Records, list[Finding]]]


def make_sense(
    connection: Connection[Any], kind: str, records: Records, at: int, layer: str | None
) -> tuple[Records, list[Finding]]:
    """Records made complete where a rule says how, and what cannot be meant.

    Parameters
    ----------
    kind
        Name of the kind; most have no rules of their own.
    at
        Instant of the load, microseconds since 1970-01-01 UTC.
    layer
        Layer of grids that name none; the default layer where None.
    """
    rule = _RULES.get(kind)
    return (records, []) if rule is None else rule(connection, records, at, layer)


def _workers(
    _connection: Connection[Any], records: Records, _at: int, _layer: str | None
) -> tuple[Records, list[Finding]]:
    """A fault for each name that is hidden behind stars."""
    findings, sound = [], records.sound.copy()
    for position in np.flatnonzero(records.sound).tolist():
        name = records.column("name")[position]
        if name is not None and name.endswith("**"):
            sound[position] = False
            said = (
                f"{name[:40]!r} is hidden behind stars, as in a masked export; loading it would destroy the name that "
                "is stored. Enter the whole name."
            )
            said_zh = f"“{name[:40]}”是脱敏后的姓名，导入会覆盖原姓名，请填写完整姓名。"
            findings.append(_fault(records, position, "masked-name", "name", said, said_zh))
    return replace(records, sound=sound), findings


def _norms(connection: Connection[Any], records: Records, at: int, _layer: str | None) -> tuple[Records, list[Finding]]:
    findings = []
    sound = records.sound.copy()
    levels = {"grid", *LEVELS, *(row["level"] for row in areas_in_force(connection, at))}
    limits = [name for name in ("least", "most", "most_per_person") if name in records.fields]
    for position in np.flatnonzero(records.sound).tolist():
        norm = _record(records, position)
        fault = _norm_fault(norm, levels, bool(limits) and not any(norm[name] is not None for name in limits))
        if fault is not None:
            sound[position] = False
            findings.append(_fault(records, position, *fault))
    return replace(records, sound=sound), findings


def _norm_fault(norm: dict[str, Any], levels: set[str], empty: bool) -> tuple[str, str, str, str] | None:
    per, least, most = norm.get("per", "grid"), norm.get("least"), norm.get("most")
    if per not in levels:
        known = ", ".join(sorted(levels))
        return (
            "unknown-level",
            "per",
            f"per: {per} is neither grid nor a level of areas; known are {known}.",
            f"单位范围：“{per}”既不是网格也不是区划级别，可用：{known}。",
        )
    if per != "grid" and (norm.get("layer") or norm.get("kind")):
        return (
            "layer-without-grids",
            "layer" if norm.get("layer") else "kind",
            f"per: layer and kind narrow norms on grids only, not on each {per}.",
            f"单位范围为“{per}”时不能限定网格类型或城乡。",
        )
    if least is not None and most is not None and least > most:
        return (
            "least-above-most",
            "least",
            f"least: {least} is more than most, {most}.",
            f"最少人数 {least} 大于最多人数 {most}。",
        )
    if norm.get("most_per_person") == 0:
        return ("empty-norm", "most_per_person", "most_per_person: 0 lets nobody hold it.", "每人最多为 0，没有意义。")
    if empty:
        return (
            "empty-norm",
            "least",
            "The norm says nothing: give least, most or most_per_person.",
            "该标准没有内容：请填写最少、最多或每人最多。",
        )
    return None


def _matters(
    _connection: Connection[Any], records: Records, _at: int, _layer: str | None
) -> tuple[Records, list[Finding]]:
    """A warning for each matter that names nobody."""
    if not {"role", "organisation", "phone"} & records.fields.keys():
        return records, []
    findings = []
    for position in np.flatnonzero(records.sound).tolist():
        matter = _record(records, position)
        if not (matter.get("role") or matter.get("organisation") or matter.get("phone")):
            said = f"{matter['name']} names neither role, organisation nor phone: nobody answers for it."
            said_zh = f"“{matter['name']}”没有责任角色、责任单位和电话，无人负责。"
            findings.append(
                replace(_fault(records, position, "nobody-answers", "role", said, said_zh), severity="warning")
            )
    return records, findings


def _texts(connection: Connection[Any], records: Records, at: int, layer: str | None) -> tuple[Records, list[Finding]]:
    """Targets that exist, each grid with its layer; a text that says nothing is an error."""
    kinds, codes = records.column("target_kind"), records.column("target")
    in_layers = records.column("layer")
    wanted = {
        position: Wanted(kinds[position], codes[position], in_layers[position])
        for position in np.flatnonzero(records.sound).tolist()
        if kinds[position] and codes[position]
    }
    targets = Targets(connection, wanted.values(), at, layer)
    sound, findings = records.sound.copy(), []
    complete: list[str | None] = [None] * len(records)
    for position in np.flatnonzero(records.sound).tolist():
        fault = _text_fault(records, position)
        if fault is None and position in wanted:
            row, code = int(records.rows[position]), records.column("code")[position]
            found = targets.find(wanted[position], row, code, past=False)
            complete[position] = targets.layer(wanted[position])
            fault = None if isinstance(found, Target) else found
        if fault is not None:
            sound[position] = False
            findings.append(fault)
    fields = dict(records.fields)
    # A layer says which grid is meant, and nothing where none is.
    fields.pop("layer", None)
    if "target" in fields:
        fields["layer"] = complete
    return replace(records, fields=fields, sound=sound), findings


def _text_fault(records: Records, position: int) -> Finding | None:
    text = _record(records, position)
    target_kind, target = text.get("target_kind"), text.get("target")
    if bool(target_kind) != bool(target):
        missing, missing_zh = ("target_kind", "对象类型") if target else ("target", "对象")
        said = f"{missing} is needed: a text is for an area or a grid, or for everywhere where both are empty."
        said_zh = f"缺少{missing_zh}：文字或属于某个区划或网格，或两列都不填（适用于全部）。"
        return _fault(records, position, "missing-value", missing, said, said_zh)
    says = ("title", "title_en", "body", "body_en", "phone")
    if records.fields.keys() & set(says) and not any(text.get(name) for name in says):
        said, said_zh = "The text says nothing: give title, body or phone.", "没有内容：请填写标题、正文或电话。"
        return _fault(records, position, "empty-text", "body", said, said_zh)
    return None


def _record(records: Records, position: int) -> dict[str, Any]:
    return {name: values[position] for name, values in records.fields.items()}


def _fault(records: Records, position: int, kind: str, field: str, said: str, said_zh: str) -> Finding:
    row, code = int(records.rows[position]), records.column("code")[position]
    return Finding("error", kind, said, said_zh, row=row, code=code, facts={"field": field})


_RULES: dict[str, Sense] = {"workers": _workers, "norms": _norms, "matters": _matters, "texts": _texts}
