"""What a dispatcher says that a text means, kept so that the next caller is found: added, listed, withdrawn, undone."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row

from geodata.access import record_audit
from geodata.address.normalize import LONGEST, normalize
from geodata.address.reading import folded
from geodata.address.words import AREA_ENDINGS, COMPOUND_ENDINGS, ROAD_ENDINGS, UNIT_WORDS
from geodata.changes import join_changes, noted_change
from geodata.crs import checked_point
from geodata.errors import InputError, NotKnownError
from geodata.queries import named_queries

ADD: Final = "address.pin"
WITHDRAW: Final = "address.unpin"
KINDS: Final = ("address", "building", "compound", "place", "station")
LONGEST_LABEL: Final = 200
_TARGET: Final = "address_aliases"

_OF_PEOPLE: Final = frozenset({"phone", "person", "identity"})
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})
_EMPTY_BRACKETS: Final = re.compile(r"[(（【\[][\s,，:：、]*[)）】\]]")

_COMMON = sorted({*ROAD_ENDINGS, *COMPOUND_ENDINGS, *(word for words in AREA_ENDINGS.values() for word in words)})
_UNITS = sorted(UNIT_WORDS, key=len, reverse=True)
# What many places are called: pinned, it would send the callers of all of them to one.
_NAMES_NOTHING: Final = re.compile(
    f"(?:{'|'.join(_COMMON)}|十?字?路口|交叉口)?"
    f"(?:(?:[0-9-]++|[零一二三四五六七八九十百幺]++|[a-z])(?:{'|'.join(map(re.escape, _UNITS))}))*+[0-9-]*+"
)

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Pin:
    """A text and what it means.

    Parameters
    ----------
    pin_id
        Identity.
    typed
        The text as it was typed, without people.
    text
        As it is matched.
    kind, code
        The record that is meant; None where it is a point.
    label
        Name of the record or the point.
    lon, lat
        EPSG:4326 degrees of a point; None of a record.
    recorded_at, recorded_by
        When, and who said so.
    """

    pin_id: int
    typed: str
    text: str
    kind: str | None
    code: str | None
    label: str
    lon: float | None
    lat: float | None
    recorded_at: datetime
    recorded_by: str


def pin_address(
    connection: Connection[Any],
    typed: str,
    actor: str,
    *,
    kind: str | None = None,
    code: str | None = None,
    label: str = "",
    lon: float | None = None,
    lat: float | None = None,
) -> Pin:
    """Let a text mean a record, or a point with a label, from now on; what it meant before, it means no more.

    Parameters
    ----------
    connection
        Nothing is committed here.
    typed
        As somebody said it.
    actor
        Who pins it.
    kind, code
        One of `KINDS`, and the code of a record in force.
    label, lon, lat
        Of a point instead, EPSG:4326 degrees.

    Raises
    ------
    InputError
        The text says nothing or is too long; neither a record nor a point with a label is given, or both are.
    CoordinateError
        It is no place on Earth.
    NotKnownError
        There is no such record now.
    """
    if len(typed) <= LONGEST:
        typed = of_the_place(typed)
    text = pinned_text(typed)
    record = kind is not None or code is not None
    if record == (lon is not None or lat is not None):
        raise InputError(
            "pin it either to a record (kind and code) or to a point (lon, lat and label)",
            "请指定对象（kind 和 code）或坐标点（lon、lat 和 label），二者取一",
        )
    if record:
        label = _name_of(connection, kind, code)
    else:
        lon, lat = _point(lon, lat)
        label = of_the_place(label[: LONGEST_LABEL + 1])
        if not label or len(label) > LONGEST_LABEL:
            raise InputError(
                f"a point needs a label of 1 to {LONGEST_LABEL} characters: what it is called, not who lives there",
                f"坐标点需要 1 至 {LONGEST_LABEL} 个字的名称：写地点，不写人名与电话",
            )
    join_changes(connection)
    connection.execute(_SQL["lock"])
    # What callers say about where they live is no fact for a log.
    facts = {"kind": kind or "point", "code": code}
    with noted_change(connection, actor, ADD, _TARGET, facts):
        connection.execute(_SQL["withdraw_text"], {"text": text})
        values = {"typed": typed, "text": text, "kind": kind, "code": code, "label": label, "lon": lon,
                  "lat": lat, "actor": actor}  # fmt: skip
        row = connection.execute(_SQL["add"], values).fetchone()
    assert row is not None
    record_audit(connection, actor=actor, action=ADD, target=str(row[0]), facts=facts)
    return one_pin(connection, int(row[0]))


def withdraw_pin(connection: Connection[Any], pin_id: int, actor: str) -> None:
    """Let a text mean what it was pinned to no more.

    Raises
    ------
    NotKnownError
        There is no such pin, or it was withdrawn before.
    """
    join_changes(connection)
    connection.execute(_SQL["lock"])
    with noted_change(connection, actor, WITHDRAW, _TARGET):
        withdrawn = connection.execute(_SQL["withdraw"], {"pin_id": pin_id}).fetchone()
        if withdrawn is None:
            raise _no_such(pin_id)
    record_audit(connection, actor=actor, action=WITHDRAW, target=str(pin_id), facts={})


def one_pin(connection: Connection[Any], pin_id: int) -> Pin:
    """A pin that holds.

    Raises
    ------
    NotKnownError
        There is none of this identity.
    """
    found = _pins(connection, pin_id=pin_id, limit=1)
    if not found:
        raise _no_such(pin_id)
    return found[0]


def list_pins(
    connection: Connection[Any], *, text: str | None = None, before: int | None = None, limit: int = 100
) -> list[Pin]:
    """Pins that hold, the newest first.

    Parameters
    ----------
    text
        Only what this text means.
    before
        Only pins made before the one of this identity.
    """
    return _pins(connection, text=None if text is None else pinned_text(text), before=before, limit=limit)


def pinned_text(typed: str) -> str:
    """A text as pins are compared: without separators, characters folded.

    Raises
    ------
    InputError
        Nothing is left of it, or it is too long.
    """
    text = folded(typed).replace(" ", "") if len(typed) <= LONGEST else ""
    if len(text) < 2 or _NAMES_NOTHING.fullmatch(text):
        raise InputError(
            f"the text must say more than a number or a word such as 小区, in 2 to {LONGEST} characters",
            f"文本应为 2 至 {LONGEST} 个字，且不能只有数字或“小区”之类的通称",
        )
    return text


def of_the_place(text: str) -> str:
    """A text without phones, identity numbers and people's names, and without characters that nobody sees.

    Notes
    -----
    What callers say is kept as another name of a place and shown to all; who called is kept nowhere.
    """
    shown = "".join(" " if character.isspace() else character for character in text)
    shown = "".join(character for character in shown if unicodedata.category(character) not in _UNSEEN)
    for aside in reversed(normalize(shown).aside):
        if aside.kind in _OF_PEOPLE:
            shown = f"{shown[: aside.start]} {shown[aside.end :]}"
    return " ".join(_EMPTY_BRACKETS.sub(" ", shown).split()).strip(" ,，、:：;；。")


def _pins(
    connection: Connection[Any],
    *,
    pin_id: int | None = None,
    text: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Pin]:
    values = {"pin_id": pin_id, "text": text, "before": before, "limit": limit}
    with connection.cursor(row_factory=class_row(Pin)) as cursor:
        return cursor.execute(_SQL["pins"], values).fetchall()


def _name_of(connection: Connection[Any], kind: str | None, code: str | None) -> str:
    if kind not in KINDS or not code:
        raise InputError(
            f"kind must be one of {', '.join(KINDS)}, with the code of one",
            f"kind 应为 {'、'.join(KINDS)} 之一，并给出其编码",
        )
    row = connection.execute(_SQL["target"], {"kind": kind, "code": code}).fetchone()
    if row is None:
        raise NotKnownError(
            f"there is no {kind} {code!r} now", f"没有编码为“{code}”的对象（{kind}）", kind=kind, code=code
        )
    return str(row[0])


def _point(lon: float | None, lat: float | None) -> tuple[float, float]:
    if lon is None or lat is None:
        raise InputError("a point needs both lon and lat", "坐标点需要 lon 和 lat")
    return checked_point(lon, lat)


def _no_such(pin_id: int) -> NotKnownError:
    return NotKnownError(f"There is no pinned address {pin_id}.", f"没有编号为 {pin_id} 的固定地址。", pin=pin_id)
