"""Long work as jobs in the same PostgreSQL, and the housekeeping that keeps them honest."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from typing import Any

import procrastinate
from procrastinate import RetryStrategy
from procrastinate.app import WorkerOptions
from procrastinate.exceptions import ConnectorException
from psycopg import Connection

from geodata.boards import printed as printed_boards
from geodata.database import away_is_unavailable, connect
from geodata.desk import stored, work
from geodata.errors import UnavailableError
from geodata.proposals import stored as stored_proposals
from geodata.proposals import work as proposal_work
from service.maps.boards import work as board_work
from service.settings import Settings

# A job whose worker was killed goes on elsewhere within the sum of the last three; a minute is promised.
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 20.0
WATCH_SECONDS = 5.0
POLL_SECONDS = 5.0
_HOURS_KEPT = 24 * 30
_ATTEMPTS = 3

_log = logging.getLogger(__name__)

housekeeping = procrastinate.Blueprint()
_AGAIN = RetryStrategy(max_attempts=_ATTEMPTS, wait=5, retry_exceptions=[UnavailableError])


def job_app(database_url: str) -> procrastinate.App:
    """Build the application that runs jobs.

    Parameters
    ----------
    database_url
        The PostGIS that holds the queue, in the schema ``gridmap``; opened by ``open`` or ``open_async``.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=database_url,
        kwargs={"options": "-c search_path=gridmap,public", "application_name": "gridmap worker"},
    )
    pace: WorkerOptions = {
        "update_heartbeat_interval": HEARTBEAT_SECONDS,
        "stalled_worker_timeout": STALLED_SECONDS,
        "fetch_job_polling_interval": POLL_SECONDS,
    }
    app = procrastinate.App(connector=connector, worker_defaults=pace)
    app.add_tasks_from(housekeeping, namespace="housekeeping")
    app.add_tasks_from(_desk_tasks(database_url), namespace="desk")
    app.add_tasks_from(_siting_tasks(database_url), namespace="siting")
    app.add_tasks_from(_board_tasks(database_url), namespace="boards")
    return app


def _desk_tasks(database_url: str) -> procrastinate.Blueprint:
    """Tasks on the files that clerks bring; plain functions, which run in threads beside the worker's loop."""
    tasks = procrastinate.Blueprint()

    @tasks.task(name="check", retry=_AGAIN)
    def check(load_id: int, version: int) -> None:
        work.check_load(database_url, load_id, version)

    @tasks.task(name="commit", retry=_AGAIN)
    def commit(load_id: int, version: int, actor: str) -> None:
        work.commit_load(database_url, load_id, version, actor)

    @tasks.task(name="undo", retry=_AGAIN)
    def undo(load_id: int, version: int, actor: str) -> None:
        work.undo_load(database_url, load_id, version, actor)

    @tasks.periodic(cron="41 3 * * *")
    @tasks.task(name="forget", queueing_lock="forget")
    def forget(timestamp: int) -> None:  # noqa: ARG001
        """Delete loads and their files after a month."""
        with connect(database_url) as connection:
            stored.forget_old_loads(connection)

    return tasks


def _siting_tasks(database_url: str) -> procrastinate.Blueprint:
    """Tasks on proposals of sites, likewise."""
    tasks = procrastinate.Blueprint()

    @tasks.task(name="prove", retry=_AGAIN)
    def prove(proposal_id: int) -> None:
        proposal_work.prove_proposal(database_url, proposal_id)

    @tasks.periodic(cron="47 3 * * *")
    @tasks.task(name="forget", queueing_lock="forget_proposals")
    def forget(timestamp: int) -> None:  # noqa: ARG001
        """Delete proposals after a month."""
        with connect(database_url) as connection:
            stored_proposals.forget_old_proposals(connection)

    return tasks


def _board_tasks(database_url: str) -> procrastinate.Blueprint:
    """Tasks on print runs of boards, likewise."""
    tasks = procrastinate.Blueprint()

    @tasks.task(name="print", retry=_AGAIN)
    def print_run(run_id: int, given: dict[str, str]) -> None:
        board_work.print_queued_run(database_url, run_id, given)

    return tasks


# Only writes jobs down, on connections that it is given.
_deferring = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def defer_load(connection: Connection[Any], task: str, load: stored.StoredLoad, **given: Any) -> stored.StoredLoad:
    """The load with the job that was queued on it, in the transaction that changes its state: both last, or neither.

    Parameters
    ----------
    task
        ``check``, ``commit`` or ``undo``.
    given
        What the task takes beside the load's identity and version.
    """
    job_id = _deferring.configure_task(f"desk:{task}", connection=connection).defer(
        load_id=load.load_id, version=load.version, **given
    )
    stored.set_job(connection, load.load_id, job_id)
    return replace(load, job_id=job_id)


def defer_proof(connection: Connection[Any], proposal: stored_proposals.Proposal) -> stored_proposals.Proposal:
    """The proposal with the job that was queued to prove it, in the transaction that adds it."""
    job_id = _deferring.configure_task("siting:prove", connection=connection).defer(proposal_id=proposal.proposal_id)
    stored_proposals.set_job(connection, proposal.proposal_id, job_id)
    return replace(proposal, job_id=job_id)


def defer_run(connection: Connection[Any], run_id: int, settings: Settings) -> None:
    """Queue the job that prints a run, in the transaction that adds it."""
    board_work.forget_old_files(settings.state_folder)
    job_id = _deferring.configure_task("boards:print", connection=connection).defer(
        run_id=run_id, given=board_work.handed_over(settings)
    )
    printed_boards.set_run_job(connection, run_id, job_id)


async def watch_jobs(app: procrastinate.App, database_url: str) -> None:
    """Let no job wait for a worker that died, and no load or proposal for a job that is gone; until cancelled.

    Parameters
    ----------
    app
        Open.

    Notes
    -----
    This is no job itself: it would wait behind the long ones that a worker takes up first.
    """
    while True:
        try:
            await retry_stalled(app)
            await asyncio.to_thread(_settle, database_url)
        except (ConnectorException, UnavailableError) as away:
            _log.warning("jobs are not watched now: %s", away)
        except Exception:
            # What lets dead workers' jobs go on must outlive a fault in one of them.
            _log.exception("jobs were not watched")
        await asyncio.sleep(WATCH_SECONDS)


async def retry_stalled(app: procrastinate.App) -> None:
    """Queue again the jobs whose worker died; give up on those that it died of several times."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        # Another worker may have been faster.
        with contextlib.suppress(ConnectorException):
            if job.attempts + 1 >= _ATTEMPTS:
                await manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=False)
            else:
                await manager.retry_job(job)


def _settle(database_url: str) -> None:
    """Let loads and proposals whose job ended without a word say so; what a dead session holds is left for later."""
    with away_is_unavailable(), connect(database_url, statement_seconds=WATCH_SECONDS) as connection:
        work.settle_stranded(connection)
        proposal_work.settle_stranded(connection)
        printed_boards.settle_stranded(connection)


@housekeeping.periodic(cron="17 3 * * *")
@housekeeping.task(name="forget_finished", queueing_lock="forget_finished", pass_context=True)
async def forget_finished(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Delete jobs that ended well a month ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=_HOURS_KEPT)
