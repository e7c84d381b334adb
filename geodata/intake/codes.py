"""Stage 4 for kinds whose sources have no codes: codes made from what a record says, the same each time."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from geodata.intake.fields import Kind
from geodata.intake.rows import Records, duplicate
from geodata.records import Finding


def make_codes(kind: Kind, records: Records) -> tuple[Records, list[Finding]]:
    """Records of which every sound one has a code, and what was said twice.

    Parameters
    ----------
    kind
        Names the fields that codes come from: they last as long as these stay the same.
    records
        Placed, with codes for names in fields that refer to others, so that both spellings give one code.

    Notes
    -----
    Of several records that share these fields one has the code made from them, whatever the order of the rows; the
    others have codes made from all they say. A row that says the same as an earlier one is left out, with a warning.
    """
    given = records.column("code")
    lacking = [at for at in np.flatnonzero(records.sound).tolist() if given[at] is None]
    if not lacking or not kind.code_from:
        return records, []
    names = sorted(name for name in records.fields if name != "code")
    columns = [records.fields[name] for name in names]
    contents = {at: tuple(column[at] for column in columns) for at in lacking}
    sources = [names.index(name) for name in kind.code_from if name in names]
    bases = {at: _digest(contents[at][source] for source in sources) for at in lacking}
    lowest: dict[str, str] = {}
    for at in lacking:
        said = repr(contents[at])
        lowest[bases[at]] = min(lowest.get(bases[at], said), said)
    codes, sound, findings = list(given), records.sound.copy(), []
    seen = {code: at for at, code in enumerate(given) if code is not None}
    for at in lacking:
        code = bases[at] if repr(contents[at]) == lowest[bases[at]] else _digest(contents[at])
        codes[at] = code
        earlier = seen.setdefault(code, at)
        if earlier != at:
            sound[at] = False
            say = _repeated if given[earlier] is None else duplicate
            findings.append(say(int(records.rows[at]), int(records.rows[earlier]), code))
    return replace(records, fields={**records.fields, "code": codes}, sound=sound), findings


def _digest(values: Iterable[Any]) -> str:
    # 64 bits: among the three million addresses of a city two share a code less than once in a million cities.
    content = "\x1f".join(str(value) for value in values)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:16]


def _repeated(row: int, earlier: int, code: str) -> Finding:
    return Finding(
        "warning",
        "repeated-row",
        f"The row says the same as row {earlier} and is left out.",
        f"与第 {earlier} 行内容相同，已略去。",
        row=row,
        code=code,
        facts={"first_row": earlier},
    )
