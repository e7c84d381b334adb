"""What became of a grid or an area that is no more: since when, and what lies where it lay."""

from bisect import bisect_left
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Final

import shapely

from geodata.errors import NotKnownError, RetiredError
from geodata.moment import Moment
from geodata.records import Area, GridVersion
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


def area_or_retired(moment: Moment, code: str) -> Area:
    """The area of a code.

    Raises
    ------
    RetiredError
        It was in force before, and is not now: ``retired_at`` and ``replaced_by`` say what became of it.
    NotKnownError
        There never was such an area up to now.
    """
    try:
        return moment.area(code)
    except NotKnownError:
        gone = moment.last_area(code)
        if gone is None:
            raise
    raise _retired_area(moment, *gone)


def _retired_area(moment: Moment, gone: Area, shape: shapely.Geometry | None) -> RetiredError:
    """What is told of an area that is no more."""
    when = instant(gone.valid_to).astimezone(moment.zone)
    after = [] if shape is None else _areas_there(moment, gone, shape)
    names = [area.name for area, _ in after[:_NAMED]]
    more, more_zh = (" …", "等") if len(after) > _NAMED else ("", "")
    replaced = f"replaced by {', '.join(names)}{more}" if after else "nothing is known to replace it"
    replaced_zh = f"已由 {'、'.join(names)}{more_zh} 取代" if after else "无已知的取代区划"
    return RetiredError(
        f"area {gone.code!r} ({gone.name}) is no more since {when:%Y-%m-%d %H:%M}: {replaced}",
        f"区划“{gone.name}”（{gone.code}）自 {when:%Y-%m-%d %H:%M} 起停用，{replaced_zh}",
        code=gone.code,
        name=gone.name,
        retired_at=when.isoformat(),
        replaced_by=[{"code": area.code, "name": area.name, "share": round(share, 4)} for area, share in after],
    )


def _areas_there(moment: Moment, gone: Area, shape: shapely.Geometry) -> list[tuple[Area, float]]:
    """Areas of its level with at least `LEAST_SHARE` of the ground of one, and their shares, the largest first."""
    found = []
    for area in moment.areas.values():
        ground = moment.area_geometry(area.code) if area.level == gone.level else None
        share = 0.0 if ground is None else float(shapely.intersection(shape, ground).area / shape.area)
        if share >= LEAST_SHARE:
            found.append((area, share))
    return sorted(found, key=lambda one: (-one[1], one[0].code))
