"""What holds of every page of ours: it fits a phone, can be told by its names and colours, and nothing fails on it."""

from functools import cache
from typing import Any

from playwright.sync_api import Page

from service.maps.assets import NODE_MODULES
from tests.browser.browsing import Visit

# What axe calls less than serious is advice.
GRAVE = ("serious", "critical")
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def assert_sound(made: Visit) -> None:
    """As `Visit.assert_sound`; a browser writes each refused request to its console, that one is allowed."""
    made.faults = [fault for fault in made.faults if "status of 401" not in fault]
    made.assert_sound()


def assert_fits(page: Page) -> None:
    """Nothing sticks out sideways, what is touched is 44 pixels high, text is 14 pixels or more."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    small = page.evaluate("""() => [...document.querySelectorAll("a, button, input, select, summary, label:has(input)")]
        .filter((item) => item.offsetParent && !item.matches(".skip, .unseen, [type=radio], [type=checkbox]"))
        .map((item) => [item.outerHTML.slice(0, 80), item.getBoundingClientRect().height])
        .filter(([, height]) => height < 43.5)""")
    assert small == []
    tiny = page.evaluate("""() => [...document.querySelectorAll("body *")]
        .filter((item) => [...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
        .filter((item) => item.offsetParent && parseFloat(getComputedStyle(item).fontSize) < 14)
        .map((item) => item.outerHTML.slice(0, 80))""")
    assert tiny == []


def assert_accessible(page: Page) -> None:
    """Names, one main heading, identities used once, references that lead somewhere, contrast of 4.5 to 1; then axe."""
    faults = page.evaluate("""() => {
        const shown = (item) => item.offsetParent !== null || item.tagName === "DIALOG";
        const faults = [];
        const named = "a, button, input, select, summary, dialog, [role=region], [role=tab]";
        for (const item of document.querySelectorAll(named)) {
            if (!shown(item)) continue;
            const labelled = (item.getAttribute("aria-labelledby") ?? "").split(" ")
                .map((id) => document.getElementById(id)?.textContent ?? "").join("");
            const name = item.getAttribute("aria-label") || labelled || item.textContent.trim()
                || [...(item.labels ?? [])].map((label) => label.textContent).join("");
            if (!name.trim()) faults.push(["no name", item.outerHTML.slice(0, 90)]);
        }
        if ([...document.querySelectorAll("h1")].filter(shown).length !== 1) faults.push(["headings"]);
        const ids = [...document.querySelectorAll("[id]")].map((item) => item.id);
        for (const id of ids) if (ids.filter((one) => one === id).length > 1) faults.push(["id twice", id]);
        for (const item of document.querySelectorAll("[aria-describedby], [aria-controls]")) {
            for (const id of (item.getAttribute("aria-describedby") ?? item.getAttribute("aria-controls")).split(" ")) {
                if (!document.getElementById(id)) faults.push(["leads nowhere", id]);
            }
        }
        const parse = (text) => text.match(/[\\d.]+/g).map(Number);
        const light = ([r, g, b]) => {
            const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * x + 0.7152 * y + 0.0722 * z;
        };
        const ground = (item) => {
            for (let at = item; at; at = at.parentElement) {
                const colour = parse(getComputedStyle(at).backgroundColor);
                if (colour.length < 4 || colour[3] === 1) return colour;
            }
            return [255, 255, 255];
        };
        for (const item of document.querySelectorAll("main *, header *")) {
            if (!item.offsetParent || item.closest(".fault-map, .unseen, option")) continue;
            if (![...item.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
            const pair = [light(parse(getComputedStyle(item).color)), light(ground(item))];
            const [one, other] = pair.sort((a, b) => b - a);
            if ((one + 0.05) / (other + 0.05) < 4.5) faults.push(["contrast", item.outerHTML.slice(0, 90)]);
        }
        return faults;
    }""")
    assert faults == []
    assert axe_findings(page) == []


@cache
def _axe() -> str:
    return (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def axe_findings(page: Page) -> list[Any]:
    """What axe-core finds on a page as it is now, frames aside, that is serious or critical: rule and elements."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_axe())
    found: list[Any] = page.evaluate(
        """async (grave) => {
            const said = await axe.run(document, { resultTypes: ["violations"], iframes: false, elementRef: false });
            return said.violations.filter((one) => grave.includes(one.impact))
                .map((one) => [one.id, one.nodes.map((node) => [node.html.slice(0, 120), node.failureSummary])]);
        }""",
        GRAVE,
    )
    return found
