"""From HTML to PDF: the one way in which the report, the wall map and the boards are printed.

Vector, fonts embedded, sizes in millimetres true to the paper. Nothing is fetched: a document gets its style and its
drawings in itself, and its pictures as bytes beside it, which it names ``own:NAME``. What it names otherwise, a file or
an address that came with the data, is left blank.
"""

import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

FONT: Final = "Noto Sans CJK SC"
OWN: Final = "own:"
# What maps consist of: lines from point to point, some of them closed.
_STRAIGHT: Final = re.compile(r"(?:M[-.0-9]+ [-.0-9]+(?:L[-.0-9]+ [-.0-9]+)+Z?)+")


@dataclass(frozen=True, slots=True)
class LaidOut:
    """A document laid out on its pages; what does not fit can be known before it is written."""

    _document: Any = field(repr=False)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return len(self._document.pages)

    @property
    def sizes(self) -> list[tuple[float, float]]:
        """Width and height of each page, millimetres."""
        return [(page.width / 96 * 25.4, page.height / 96 * 25.4) for page in self._document.pages]

    def pdf(self) -> bytes:
        """The document as PDF."""
        made: bytes = self._document.write_pdf(finisher=_compress)
        return made


def lay_out(html: str, pictures: Mapping[str, bytes] | None = None) -> LaidOut:
    """The document on its pages, not yet written: a page that is too full can be told by their number.

    Parameters
    ----------
    html
        A whole document with its style in it.
    pictures
        What the document shows as ``<img src="own:NAME">``: PNG, JPEG, or SVG that we drew.

    Raises
    ------
    KeyError
        The document names a picture of ours that was not given.
    """
    # Loaded here, for it is heavy and few processes print.
    from weasyprint import HTML

    _draw_straight_paths_at_once()
    given = dict(pictures or {})
    missing: list[str] = []
    fetcher = _fetcher()(given, missing)
    laid = LaidOut(HTML(string=html, base_url=OWN, url_fetcher=fetcher).render())
    if missing:
        raise KeyError(missing[0])
    return laid


def to_pdf(html: str, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The document as PDF, on as many pages as it takes; parameters and errors as `lay_out`."""
    return lay_out(html, pictures).pdf()


@lru_cache(maxsize=1)
def _fetcher() -> Callable[[dict[str, bytes], list[str]], Any]:
    """The class of what hands out pictures of ours, and nothing else."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class Own(URLFetcher):
        def __init__(self, given: dict[str, bytes], missing: list[str]) -> None:
            super().__init__(allowed_protocols=())
            self._given, self._missing = given, missing

        def fetch(self, url: str, headers: Any = None) -> Any:  # noqa: ARG002 - as it is called
            name = url.removeprefix(OWN)
            if name == url:
                raise ValueError(f"a printed page fetches nothing: {url[:80]}")
            if name not in self._given:
                self._missing.append(name)
                raise ValueError(f"there is no such picture: {name}")
            return URLFetcherResponse(url, self._given[name])

    return Own


def _compress(_document: Any, pdf: Any) -> None:
    """Compress drawings at the usual level: the highest, which is used else, takes thrice as long and saves 1 %."""
    for one in pdf.objects:
        if getattr(one, "compress", False) and all(isinstance(part, bytes | str) for part in one.stream):
            drawn = b"\n".join(part if isinstance(part, bytes) else part.encode() for part in one.stream)
            one.stream, one.compress = [zlib.compress(drawn)], False
            one.extra["Filter"] = "/FlateDecode"


@lru_cache(maxsize=1)
def _draw_straight_paths_at_once() -> None:
    """Let SVG paths of straight lines be written as PDF in one go: read point by point, a city's map takes seconds."""
    from weasyprint.svg import TAGS

    any_path = TAGS["path"]

    def path(svg: Any, node: Any, font_size: float) -> None:
        lines = node.get("d", "")
        if _STRAIGHT.fullmatch(lines):
            svg.stream.stream.append(_as_pdf(lines))
        else:
            any_path(svg, node, font_size)

    TAGS["path"] = path


def _as_pdf(lines: str) -> str:
    """A path of straight lines as PDF has it, each letter behind its point: ``M0 0L1 1Z`` is ``0 0 m 1 1 l h``."""
    drawn: list[str] = []
    for line in lines.split("M")[1:]:
        first, _, others = line.partition("L")
        rest = others.rstrip("Z").replace("L", " l\n")
        drawn.append(f"{first} m\n{rest} l\nh" if others.endswith("Z") else f"{first} m\n{rest} l")
    return "\n".join(drawn)
