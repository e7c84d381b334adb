"""What walks are counted on: the compiled network, who lives where on it, and how fast people walk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from geodata.errors import NetworkNotReadyError, NoNetworkError
from geodata.station.homes import Homes
from geodata.station.network.arrays import Network
from geodata.station.network.places import PlaceIndex
from geodata.station.network.profiles import Profile
from geodata.station.network.snap import Connectors

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Walking:
    """One state of all that walks depend on; current only.

    Parameters
    ----------
    network
        Has no edges where no streets are loaded.
    homes, homes_connectors
        Where people live, and how they reach the network.
    places
        The connectors of the homes, in the order of the edges.
    profiles
        By code, the one that is meant without being named first.
    version
        Of all of it: the same version is the same content.
    compiled_at
        When the newest of it was read, microseconds since 1970-01-01 UTC.
    """

    network: Network
    homes: Homes
    homes_connectors: Connectors
    places: PlaceIndex
    profiles: Mapping[str, Profile]
    version: str
    compiled_at: int

    def ready(self) -> Self:
        """What walks are counted on, where streets are loaded.

        Raises
        ------
        NoNetworkError
            None are.
        """
        if not self.network.edge_count:
            raise NoNetworkError(
                "walks follow streets: load them first, as gridmap load streets FILE.osm.pbf --commit",
                "步行时间沿街道计算：请先导入街道，例如 gridmap load streets 文件.osm.pbf --commit",
            )
        return self


@dataclass(frozen=True, slots=True)
class Standing:
    """How a process stands with the walking network.

    Parameters
    ----------
    state
        ``ready`` where walks are counted, ``empty`` where no streets are loaded, else ``compiling``; ``waiting`` while
        nothing is compiled either.
    version
        Of the network; empty before there is any.
    nodes, edges, pieces
        How large it is, and in how many unconnected pieces.
    walked_mm
        Length of all edges.
    homes, off_network
        In how many places people live, and how many of these are off the network.
    compiled_at
        When its streets were read, microseconds since 1970-01-01 UTC.
    compiling
        Whether it is being compiled, by whatever process.
    stale_since
        When it last agreed with the database, microseconds since 1970-01-01 UTC, where it answers without that.
    """

    state: Literal["ready", "empty", "compiling", "waiting"]
    version: str = ""
    nodes: int = 0
    edges: int = 0
    pieces: int = 0
    walked_mm: int = 0
    homes: int = 0
    off_network: int = 0
    compiled_at: int | None = None
    compiling: bool = False
    stale_since: int | None = None


class Networks(Protocol):
    """Gives the walking network as it is now."""

    def current(self) -> Walking:
        """What walks are counted on; NetworkNotReadyError until it was compiled."""

    @property
    def standing(self) -> Standing:
        """Whether it answers, with what and since when."""


class NoNetwork:
    """A network that is never ready."""

    standing = Standing("waiting")

    def current(self) -> Walking:
        """Nothing.

        Raises
        ------
        NetworkNotReadyError
            Always.
        """
        raise not_ready()


def not_ready() -> NetworkNotReadyError:
    """What is told while nothing is compiled."""
    return NetworkNotReadyError(
        "the walking network is being compiled; ask again in a moment",
        "步行路网正在编译，请稍后重试",
        retry_seconds=RETRY_SECONDS,
    )
