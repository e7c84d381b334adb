"""What a notice board says: plain records without any layout, the same for paper, page and API.

Names and phones are as the public sees them: they were masked when the records were built, and nothing here can undo
that.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

import orjson

from service.maps.words import Language

Kind = Literal["grid", "compound", "community"]
KINDS: Final[tuple[Kind, ...]] = ("grid", "compound", "community")

_DIALABLE = re.compile(r"\+?\d[\d\s()转,-]*\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Figure:
    """A count on the board; ``source`` is ``register``, ``stated`` or ``measured``."""

    name: str
    value: float
    source: str = "measured"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who answers.

    Parameters
    ----------
    target_kind, target
        What the duty is for (``area grid compound building``) and its name.
    masked
        Whether the phone is not the whole number, because it is not public.
    hours
        Weekly hours in OSM ``opening_hours`` syntax; empty for always.
    """

    role: str
    role_name: str
    name: str
    phone: str
    target_kind: str
    target: str
    stand_in: bool = False
    masked: bool = False
    hours: str = ""

    @property
    def dialable(self) -> bool:
        """Whether somebody can call the number as it stands on the board."""
        return dialable(self.phone)


@dataclass(frozen=True, slots=True)
class Tier:
    """One step of the organisation: an area, the grid, a compound, the buildings below, and who is there."""

    kind: str
    name: str
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class RoleTold:
    """What a role does."""

    name: str
    duties: str


@dataclass(frozen=True, slots=True)
class MatterTold:
    """A kind of work, who answers for it, and by when it is promised to be done.

    ``by_hotline`` where the phone is a hotline's, because nobody responsible has a public one.
    """

    name: str
    description: str
    responsible: str
    person: str
    phone: str
    promised_minutes: int | None
    by_hotline: bool = False


@dataclass(frozen=True, slots=True)
class StationTold:
    """A service station; ``lon`` and ``lat`` are None of one without a place."""

    name: str
    category: str
    address: str
    phone: str
    hours: str
    walk_minutes: float | None = None
    metres: float | None = None
    straight: bool = False
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True, slots=True)
class TextTold:
    """A text that a clerk wrote: a hotline has a phone, a notice a body."""

    title: str
    body: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class BoardFinding:
    """Something that is wrong with a board as it would hang, for those who can mend it."""

    kind: str
    message: str
    message_zh: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """All that a board says.

    Parameters
    ----------
    kind, code, name
        What it is about.
    layer, layer_name
        Of the grids that are shown.
    above
        Names of the areas that it lies in, the highest first.
    grids
        Codes and names of its grids.
    tiers
        Who answers, from the highest area to the buildings.
    release, release_day
        Number of the release in force and its local day; None and empty before the first.
    day
        Local day that the board is true for.
    here
        Longitude and latitude of where it hangs, where that is known.
    """

    kind: Kind
    code: str
    name: str
    layer: str
    layer_name: str
    lang: Language
    above: tuple[str, ...] = ()
    grids: tuple[tuple[str, str], ...] = ()
    figures: tuple[Figure, ...] = ()
    tiers: tuple[Tier, ...] = ()
    roles: tuple[RoleTold, ...] = ()
    matters: tuple[MatterTold, ...] = ()
    hotlines: tuple[TextTold, ...] = ()
    stations: tuple[StationTold, ...] = ()
    intro: TextTold | None = None
    notices: tuple[TextTold, ...] = ()
    footer: str = ""
    release: int | None = None
    release_day: str = ""
    day: str = ""
    here: tuple[float, float] | None = None
    link: str = ""
    attribution: str = ""
    approval_number: str = ""
    logo: str = ""
    shapes: str = ""

    @property
    def people(self) -> list[Person]:
        """Everybody on the board, the highest tier first."""
        return [person for tier in self.tiers for person in tier.people]

    @property
    def own(self) -> list[Person]:
        """Those whose duty is for what the board is about, or for something in it: no area above."""
        return [person for tier in self.tiers if tier.kind != "above" for person in tier.people]

    def digest(self) -> str:
        """The same for the same content: day and release do not count, what is written and drawn from them does.

        Notes
        -----
        A board that hangs is stale when its digest is another one now. The base map does not count either.
        """
        told = {name: value for name, value in asdict(self).items() if name not in ("day", "release", "release_day")}
        return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()

    def parts(self) -> dict[str, str]:
        """Digests of what it says, by part: ``name people duties matters …``."""
        told = {
            "name": (self.name, self.above, self.layer_name),
            "people": [asdict(tier) for tier in self.tiers],
            "duties": [asdict(one) for one in self.roles],
            "matters": [asdict(one) for one in self.matters],
            "hotlines": [asdict(one) for one in self.hotlines],
            "stations": [asdict(one) for one in self.stations],
            "texts": [self.intro and asdict(self.intro), [asdict(one) for one in self.notices], self.footer],
            "figures": [asdict(one) for one in self.figures],
            "plan": (self.shapes, self.grids, self.here),
            "print": (self.link, self.attribution, self.approval_number, self.logo),
        }
        return {name: hashlib.blake2b(orjson.dumps(value), digest_size=6).hexdigest() for name, value in told.items()}


def dialable(phone: str) -> bool:
    """Whether a text is a whole phone number: digits alone, none of them hidden."""
    return bool(_DIALABLE.fullmatch(phone.strip()))


def findings(board: Board) -> tuple[BoardFinding, ...]:
    """What is wrong with a board: whoever stands before it could call nobody, or nobody is there to be called."""
    return (*_of_people(board), *_of_numbers(board), *_of_texts(board))


def _of_people(board: Board) -> Sequence[BoardFinding]:
    if not board.own:
        return [
            BoardFinding(
                "nobody-on-duty",
                f"Nobody has a duty for {board.name}: the board names only those of the areas above.",
                f"“{board.name}”没有责任人：公示牌上只有上级区划的人员。",
            )
        ]
    if board.kind != "community":
        return []
    manned = {tier.name for tier in board.tiers if tier.kind == "grid" and tier.people}
    empty = [name for _, name in board.grids if name not in manned]
    if not empty:
        return []
    return [
        BoardFinding(
            "grids-without-people",
            f"{len(empty)} of its grids have nobody: {', '.join(empty[:5])}.",
            f"{len(empty)} 个网格没有责任人：{'、'.join(empty[:5])}。",
            {"grids": empty[:50]},
        )
    ]


def _of_numbers(board: Board) -> Sequence[BoardFinding]:
    found = []
    hidden = [person for person in board.own if person.masked]
    own = [person.phone for person in board.own]
    others = [*(person.phone for person in board.people), *(one.phone for one in board.matters)]
    if not any(map(dialable, own)):
        reach = any(map(dialable, [*others, *(one.phone for one in board.hotlines)]))
        found.append(
            BoardFinding(
                "no-dialable-number",
                f"No phone of those responsible for {board.name} can be dialled from the board"
                + (": only numbers of offices above and hotlines." if reach else ", and no other number either."),
                f"公示牌上没有“{board.name}”责任人可拨打的电话"
                + ("，只有上级单位和热线。" if reach else "，也没有其他电话。"),
                {"any_number": reach},
            )
        )
    if hidden:
        names = list(dict.fromkeys(person.role_name for person in hidden))
        found.append(
            BoardFinding(
                "phone-not-public",
                f"{len(hidden)} phones are hidden because neither role nor person makes them public: "
                f"{', '.join(names[:6])}.",
                f"{len(hidden)} 个电话因角色和人员均未设为公开而隐藏：{'、'.join(names[:6])}。",
                {"roles": names, "phones": len(hidden)},
            )
        )
    return found


def _of_texts(board: Board) -> Sequence[BoardFinding]:
    found = []
    if not any(dialable(one.phone) for one in board.hotlines):
        found.append(
            BoardFinding(
                "no-hotline",
                "There is no hotline: load one as a text of the slot hotline, for everywhere or for an area above.",
                "没有服务热线：请导入栏目为“热线”的公示文字，可用于全部或上级区划。",
            )
        )
    unanswered = [one.name for one in board.matters if not one.responsible and not one.phone]
    if unanswered:
        found.append(
            BoardFinding(
                "matter-without-anybody",
                f"Nobody answers for {len(unanswered)} matters: {', '.join(unanswered[:5])}.",
                f"{len(unanswered)} 个事项没有责任角色、部门或电话：{'、'.join(unanswered[:5])}。",
                {"matters": unanswered[:50]},
            )
        )
    return found
