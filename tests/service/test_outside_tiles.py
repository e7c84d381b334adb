"""Somebody else's map below the grids: which addresses pages may ask, and what pages are told of them."""

import pytest
from pydantic import ValidationError

from service.maps.pages import content_policy
from service.outside_tiles import LONGEST, OutsideTiles
from service.settings import Settings

URL = "https://t0.tiles.example/vec_w/{z}/{x}/{y}?tk={key}"


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]


def test_without_an_address_there_is_no_outside_map() -> None:
    assert settings(base_tiles_key="k", base_tiles_crs="GCJ-02").outside_tiles is None


@pytest.mark.parametrize(
    ("datum", "shifted"), [("EPSG:4326", False), ("CGCS2000", False), ("epsg:4490", False), ("gcj02", True)]
)
def test_the_key_is_written_into_the_address_and_the_datum_decides_whether_tiles_are_shifted(
    datum: str, shifted: bool
) -> None:
    tiles = settings(
        base_tiles_url=URL, base_tiles_key="a&b c", base_tiles_crs=datum, base_tiles_attribution="样例测绘"
    ).outside_tiles
    address = "https://t0.tiles.example/vec_w/{z}/{x}/{y}?tk=a%26b%20c"
    assert tiles == OutsideTiles(address, "https://t0.tiles.example", "样例测绘", shifted)


@pytest.mark.parametrize(
    "wrong",
    [
        "https://tiles.example/{z}/{x}.png",
        "https://tiles.example/{z}/{x}/{y}.png?a={api}",
        "https://tiles.example/{z}/{x}/{y}.png?a={",
        "https://{z}.example/{x}/{y}.png",
        "http://tiles.example/{z}/{x}/{y}.png",
        "ftp://tiles.example/{z}/{x}/{y}.png",
        "//tiles.example/{z}/{x}/{y}.png",
        "https://me:secret@tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}/{y}.png#part",
        "https://tiles.example; script-src 'unsafe-inline'/{z}/{x}/{y}",
        f"https://tiles.example/{'a' * LONGEST}/{{z}}/{{x}}/{{y}}",
    ],
)
def test_an_address_that_pages_could_not_or_should_not_ask_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError):
        settings(base_tiles_url=wrong)


@pytest.mark.parametrize("wrong", ["BD-09", "EPSG:3857", "EPSG:4547", "Mars", ""])
def test_a_datum_that_tiles_cannot_be_shifted_from_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError):
        settings(base_tiles_crs=wrong)


def test_pages_may_show_pictures_of_that_host_and_nothing_else_of_it() -> None:
    policy = content_policy("n", (), ("https://t0.tiles.example",)).split("; ")
    assert "img-src 'self' data: https://t0.tiles.example" in policy
    assert [part for part in policy if "tiles.example" in part] == ["img-src 'self' data: https://t0.tiles.example"]
    assert "img-src 'self' data:" in content_policy("n").split("; ")
