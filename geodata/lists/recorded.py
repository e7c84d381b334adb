"""Who took out names and phones in full, what of them and how many rows: on record before anybody has them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from geodata.access import record_audit
from geodata.database import away_is_unavailable
from geodata.errors import SetupError, UnavailableError
from geodata.lists.exported import Asked
from geodata.times import instant

ACTION = "export.unmasked"


@contextmanager
def on_record(asked: Asked, *, actor: str, target: str, format: str) -> Iterator[dict[str, Any]]:  # noqa: A002
    """Facts to which ``rows`` is added while the list is written; they are recorded when the block ends well.

    Parameters
    ----------
    asked
        What is taken out, unmasked.
    actor
        Name of the key, or of the system user at the command line.
    target
        Which list.
    format
        ``csv``, ``xlsx``, ``gpkg`` or ``json``.

    Raises
    ------
    UnavailableError
        Nothing can be recorded now: known before the block is entered, as far as it can be.

    Notes
    -----
    Only what was asked for is recorded, nothing of the rows.
    """
    wanted = {"as_of": _time(asked.as_of), "until": _time(asked.until), "within": asked.within, "layer": asked.layer}
    facts = {"format": format, **{name: value for name, value in wanted.items() if value is not None}}
    with ExitStack() as stack:
        try:
            connection = stack.enter_context(asked.database())
        except SetupError:
            raise
        except UnavailableError as away:
            raise UnavailableError(
                "who takes out names and phones in full is recorded, and the database that keeps the record is away; "
                "masked lists can be had meanwhile",
                "导出未脱敏的姓名和电话须留下记录，而数据库暂时不可用，无法记录；脱敏的表仍可导出",
                **away.facts,
            ) from away
        yield facts
        with away_is_unavailable(), connection.transaction():
            record_audit(connection, actor=actor, action=ACTION, target=target, facts=facts)


def _time(micros: int | None) -> str | None:
    return None if micros is None else instant(micros).isoformat()
