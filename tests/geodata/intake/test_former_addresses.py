"""Former names of addresses, from a city's table to the answer of a look-up."""

import pandas as pd
import pytest

from geodata.address.compile import compile_entries
from geodata.address.index import AddressIndex
from geodata.address.sources import read_addresses, read_areas
from geodata.intake.references import now
from geodata.intake.report import LoadOptions
from geodata.load import load_frame

COMMIT = LoadOptions(crs="EPSG:4326", commit=True)


@pytest.fixture
def index(connection, tmp_path):
    """Doors 1 to 29 of a road; the seventh was number 107 of another one, and the road has an older name."""
    rows = [
        {
            "编码": f"D{number}",
            "道路": "建设路",
            "门牌号": number,
            "曾用名": "解放路107号、老城大道" if number == 7 else None,
            "lon": 117 + number / 1e4,
            "lat": 36.65,
        }
        for number in range(1, 30)
    ]
    load_frame(connection, "addresses", pd.DataFrame(rows), options=COMMIT)
    areas = read_areas(connection, now(connection))
    compile_entries([entry for some in read_addresses(connection, areas) for entry in some], tmp_path)
    return AddressIndex(tmp_path)


@pytest.mark.parametrize(
    ("text", "code"), [("解放路107号", "D7"), ("建设路7号", "D7"), ("老城大道9号", "D9"), ("建设路29号", "D29")]
)
def test_a_former_address_is_its_own_door_and_a_former_road_all_of_them(index, text, code):
    first = index.find(text).candidates[0]
    assert first.code == code
    assert any(reason.code == "number-same" for reason in first.reasons)


def test_the_former_number_is_no_number_of_the_road_as_it_is(index):
    found = index.find("建设路107号").candidates
    assert not any(reason.code == "number-same" for candidate in found for reason in candidate.reasons)
