"""What jobs do with proposals: prove them, as far as that goes in the seconds that were given."""

import contextlib
import logging
from typing import Any

import numpy as np
from psycopg import Connection
from psycopg.types.json import Jsonb

from geodata.database import away_is_unavailable, connect
from geodata.errors import UnavailableError
from geodata.proposals.told import best_record, goal_of
from geodata.queries import named_queries
from geodata.siting import proven
from geodata.station.site import Siting, Uncovered, fewest_sites, most_reached

# A job says that it ended a moment after its proposal does.
_STRANDED_SECONDS = 15.0
_SQL = named_queries(__file__)
_log = logging.getLogger("gridmap.proposals")

DIED = {
    "code": "worker-died",
    "title": "The proof broke off",
    "title_zh": "证明中断",
    "detail": "The process that worked on it ended before it was done. The instant answer stands; ask again.",
    "detail_zh": "后台进程中途结束，证明未完成。即时方案仍然有效；如需证明请重新提交。",
}
_BROKEN = {
    "code": "internal-error",
    "title": "Something went wrong on the server",
    "title_zh": "服务器内部错误",
    "detail": "It was logged; tell the operator the number of the proposal. The instant answer stands.",
    "detail_zh": "错误已记录，请将方案编号告知运维人员。即时方案仍然有效。",
}


def prove_proposal(url: str, proposal_id: int) -> None:
    """Prove a proposal, if that is still wanted, and keep the best that was found beside it.

    Parameters
    ----------
    url
        libpq URL of the database.

    Raises
    ------
    UnavailableError
        The database went away: to be tried again.

    Notes
    -----
    It begins anew where a worker died of it. Who cancels it stops it within a second.
    """
    with away_is_unavailable(), connect(url, autocommit=True) as connection:
        row = connection.execute(_SQL["claim"], {"proposal_id": proposal_id}).fetchone()
        if row is None:
            return
        try:
            best = _proven(connection, proposal_id, *row)
        except UnavailableError:
            raise
        except Exception:
            _log.exception("unexpected error in proposal %d", proposal_id)
            _fail(connection, proposal_id, _BROKEN)
            return
        connection.execute(_SQL["finish"], {"proposal_id": proposal_id, "best": Jsonb(best)})


def _proven(
    connection: Connection[Any], proposal_id: int, question: dict[str, Any], sites: list[dict[str, Any]], packed: bytes
) -> dict[str, Any]:
    wanted, goal = Uncovered.unpacked(packed), goal_of(question)
    needed = question["needed"] or 0.0
    # The same sites as the answer at once: the same input gives the same choice.
    start = most_reached(wanted, goal.stations) if goal.stations is not None else fewest_sites(wanted, needed)
    start = start or Siting(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float64))
    lost: list[UnavailableError] = []

    def watch(best: float, bound: float, seconds: float) -> bool:
        progress = {
            "stage": "proving",
            "done": int(seconds),
            "total": int(question["seconds"]),
            "best": best if np.isfinite(best) else None,
            "bound": bound if np.isfinite(bound) else None,
        }
        values = {"proposal_id": proposal_id, "progress": Jsonb(progress)}
        try:
            with away_is_unavailable():
                return connection.execute(_SQL["set_progress"], values).fetchone() is not None
        except UnavailableError as away:
            # No error may pass through the solver.
            lost.append(away)
            return False

    best = proven(goal, wanted, needed, start, seconds=question["seconds"], watch=watch)
    if lost:
        raise lost[0]
    return best_record(question, sites, best)


def _fail(connection: Connection[Any], proposal_id: int, problem: dict[str, Any]) -> None:
    with contextlib.suppress(UnavailableError), away_is_unavailable():
        connection.execute(_SQL["fail"], {"proposal_id": proposal_id, "problem": Jsonb(problem)})


def settle_stranded(connection: Connection[Any]) -> int:
    """Number of proposals whose job ended without a word, which now say so."""
    found = connection.execute(_SQL["stranded"], {"seconds": _STRANDED_SECONDS}).fetchall()
    for (proposal_id,) in found:
        connection.execute(_SQL["fail"], {"proposal_id": proposal_id, "problem": Jsonb(DIED)})
    return len(found)
