"""Homes that are where they were keep their connectors; the result is the same as counting all anew."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geodata.station.homes import Homes
from geodata.station.network import homes_connected
from geodata.station.network.arrays import Network
from geodata.station.network.homes_connected import connect_homes
from geodata.station.network.snap import Connectors, connect
from tests.drawn_streets import drawn, place

TOWN = drawn(
    """
    +--+--+--+
    |  |     |
    +--+  ~~~|~~
       |     |
       +-----+
    """
).network
SPOTS = st.tuples(st.integers(0, 10), st.integers(0, 5))
HOMES = st.dictionaries(SPOTS, st.lists(SPOTS, min_size=1, max_size=3), max_size=8)


def homes_of(starts: dict[tuple[int, int], list[tuple[int, int]]]) -> Homes:
    """Homes at spots, each with the spots that its walks begin at."""
    at = sorted((place(*spot), [place(*start) for start in found]) for spot, found in starts.items())
    points = np.array([point for point, _ in at], np.float64).reshape(-1, 2)
    begin = np.array([start for _, found in at for start in found], np.float64).reshape(-1, 2)
    of = np.repeat(np.arange(len(at), dtype=np.int32), [len(found) for _, found in at])
    lons, lats, start_lons, start_lats = (np.ascontiguousarray(column) for column in (*points.T, *begin.T))
    counts, source = {"households": np.ones(len(at))}, np.zeros(len(at), np.uint8)
    return Homes(lons, lats, counts, source, start_lons, start_lats, of)


@settings(max_examples=80, deadline=None)
@given(before=HOMES, now=HOMES, kept=st.booleans())
def test_connectors_that_are_kept_are_those_that_would_be_counted(
    before: dict[tuple[int, int], list[tuple[int, int]]], now: dict[tuple[int, int], list[tuple[int, int]]], kept: bool
) -> None:
    known = homes_of(before)
    homes = homes_of({**before, **now} if kept else now)
    found = connect_homes(TOWN, homes, (known, connect_homes(TOWN, known)))
    counted = connect_homes(TOWN, homes)
    for field in fields(Connectors):
        assert np.array_equal(getattr(found, field.name), getattr(counted, field.name)), field.name


def test_only_homes_that_moved_are_counted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    known = homes_of({(0, 1): [(0, 1)], (4, 1): [(4, 0), (3, 1)], (9, 9): [(9, 9)]})
    before = known, connect_homes(TOWN, known)
    asked: list[int] = []

    def counting(network: Network, lons: Any, lats: Any, **given: Any) -> Connectors:
        asked.append(len(lons))
        return connect(network, lons, lats, **given)

    monkeypatch.setattr(homes_connected, "connect", counting)
    # A new gate, a home that is gone, and a new one.
    connect_homes(TOWN, homes_of({(0, 1): [(0, 1)], (4, 1): [(4, 0), (3, 2)], (1, 1): [(1, 1)]}), before)
    assert asked == [3]
