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
        ``made-valid``, ``closed-gap``, ``removed-overlap``, ``clipped`` or ``dropped-sliver``.
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
