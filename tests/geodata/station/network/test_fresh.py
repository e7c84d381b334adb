"""Compiled code of the walking network never outlives the sources that it was made of."""

from pathlib import Path

from geodata import machine_code
from geodata.station import nearest
from geodata.station.network import fresh, heap


def test_what_was_kept_of_other_sources_is_deleted_once_and_nothing_else(tmp_path: Path) -> None:
    for name in ("near.x-1.py311.nbi", "others.x-1.py311.nbi", "near.cpython-311.pyc"):
        (tmp_path / name).write_bytes(b"kept")
    machine_code.discard_outdated(tmp_path, "near", ["near"], "1" * 64)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "near.cpython-311.pyc",
        "near.sources",
        "others.x-1.py311.nbi",
    ]
    (tmp_path / "near.x-1.py311.nbi").write_bytes(b"compiled anew")
    machine_code.discard_outdated(tmp_path, "near", ["near"], "1" * 64)
    assert (tmp_path / "near.x-1.py311.nbi").exists()


def test_another_byte_in_any_source_is_another_hash(tmp_path: Path) -> None:
    one, other = tmp_path / "one.py", tmp_path / "other.py"
    one.write_bytes(b"a")
    other.write_bytes(b"b")
    before = machine_code.source_hash([one, other])
    other.write_bytes(b"c")
    assert machine_code.source_hash([one, other]) != before


def test_a_module_is_of_all_that_it_imports() -> None:
    names = {source.name for source in fresh.sources_of(Path(heap.__file__).with_name("places.py"))}
    assert {"places.py", "legs.py", "arrays.py", "metres.py", "spread.py"} <= names
    assert not {"surface.py", "store.py"} & names


def test_both_folders_of_the_network_carry_hashes_of_their_sources() -> None:
    fresh.discard_outdated.cache_clear()
    fresh.discard_outdated()
    for module, name in ((heap, "near"), (nearest, "nearest")):
        kept = fresh.kept_in(module)
        assert kept is not None
        sources = fresh.sources_of(Path(module.__file__).with_name(f"{name}.py"))
        assert (kept / f"{name}.sources").read_text() == machine_code.source_hash(sorted(sources))


def test_of_a_module_that_compiles_nothing_nothing_is_kept() -> None:
    assert fresh.kept_in(machine_code) is None
