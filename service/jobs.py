"""Long work as jobs in the same PostgreSQL, and the housekeeping that keeps them honest."""

import procrastinate

_SECONDS_UNTIL_STALLED = 30.0
_HOURS_KEPT = 24 * 30

housekeeping = procrastinate.Blueprint()


def job_app(database_url: str) -> procrastinate.App:
    """Build the application that defers and runs jobs.

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
    return app


@housekeeping.periodic(cron="* * * * *")
@housekeeping.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Queue again the jobs whose worker died."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_SECONDS_UNTIL_STALLED):
        await manager.retry_job(job)


@housekeeping.periodic(cron="17 3 * * *")
@housekeeping.task(name="forget_finished", queueing_lock="forget_finished", pass_context=True)
async def forget_finished(context: procrastinate.JobContext, timestamp: int) -> None:  # noqa: ARG001
    """Delete jobs that ended well a month ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=_HOURS_KEPT)
