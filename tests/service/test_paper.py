"""What is printed: on paper of its own size, out of nothing but what was handed over."""

import io
import re
from pathlib import Path

import pypdf
import pytest
from PIL import Image

from service.maps.paper import lay_out, to_pdf

A6 = "<style>@page {{ size: 148mm 105mm; margin: 0 }} img {{ width: 40mm; height: 30mm }}</style>{}"


def _picture(colour: str) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (8, 6), colour).save(held, "PNG")
    return held.getvalue()


def _images(pdf: bytes) -> list[tuple[int, int, int]]:
    found = []
    for page in pypdf.PdfReader(io.BytesIO(pdf)).pages:
        found += [image.image.convert("RGB").getpixel((0, 0)) for image in page.images]
    return found


def test_pages_are_counted_before_anything_is_written() -> None:
    laid = lay_out(A6.format("<p>甲</p><p style='break-before: page'>乙</p>"))
    assert laid.pages == 2
    assert [(round(wide), round(high)) for wide, high in laid.sizes] == [(148, 105)] * 2
    assert len(pypdf.PdfReader(io.BytesIO(laid.pdf())).pages) == 2


def test_pictures_that_were_handed_over_are_printed() -> None:
    pdf = to_pdf(A6.format('<img src="own:logo">'), {"logo": _picture("#cc0000")})
    assert _images(pdf) == [(0xCC, 0, 0)]


def test_a_picture_of_ours_that_is_missing_is_an_error() -> None:
    with pytest.raises(KeyError, match="logo"):
        lay_out(A6.format('<img src="own:logo">'), {"other": _picture("#cc0000")})


def test_nothing_else_is_fetched_wherever_a_document_names_it(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(_picture("#00cc00"))
    ways = (
        f'<img src="file://{secret}"><img src="http://127.0.0.1:9/a.png"><img src="data:image/png;base64,AAAA">',
        f'<link rel="stylesheet" href="file://{secret}"><object data="file://{secret}"></object>',
        f'<style>@import "file://{secret}"; p {{ background: url("file://{secret}") }}</style><p>甲</p>',
        f'<svg><image href="file://{secret}" width="9" height="9"/><use href="file://{secret}#a"/></svg>',
        f'<a rel="attachment" href="file://{secret}">乙</a>',
    )
    pdf = to_pdf(A6.format("".join(ways)))
    assert _images(pdf) == []
    assert not pypdf.PdfReader(io.BytesIO(pdf)).attachments


def _steps(path: str) -> list[tuple[float, ...]]:
    """What a path is on paper: its points in order, () where a ring is closed."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 30"><path d="{path}" fill="#cc0000"/></svg>'
    page = pypdf.PdfReader(io.BytesIO(to_pdf(A6.format('<img src="own:map">'), {"map": svg.encode()}))).pages[0]
    steps = re.findall(r"^(?:([-\d.]+) ([-\d.]+) [ml]|h)$", page.get_contents().get_data().decode(), re.MULTILINE)
    found = [tuple(float(number) for number in step if number) for step in steps]
    return found[1:] if found[0] == (0.0, 0.0) else found


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("M1.50 2.00L30.00 2.00L30.00 20.25ZM4 5L6 7L6 5Z", "M1.5 2h28.5v18.25zM4 5l2 2v-2z"),
        ("M1 2L30 2L30 20M-4 5L6.5 7", "M1 2h29v18M-4 5l10.5 2"),
    ],
)
def test_paths_go_through_the_same_points_however_they_are_written(path: str, other: str) -> None:
    assert len(_steps(path)) >= 5
    assert _steps(path) == _steps(other)
