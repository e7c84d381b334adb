"""Folium's document: own addresses, nonces where templates wrote scripts, and nothing from data in any of it."""

import re

import folium
import pytest
from branca.element import CssLink, Element, JavascriptLink
from markupsafe import Markup

from geodata.errors import SetupError
from service.maps.assets import installed_assets
from service.maps.figure import PageFigure, map_document

BOUNDS = [[36.0, 117.0], [36.1, 117.2]]


def figure(**options: str) -> PageFigure:
    return PageFigure(installed_assets(), **{"nonce": "N0nce", "title": "网格", "lang": "zh-CN", **options})


def test_a_page_asks_for_our_own_files_alone() -> None:
    page = map_document(figure(root_path="/sub"), Markup(), BOUNDS)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(addresses) == 2
    assert all(address.startswith("/sub/assets/leaflet-") for address in addresses)
    assert "://" not in page


def test_every_script_and_style_carries_the_nonce() -> None:
    page = map_document(figure(), Markup(), BOUNDS)
    tags = re.findall(r"<(?:script|style)[^>]*>", page)
    assert len(tags) >= 5
    assert all('nonce="N0nce"' in tag for tag in tags)


def test_scripts_in_the_body_get_no_nonce() -> None:
    page = map_document(figure(), Markup("<p><script>alert(1)</script><style>p {}</style></p>"), BOUNDS)
    assert "<script>alert(1)</script><style>p {}</style>" in page


def test_no_template_reads_the_body_again() -> None:
    body = Markup("{{ 7 * 7 }} {% raw %} {# x #} {{ this.nonce }} ${alert(1)}")
    assert str(body) in map_document(figure(), body, BOUNDS)


def test_the_title_may_hold_anything() -> None:
    page = map_document(figure(title="</title><script>alert(1)</script>{{ 7*7 }}"), Markup(), BOUNDS)
    assert "<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;{{ 7*7 }}</title>" in page


def test_the_page_says_its_language_and_may_be_zoomed_by_fingers() -> None:
    page = map_document(figure(lang="en"), Markup(), BOUNDS)
    assert '<html lang="en">' in page
    assert page.count('name="viewport"') == 1
    assert "user-scalable" not in page


@pytest.mark.parametrize(
    "wanted",
    [
        JavascriptLink("https://cdn.example.org/plugin.js"),
        CssLink("//cdn.example.org/plugin.css"),
        Element('<link rel="stylesheet" href="http://fonts.example.org/x.css">'),
        Element('<script async src="plugin.js"></script>'),
    ],
)
def test_a_link_in_no_manifest_is_refused_by_name(wanted: Element) -> None:
    page = figure()
    page.header.add_child(wanted)
    with pytest.raises(SetupError, match="which the service does not carry"):
        map_document(page, Markup(), BOUNDS)


def test_a_plugin_of_folium_that_nobody_installed_is_refused() -> None:
    page = figure()
    page.add_child(folium.Map(tiles=None))
    with pytest.raises(SetupError, match="jquery"):
        page.render()


def test_folium_itself_is_left_as_it_was() -> None:
    before = list(folium.Map.default_js)
    map_document(figure(), Markup(), BOUNDS)
    assert folium.Map.default_js == before
