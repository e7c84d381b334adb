"""How an operation says no: why, where, which grids, and what to do instead."""

from collections.abc import Iterable

from geodata.errors import EditRefusedError
from geodata.grid.plane import Place

Where = tuple[float, float] | Place | None


def refused(
    reason: str, detail: str, detail_zh: str, where: Where = None, grids: Iterable[str] = ()
) -> EditRefusedError:
    """The error of a refused operation.

    Parameters
    ----------
    reason
        Stable word in kebab-case.
    detail, detail_zh
        What is in the way and what to do, in English and Chinese; the place is said after it.
    where
        Longitude and latitude of the place in the way.
    grids
        Keys of the grids concerned.
    """
    if where is None:
        return EditRefusedError(detail, detail_zh, reason=reason, grids=sorted(grids))
    lon, lat = (float(value) for value in where)
    at, at_zh = f" (at {lon:.7f}, {lat:.7f})", f"（位于 {lon:.7f}，{lat:.7f}）"
    return EditRefusedError(detail + at, detail_zh + at_zh, reason=reason, lon=lon, lat=lat, grids=sorted(grids))
