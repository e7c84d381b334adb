"""Stage 4 for wide rosters: which worker each name is, among those that are known and those that the sheet brings."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, Final

from geodata.intake.named import Register, plain_name
from geodata.intake.people_cells import Person
from geodata.intake.roster_targets import Row
from geodata.intake.worker_codes import made_worker_code
from geodata.records import Finding

_SHOWN: Final = 5

Scope = tuple[str, int]


@dataclass(slots=True)
class Mention:
    """Somebody whom a cell names; ``code`` is who that is, once resolved, None where nobody can say."""

    row: Row
    column: str
    person: Person
    code: str | None = None

    @property
    def assignment(self) -> str:
        """How the duty is held."""
        return "stand_in" if self.person.stand_in else "primary"


@dataclass(slots=True)
class _Somebody:
    """One person of the sheet, named in one cell or in several."""

    name: str
    phone: str
    mentions: list[Mention] = field(default_factory=list)

    @property
    def scopes(self) -> AbstractSet[Scope]:
        return {scope for mention in self.mentions for scope in mention.row.scopes}


class Holders:
    """Everybody who can hold a duty, and those whom the sheet adds.

    Parameters
    ----------
    workers
        Those in force: ``entity_id code name phone`` …
    organisations
        Those in force.
    scopes
        Holder to where duties are held: targets, and communities of grids.
    secret
        What the codes of new workers are made with.
    """

    def __init__(
        self,
        workers: Sequence[Mapping[str, Any]],
        organisations: Register,
        scopes: Mapping[int, AbstractSet[Scope]],
        secret: bytes,
    ) -> None:
        self._secret = secret
        self._workers = {worker["code"]: worker for worker in workers}
        self._organisations = organisations
        self._scopes = scopes
        self.identities: dict[str, int] = {code: worker["entity_id"] for code, worker in self._workers.items()}
        self.identities |= {code: entry.identity for code, entry in organisations.by_code.items()}
        self._by_name: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for worker in workers:
            self._by_name[plain_name(worker["name"])].append(worker)
        self.made: list[dict[str, Any]] = []
        self.kept: set[str] = set()
        self._claimed: dict[str, _Somebody] = {}
        self._findings: list[Finding] = []

    def resolve(self, mentions: Sequence[Mention]) -> list[Finding]:
        """Give each mention its code; what is wrong, and what is doubtful.

        Notes
        -----
        Afterwards ``made`` holds the workers that are new or whose phone changes, ``kept`` the codes of the others.
        """
        people = _people(mentions)
        # Those whose phone tells who they are go first: the others can't be taken for them any more.
        for somebody in sorted(people, key=lambda one: not self._is_certain(one)):
            code = self._code(somebody)
            for mention in somebody.mentions:
                mention.code = code
        self._same_names(people)
        return self._findings

    def _is_certain(self, somebody: _Somebody) -> bool:
        return bool(somebody.phone) and any(
            worker["phone"] == somebody.phone for worker in self._by_name.get(plain_name(somebody.name), ())
        )

    def _code(self, somebody: _Somebody) -> str | None:
        """Code of somebody: of a worker or an organisation that is known, or a new one; None where several could be."""
        if somebody.name in self.identities:
            return self._keep(somebody.name, somebody)
        free = [worker for worker in self._by_name.get(plain_name(somebody.name), ()) if self._is_free(worker)]
        exact = [worker for worker in free if somebody.phone and worker["phone"] == somebody.phone]
        near = [worker for worker in free if self._scopes.get(worker["entity_id"], frozenset()) & somebody.scopes]
        idle = [worker for worker in free if not self._scopes.get(worker["entity_id"])]
        idle = [worker for worker in idle if not somebody.phone or not worker["phone"]]
        for found in (exact, near, idle):
            if len(found) == 1:
                return self._keep(found[0]["code"], somebody)
            if found:
                together = [worker for worker in found if worker in near]
                if found is exact and len(together) == 1:
                    return self._keep(together[0]["code"], somebody)
                self._several(somebody, found)
                return None
        offices = [] if somebody.phone and free else self._organisations.find(somebody.name)
        if len(offices) == 1:
            return self._keep(offices[0].code, somebody)
        if offices:
            self._several(somebody, [{"code": one.code} for one in offices])
            return None
        return self._new(somebody)

    def _is_free(self, worker: Mapping[str, Any]) -> bool:
        return worker["code"] not in self._claimed

    def _keep(self, code: str, somebody: _Somebody) -> str:
        """A holder that is known, perhaps with another phone."""
        self._claimed.setdefault(code, somebody)
        worker = self._workers.get(code)
        mention = somebody.mentions[0]
        if worker is None or not somebody.phone or worker["phone"] == somebody.phone:
            self.kept.add(code)
            return code
        self.made.append({"code": code, "name": worker["name"], "phone": somebody.phone, "row": mention.row.number})
        if worker["phone"]:
            self._findings.append(_about(somebody, "phone-changed", *_phone_changed(somebody, code)))
        return code

    def _new(self, somebody: _Somebody) -> str:
        others = self._by_name.get(plain_name(somebody.name), [])
        if others:
            self._findings.append(_about(somebody, "same-name", *_same_name(somebody, others)))
        mention = somebody.mentions[0]
        where = somebody.phone or mention.row.community or mention.row.target.code
        code = made_worker_code(self._secret, somebody.name, where)
        while code in self.identities or code in self._claimed:
            code = made_worker_code(self._secret, somebody.name, where + code)
        self._claimed[code] = somebody
        self.made.append({"code": code, "name": somebody.name, "phone": somebody.phone, "row": mention.row.number})
        return code

    def _several(self, somebody: _Somebody, found: Sequence[Mapping[str, Any]]) -> None:
        codes = ", ".join(str(one["code"]) for one in found[:_SHOWN])
        self._findings.append(
            _about(
                somebody,
                "ambiguous-holder",
                f"Several are called {somebody.name} ({codes}): add the phone that tells them apart, or the code.",
                f"有多人叫“{somebody.name}”（{codes}），请填写电话加以区分，或直接填写编码。",
                severity_is_error=True,
            )
        )

    def _same_names(self, people: Sequence[_Somebody]) -> None:
        """Warn of people of one name with different phones in one community: often one person and a slip of a digit."""
        first: dict[tuple[str, Scope], _Somebody] = {}
        for somebody in people:
            if not somebody.phone:
                continue
            for scope in sorted(somebody.scopes):
                other = first.setdefault((plain_name(somebody.name), scope), somebody)
                if other is not somebody and scope[0] == "area":
                    row = other.mentions[0].row.number
                    self._findings.append(
                        _about(
                            somebody,
                            "same-name-other-phone",
                            f"{somebody.name} stands in row {row} with another phone: taken for two people.",
                            f"第 {row} 行也有“{somebody.name}”，电话不同，按两个人处理。",
                        )
                    )
                    break


def _people(mentions: Sequence[Mention]) -> list[_Somebody]:
    """The people of a sheet: one for each name and phone; a name without phone is the one of that name beside it."""
    known: dict[tuple[str, str], _Somebody] = {}
    for mention in mentions:
        person = mention.person
        if person.phone:
            key = (plain_name(person.name), person.phone)
            known.setdefault(key, _Somebody(person.name, person.phone)).mentions.append(mention)
    by_place: dict[tuple[str, Scope], list[_Somebody]] = defaultdict(list)
    for (name, _), somebody in known.items():
        for scope in somebody.scopes:
            by_place[name, scope].append(somebody)
    unphoned: dict[tuple[str, Scope], _Somebody] = {}
    for mention in mentions:
        if not mention.person.phone:
            name, scope = plain_name(mention.person.name), _widest(mention.row)
            beside = by_place.get((name, scope), [])
            somebody = (
                beside[0]
                if len(beside) == 1
                else unphoned.setdefault((name, scope), _Somebody(mention.person.name, ""))
            )
            somebody.mentions.append(mention)
    return [*known.values(), *unphoned.values()]


def _widest(row: Row) -> Scope:
    """The community of a row, or its target where none is known."""
    return next((scope for scope in sorted(row.scopes) if scope[0] == "area"), next(iter(sorted(row.scopes))))


def _phone_changed(somebody: _Somebody, code: str) -> tuple[str, str]:
    return (
        f"{somebody.name} ({code}) has another phone in the database; the sheet's replaces it.",
        f"{somebody.name}（{code}）原登记的电话不同，将改为表中的电话。",
    )


def _same_name(somebody: _Somebody, others: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    codes = ", ".join(str(one["code"]) for one in others[:_SHOWN])
    return (
        f"There is another {somebody.name} ({codes}), elsewhere or with another phone: taken for somebody new.",
        f"已有同名人员（{codes}），但社区或电话不同，按新人员处理。",
    )


def _about(
    somebody: _Somebody, kind: str, message: str, message_zh: str, *, severity_is_error: bool = False
) -> Finding:
    mention = somebody.mentions[0]
    return Finding(
        "error" if severity_is_error else "warning",
        kind,
        message,
        message_zh,
        row=mention.row.number,
        code=mention.row.target.code,
        facts={"column": mention.column, "value": somebody.name},
    )
