"""What is known now, for commands that answer; apart from `state`, because `serve` would only import it in vain."""

from geodata.address.book import AddressBook
from geodata.address.store import RegisterStore
from geodata.errors import SetupError, UnavailableError
from geodata.snapshot import Snapshot
from geodata.snapshot_store import SnapshotStore, snapshot_home
from geodata.station.network.store import NetworkStore
from geodata.station.network.walking import Walking
from geodata.times import instant
from service.commands.screen import either, errors, progress_bar, show_error
from service.commands.state import bring_up_to_date
from service.settings import Settings


def latest_snapshot(settings: Settings, url: str) -> Snapshot:
    """The database's present data, or what was compiled last while it is away.

    Raises
    ------
    SetupError
        A database of somebody's own waits for migrations.
    UnavailableError
        The database is away and nothing was compiled before.
    """
    store = SnapshotStore(settings.state_folder, url, settings.zone)
    try:
        bring_up_to_date(settings, url)
        return store.refresh()
    except SetupError:
        raise
    except UnavailableError as away:
        try:
            snapshot = store.open_compiled()
        except UnavailableError:
            raise away from away.__cause__
        show_error(away)
        known = f"{instant(store.stale_since or 0).astimezone(settings.zone):%Y-%m-%d %H:%M}"
        errors.print(either(f"Answering from what was known on {known}.", f"以下按 {known} 时的数据回答。"))
        return snapshot


def latest_register(settings: Settings, url: str) -> AddressBook:
    """The register of addresses as it is in the database, or as it was compiled last while that is away.

    It is compiled first where it is not yet, with a progress bar: a million addresses take a minute or two.

    Raises
    ------
    UnavailableError
        The database is away and no register was compiled before.
    """
    store = RegisterStore(snapshot_home(settings.state_folder, url) / "register", url)
    stage = either("compiling the register of addresses", "编制地址库")
    try:
        with progress_bar() as progress:
            return store.refresh(lambda done, total: progress(stage, done, total))
    except UnavailableError as away:
        try:
            return store.open_compiled()
        except UnavailableError:
            raise away from away.__cause__


def latest_walking(settings: Settings, url: str) -> Walking:
    """The walking network as it is in the database, or as it was compiled last while that is away.

    It is compiled first where it is not yet, with a progress bar.

    Raises
    ------
    UnavailableError
        The database is away and no network was compiled before.
    """
    store = NetworkStore(snapshot_home(settings.state_folder, url) / "network", url)
    stage = either("compiling the walking network", "编译步行路网")
    try:
        with progress_bar() as progress:
            return store.refresh(lambda done, total: progress(stage, done, total))
    except UnavailableError as away:
        try:
            return store.open_compiled()
        except UnavailableError:
            raise away from away.__cause__
