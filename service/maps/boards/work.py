"""What jobs do with print runs: print them into a folder of the state folder, and go on where a worker died."""

import logging
import shutil
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from geodata.boards import printed
from geodata.database import away_is_unavailable, connect
from geodata.errors import GeodataError, NotKnownError, UnavailableError
from geodata.snapshot_store import SnapshotStore
from geodata.station.network.store import NetworkStore
from geodata.station.walked import WalksKept
from geodata.themes import Themes
from service.maps.boards.making import NetworkRead, sources_at
from service.maps.boards.runs import Outcome, RunAsked, print_boards
from service.settings import Settings

HANDED_OVER: Final = ("state_folder", "timezone", "public_url", "attribution", "map_approval_number")
"""Settings that a job gets from the service that queued it."""

_BROKEN: Final = {
    "code": "internal-error",
    "title": "Something went wrong on the server",
    "title_zh": "服务器内部错误",
    "detail": "It was logged; tell the operator the number of the print run.",
    "detail_zh": "错误已记录，请将打印任务编号告知运维人员。",
}
_log = logging.getLogger("gridmap.boards")


def handed_over(settings: Settings) -> dict[str, Any]:
    """Settings as a job gets them."""
    given: dict[str, Any] = {name: str(getattr(settings, name)) for name in HANDED_OVER}
    return given | {"state_folder": str(settings.state_folder.absolute())}


def folder_of(state_folder: Path, run_id: int) -> Path:
    """Where a run's files are."""
    return state_folder / "boards" / str(run_id)


def print_queued_run(url: str, run_id: int, given: Mapping[str, str]) -> None:
    """Print a run, if that is still wanted.

    Parameters
    ----------
    given
        As `handed_over`.

    Raises
    ------
    UnavailableError
        The database went away: to be tried again, from where it was.
    """
    settings = Settings(_env_file=None, **given)  # type: ignore[call-arg, arg-type]
    with away_is_unavailable(), connect(url, autocommit=True) as connection:
        claimed = printed.claim_run(connection, run_id)
        if claimed is None:
            return
        try:
            outcome = _printed(url, settings, connection, run_id, *claimed)
        except UnavailableError:
            raise
        except GeodataError as error:
            printed.end_run(connection, run_id, "failed", _problem(error))
        except Exception:
            _log.exception("unexpected error in print run %d", run_id)
            printed.end_run(connection, run_id, "failed", _BROKEN)
        else:
            if not outcome.stopped:
                printed.end_run(connection, run_id, "done")


def _printed(
    url: str, settings: Settings, connection: Connection[Any], run_id: int, asked: dict[str, Any], actor: str
) -> Outcome:
    store = SnapshotStore(settings.state_folder, url, settings.zone)
    now = time.time_ns() // 1000
    moment = store.refresh().moment(now)
    network = NetworkRead(NetworkStore(store.home / "network", url).refresh())
    sources = sources_at(moment, now, now, settings, lambda: connect(url), network, WalksKept(), Themes())
    lang = "en" if asked["lang"] == "en" else "zh-CN"
    wanted = RunAsked(asked["layer"], asked["kind"], asked["size"], "en" if lang == "en" else "zh-CN", asked["within"])

    def progress(done: int, total: int, count: int) -> bool:
        return printed.move_on(connection, run_id, done, total, count)

    folder = folder_of(settings.state_folder, run_id)
    return print_boards(sources, wanted, folder, connection, actor=actor, progress=progress)


def _problem(error: GeodataError) -> dict[str, str]:
    return {
        "code": error.code,
        "title": error.title,
        "title_zh": error.title_zh,
        "detail": error.detail,
        "detail_zh": error.detail_zh,
    }


def zipped_run(state_folder: Path, run_id: int) -> Path:
    """The files of a run as one ZIP beside them, made when it is first asked for.

    Raises
    ------
    NotKnownError
        There are none here: the run printed nothing yet, was forgotten, or was printed by a command elsewhere.
    """
    folder = folder_of(state_folder, run_id)
    files = sorted(path for path in folder.glob("*") if path.suffix in (".pdf", ".csv"))
    if not files:
        raise NotKnownError(f"Print run {run_id} has no files here.", f"此处没有打印任务 {run_id} 的文件。", run=run_id)
    made = folder.with_suffix(".zip")
    newest = max(path.stat().st_mtime for path in files)
    if not made.exists() or made.stat().st_mtime < newest:
        unfinished = made.with_suffix(".unfinished")
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as bundle:
            for path in files:
                bundle.write(path, path.name)
        unfinished.replace(made)
    return made


def forget_old_files(state_folder: Path, days: int = 30) -> None:
    """Delete the files of runs after a month."""
    oldest = time.time() - days * 86_400
    for path in (state_folder / "boards").glob("*"):
        if path.stat().st_mtime < oldest:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
