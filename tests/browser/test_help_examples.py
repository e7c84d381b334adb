"""What the help says of addresses is so: each of its examples, asked of the sample that they are from."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.browsing import Site, Visit
from tests.browser.usable import PHONE, assert_accessible, assert_sound

pytestmark = pytest.mark.browser

Begin = Callable[..., Visit]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_example_of_the_help_is_answered_as_it_says(hotline: Site, visit: Begin, lang: str) -> None:
    made = visit(hotline)
    page = made.open(f"/help?lang={lang}")

    def rows(place: int) -> list[list[str]]:
        listed = page.locator(".help-table").nth(place).locator("tbody tr").all()
        return [row.locator("td").all_inner_texts() for row in listed]

    def answer(text: str) -> dict[str, Any]:
        asked = page.request.post(
            f"{made.address}/api/v1/lookup", data={"address": text}, headers={"Origin": made.address}
        )
        told: dict[str, Any] = asked.json()
        return told

    assert len(rows(0)) >= 5
    for said, taken, _ in rows(0):
        told = answer(said)
        assert told["status"] == "found", said
        assert told["address"]["label"].endswith(taken), said
    assert len(rows(1)) >= 4
    for said, _ in rows(1):
        told = answer(said)
        assert told["status"] == "ambiguous", said
        assert told["ask"], said
    assert_sound(made)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_help_is_readable_on_a_phone(hotline: Site, visit: Begin, lang: str) -> None:
    made = visit(hotline, **PHONE)
    page = made.open(f"/help?lang={lang}")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    assert_accessible(page)
    assert_sound(made)
