"""What an asker should know of the walks in an answer, in English and Chinese."""

import math
from typing import Any, Final

from geodata.station.network.snap import SNAP_METRES

STREETS_ARE_CURRENT: Final[dict[str, Any]] = {
    "code": "streets-are-current",
    "message": "walks are along today's streets: stations and grids are those of the time asked about, the walking "
    "network is kept as it is now",
    "message_zh": "步行路网只有现状：站点与网格为所问时间，步行时间按当前路网计算",
}


def off_network(street_metres: float) -> dict[str, Any]:
    """No street is reached on foot from a place.

    Parameters
    ----------
    street_metres
        How far the nearest street is in a straight line; inf where there is none.
    """
    code, lines, lines_zh = "off-network", "distances to stations are straight lines", "到站点的距离为直线"
    if math.isinf(street_metres):
        return {
            "code": code,
            "message": f"no street is known anywhere near; {lines}",
            "message_zh": f"附近没有已知的街道；{lines_zh}",
            "metres": None,
        }
    metres = round(street_metres)
    if street_metres > SNAP_METRES:
        why, why_zh = f"the nearest street is {metres} m away", f"最近的街道在 {metres} 米外"
    else:
        why = f"water, a railway or a wall lies before the nearest street, {metres} m away"
        why_zh = f"距最近的街道 {metres} 米，但被水面、铁路或围墙隔开"
    return {
        "code": code,
        "message": f"this place is off the walking network: {why}; {lines}",
        "message_zh": f"此处不在步行网络上：{why_zh}；{lines_zh}",
        "metres": metres,
    }
