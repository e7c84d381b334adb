"""Bring a generated city into PostGIS through the ordinary load door, in one transaction."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
from psycopg import Connection

from geodata.intake.report import LoadOptions, Progress
from geodata.load import load_frame, silent
from geodata.sample.affairs import NORMS_SINCE
from geodata.sample.city import SampleCity
from geodata.times import parse_time

EFFECTIVE = "2023-01-01"
WGS84 = "EPSG:4326"
KINDS = (
    "compounds", "gates", "buildings", "places", "streets", "barriers", "addresses", "roles", "workers",
    "organisations", "stations", "stops", "calendar", "matters", "texts", "duties", "leave", "norms",
    "counts",
)  # fmt: skip


def load_city(connection: Connection[Any], city: SampleCity, progress: Progress = silent) -> None:
    """Load every table of a city whose kind can be loaded, in force since before its first duty; commits nothing.

    Raises
    ------
    LoadRefusedError
        The generated data has errors.
    """
    for kind, layer, frame in _tables(city):
        effective = parse_time(NORMS_SINCE if kind == "norms" else EFFECTIVE)
        options = LoadOptions(layer=layer, crs=WGS84, effective=effective, commit=True, actor="sample")
        load_frame(connection, kind, frame, options=options, name=f"sample {kind}", progress=progress)


def _tables(city: SampleCity) -> Iterator[tuple[str, str | None, pd.DataFrame]]:
    """Kind, layer and frame in an order in which every reference is there before it is needed."""
    yield "areas", None, city.areas
    yield "layers", None, city.layers
    for layer, grids in city.grids.items():
        yield "grids", layer, grids
    for kind in KINDS:
        if len(table := getattr(city, kind)):
            yield kind, None, table
