"""What became of a grid that is no more: since when, and which grids lie where it lay."""

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

from geodata.errors import NotKnownError, RetiredError
from geodata.moment import Moment
from geodata.records import GridVersion
from geodata.times import instant

LEAST_SHARE: Final = 0.01
"""Who has less of the ground of a grid does not replace it: borders are redrawn a little everywhere."""


_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Successor:
    """A grid that lies where another one lay, and which share of that one's ground it has."""

    grid: GridVersion
    share: float


def grid_or_retired(moment: Moment, layer: str, code: str) -> GridVersion:
    """The grid of a code.

    Raises
    ------
    RetiredError
        It was in force before, and is not now: ``retired_at`` and ``replaced_by`` say what became of it.
    NotKnownError
        There is no such layer, or there never was such a grid up to now; ``elsewhere`` names the layers that have one.
    """
    try:
        return moment.grid(layer, code)
    except NotKnownError as unknown:
        last = last_version(moment, layer, code)
        if last is None:
            unknown.facts["elsewhere"] = _elsewhere(moment, layer, code)
            raise
    raise retired(moment, last)


def _elsewhere(moment: Moment, layer: str, code: str) -> list[dict[str, str]]:
    """The grids of that code in other layers: a link may name a grid and leave its layer out."""
    found = []
    for other in moment.layers:
        with suppress(NotKnownError):
            if other.code != layer:
                found.append({"layer": other.code, "code": code, "name": moment.grid(other.code, code).name})
    return found


def last_version(moment: Moment, layer: str, code: str) -> GridVersion | None:
    """The last state of a grid before this instant; None where there was none.

    Raises
    ------
    NotKnownError
        There is no such layer.
    """
    versions = moment.tilings[moment.layer(layer).code].versions
    begin = bisect_left(versions, code, key=lambda version: version.code)
    own = takewhile(lambda version: version.code == code, versions[begin:])
    return max(
        (version for version in own if version.valid_to <= moment.as_of),
        key=lambda version: version.valid_to,
        default=None,
    )


def successors(moment: Moment, gone: GridVersion) -> Sequence[Successor]:
    """Grids in force that have at least `LEAST_SHARE` of another one's ground, the one with most of it first.

    Notes
    -----
    Shares are of area, measured in degrees: within one grid the scale is the same everywhere, near enough.
    """
    tiling = moment.tilings[gone.layer]
    shape = moment.geometry(gone)
    found = []
    for place in tiling.index.meeting(shape, moment.active(gone.layer)):
        share = shape.intersection(tiling.index.geometry(place)).area / shape.area
        if share >= LEAST_SHARE:
            found.append(Successor(tiling.versions[place], float(share)))
    return sorted(found, key=lambda one: (-one.share, one.grid.code))


def retired(moment: Moment, gone: GridVersion) -> RetiredError:
    """What is told of a grid that is no more."""
    when = instant(gone.valid_to).astimezone(moment.zone)
    after = successors(moment, gone)
    codes = [one.grid.code for one in after[:_NAMED]]
    more, more_zh = (" …", "等") if len(after) > _NAMED else ("", "")
    replaced = f"replaced by {', '.join(codes)}{more}" if after else "no grid lies where it lay"
    replaced_zh = f"已由 {'、'.join(codes)}{more_zh} 取代" if after else "原处现无网格"
    facts: dict[str, Any] = {
        "layer": gone.layer,
        "code": gone.code,
        "name": gone.name,
        "retired_at": when.isoformat(),
        "replaced_by": [{"code": one.grid.code, "name": one.grid.name, "share": round(one.share, 4)} for one in after],
    }
    return RetiredError(
        f"grid {gone.code!r} of layer {gone.layer!r} is no more since {when:%Y-%m-%d %H:%M}: {replaced}",
        f"网格“{gone.code}”（{gone.layer}）自 {when:%Y-%m-%d %H:%M} 起停用，{replaced_zh}",
        **facts,
    )
