"""Stage 1: which column holds which field: told, from a saved profile, or guessed from the header."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from geodata.exchange.headings import LEVELS_JOINED_BY
from geodata.intake.fields import PHONE, Field, Kind
from geodata.records import Finding

MADE_CODE = "*"

# No opening one inside: a header of a million of them would else be gone through a million times.
_BRACKETS = re.compile(r"[(\[【〔<{][^()\[\]【】〔〕<>{}]*[)\]】〕>}]")
_BETWEEN = re.compile(r"[\s_\-:*#./·\ufeff\u200b]+")
_COUNTED = re.compile(r"_\d+$")


@dataclass(frozen=True, slots=True)
class Columns:
    """Field to column, the columns left over, and what was wrong."""

    mapping: dict[str, str]
    unused: tuple[str, ...]
    findings: tuple[Finding, ...]


def match_columns(
    kind: Kind,
    headers: Sequence[str],
    told: Mapping[str, str],
    *,
    has_geometry: bool = False,
    in_degrees: bool = False,
) -> Columns:
    """Column of each field of the kind.

    Parameters
    ----------
    kind
        What is loaded.
    headers
        Column names of the source, its geometry left out.
    told
        Field to column as told by the user or a profile, before any guess. An empty column leaves the field out;
        ``*`` for ``code`` has codes made from the contents.
    has_geometry
        The source has geometry, so no column is guessed for coordinates, but for a point beside an outline.
    in_degrees
        The geometry is in degrees: where it is outlines, columns called lon and lat hold their points.

    Raises
    ------
    InputError
        ``told`` names a field that the kind does not have.

    Notes
    -----
    A header is the same as a name when they agree after width, case, blanks, underscores and bracketed remarks are
    set aside. A column serves one guessed field only; where two would do, the field's own name wins, then its earlier
    synonym. A header of several levels may also agree by its last ones alone, where no other does. Where a kind makes
    codes and no column holds them, ``code`` is mapped to ``*``.
    """
    findings: list[Finding] = []
    mapping: dict[str, str] = {}
    for name, column in told.items():
        kind.field(name)
        found = column if name == "code" and column == MADE_CODE and kind.code_from else _find(column, headers)
        if found is not None:
            mapping[name] = found
        elif column:
            findings.append(_no_such_column(name, column, headers))
    if has_geometry and in_degrees and kind.outline and not {"lon", "lat"} & told.keys():
        mapping |= _points_beside(kind, headers)
    taken = set(mapping.values())
    left_out = {*told, *(("lon", "lat", "wkt") if has_geometry else ())}
    _match_names([field for field in kind.columns if not field.needs], headers, left_out, mapping, taken)
    _match_levels(kind, headers, told, mapping, taken, has_geometry=has_geometry)
    _match_followers(kind, headers, told, mapping, taken)
    _match_names([field for field in kind.columns if field.needs in mapping], headers, left_out, mapping, taken)
    _match_code(kind, told, mapping)
    if kind.makes_codes and "code" not in told:
        mapping.setdefault("code", MADE_CODE)
    given = {*mapping, *(part for field in kind.fields if field.name in mapping for part in field.gives)}
    findings.extend(
        _missing(kind, field, headers) for field in kind.fields if field.required and field.name not in given
    )
    findings.extend(_none_of(group, kind, headers) for group in kind.one_of if not mapping.keys() & set(group))
    # Half a place is none, also where some records need none.
    is_needed = kind.shape_required and (not kind.placeless or {"lon", "lat"} & mapping.keys())
    if is_needed and not (has_geometry or gives_places(mapping)):
        findings.append(_no_place(kind, headers))
    unused = tuple(header for header in headers if header not in taken)
    return Columns(mapping, unused, tuple(findings))


def _match_code(kind: Kind, told: Mapping[str, str], mapping: dict[str, str]) -> None:
    """Take the column of codes for what the records are about, where nothing else says that and the kind allows it."""
    if kind.coded_by is None or "code" in told or "code" not in mapping or mapping.keys() & set(kind.one_of[0]):
        return
    field, beside = kind.coded_by
    if beside in mapping and field not in told:
        mapping[field] = mapping.pop("code")


def gives_places(mapping: Mapping[str, str]) -> bool:
    """Whether columns say where records lie."""
    return "wkt" in mapping or {"lon", "lat"} <= mapping.keys()


def _points_beside(kind: Kind, headers: Sequence[str]) -> dict[str, str]:
    """Columns of longitude and latitude by their very names; nothing where one is missing."""
    found: dict[str, str] = {}
    for header in headers:
        for name in ("lon", "lat"):
            if header.strip().lower() in (name, *kind.field(name).synonyms[:1]):
                found.setdefault(name, header)
    return found if len(found) == 2 else {}


def _match_names(
    fields: Sequence[Field], headers: Sequence[str], left_out: set[str], mapping: dict[str, str], taken: set[str]
) -> None:
    """Map fields by their names and synonyms, but those that are told or come with the geometry."""
    for field in fields:
        if field.name in left_out:
            continue
        guess = next((found for name in (field.name, *field.synonyms) if (found := _find(name, headers, taken))), None)
        if guess is not None:
            mapping[field.name] = guess
            taken.add(guess)


def _match_levels(
    kind: Kind,
    headers: Sequence[str],
    told: Mapping[str, str],
    mapping: dict[str, str],
    taken: set[str],
    *,
    has_geometry: bool,
) -> None:
    """Map what is left by the last levels of a header: 基本信息·网格编码 is 网格编码, if it is the only one."""
    tails: dict[str, list[str]] = {}
    for header in headers:
        levels = header.split(LEVELS_JOINED_BY)
        for start in range(1, len(levels)):
            tails.setdefault(_plain(LEVELS_JOINED_BY.join(levels[start:])), []).append(header)
    if not tails:
        return
    for field in kind.columns:
        if field.name in told or field.name in mapping or (has_geometry and field.name in ("lon", "lat", "wkt")):
            continue
        if field.needs and field.needs not in mapping:
            continue
        for name in (field.name, *field.synonyms):
            found = [header for header in tails.get(_plain(name), ()) if header not in taken]
            if len(found) == 1:
                mapping[field.name] = found[0]
                taken.add(found[0])
                break


def _match_followers(
    kind: Kind, headers: Sequence[str], told: Mapping[str, str], mapping: dict[str, str], taken: set[str]
) -> None:
    """Map columns that say only 电话 by the column to their left."""
    phones = {_plain(word) for word in (PHONE.name, *PHONE.synonyms)}
    for field in kind.fields:
        if not field.follows or field.name in told or field.name in mapping or field.follows not in mapping:
            continue
        place = list(headers).index(mapping[field.follows]) + 1
        if place < len(headers) and headers[place] not in taken:
            beside = headers[place]
            if _plain(_COUNTED.sub("", beside.rsplit(LEVELS_JOINED_BY, 1)[-1])) in phones:
                mapping[field.name] = beside
                taken.add(beside)


def _none_of(group: Sequence[str], kind: Kind, headers: Sequence[str]) -> Finding:
    labels = [kind.field(name) for name in group[:8]]
    shown, shown_zh = ", ".join(field.name for field in labels), "、".join(field.label for field in labels)
    return Finding(
        "error",
        "missing-column",
        f"None of the columns is one of {shown}. Found: {_shown(headers)}. Say which it is: --map {group[0]}=COLUMN.",
        f"没有“{shown_zh}”中的任何一列。文件中的列：{_shown(headers)}。请指定：--map {group[0]}=列名。",
        facts={"field": group[0], "columns": list(headers)},
    )


@lru_cache(maxsize=20_000)
def _plain(header: str) -> str:
    text = unicodedata.normalize("NFKC", header).casefold()
    return _BETWEEN.sub("", _BRACKETS.sub("", text)) or _BETWEEN.sub("", text)


def _find(name: str, headers: Sequence[str], taken: set[str] = frozenset()) -> str | None:  # type: ignore[assignment]
    if not name:
        return None
    if name in headers and name not in taken:
        return name
    return next((header for header in headers if header not in taken and _plain(header) == _plain(name)), None)


def _shown(headers: Sequence[str]) -> str:
    listed = ", ".join(header[:40] for header in headers[:40])
    return listed + (" …" if len(headers) > 40 else "") if headers else "-"


def _missing(kind: Kind, field: Field, headers: Sequence[str]) -> Finding:
    extra, extra_zh = "", ""
    if field.name == "code" and kind.code_from:
        extra = f" Where the source has no codes, --map code=* makes them from {', '.join(kind.code_from)}."
        extra_zh = f"如果文件没有编码，可用 --map code=* 按 {'、'.join(kind.code_from)} 生成。"
    return Finding(
        "error",
        "missing-column",
        f"No column for {field.name}. Found: {_shown(headers)}. Say which it is: --map {field.name}=COLUMN.{extra}",
        f"缺少“{field.label}”（{field.name}）列。文件中的列：{_shown(headers)}。"
        f"请指定：--map {field.name}=列名。{extra_zh}",
        facts={"field": field.name, "columns": list(headers)},
    )


def _no_such_column(name: str, column: str, headers: Sequence[str]) -> Finding:
    return Finding(
        "error",
        "unknown-column",
        f"There is no column {column!r} for {name}. Found: {_shown(headers)}.",
        f"没有名为“{column}”的列（用于 {name}）。文件中的列：{_shown(headers)}。",
        facts={"field": name, "column": column, "columns": list(headers)},
    )


def _no_place(kind: Kind, headers: Sequence[str]) -> Finding:
    if kind.shape == "point":
        what, what_zh, how = "lon and lat", "经纬度", "--map lon=COLUMN --map lat=COLUMN"
    else:
        what, what_zh, how = "geometry", "图形", "--map wkt=COLUMN"
    return Finding(
        "error",
        "missing-column",
        f"{kind.name} need {what}, and the file has none. Found: {_shown(headers)}. Use a file with geometry or {how}.",
        f"{kind.label}需要{what_zh}，文件中没有。文件中的列：{_shown(headers)}。请使用带图形的文件，或 {how}。",
        facts={"field": what, "columns": list(headers)},
    )
