"""What commands about drafts stand on: a connection, what drafts are judged by, and what they say to a dry run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection
from rich.markup import escape

from geodata.database import connect
from geodata.drafts.scenes import SceneMemory
from geodata.redraw import Draft, DraftMemory, DraftState, Scene, draft_of, draft_state
from geodata.snapshot import Snapshot
from geodata.station.network.walking import NoNetwork
from service.commands.known import latest_snapshot
from service.commands.screen import either, output
from service.commands.state import database_url
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Table:
    """Where a draft is worked on.

    Parameters
    ----------
    connection
        To a migrated database; committed at the end, rolled back at an error.
    snapshot
        Stations, buildings and roster.
    """

    connection: Connection[Any]
    snapshot: Snapshot
    memory: DraftMemory = field(default_factory=DraftMemory)
    scenes: SceneMemory = field(default_factory=SceneMemory)

    def scene(self, draft_id: int) -> Scene | None:
        """What a draft is judged by, walks as straight lines; None where its base was withdrawn."""
        now = time.time_ns() // 1000
        return self.scenes.scene(self.connection, self.draft(draft_id), self.memory, self.snapshot, NoNetwork(), now)

    def draft(self, draft_id: int) -> Draft:
        """One draft."""
        return draft_of(self.connection, draft_id)

    def state(self, draft_id: int) -> DraftState:
        """Its grids and areas."""
        return draft_state(self.connection, draft_id, self.memory)


@contextmanager
def table_of(settings: Settings) -> Iterator[Table]:
    """What a command needs that works on drafts."""
    with database_url(settings) as url:
        snapshot = latest_snapshot(settings, url)
        with connect(url) as opened:
            yield Table(opened, snapshot, scenes=SceneMemory(settings.bands))


@contextmanager
def tried(table: Table, *, commit: bool) -> Iterator[None]:
    """Do something, and without ``commit`` take it back again."""
    with table.connection.transaction(force_rollback=not commit):
        yield


def told_outcome(done: str, done_zh: str, *, commit: bool) -> None:
    """Say that something was done, or that this was a dry run."""
    if commit:
        output.print(either(f"[green]Done[/]: {escape(done)}", f"[green]已完成[/]：{escape(done_zh)}"))
    else:
        output.print(
            either(
                "[yellow]Dry run[/]: nothing was changed. The same command with --commit does it.",
                "[yellow]试运行[/]：未作任何改动。确认后加 --commit 正式执行。",
            )
        )
