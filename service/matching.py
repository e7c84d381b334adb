"""Where addresses are matched and walks worked out: in few threads beside the loop, with a short queue before each."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, ClassVar, Protocol, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.requests import ClientDisconnect

from geodata.address.candidates import Found
from geodata.address.store import Standing
from geodata.decision.decide import Book
from geodata.errors import BusyError, RegisterNotReadyError

_Made = TypeVar("_Made")

AT_A_TIME = 2
MOST_WAITING = 64
MOST_WAITING_PUBLIC = 48
BATCHES_AT_A_TIME = 8
RETRY_SECONDS = 2


class AddressBook(Book, Protocol):
    """The register, as routes ask it."""

    def suggest(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 10) -> Any:
        """What a text that is being typed may become."""


class Register(Protocol):
    """Gives the register of addresses as it is now."""

    def current(self) -> AddressBook:
        """The register; RegisterNotReadyError until it was compiled."""

    @property
    def standing(self) -> Standing:
        """Whether it answers, with what and since when."""


class NoRegister:
    """A register that is never ready."""

    standing = Standing("waiting", 0, 0, None, None, None)

    def current(self) -> AddressBook:
        """Nothing.

        Raises
        ------
        RegisterNotReadyError
            Always.
        """
        raise RegisterNotReadyError(
            "the register of addresses is being compiled; ask by point, or again in a moment",
            "地址库正在编制，请稍后重试，或按坐标查询",
            retry_seconds=10,
        )


class InTurn:
    """A register that is asked by one batch at a time: theirs is work that can wait, beside callers who cannot."""

    def __init__(self, book: Book, turn: Lock) -> None:
        self._book = book
        self._turn = turn

    def find(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> Found:
        """The entries that a text may mean."""
        with self._turn:
            return self._book.find(text, near=near, limit=limit)


@dataclass(frozen=True, slots=True)
class Turns:
    """A few threads for what takes milliseconds, and a queue that is refused when it grows long.

    Parameters
    ----------
    threads
        How many work at a time; more would only take turns.
    """

    refusal: ClassVar[tuple[str, str]]

    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(AT_A_TIME))
    _held: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(math.inf))

    async def run(
        self, work: Callable[..., _Made], *given: Any, known: bool = False, gone: Callable[[], Awaitable[bool]]
    ) -> _Made:
        """What a function gives, run in one of the threads.

        Parameters
        ----------
        known
            Whether the caller has a key: the public leaves them places in the queue, however many ask at once.
        gone
            Says whether the caller went away meanwhile: a page asks anew at each key that is hit.

        Raises
        ------
        BusyError
            Too many are waiting already.
        ClientDisconnect
            The caller did not wait for the turn.
        """
        waiting = self.threads.statistics().tasks_waiting
        if waiting >= (MOST_WAITING if known else min(MOST_WAITING, MOST_WAITING_PUBLIC)):
            raise BusyError(*self.refusal, retry_seconds=RETRY_SECONDS)
        in_turn = self.threads.available_tokens < 1
        async with self.threads:
            if in_turn and await gone():
                raise ClientDisconnect
            return await anyio.to_thread.run_sync(work, *given, limiter=self._held)


@dataclass(frozen=True, slots=True)
class Matching(Turns):
    """Where addresses are matched.

    Parameters
    ----------
    batch
        Held by the batch that is asking.
    batches
        How many batches have a thread at a time, so that they leave some for other work.
    """

    refusal: ClassVar[tuple[str, str]] = (
        "too many addresses are being looked up at once; ask again in a moment",
        "同时查询地址的请求过多，请稍后重试",
    )

    batch: Lock = field(default_factory=Lock)
    batches: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(BATCHES_AT_A_TIME))


@dataclass(frozen=True, slots=True)
class _Walks(Turns):
    """Where walks of many people are worked out, which may take seconds in a city."""

    refusal: ClassVar[tuple[str, str]] = (
        "too many ask at once who is reached; ask again in a moment",
        "同时查询服务覆盖的请求过多，请稍后重试",
    )


@dataclass(frozen=True, slots=True)
class Reaching:
    """Where it is worked out who is reached: however many of the public ask, nobody with a key waits behind them."""

    public: Turns = field(default_factory=_Walks)
    keyed: Turns = field(default_factory=_Walks)

    async def run(self, work: Callable[[], _Made], *, known: bool, gone: Callable[[], Awaitable[bool]]) -> _Made:
        """What a function gives; see `Turns.run`."""
        return await (self.keyed if known else self.public).run(work, known=known, gone=gone)


@dataclass(frozen=True, slots=True)
class _Sums(Turns):
    """Where homes are summed up by grid, which takes half a second in a city, once for each state of its grids."""

    refusal: ClassVar[tuple[str, str]] = (
        "too many ask at once for numbers by grid; ask again in a moment",
        "同时查询网格统计的请求过多，请稍后重试",
    )


@dataclass(frozen=True, slots=True)
class Summing(Reaching):
    """Where numbers by grid are worked out: they are kept, so that one after the other is soon enough."""

    public: Turns = field(default_factory=lambda: _Sums(CapacityLimiter(1)))
    keyed: Turns = field(default_factory=lambda: _Sums(CapacityLimiter(1)))


@dataclass(frozen=True, slots=True)
class _Prints(Turns):
    """Where paper is laid out, which takes up to some seconds."""

    refusal: ClassVar[tuple[str, str]] = (
        "too many maps and boards are being printed at once; ask again in a moment",
        "同时打印的地图和公示牌过多，请稍后重试",
    )


@dataclass(frozen=True, slots=True)
class Printing(Reaching):
    """Where maps and boards are printed: one at a time for the public, so that look-ups have a processor left."""

    public: Turns = field(default_factory=lambda: _Prints(CapacityLimiter(1)))
    keyed: Turns = field(default_factory=lambda: _Prints(CapacityLimiter(1)))
