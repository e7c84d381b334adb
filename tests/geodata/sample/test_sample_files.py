"""The sample city as files: the same seed, the same bytes."""

import hashlib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from geodata.sample import SampleCity, generate, write


def digests(city: SampleCity, folder: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in write(city, folder)}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(street: SampleCity, tmp_path: Path) -> None:
    first = digests(street, tmp_path / "first")
    again = digests(generate("street", 1), tmp_path / "again")
    other = digests(generate("street", 2), tmp_path / "other")
    assert first == again
    assert len(first) == 26
    constant = {"layers.csv", "roles.csv", "calendar.csv", "matters.csv", "norms.csv"}
    assert {name for name in first if first[name] == other[name]} <= constant | {"workers.csv"}


def test_written_files_hold_what_was_generated(street: SampleCity, tmp_path: Path) -> None:
    write(street, tmp_path)
    grids = gpd.read_file(tmp_path / "grids-general.gpkg")
    assert grids.crs == "EPSG:4326"
    assert grids["code"].tolist() == street.grids["general"]["code"].tolist()
    assert grids.geometry.geom_equals(street.grids["general"].geometry).all()
    assert (tmp_path / "workers.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    workers = pd.read_csv(tmp_path / "workers.csv", dtype=str, encoding="utf-8-sig")
    assert workers["phone"].tolist() == street.workers["phone"].tolist()


@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_any_seed_gives_a_whole_street(seed: int) -> None:
    found = generate("street", seed)
    assert len(found.grids["general"]) == 83
    assert len(found.stations) == 14
    assert found.grids["general"]["households"].between(300, 500).mean() >= 0.9
    assert set(found.gates["compound"]) == set(found.compounds["code"])
