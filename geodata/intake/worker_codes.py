"""Stage 4 for lists of people without codes: who is known already, who is new, and whom nobody can tell apart."""

import hmac
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from geodata.intake.named import plain_name
from geodata.intake.people_cells import names_nobody
from geodata.intake.rows import Records, duplicate
from geodata.records import Finding, Severity

CODE_SIGNS: Final = 10
LISTED: Final = 50
_SHOWN: Final = 5
_SEVERAL: Final = re.compile(r"[、,，;；/|\n]|\s和\s")

Worker = Mapping[str, Any]


def made_worker_code(secret: bytes, name: str, where: str) -> str:
    """Code of a worker made from the name, and the phone or what else tells one from others of that name.

    Codes are shown where names and phones are masked. Without the secret, trying the few digits behind the stars would
    tell which phone makes a code.
    """
    said = f"{plain_name(name)}\x1f{where}".encode()
    return "R" + hmac.digest(secret, said, "sha256").hex()[:CODE_SIGNS]


def worker_codes(records: Records, stored: Sequence[Worker], secret: bytes) -> tuple[Records, list[Finding]]:
    """Records of which every sound one has a code, without ``unit``; what is doubtful, whom the list must tell apart.

    Parameters
    ----------
    records
        With ``name``, and perhaps ``code``, ``phone`` and the aid ``unit``.
    stored
        Workers in force: ``code name phone`` and more.
    secret
        Of `geodata.intake.secrecy.code_secret`.

    Notes
    -----
    Somebody without a code is the worker of that name and phone; else the one whose code was made from the same name
    and phone, or name and unit; else, where nothing speaks against it, the only one of that name in list and register,
    if one of the two has no phone; else somebody new. Who is known keeps the name as it is stored, and the phone where
    the list has none. Two rows of one name that neither phone nor unit tells apart are an error.
    """
    lacking = [at for at in np.flatnonzero(records.sound).tolist() if records.column("code")[at] is None]
    fields = {name: values for name, values in records.fields.items() if name != "unit"}
    if not lacking:
        return replace(records, fields=fields), []
    listing = _Listing(records, stored, secret)
    for at in listing.named(lacking):
        listing.give(at)
    findings = listing.findings()
    made = sum(bool(listing.sound[at]) for at in lacking)
    if "code" in fields and made:
        findings.append(_made(made))
    fields |= {"code": listing.codes, "name": listing.names}
    if "phone" in fields:
        fields["phone"] = listing.phones
    return replace(records, fields=fields, sound=listing.sound), findings


@dataclass(frozen=True, slots=True)
class _Row:
    """What a row says of somebody; the name and unit as they are compared."""

    name: str
    phone: str
    unit: str


class _Listing:
    """A list while its people get codes."""

    def __init__(self, records: Records, stored: Sequence[Worker], secret: bytes) -> None:
        self._secret, self._rows = secret, records.rows.tolist()
        self.sound = records.sound.copy()
        self.codes = list(records.column("code"))
        self.names = list(records.column("name"))
        self.phones = [phone or "" for phone in records.column("phone")]
        self._public = records.column("phone_public")
        self._units = [plain_name(unit or "") for unit in records.column("unit")]
        self._stored = {worker["code"]: worker for worker in stored}
        self._alike: dict[str, list[Worker]] = defaultdict(list)
        self._exact: dict[tuple[str, str], list[Worker]] = defaultdict(list)
        for worker in stored:
            name = plain_name(worker["name"])
            self._alike[name].append(worker)
            self._exact[name, worker["phone"]].append(worker)
        self._first = {code: at for at, code in enumerate(self.codes) if code is not None}
        self._mates: dict[str, list[int]] = defaultdict(list)
        # By name, whether there is a phone (None for either), and unit (None for any).
        self._groups: dict[tuple[str, bool | None, str | None], list[int]] = defaultdict(list)
        self._coded: dict[tuple[str, str], int] = {}
        self._found: list[Finding] = []

    def named(self, lacking: Sequence[int]) -> list[int]:
        """Those of the rows that name one person whom the list tells from the others; the rest is no longer sound."""
        for at in np.flatnonzero(self.sound).tolist():
            row = self._row(at)
            self._mates[row.name].append(at)
            for has_phone in (bool(row.phone), None):
                for unit in (row.unit, None):
                    self._groups[row.name, has_phone, unit].append(at)
            if row.phone and self.codes[at] is not None:
                self._coded.setdefault((row.name, row.phone), at)
        return [at for at in lacking if self._names_one(at) and self._is_told_apart(at)]

    def give(self, at: int) -> None:
        """Give a row its code: of somebody known, or a new one."""
        row = self._row(at)
        coded = self._coded.get((row.name, row.phone))
        if coded is not None:
            self._again(at, coded, self.codes[coded])
            return
        worker = self._known(at, row)
        if worker is None and not self.sound[at]:
            return
        code = self._new_code(at, row) if worker is None else worker["code"]
        first = self._first.setdefault(code, at)
        if first != at:
            self._again(at, first, code)
            return
        self.codes[at] = code
        if worker is not None:
            self.names[at] = worker["name"]
            if row.phone and worker["phone"] and row.phone != worker["phone"]:
                self._say("warning", "phone-changed", at, *_phone_changed(self.names[at], code))
            self.phones[at] = row.phone or worker["phone"]

    def findings(self) -> list[Finding]:
        """What was found, of each kind up to `LISTED` and then a count."""
        by_kind: dict[str, list[Finding]] = defaultdict(list)
        for finding in self._found:
            by_kind[finding.kind].append(finding)
        listed: list[Finding] = []
        for found in by_kind.values():
            keep = len(found) if found[0].severity == "error" else LISTED
            listed += found[:keep]
            if len(found) > keep:
                listed.append(_more(found[0], len(found) - keep))
        return listed

    def _row(self, at: int) -> _Row:
        return _Row(plain_name(self.names[at]), self.phones[at], self._units[at])

    def _names_one(self, at: int) -> bool:
        name = self.names[at]
        if names_nobody(name):
            self._leave_out("warning", "vacant", at, f"“{name}” is nobody: left out.", f"“{name}”不是姓名，已略去。")
            return False
        if _SEVERAL.search(name):
            said = f"“{name[:40]}” looks like several people: give each a row of their own."
            said_zh = f"“{name[:40]}”像是几个人，请每人填写一行。"
            self._leave_out("error", "unclear-name", at, said, said_zh)
            return False
        return True

    def _is_told_apart(self, at: int) -> bool:
        """Whether no other row of the name could be the same person: two phones, or two units, tell people apart."""
        row = self._row(at)
        has_phone = False if row.phone else None
        groups = [self._groups[row.name, has_phone, unit] for unit in ((row.unit, "") if row.unit else (None,))]
        mates = {mate for group in groups for mate in group[: _SHOWN + 1]} - {at}
        if mates:
            rows = sorted(self._rows[one] for one in (at, *mates))
            self._leave_out("error", "same-name-twice", at, *_which(self.names[at], rows))
        return not mates

    def _known(self, at: int, row: _Row) -> Worker | None:
        """The worker whom a row means; None for somebody new, or, no longer sound, where several could be meant."""
        alike = self._alike.get(row.name, [])
        exact = self._exact.get((row.name, row.phone), []) if row.phone else []
        if len(exact) == 1:
            return exact[0]
        made = [self._made(at, where) for where in (row.phone, row.unit) if where] or [self._made(at, "")]
        known = [self._stored[code] for code in made if code in self._stored]
        by_code = [worker for worker in known if plain_name(worker["name"]) == row.name]
        if by_code and not exact:
            return by_code[0]
        alone = len(alike) == len(self._mates[row.name]) == 1 and not (row.phone and alike[0]["phone"])
        if alone:
            self._say("warning", "taken-for-known", at, *_taken(self.names[at], alike[0]["code"]))
            return alike[0]
        if exact or (alike and not row.phone and not row.unit):
            self._leave_out("error", "ambiguous-holder", at, *_several(self.names[at], exact or alike))
        elif alike:
            self._say("warning", "same-name", at, *_another(self.names[at], alike))
        return None

    def _made(self, at: int, where: str) -> str:
        return made_worker_code(self._secret, self.names[at], where)

    def _new_code(self, at: int, row: _Row) -> str:
        where = row.phone or row.unit
        code = self._made(at, where)
        # Two people may come to one code once in a city's life.
        while code in self._stored:
            code = self._made(at, where + code)
        return code

    def _again(self, at: int, first: int, code: str) -> None:
        """A person who stands in the list twice: left out where the rows agree."""
        row, earlier = self._rows[at], self._rows[first]
        self.sound[at] = False
        same = self.phones[at] in ("", self.phones[first]) and self._public[at] == self._public[first]
        if not same:
            self._found.append(duplicate(row, earlier, code))
            return
        said = f"{self.names[at]} stands in row {earlier} already; left out."
        said_zh = f"{self.names[at]} 已在第 {earlier} 行出现，已略去。"
        self._say("warning", "repeated-row", at, said, said_zh)

    def _leave_out(self, severity: Severity, kind: str, at: int, said: str, said_zh: str) -> None:
        self.sound[at] = False
        self._say(severity, kind, at, said, said_zh)

    def _say(self, severity: Severity, kind: str, at: int, said: str, said_zh: str) -> None:
        facts = {"field": "name", "value": self.names[at]}
        self._found.append(Finding(severity, kind, said, said_zh, row=self._rows[at], facts=facts))


def _made(count: int) -> Finding:
    return Finding(
        "warning",
        "made-codes",
        f"Rows without a code: {count}. Their people are known by name and phone, or name and unit.",
        f"有 {count} 人没有编码，按姓名和电话（或单位）识别。",
        facts={"field": "code", "rows": count},
    )


def _which(name: str, rows: Sequence[int]) -> tuple[str, str]:
    listed = ", ".join(map(str, rows[:_SHOWN])) + (" …" if len(rows) > _SHOWN else "")
    return (
        f"{name} stands in rows {listed} without a phone or unit that tells one from the other. One person: keep one "
        "row. Several: give each a phone, a unit or a code.",
        f"“{name}”出现在第 {listed} 行，没有可区分的电话或单位。若是同一人，请只保留一行；若是不同的人，"
        "请填写各自的电话、单位或编码。",
    )


def _several(name: str, found: Sequence[Worker]) -> tuple[str, str]:
    codes = ", ".join(str(one["code"]) for one in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
    return (
        f"Several are called {name} ({codes}): add the phone that tells them apart, or the code.",
        f"有多人叫“{name}”（{codes}），请填写电话加以区分，或直接填写编码。",
    )


def _another(name: str, found: Sequence[Worker]) -> tuple[str, str]:
    codes = ", ".join(str(one["code"]) for one in found[:_SHOWN]) + (" …" if len(found) > _SHOWN else "")
    return (
        f"There is another {name} ({codes}) with another phone or unit: taken for somebody new. If it is the same "
        "person, give that code.",
        f"已有同名人员（{codes}），但电话或单位不同，按新人员处理；若是同一人，请填写该编码。",
    )


def _taken(name: str, code: str) -> tuple[str, str]:
    return (
        f"{name} is taken for {code}, the only one of that name. If it is somebody else, give a code.",
        f"“{name}”按唯一的同名人员 {code} 处理；若是另一人，请填写编码。",
    )


def _phone_changed(name: str, code: str) -> tuple[str, str]:
    return (
        f"{name} ({code}) has another phone in the database; the list's replaces it.",
        f"{name}（{code}）原登记的电话不同，将改为表中的电话。",
    )


def _more(first: Finding, count: int) -> Finding:
    return Finding(
        first.severity,
        first.kind,
        f"{count} more rows are like this.",
        f"另有 {count} 行情况相同。",
        facts={"field": "name", "rows": count},
    )
