"""Bad polygons collected by others: ring sets as JSON, validity cases as XML."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import shapely


def ring_sets(folder: Path) -> Iterator[shapely.Geometry | None]:
    """Every ring set as drawn, closed; None where a ring has too few points even to be written down."""
    for path in sorted(folder.glob("*.json")):
        try:
            rings = [shapely.LinearRing(ring) for ring in json.loads(path.read_text()) if len(ring)]
        except ValueError:
            yield None
            continue
        yield shapely.Polygon(rings[0], rings[1:]) if rings else shapely.Polygon()


def shapes_of(folder: Path) -> Iterator[tuple[shapely.Geometry, bool | None]]:
    """Every geometry of the test files, and what they expect of its validity."""
    for path in sorted(folder.glob("*.xml")):
        for case in ElementTree.fromstring(path.read_text(encoding="utf-8", errors="replace")).iter("case"):
            verdict = next((op.text for op in case.iter("op") if op.get("name") == "isValid"), None)
            for element in [*case.findall("a"), *case.findall("b")]:
                text = re.sub(r"\s+", " ", element.text or "").strip()
                try:
                    with np.errstate(invalid="ignore"):
                        hexadecimal = re.fullmatch(r"[0-9A-Fa-f]+", text)
                        read = shapely.from_wkb(text) if hexadecimal else shapely.from_wkt(text)
                except shapely.GEOSException:
                    # A ring of one point: GEOS's own reader refuses it before anybody could load it.
                    continue
                yield read, (verdict.strip() == "true" if verdict else None)


def scaled(shape: shapely.Geometry | None) -> shapely.Geometry | None:
    """The shape as it would lie in a city: 0.1 degrees wide, somewhere in China."""
    xy = shapely.get_coordinates(shape)
    if shape is None or not len(xy) or not np.isfinite(xy).all():
        return shape
    low, size = xy.min(axis=0), max(np.ptp(xy, axis=0).max(), 1e-12)
    return shapely.transform(shape, lambda points: (points - low) / size * 0.1 + (117, 36.5))
