"""Gives a running application the small territory's register of addresses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from geodata.address.index import AddressIndex
from geodata.address.store import Standing
from tests.known_addresses import address_index


class Held:
    """A register that is always ready."""

    def __init__(self, book: AddressIndex) -> None:
        self._book = book

    def current(self) -> AddressIndex:
        return self._book

    @property
    def standing(self) -> Standing:
        return Standing("ready", len(self._book), 0, 0, None, None)


def hold(app: FastAPI, **what: Any) -> None:
    """Put other things than its own into an application's hands."""
    app.state.serving = replace(app.state.serving, **what)


def hold_known_addresses(app: FastAPI, folder: Path) -> None:
    """Let an application answer from the addresses of `tests.known_addresses`."""
    hold(app, register=Held(address_index(folder)))
