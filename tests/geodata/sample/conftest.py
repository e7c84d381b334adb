"""The sample cities that the tests look at, each generated once, and their shapes in metres."""

from collections.abc import Callable
from typing import Any

import pytest

from geodata.crs import LocalMetres
from geodata.sample import SampleCity
from tests.samples import sample


@pytest.fixture(scope="session")
def street() -> SampleCity:
    return sample("street")


@pytest.fixture(scope="session")
def district() -> SampleCity:
    return sample("district")


@pytest.fixture(scope="session")
def city() -> SampleCity:
    return sample("city")


@pytest.fixture(params=["street", "district"])
def built_city(request: pytest.FixtureRequest) -> SampleCity:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, SampleCity)
    return found


@pytest.fixture(params=["street", "district", "city"])
def any_city(request: pytest.FixtureRequest) -> SampleCity:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, SampleCity)
    return found


@pytest.fixture(scope="session")
def in_metres() -> Callable[[Any], Any]:
    """Shapes of EPSG:4326 in a plane of metres about the sample's centre."""
    return LocalMetres(117.0, 36.65).forward
