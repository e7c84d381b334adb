"""Stage 4 for streets: whether people could walk on them, from any to any other."""

from collections.abc import Sequence

import numpy as np

from geodata.records import Finding
from geodata.station.network.arrays import Line, Network
from geodata.station.network.build import build_network

LISTED = 50
OWN = 0.02
"""Share of the length from which on a piece is a network of its own, as beyond a river without a bridge."""


def walk_findings(lines: Sequence[Line], box: Sequence[float]) -> list[Finding]:
    """A warning where no street is walked, and one for each piece of the network that is not joined to the longest.

    Parameters
    ----------
    lines
        All streets as they would be after the load.
    box
        West, south, east, north of what is loaded, degrees: pieces of other cities are none of its business.

    Notes
    -----
    The longest `LISTED` pieces are listed with length and place, the others counted.
    """
    network = build_network(lines)
    if not len(network.tail):
        return [_nobody_walks()] if len(lines) else []
    west, south, east, north = box
    inside = (west <= network.lons) & (network.lons <= east) & (south <= network.lats) & (network.lats <= north)
    pieces = np.unique(network.piece[inside])
    total = int(network.piece_mm[pieces].sum())
    findings = [_apart(network, piece, total) for piece in pieces[1 : LISTED + 1].tolist()]
    if rest := len(pieces[LISTED + 1 :]):
        findings.append(_more(rest, int(network.piece_mm[pieces[LISTED + 1 :]].sum())))
    return findings


def _nobody_walks() -> Finding:
    return Finding(
        "warning",
        "no-foot-ways",
        "None of the streets is walked, by the column foot or by class: there would be no walking network.",
        "所有道路均不可步行（按 foot 列或道路等级判断），无法形成步行网络。",
    )


def _apart(network: Network, piece: int, total: int) -> Finding:
    """What one piece is: its length, and the place and name of its longest edge."""
    edges = np.flatnonzero(network.piece[network.tail] == piece)
    longest = int(edges[network.mm[edges].argmax()])
    named = edges[network.name[edges] > 0]
    name = network.names[network.name[named[network.mm[named].argmax()]]] if len(named) else ""
    metres = int(network.piece_mm[piece]) / 1000
    middle = int(network.shape_first[longest] + network.shape_first[longest + 1] - 1) // 2
    called, called_zh = (f" of {name}", f"{name}等") if name else ("", "")
    part = metres * 1000 / total
    share = f"{part:.1%}" if part >= 0.0005 else "<0.1%"
    end, end_zh = ("nobody walks there", "步行无法到达") if part < OWN else ("a network of its own", "自成一片路网")
    lon, lat = float(network.shape_lons[middle]), float(network.shape_lats[middle])
    return Finding(
        "warning",
        "unconnected-piece",
        f"{_far(metres)} of streets{called} at {lon:.5f},{lat:.5f}, {share} of all, do not join the rest: {end}.",
        f"{lon:.5f},{lat:.5f} 处有{called_zh}{_far_zh(metres)}道路与其余路网不连通（占总长的 {share}），{end_zh}。",
        lon=lon,
        lat=lat,
        facts={"metres": round(metres, 1), "share": round(part, 6)},
    )


def _more(count: int, mm: int) -> Finding:
    metres = mm / 1000
    return Finding(
        "warning",
        "unconnected-piece",
        f"{count:,} more pieces, {_far(metres)} in all, are joined to nothing else.",
        f"另有 {count:,} 段道路与其余路网不连通，共{_far_zh(metres)}。",
        facts={"count": count, "metres": round(metres, 1)},
    )


def _far(metres: float) -> str:
    return f"{metres / 1000:.1f} km" if metres >= 1000 else f"{metres:.0f} m"


def _far_zh(metres: float) -> str:
    return f" {metres / 1000:.1f} 公里" if metres >= 1000 else f" {metres:.0f} 米"
