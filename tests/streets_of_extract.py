"""Streets and barriers of an OpenStreetMap extract as the network is built of them, without a database."""

from pathlib import Path
from typing import Any

import shapely

from geodata.exchange.osm import read_osm
from geodata.station.network.arrays import Barrier, Line


def read_extract(path: Path) -> tuple[list[Line], list[Barrier]]:
    """Lines and barriers, with who walks, where nobody passes and where lines were clipped."""
    streets, barriers = (read_osm(path, layer).frame for layer in ("streets", "barriers"))
    columns = (streets.geometry, streets["name"], streets["foot"], streets["closed"], streets["cut"])
    lines = [
        Line(geom, name if isinstance(name, str) else "", foot, _points(closed), _points(cut))
        for geom, name, foot, closed, cut in zip(*columns, strict=True)
    ]
    return lines, [Barrier(geom, kind) for geom, kind in zip(barriers.geometry, barriers["class"], strict=True)]


def _points(text: Any) -> Any:
    return shapely.from_wkt(text) if isinstance(text, str) else None
