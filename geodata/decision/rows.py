"""Addresses of many rows → one line of what was decided for each, remembered for texts that come again."""

from dataclasses import dataclass
from typing import Any, Final

from geodata.address.normalize import LONGEST
from geodata.decision.decide import Book, Decided, decide
from geodata.moment import Moment

_REMEMBERED: Final = 20_000
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """What was decided for the address of one row.

    Parameters
    ----------
    status
        ``found``, ``ambiguous``, ``outside``, ``not_found`` or ``invalid``.
    score
        How likely what was taken, or the likeliest candidate, is.
    point
        Longitude and latitude, EPSG:4326, where it is sure.
    missing
        The part of the address that a person must find out, such as ``number``; empty where it is sure.
    reasons
        In words.
    """

    status: str
    score: float
    level: str
    point: tuple[float, float] | None
    missing: str
    reasons: str


class RowAnswers:
    """Decides on addresses one by one.

    Parameters
    ----------
    layer, within
        As for `geodata.decision.decide.decide`.
    chinese
        Whether reasons are told in Chinese.
    """

    def __init__(self, moment: Moment, book: Book, layer: str, within: str | None, *, chinese: bool) -> None:
        self._moment = moment
        self._book = book
        self._layer = layer
        self._within = within
        self._chinese = chinese
        self._known: dict[str, RowAnswer] = {}

    def answer(self, cell: Any) -> RowAnswer:
        """What is decided for a cell; one that is empty or no text is ``invalid``."""
        if isinstance(cell, (bool, dict, list)):
            return self._invalid("not-a-text")
        text = "" if cell is None or cell != cell else str(cell).strip()
        if not text or len(text) > LONGEST:
            return self._invalid("too-long" if text else "no-address")
        found = self._known.get(text)
        if found is None:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._known[text] = self._decided(text)
        return found

    def _invalid(self, why: str) -> RowAnswer:
        return RowAnswer("invalid", 0.0, "", None, "", why)

    def _decided(self, text: str) -> RowAnswer:
        decided = decide(self._moment, self._book, text, layer=self._layer, within=self._within)
        address, candidates = decided.facts["address"], decided.facts["candidates"]
        first: dict[str, Any] = address or next(iter(candidates), {"score": 0.0, "level": ""})
        missing = decided.facts["ask"]["part"] if decided.facts["ask"] else ""
        return RowAnswer(
            decided.status,
            first["score"],
            first["level"],
            decided.point,
            missing,
            self._reasons(decided, address or {}),
        )

    def _reasons(self, decided: Decided, address: dict[str, Any]) -> str:
        said = [*address.get("reasons_zh" if self._chinese else "reasons", ())]
        message = "message_zh" if self._chinese else "message"
        if not address:
            said += [_named(one) for one in decided.facts["candidates"][:_MOST_NAMED]]
        said += [warning[message] for warning in decided.warnings]
        if decided.facts["ask"]:
            said.append(decided.facts["ask"][message])
        return ("；" if self._chinese else "; ").join(said)


def _named(candidate: dict[str, Any]) -> str:
    grids = [grid["code"] for grid in candidate["grids"]][:_MOST_NAMED]
    more = "…" if candidate["grid_count"] > len(grids) else ""
    return f"{candidate['label']} ({', '.join(grids)}{more})"
