"""The database that a command works with."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from geodata import database, migrate
from geodata.embedded.cluster import EmbeddedCluster
from geodata.errors import SetupError
from service.settings import Settings


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """URL of the PostGIS that is set, or of the embedded one, which runs while this is open."""
    if settings.database_url:
        yield settings.database_url
    else:
        with EmbeddedCluster(settings.state_folder) as url:
            yield url


@contextmanager
def connection(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection to a migrated database; committed at the end, rolled back at an error."""
    with database_url(settings) as url:
        bring_up_to_date(settings, url)
        with database.connect(url) as opened:
            yield opened


def bring_up_to_date(settings: Settings, url: str) -> list[str]:
    """Migrate an empty database or the embedded one; names of what was applied.

    Raises
    ------
    SetupError
        A database of somebody's own holds data and waits for migrations.
    """
    waiting = migrate.pending(url)
    if not waiting:
        return []
    empty = {migration.name for migration in migrate.migrations()} <= set(waiting)
    if settings.database_url and not empty:
        raise SetupError(
            f"the database waits for {len(waiting)} migrations: make a backup, then run `gridmap migrate`",
            f"数据库有 {len(waiting)} 个待执行的迁移：请先备份，再运行 gridmap migrate",
        )
    return migrate.migrate(url)
