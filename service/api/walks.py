"""The walks along the streets that an answer tells, from memory; worked out beside the loop that answers everybody."""

from typing import Final

import anyio
import anyio.to_thread

from geodata.errors import NetworkNotReadyError
from geodata.moment import Moment
from geodata.station.network.walking import Walking
from geodata.station.walked import StationWalks
from service.dependencies import Serving

PATIENCE_SECONDS: Final = 1.0
"""What a look-up waits for walks that are being worked out; then it tells straight lines, and the next one walks."""


def streets_now(held: Serving) -> Walking | None:
    """What walks are counted on; None while no streets are loaded, or until they were compiled."""
    try:
        walking = held.network.current()
    except NetworkNotReadyError:
        return None
    return walking if walking.network.edge_count else None


async def walks_of(held: Serving, moment: Moment) -> StationWalks | None:
    """The walks to the stations of a moment; None where straight lines must do."""
    walking = streets_now(held)
    if walking is None:
        return None
    finder = moment.station_finder
    walks = held.walks.known(walking, finder)
    if walks is None:
        with anyio.move_on_after(PATIENCE_SECONDS):
            walks = await anyio.to_thread.run_sync(
                held.walks.of, walking, finder, abandon_on_cancel=True, limiter=held.walking
            )
    return walks
