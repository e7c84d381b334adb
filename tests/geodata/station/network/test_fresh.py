"""Compiled code of the walking network never outlives the sources that it was made of."""

from pathlib import Path

from geodata import machine_code
from geodata.station.network import fresh
from geodata.station.network.heap import push
from geodata.station.walls import walls_between


def test_what_was_kept_of_other_sources_is_deleted_once_and_nothing_else(tmp_path: Path) -> None:
    for name in ("near.x-1.py311.nbi", "others.x-1.py311.nbi", "near.cpython-311.pyc"):
        (tmp_path / name).write_bytes(b"kept")
    machine_code.discard_outdated(tmp_path, "walking-network", ["near"], "1" * 64)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "near.cpython-311.pyc",
        "others.x-1.py311.nbi",
        "walking-network.sources",
    ]
    (tmp_path / "near.x-1.py311.nbi").write_bytes(b"compiled anew")
    machine_code.discard_outdated(tmp_path, "walking-network", ["near"], "1" * 64)
    assert (tmp_path / "near.x-1.py311.nbi").exists()


def test_another_byte_in_any_source_is_another_hash(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_bytes(b"a")
    other.write_bytes(b"b")
    before = machine_code.source_hash([one, other])
    other.write_bytes(b"c")
    assert machine_code.source_hash([one, other]) != before


def test_both_folders_of_the_network_carry_the_hash_of_their_sources() -> None:
    fresh.discard_outdated.cache_clear()
    fresh.discard_outdated()
    stamps = [Path(function.stats.cache_path) / "walking-network.sources" for function in (push, walls_between)]
    assert len({stamp.read_text() for stamp in stamps}) == 1
