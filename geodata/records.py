"""The records that stages hand to each other: one thing each, frozen.

Coordinates are (lon, lat) in degrees, EPSG:4326. Times are integer microseconds since 1970-01-01 UTC, half-open
``[from, to)``; ``FOREVER_FROM`` and ``FOREVER_TO`` stand for open ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

FOREVER_FROM = -(2**63)
FOREVER_TO = 2**63 - 1

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault, or one thing worth a look, in loaded or stored data.

    Parameters
    ----------
    severity
        ``error`` refuses a commit, ``warning`` does not.
    kind
        Stable name of the kind of fault, in kebab-case (``invalid-ring``, ``overlap``, ``missing-column`` …).
    message, message_zh
        What is wrong and what to do, in English and Chinese.
    row
        Row in the source as its user counts: the line or sheet row, the header included, 1-based; the feature's
        1-based position where a source has no header. None where the whole file is meant.
    code
        Code of the record concerned.
    lon, lat
        Place of the fault, EPSG:4326 degrees.
    facts
        Particulars such as ``square_metres``, ``other`` (a code), ``column``.
    """

    severity: Severity
    kind: str
    message: str
    message_zh: str
    row: int | None = None
    code: str | None = None
    lon: float | None = None
    lat: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mend:
    """One repair that was made because ``--repair`` asked for it.

    Parameters
    ----------
    kind
        ``made-valid``, ``closed-gap``, ``removed-overlap``, ``clipped``, ``dropped-sliver``, ``noded`` (vertices
        where streets cross) or ``matched-edges`` (the same vertices on both sides of a border, no ground moved).
    message, message_zh
        What was changed.
    row, code
        As in `Finding`.
    lon, lat
        A place inside the change, EPSG:4326 degrees.
    square_metres
        Area that changed hands.
    """

    kind: str
    message: str
    message_zh: str
    row: int | None = None
    code: str | None = None
    lon: float | None = None
    lat: float | None = None
    square_metres: float = 0.0


@dataclass(frozen=True, slots=True)
class Area:
    """A unit of the administrative hierarchy, as it was from ``valid_from`` to ``valid_to``."""

    area_id: int
    code: str
    name: str
    level: str
    parent_id: int | None
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One purpose of grids; ``tiling`` is ``full`` or ``partial``, ``nested_in`` another layer's code."""

    code: str
    name: str
    name_en: str
    tiling: str
    nested_in: str | None
    is_default: bool
    position: int


@dataclass(frozen=True, slots=True)
class Release:
    """A published state of one layer's tiling, in force from ``effective_at``."""

    layer: str
    number: int
    effective_at: int
    published_at: int
    published_by: str
    note: str
    withdrawn_at: int | None


@dataclass(frozen=True, slots=True)
class GridVersion:
    """A grid as it was from ``valid_from`` to ``valid_to``.

    ``position`` is its place in the layer's grid index, where all versions of all times stand in code order;
    ``households`` and ``persons`` are the stated counts, ``release`` the number of the release that brought it.
    """

    version_id: int
    grid_id: int
    layer: str
    code: str
    name: str
    kind: str
    community_id: int | None
    households: int | None
    persons: int | None
    release: int
    valid_from: int
    valid_to: int
    position: int


@dataclass(frozen=True, slots=True)
class Station:
    """A service station; ``hours`` in OSM ``opening_hours`` syntax, ``parent`` another station's code.

    One without ``lon`` and ``lat`` is mobile, and found at its stops alone.
    """

    station_id: int
    code: str
    name: str
    category: str
    level: str
    parent: str | None
    address: str
    lon: float | None
    lat: float | None
    phone: str
    hours: str
    services: tuple[str, ...]
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of responsibility; says whether the names and phones of those who hold it are public."""

    role_id: int
    code: str
    name: str
    name_en: str
    duties_text: str
    duties_en: str
    name_public: bool
    phone_public: bool
    position: int
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Holder:
    """Who can hold a duty: a ``worker`` or an ``organisation`` with a duty phone."""

    holder_id: int
    kind: str
    code: str
    name: str
    phone: str
    phone_public: bool
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Duty:
    """A holder's responsibility for a target, by its identity.

    ``target_kind`` is ``area grid compound building unit place station``; a unit is a building's identity and the label
    in ``unit``. ``hours`` are weekly hours in OSM ``opening_hours`` syntax, empty for always.
    """

    duty_id: int
    holder_id: int
    role_id: int
    target_kind: str
    target_id: int
    assignment: str
    valid_from: int
    valid_to: int
    unit: str = ""
    hours: str = ""


@dataclass(frozen=True, slots=True)
class Leave:
    """A person's absence; ``stand_in_id`` is the holder who stands in for all of that person's duties, or None."""

    leave_id: int
    holder_id: int
    stand_in_id: int | None
    reason: str
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A local day (ISO text) on which weekly hours mean something else: a ``holiday`` or a weekend ``workday``."""

    day: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Matter:
    """A kind of work: the role or organisation that answers for it (by identity), its phone and promised time."""

    matter_id: int
    code: str
    name: str
    name_en: str
    description: str
    role_id: int | None
    organisation_id: int | None
    phone: str
    promised_minutes: int | None
    position: int
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Norm:
    """How many people of a role each grid, or each area of the level ``per``, is to have; None leaves a limit out.

    ``layer``, ``grid_kind`` and ``area_id`` narrow where it holds; ``most_per_person`` is how many such targets one
    person may hold in the role.
    """

    norm_id: int
    code: str
    role_id: int
    per: str
    layer: str | None
    grid_kind: str | None
    area_id: int | None
    least: int | None
    most: int | None
    most_per_person: int | None
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class BoardText:
    """What boards and cards say besides people, for one area or grid, or everywhere where both are None."""

    text_id: int
    code: str
    slot: str
    area_id: int | None
    grid_id: int | None
    title: str
    title_en: str
    body: str
    body_en: str
    phone: str
    position: int
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Compound:
    """A residential compound or another walled site."""

    compound_id: int
    code: str
    name: str
    aliases: tuple[str, ...]
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Building:
    """A building and the labels of its units; ``compound_id`` is None for one that stands alone."""

    building_id: int
    code: str
    name: str
    compound_id: int | None
    units: tuple[str, ...]
    households: int | None
    lon: float
    lat: float
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Place:
    """A named place other than a compound or a building."""

    place_id: int
    code: str
    name: str
    aliases: tuple[str, ...]
    category: str
    lon: float
    lat: float
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a mobile station stands, at which weekly hours."""

    stop_id: int
    station_id: int
    code: str
    address: str
    lon: float
    lat: float
    hours: str
    valid_from: int
    valid_to: int


@dataclass(frozen=True, slots=True)
class Key:
    """An active key: only the SHA-256 of it is ever kept."""

    sha256: bytes
    role: str
    name: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody responsible at one instant: who, in which role, and through which target (``via``).

    ``reason`` says why somebody is not ``on_duty``: ``off_hours``, ``on_leave`` or ``standby`` (a stand-in while the
    primary is there); ``back_at`` when that ends, where it is known (microseconds). One person of an answer is the one
    to ``call_first``.
    """

    role: Role
    holder: Holder
    assignment: str
    via: str
    on_duty: bool = True
    reason: str | None = None
    hours: str = ""
    back_at: int | None = None
    call_first: bool = False
