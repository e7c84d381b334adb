"""Proposals of sites, kept in the database with their instant answer until they are forgotten.

A proposal that is to be proven goes from ``queued`` through ``proving`` to ``done``; ``cancelled`` is one that somebody
stopped, ``failed`` one whose job died. One that needs no proof is ``done`` at once. What the proof needs is kept with
it, so that it is of the same homes, streets and sites as the instant answer, and is dropped when it has ended.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from geodata.access import record_audit
from geodata.errors import ConflictError, NotKnownError
from geodata.proposals.told import site_record
from geodata.queries import named_queries
from geodata.siting import Instant, Problem

DAYS_KEPT: Final = 30
MOST_OPEN: Final = 20
MOST_KEPT: Final = 1_000
OPEN: Final = ("queued", "proving")

_STATES_ZH = {"queued": "等待证明", "proving": "正在证明", "done": "已完成", "cancelled": "已取消", "failed": "已失败"}
_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Sites that were proposed.

    Parameters
    ----------
    question
        What was asked, as `question_record`.
    instant
        The answer at once: ``sites gained covered share total bound gap proven`` and what it rests on.
    best
        The best that the proof found, as ``instant`` with ``ended seconds``; None before it ended.
    problem
        ``code title title_zh detail detail_zh`` of why the proof broke off; None where it did not.
    progress
        ``stage done total best bound`` while a job works on it; seconds, and the count or the stations.
    """

    proposal_id: int
    state: str
    created_at: datetime
    created_by: str
    question: dict[str, Any]
    instant: dict[str, Any]
    best: dict[str, Any] | None
    problem: dict[str, Any] | None
    progress: dict[str, Any] | None
    job_id: int | None


@dataclass(frozen=True, slots=True)
class Job:
    """Work on a proposal; ``status`` in the words of the queue."""

    job_id: int
    task: str
    status: str
    attempts: int
    proposal_id: int
    progress: dict[str, Any] | None


def add_proposal(
    connection: Connection[Any],
    question: Mapping[str, Any],
    told: Mapping[str, Any],
    asked: Problem,
    found: Instant,
    *,
    prove: bool,
    actor: str,
) -> Proposal:
    """Keep an instant answer, to be proven where that is asked for and it is not proven yet.

    Parameters
    ----------
    question, told
        What was asked and the instant answer, as they are shown.

    Raises
    ------
    ConflictError
        `MOST_OPEN` are being proven or wait for it.
    """
    proving = prove and not found.proven
    if proving:
        _refuse_too_many(connection)
    values = {
        "state": "queued" if proving else "done",
        "actor": actor,
        "question": Jsonb(dict(question)),
        "instant": Jsonb(dict(told)),
        "sites": Jsonb([site_record(site) for site in asked.sites]) if proving else None,
        "wanted": asked.wanted.packed() if proving else None,
    }
    row = connection.execute(_SQL["add_proposal"], values).fetchone()
    assert row is not None
    connection.execute(_SQL["forget_beyond"], {"most": MOST_KEPT})
    facts = {name: question.get(name) for name in ("stations", "share", "minutes", "within", "category")}
    record_audit(connection, actor=actor, action="proposal.create", target=str(row[0]), facts={**facts, "prove": prove})
    return stored_proposal(connection, int(row[0]))


def _refuse_too_many(connection: Connection[Any]) -> None:
    connection.execute(_SQL["lock_proposals"])
    row = connection.execute(_SQL["count_open"]).fetchone()
    assert row is not None
    if row[0] >= MOST_OPEN:
        raise ConflictError(
            f"{row[0]} proposals are being proven or wait for it, which is the most: cancel one, wait, or ask without "
            "a proof",
            f"已有 {row[0]} 个选址方案在证明或排队，达到上限：请取消其中一个、稍后再试，或不要求证明",
            most=MOST_OPEN,
        )


def stored_proposal(connection: Connection[Any], proposal_id: int) -> Proposal:
    """One proposal.

    Raises
    ------
    NotKnownError
        There is none of this identity; they are forgotten after `DAYS_KEPT` days.
    """
    with connection.cursor(row_factory=class_row(Proposal)) as cursor:
        found = cursor.execute(_SQL["one_proposal"], {"proposal_id": proposal_id}).fetchone()
    if found is None:
        raise NotKnownError(
            f"There is no proposal {proposal_id}; proposals are kept for {DAYS_KEPT} days.",
            f"没有编号为 {proposal_id} 的选址方案；方案保留 {DAYS_KEPT} 天。",
            proposal=proposal_id,
        )
    return found


def list_proposals(connection: Connection[Any], *, before: int | None = None, limit: int = 100) -> list[Proposal]:
    """Proposals, the newest first; only those before the one of identity ``before``."""
    with connection.cursor(row_factory=class_row(Proposal)) as cursor:
        return cursor.execute(_SQL["list_proposals"], {"before": before, "limit": limit}).fetchall()


def cancel_proposal(connection: Connection[Any], proposal_id: int, actor: str) -> Proposal:
    """Stop the proof of a proposal; the instant answer stays, and what the proof found so far is still added.

    Raises
    ------
    NotKnownError
        There is no such proposal.
    ConflictError
        It is not being proven.
    """
    before = stored_proposal(connection, proposal_id)
    values = {"proposal_id": proposal_id, "states": list(OPEN)}
    if connection.execute(_SQL["cancel_proposal"], values).fetchone() is None:
        state = stored_proposal(connection, proposal_id).state
        raise ConflictError(
            f"Proposal {proposal_id} is {state}: there is no proof to cancel.",
            f"选址方案 {proposal_id} 处于“{_STATES_ZH[state]}”状态，没有可取消的证明。",
            state=state,
        )
    facts = {"state": before.state}
    record_audit(connection, actor=actor, action="proposal.cancel", target=str(proposal_id), facts=facts)
    return stored_proposal(connection, proposal_id)


def set_job(connection: Connection[Any], proposal_id: int, job_id: int) -> None:
    """Note which job proves a proposal."""
    connection.execute(_SQL["set_job"], {"proposal_id": proposal_id, "job_id": job_id})


def job(connection: Connection[Any], job_id: int) -> Job | None:
    """One job on a proposal; None where no such job has this identity."""
    with connection.cursor(row_factory=class_row(Job)) as cursor:
        return cursor.execute(_SQL["job"], {"job_id": job_id}).fetchone()


def forget_old_proposals(connection: Connection[Any], days: int = DAYS_KEPT) -> int:
    """Number of proposals that were forgotten because they were asked for so many days ago."""
    return connection.execute(_SQL["forget_old_proposals"], {"days": days}).rowcount
