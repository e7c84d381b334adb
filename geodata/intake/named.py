"""Stage 4 where files name things instead of giving codes: 张三, 甲社区, 第3网格 → the one code that is meant."""

import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from psycopg import Connection

from geodata.grid.layers import layers
from geodata.intake.fields import Kind
from geodata.intake.references import field_zh, now
from geodata.intake.report import LoadOptions
from geodata.intake.rows import Records
from geodata.queries import named_queries
from geodata.records import Finding
from geodata.times import instant

NamedKind = Literal[
    "grids", "areas", "layers", "compounds", "buildings", "places", "stations", "roles", "workers", "organisations"
]

OF_TARGET: Final[Mapping[str, NamedKind]] = {
    "grid": "grids",
    "area": "areas",
    "compound": "compounds",
    "building": "buildings",
    "place": "places",
    "station": "stations",
}
# Words that names of a kind end in, and that people leave out.
_LEFT_OUT: Final[Mapping[NamedKind, Sequence[str]]] = {
    "areas": ("社区", "村", "街道", "镇", "乡"),
    "layers": ("网格",),
}
_SHOWN: Final = 5
_LISTED: Final = 20

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that has a code and a name; ``within`` is a grid's community, an area's parent, a building's compound.

    ``kind`` is ``workers`` or ``organisations`` … as the register that it stands in.
    """

    kind: NamedKind
    identity: int
    code: str
    name: str
    within: int | None


class Register:
    """Everything of one or several kinds that is in force at an instant, by code and by name."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.by_code: dict[str, Entry] = {}
        self.by_name: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.by_code.setdefault(entry.code, entry)
            alike = self.by_name[plain_name(entry.name)] if plain_name(entry.name) else []
            # One with several names may have two that read alike.
            if all(other.code != entry.code or other.kind != entry.kind for other in alike):
                alike.append(entry)

    def find(self, text: str, within: Container[int] = (), prefix: str = "") -> list[Entry]:
        """Entries that a text can mean: the one of that code, else all of that name.

        Parameters
        ----------
        text
            A code or a name.
        within
            Where several have the name, those in one of these are meant if there are any.
        prefix
            What may stand before the name, here or in the register: 第1网格 of 甲社区 may be called 甲社区第1网格.

        Notes
        -----
        An area may be called without its level: 甲 is 甲社区, where there is no 甲村 too; a layer without 网格.
        """
        if text in self.by_code:
            return [self.by_code[text]]
        wanted, before = plain_name(text), plain_name(prefix)
        spelled = (wanted, wanted.removeprefix(before) or wanted, before + wanted)
        found = next((self.by_name[name] for name in spelled if name in self.by_name), [])
        if not found:
            found = [
                entry
                for kind, words in _LEFT_OUT.items()
                for word in words
                for entry in self.by_name.get(wanted + word, ())
                if entry.kind == kind
            ]
        near = [entry for entry in found if entry.within in within]
        return near or found


def register_of(
    connection: Connection[Any],
    kinds: Iterable[NamedKind],
    at: int,
    layer: str | None = None,
    texts: Iterable[str] | None = None,
) -> Register:
    """Everything of these kinds that is in force at an instant.

    Parameters
    ----------
    at
        Microseconds since 1970-01-01 UTC.
    layer
        Code of the layer of grids; the default layer when None.
    texts
        What is to be looked up: where all of it are codes, the register has no more than those.

    Notes
    -----
    Names of a whole province are not read where a file has codes.
    """
    kinds = list(kinds)
    values: dict[str, Any] = {"at": instant(at), "codes": None}
    if "grids" in kinds:
        values["layer_id"] = _layer_id(connection, layer)
    if texts is not None:
        codes = set(texts)
        few = Register(_entries(connection, kinds, {**values, "codes": list(codes)}))
        if few.by_code.keys() >= codes:
            return few
    return Register(_entries(connection, kinds, values))


def _entries(connection: Connection[Any], kinds: Iterable[NamedKind], values: Mapping[str, Any]) -> Iterator[Entry]:
    for kind in kinds:
        yield from (Entry(kind, *row) for row in connection.execute(_SQL[kind], values))


def grid_communities(connection: Connection[Any], at: int) -> dict[int, int]:
    """Community of each grid of any layer at an instant, by identities."""
    return dict(connection.execute(_SQL["grid_communities"], {"at": instant(at)}).fetchall())


def plain_name(text: str) -> str:
    """A name as it is compared: width, case and blanks set aside."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


@dataclass(frozen=True, slots=True)
class Coded:
    """Values of a field with codes in place of names; places of those that several have; what is to be said of both."""

    values: list[Any]
    doubtful: frozenset[int]
    findings: list[Finding]


def coded(register: Register, field: str, values: Sequence[Any], places: Iterable[int], rows: Sequence[int]) -> Coded:
    """Codes in place of the names that one alone has in a register.

    Parameters
    ----------
    field
        Name of the field.
    values
        All of its values; what is neither code nor name stays as it is.
    places
        Which of them are looked up.
    rows
        Row of each in the file.
    """
    codes, doubtful, findings = list(values), set(), []
    resolved: dict[str, tuple[Entry, int]] = {}
    for at in places:
        text = values[at]
        if text in register.by_code:
            continue
        found = register.find(text)
        if len(found) == 1:
            codes[at] = found[0].code
            resolved.setdefault(text, (found[0], int(rows[at])))
        elif found:
            doubtful.add(at)
            findings.append(ambiguous_name(field, text, found, int(rows[at])))
    listed = list(resolved.items())
    findings += [_by_name(field, text, entry, row) for text, (entry, row) in listed[:_LISTED]]
    if len(listed) > _LISTED:
        findings.append(more_by_name(field, len(listed) - _LISTED))
    return Coded(codes, frozenset(doubtful), findings)


def with_codes(
    connection: Connection[Any], kind: Kind, records: Records, options: LoadOptions
) -> tuple[Records, list[Finding]]:
    """Records with codes where the file gives unambiguous names, of duties and leave.

    Returns
    -------
    tuple
        The records. An error for each name that several have (the record is no longer sound); a warning for each name
        that was taken for a code. What is neither code nor name is left, for the stage that looks codes up to refuse.
    """
    if kind.name not in ("duties", "leave") or not len(records):
        return records, []
    at = now(connection) if options.effective is None else options.effective
    resolving = _Resolving(connection, records, at, options.layer)
    if kind.name == "leave":
        resolving.column("worker", ("workers",))
        resolving.column("stand_in", ("workers",))
    else:
        resolving.column("holder", ("workers", "organisations"))
        resolving.column("role", ("roles",))
        resolving.targets()
    return replace(records, fields=resolving.fields, sound=resolving.sound), resolving.findings


class _Resolving:
    """The references of a file while names among them become codes."""

    def __init__(self, connection: Connection[Any], records: Records, at: int, layer: str | None) -> None:
        self._connection, self._records, self._at, self._layer = connection, records, at, layer
        self.fields = dict(records.fields)
        self.sound = records.sound.copy()
        self.findings: list[Finding] = []

    def column(self, field: str, kinds: Sequence[NamedKind]) -> None:
        """Names of one column."""
        values = self._records.column(field)
        places = [at for at, value in enumerate(values) if value is not None and self.sound[at]]
        if places:
            texts = [values[at] for at in places]
            self._resolve(field, places, register_of(self._connection, kinds, self._at, texts=texts))

    def targets(self) -> None:
        """Names of targets, each among those of its kind and, for a grid, its layer."""
        kinds, own_layers = self._records.column("target_kind"), self._records.column("layer")
        targets = self.fields["target"]
        groups: dict[tuple[str, str | None], list[int]] = defaultdict(list)
        for at in np.flatnonzero(self.sound).tolist():
            if kinds[at] in OF_TARGET:
                groups[kinds[at], own_layers[at] if kinds[at] == "grid" else None].append(at)
        known = {layer["code"] for layer in layers(self._connection)}
        for (kind, own), places in groups.items():
            layer = own or self._layer
            if layer is None or kind != "grid" or layer in known:
                texts = [targets[at] for at in places]
                register = register_of(self._connection, [OF_TARGET[kind]], self._at, layer=layer, texts=texts)
                self._resolve("target", places, register)

    def _resolve(self, field: str, places: Sequence[int], register: Register) -> None:
        made = coded(register, field, self.fields[field], places, self._records.rows.tolist())
        self.fields[field] = made.values
        self.sound[list(made.doubtful)] = False
        self.findings += made.findings


def ambiguous_name(field: str, text: str, found: Sequence[Entry], row: int) -> Finding:
    """The error that a name means several."""
    codes = ", ".join(entry.code for entry in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
    return Finding(
        "error",
        "ambiguous-name",
        f"{field}: {len(found)} are called “{text[:40]}” ({codes}): give the code.",
        f"{field_zh(field)}：有 {len(found)} 个“{text[:40]}”（{codes}），请填写编码。",
        row=row,
        facts={"field": field, "value": text},
    )


def _by_name(field: str, text: str, entry: Entry, row: int) -> Finding:
    return Finding(
        "warning",
        "resolved-by-name",
        f"{field}: “{text[:40]}” is no code; the only one of that name is meant: {entry.code}.",
        f"{field_zh(field)}：“{text[:40]}”不是编码，按名称对应到 {entry.code}。",
        row=row,
        code=entry.code,
        facts={"field": field, "value": text},
    )


def more_by_name(field: str, count: int) -> Finding:
    """The warning that so many more names were taken for codes."""
    return Finding(
        "warning",
        "resolved-by-name",
        f"{field}: {count} more names were taken for the only one that has them.",
        f"{field_zh(field)}：另有 {count} 个名称按名称唯一对应。",
        facts={"field": field, "names": count},
    )


def _layer_id(connection: Connection[Any], layer: str | None) -> int | None:
    for known in layers(connection):
        if known["code"] == layer or (layer is None and known["is_default"]):
            return int(known["layer_id"])
    return None
