"""Folium's page, safe to serve: own addresses, a nonce on every script and style, a language, an escaped title."""

from collections.abc import Mapping, Sequence
from html import escape
from html.parser import HTMLParser
from typing import Any, Final

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from markupsafe import Markup

from geodata.errors import SetupError
from service.maps.assets import REPLACED, Assets

_NONCED: Final = frozenset({"script", "style"})
_ADDRESSES: Final = {"script": "src", "link": "href"}


class PageFigure(Figure):
    """The document around a Folium map.

    Parameters
    ----------
    assets
        Where the header's links lead instead of to their content delivery networks.
    nonce
        The one of this answer's Content-Security-Policy; only scripts and styles of the header, and the script block
        at the end, get it. What lies in the body is never touched.
    title, lang
        Of the document; the title may hold anything, it is escaped.
    root_path
        Path that a proxy serves us under.
    head
        Our own lines for the header; trusted.
    body_class
        What styles know the page by.

    Raises
    ------
    SetupError
        On rendering, when something wants a header link that is in no manifest.
    """

    _template = Template(
        "<!DOCTYPE html>\n"
        '<html lang="{{ this.lang|e }}">\n'
        "<head>\n"
        '<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">\n'
        "<title>{{ this.page_title|e }}</title>\n"
        "{{ this.safe_header(kwargs) }}\n"
        "{{ this.head }}\n"
        "</head>\n"
        '<body class="{{ this.body_class|e }}">\n'
        "{{ this.html.render(**kwargs) }}\n"
        '<script nonce="{{ this.nonce|e }}">\n'
        "{{ this.script.render(**kwargs) }}\n"
        "</script>\n"
        "</body>\n"
        "</html>\n"
    )

    def __init__(
        self,
        assets: Assets,
        *,
        nonce: str,
        title: str,
        lang: str,
        root_path: str = "",
        head: Markup | None = None,
        body_class: str = "map-page",
    ) -> None:
        super().__init__()
        self.assets = assets
        self.nonce = nonce
        self.page_title = title
        self.lang = lang
        self.root_path = root_path
        self.head = head or Markup()
        self.body_class = body_class

    def safe_header(self, kwargs: Mapping[str, Any]) -> str:
        """The header's own elements with their links replaced and nonces added."""
        parser = _HeaderParser(self)
        parser.feed(self.header.render(**kwargs))
        parser.close()
        return "".join(parser.written)

    def own_address(self, address: str) -> str:
        """Where a header link leads instead.

        Raises
        ------
        SetupError
            Nobody has said which installed file serves this address.
        """
        if address.startswith(f"{self.root_path}/assets/"):
            return address
        try:
            return self.assets.url(REPLACED[address], self.root_path)
        except KeyError:
            raise SetupError(
                f"a page wants {address}, which the service does not carry; name it in service/maps/assets.py",
                f"页面需要 {address}，但本服务没有提供；请在 service/maps/assets.py 中登记",
                address=address,
            ) from None


class _HeaderParser(HTMLParser):
    """Writes a header again, tag by tag."""

    def __init__(self, figure: PageFigure) -> None:
        super().__init__(convert_charrefs=False)
        self.figure = figure
        self.written: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag == "meta":  # Folium's forbids zooming by fingers; the document has its own
            return
        kept = dict(attrs)
        target = _ADDRESSES.get(tag)
        if target is not None and kept.get(target) is not None:
            kept[target] = self.figure.own_address(str(kept[target]))
        if tag in _NONCED:
            kept["nonce"] = self.figure.nonce
        written = "".join(f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in kept.items())
        self.written.append(f"<{tag}{written}>")

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.written.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.written.append(data)

    def handle_entityref(self, name: str) -> None:
        self.written.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.written.append(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        """Drop comments."""


class PageMap(folium.Map):
    """A Folium map that asks for Leaflet alone: jQuery, Bootstrap and icon fonts serve plugins that we don't use."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.default_js = [link for link in folium.Map.default_js if link[0] == "leaflet"]
        self.default_css = [link for link in folium.Map.default_css if link[0] == "leaflet_css"]


class Handover(MacroElement):
    """Gives Folium's map object to our own modules, as ``window.gridmap.map``."""

    _template = Template(
        "{% macro script(this, kwargs) %}window.gridmap = { map: {{ this._parent.get_name() }} };{% endmacro %}"
    )


class Layout(Element):
    """Our part of the body, written as it is: no template reads it again.

    Parameters
    ----------
    markup
        Its text is already escaped.
    """

    _template = Template("{{ this.markup }}")

    def __init__(self, markup: Markup) -> None:
        super().__init__()
        self.markup = markup


def map_document(figure: PageFigure, body: Markup, bounds: Sequence[Sequence[float]]) -> str:
    """Render a whole page: our layout, and Folium's map in it.

    Parameters
    ----------
    figure
        The empty document.
    body
        Our layout; its text is already escaped.
    bounds
        South-west and north-east corner, each (lat, lon) as Leaflet wants them.
    """
    (south, west), (north, east) = bounds
    page_map = PageMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=13,
        zoom_control="topright",
        zoom_snap=0.25,
        wheel_px_per_zoom_level=90,
        attribution_control=False,
        minZoom=4,
        maxZoom=20,
    )
    page_map.add_child(Handover())  # type: ignore[no-untyped-call]
    figure.add_child(page_map)
    figure.html.add_child(Layout(body), name="layout")
    return str(figure.render())
