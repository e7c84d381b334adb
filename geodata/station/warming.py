"""What the walking network and its walks run, compiled ahead of its first use."""

import tempfile
from pathlib import Path

import numpy as np
import shapely

from geodata.station.gaps import clusters
from geodata.station.homes import Homes
from geodata.station.network.arrays import Barrier, Line, Network
from geodata.station.network.build import build_network
from geodata.station.network.files import read_record, write_records
from geodata.station.network.fresh import discard_outdated
from geodata.station.network.pieces import reached_pieces
from geodata.station.network.places import nearest_places, place_index, place_times
from geodata.station.network.profiles import ADULT
from geodata.station.network.reach import nearest, reach
from geodata.station.network.snap import connect
from geodata.station.optimum import prove_most
from geodata.station.outline import outline
from geodata.station.site import Covers, fewest_sites, most_reached, uncovered

_MINUTES = 5 * 60_000


def warm() -> None:
    """Compile what walks are counted by, so that no server does; called at set-up, as the user who will serve."""
    discard_outdated()
    network, homes = _small()
    places = connect(network, homes.start_lons, homes.start_lats, place=homes.start_place, places=len(homes))
    stations = connect(network, homes.lons[:1], homes.lats[:1])
    edge_ms = ADULT.edge_ms(network)
    index = place_index(network, places)
    place_times(network, ADULT, index, stations, _MINUTES)
    nearest_places(network, ADULT, index, stations)
    reach(network, edge_ms, ADULT, stations, _MINUTES)
    nearest(network, edge_ms, ADULT, stations)
    reached_pieces(network, edge_ms, ADULT, stations, _MINUTES)
    clusters(network, homes.lons, homes.lats, homes.counts["households"])
    outline(network, ADULT, stations, (2, 5))
    _warm_siting()


def _warm_siting() -> None:
    """Choose among three sites that reach five places between them."""
    covers = Covers(np.array([0, 2, 4, 6]), np.array([0, 1, 1, 2, 3, 4], dtype=np.int32))
    wanted = uncovered(covers, np.ones(5), np.zeros(5, np.bool_))
    fewest_sites(wanted, 4)
    prove_most(wanted, 2, most_reached(wanted, 1))


def _small() -> tuple[Network, Homes]:
    """Two streets with a pond, and two homes, mapped from files as those of a server are."""
    lines = [
        Line(shapely.LineString(points)) for points in ([(87, 36), (87.004, 36)], [(87.002, 36), (87.002, 36.004)])
    ]
    pond = Barrier(shapely.box(87.0005, 36.0002, 87.0008, 36.0004))
    lons, lats = np.array([87.0005, 87.0025]), np.array([36.0006, 36.001])
    counts, source = {"households": np.ones(2)}, np.zeros(2, np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        homes = Homes(lons, lats, counts, source, lons, lats, np.arange(2, dtype=np.int32))
        write_records(Path(folder), "small", network=build_network(lines, [pond]), homes=homes)
        small = Path(folder, "small")
        return read_record(small, "network", Network), read_record(small, "homes", Homes)
