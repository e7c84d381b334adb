"""Long work as jobs in the same PostgreSQL, and the housekeeping that keeps them honest."""

from dataclasses import replace
from typing import Any

import procrastinate
from procrastinate import RetryStrategy
from psycopg import Connection

from geodata.database import connect
from geodata.desk import stored, work
from geodata.errors import UnavailableError

_SECONDS_UNTIL_STALLED = 30.0
_HOURS_KEPT = 24 * 30
_ATTEMPTS = 3

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
    app = procrastinate.App(connector=connector, worker_defaults={"stalled_worker_timeout": _SECONDS_UNTIL_STALLED})
    app.add_tasks_from(housekeeping, namespace="housekeeping")
    app.add_tasks_from(_desk_tasks(database_url), namespace="desk")
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

    @tasks.periodic(cron="* * * * * */15")
    @tasks.task(name="settle", queueing_lock="settle")
    def settle(timestamp: int) -> None:  # noqa: ARG001
        """Let loads whose job ended without a word say so."""
        with connect(database_url) as connection:
            work.settle_stranded(connection)

    @tasks.periodic(cron="41 3 * * *")
    @tasks.task(name="forget", queueing_lock="forget")
    def forget(timestamp: int) -> None:  # noqa: ARG001
        """Delete loads and their files after a month."""
        with connect(database_url) as connection:
            stored.forget_old_loads(connection)

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


@housekeeping.periodic(cron="* * * * * */15")
@housekeeping.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Queue again the jobs whose worker died; give up on those that it died of several times."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_SECONDS_UNTIL_STALLED):
        if job.attempts >= _ATTEMPTS:
            await manager.finish_job(job, procrastinate.jobs.Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job)


@housekeeping.periodic(cron="17 3 * * *")
@housekeeping.task(name="forget_finished", queueing_lock="forget_finished", pass_context=True)
async def forget_finished(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Delete jobs that ended well a month ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=_HOURS_KEPT)
