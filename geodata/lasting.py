"""What is worked out once, when it is first asked for, and kept as long as the object that it is kept beside."""

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar, cast, overload

_Found = TypeVar("_Found")


class Keeper(Protocol):
    """Has a place for what was worked out, by its name; copies of it may share that."""

    worked_out: dict[str, Any]


class lasting(Generic[_Found]):  # noqa: N801
    """A property that is worked out once for all moments between two changes of the data."""

    def __init__(self, make: Callable[[Any], _Found]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, one: None, owner: type) -> "lasting[_Found]": ...

    @overload
    def __get__(self, one: "Keeper", owner: type) -> _Found: ...

    def __get__(self, one: "Keeper | None", owner: type) -> "_Found | lasting[_Found]":
        if one is None:
            return self
        if self._name not in one.worked_out:
            one.worked_out[self._name] = self._make(one)
        return cast("_Found", one.worked_out[self._name])
