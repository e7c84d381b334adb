"""The dispatcher's page in a browser: answers as the service gives them, and the moves that every test makes."""

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.browser.browsing import Site, Visit

LOOKUP = "**/api/v1/lookup"
SUGGEST = "**/api/v1/addresses/suggest"
ALIASES = re.compile(r"/api/v1/addresses/aliases(/\d+)?$")
PATIENCE = 60_000
READY_SECONDS = 120.0
DAY, NIGHT = "2026-11-25T10:30:00+08:00", "2026-11-22T21:30:00+08:00"
"""A Wednesday in office hours, and a Sunday when only those answer who are called at night."""


def await_register(page: Page, address: str) -> None:
    """Wait until a served register answers: it is compiled once, beside everything else."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        answer = page.request.post(f"{address}/api/v1/lookup", data={"address": "样例路"}, headers={"Origin": address})
        if answer.status == 200:
            return
        assert answer.json()["code"] == "register-not-ready"
        time.sleep(0.3)
    raise AssertionError("the register was never ready")


def await_streets(page: Page, address: str, lon: float, lat: float) -> None:
    """Wait until a look-up tells walks along the streets: the network is compiled once, beside everything else."""
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        if page.request.get(f"{address}/api/v1/lookup?lon={lon}&lat={lat}").json()["walking"]:
            return
        time.sleep(0.3)
    raise AssertionError("the walking network was never ready")


def at_dispatch(made: Visit, path: str = "/dispatch") -> Page:
    page = made.open(path)
    page.wait_for_selector("html[data-ready]")
    return page


def sign_in(page: Page, site: Site, role: str = "dispatcher") -> None:
    page.click("#sign-in")
    page.fill("#key", site.keys[role])
    page.press("#key", "Enter")
    expect(page.locator("#sign-in-dialog")).not_to_be_visible()
    expect(page.locator("#session-state")).not_to_be_empty()


def asked(page: Page, text: str) -> None:
    page.fill("#query", text)
    page.press("#query", "Enter")


def a_door(site: Site, place: int = 0) -> Any:
    assert site.city is not None
    return site.city.addresses.iloc[place]


def a_grid(site: Site, place: int = 10) -> Any:
    assert site.city is not None
    return site.city.grids["general"].iloc[place]


def point_in(grid: Any) -> dict[str, Any]:
    inside = grid.geometry.representative_point()
    return {"lon": inside.x, "lat": inside.y, "crs": "EPSG:4326"}


def answered(page: Page, answer: Callable[[dict[str, Any]], dict[str, Any] | None]) -> None:
    """Answer look-ups in place of the service, but for those for which `answer` gives None."""

    def handle(route: Route) -> None:
        told = answer(body_of(route))
        if told is None:
            route.continue_()
        else:
            route.fulfill(json=told)

    page.route(LOOKUP, handle)


def at_moment(page: Page, moment: str) -> None:
    """From now on the service answers the page's look-ups for a moment."""
    page.route(LOOKUP, lambda route: route.continue_(post_data=json.dumps(body_of(route) | {"as_of": moment})))


def body_of(route: Route) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(route.request.post_data or "{}")
    return told


def candidate(grid: Any, label: str, *, score: float, **told: Any) -> dict[str, Any]:
    """A candidate of an unsure answer, in one grid."""
    facts: dict[str, Any] = {
        "label": label, "level": "building", "score": score, "parts": {}, "exact": True, "areas": [], "grid_count": 1,
        "reasons": ["compound found"], "reasons_zh": ["小区一致"], "point": point_in(grid),
        "grids": [{"layer": "general", "code": grid["code"], "name": grid["name"], "score": score}],
    }  # fmt: skip
    return facts | told


def unsure(text: str, *candidates: Mapping[str, Any], status: str = "ambiguous", **told: Any) -> dict[str, Any]:
    """An answer that is not sure."""
    facts: dict[str, Any] = {
        "status": status, "as_of": "2026-03-18T10:00:00+08:00", "version": 1, "stale_since": None, "warnings": [],
        "query": {"address": text, "normalized": text, "point": None}, "point": None, "address": None, "matter": None,
        "candidates": list(candidates), "grids": [], "nearest": [], "ask": None, "nearest_known": None,
    }  # fmt: skip
    return facts | told
