"""What matching runs, compiled ahead of its first use."""

import tempfile
from pathlib import Path

from geodata.address.book import AddressBook
from geodata.address.compile import compile_entries
from geodata.address.entries import Entry
from geodata.address.index import AddressIndex


def warm() -> None:
    """Compile what matching runs and make its tables, so that no server does; called at set-up by who will serve."""
    entries = [
        Entry("1", "address", "示例区示例路1号", 117.0, 36.0, areas=("示例区",)),
        Entry("2", "compound", "示例小区", 117.0, 36.0),
    ]
    with tempfile.TemporaryDirectory() as folder:
        compile_entries(entries, Path(folder))
        book = AddressBook(AddressIndex(Path(folder)))
        for text in ("示例路1号", "shililu", "示例小区3号楼2单元"):
            book.find(text)
            book.suggest(text)
