"""A map drawn for paper: SVG in millimetres, north up, with its own scale bar and north arrow."""

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import shapely
from markupsafe import Markup, escape

from geodata.crs import LocalMetres

# On paper a vertex nearer than this to the line without it cannot be seen.
_FINEST_MILLIMETRES = 0.05
_ROUND_STEPS = (1.0, 2.0, 5.0)
_FONT = "Noto Sans CJK SC, sans-serif"


class Sheet:
    """A frame of paper onto which shapes in EPSG:4326 are drawn, one over the other, in the order of the calls.

    Parameters
    ----------
    bounds
        West, south, east, north in degrees of what must be seen.
    width, height
        Of the frame, millimetres.
    margin
        Left free around what must be seen, millimetres.

    Attributes
    ----------
    metres_per_millimetre
        The scale: 10 is 1 : 10,000.
    """

    def __init__(
        self, bounds: tuple[float, float, float, float], width: float, height: float, *, margin: float = 4.0
    ) -> None:
        west, south, east, north = bounds
        self.width, self.height = width, height
        self._plane = LocalMetres((west + east) / 2, (south + north) / 2)
        # The rim of the box is bent on paper.
        rim = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
        left, bottom, right, top = shapely.total_bounds(self._plane.forward(shapely.points(*rim)))
        across, up = max(right - left, 1.0), max(top - bottom, 1.0)
        self.metres_per_millimetre = max(across / (width - 2 * margin), up / (height - 2 * margin))
        self._x, self._y = (left + right) / 2, (bottom + top) / 2
        self._frame = shapely.box(0.0, 0.0, width, height)
        self._parts: list[Markup] = []

    def on_paper(self, shapes: Any) -> Any:
        """Shapes, one or an array, in millimetres from the upper left corner of the frame."""
        scale = 1.0 / self.metres_per_millimetre

        def placed(points: Any) -> Any:
            points = points.copy()
            points[:, 0] = (points[:, 0] - self._x) * scale + self.width / 2
            points[:, 1] = (self._y - points[:, 1]) * scale + self.height / 2
            return points

        return shapely.transform(self._plane.forward(shapes), placed)

    def areas(
        self, shapes: Sequence[Any], fills: Sequence[str], *, stroke: str = "#ffffff", weight: float = 0.15
    ) -> None:
        """Draw filled polygons; neighbours keep their common border, for they are made simpler together."""
        if not len(shapes):
            return
        placed = shapely.coverage_simplify(self.on_paper(list(shapes)), _FINEST_MILLIMETRES)
        for shape, fill in zip(placed, fills, strict=True):
            self._path(_polygon_path(shape), fill=fill, stroke=stroke, weight=weight)

    def outlines(self, shapes: Sequence[Any], *, stroke: str, weight: float, dash: str = "") -> None:
        """Draw borders of polygons without a fill."""
        if len(shapes):
            for shape in shapely.simplify(self.on_paper(list(shapes)), _FINEST_MILLIMETRES):
                self._path(_polygon_path(shape), fill="none", stroke=stroke, weight=weight, dash=dash)

    def lines(self, shapes: Sequence[Any], *, stroke: str, weight: float) -> None:
        """Draw lines, as one path."""
        if not len(shapes):
            return
        placed = shapely.simplify(self.on_paper(list(shapes)), _FINEST_MILLIMETRES)
        kept = shapely.clip_by_rect(placed, 0.0, 0.0, self.width, self.height)
        drawn = "".join(_line_path(line) for line in shapely.get_parts(kept) if line.geom_type == "LineString")
        self._path(drawn, fill="none", stroke=stroke, weight=weight)

    def dot(self, lon: float, lat: float, *, radius: float, fill: str, stroke: str = "#ffffff") -> None:
        """Draw a round mark; one outside the frame is left out."""
        x, y = self._at(lon, lat)
        if 0 <= x <= self.width and 0 <= y <= self.height:
            self._parts.append(
                Markup('<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}" fill="{}" stroke="{}" stroke-width="0.25"/>').format(
                    x, y, radius, fill, stroke
                )
            )

    def number(self, lon: float, lat: float, text: str, *, fill: str, square: bool = False) -> None:
        """Draw a number in a filled circle, or in a square."""
        x, y = self._at(lon, lat)
        if not (0 <= x <= self.width and 0 <= y <= self.height):
            return
        half = 2.3
        shape = (
            Markup('<rect x="{:.2f}" y="{:.2f}" width="{w}" height="{w}"').format(x - half, y - half, w=2 * half)
            if square
            else Markup('<circle cx="{:.2f}" cy="{:.2f}" r="{}"').format(x, y, half)
        )
        self._parts.append(shape + Markup(' fill="{}" stroke="#ffffff" stroke-width="0.4"/>').format(fill))
        self._text(x, y + 1.05, text, size=3.0, colour="#ffffff", bold=True)

    def label(self, shape: Any, text: str, *, size: float = 2.8) -> None:
        """Write a name inside a polygon, at its widest place; left out where it does not fit."""
        placed = self.on_paper(shape)
        widest = shapely.maximum_inscribed_circle(placed)
        room = 2 * shapely.length(widest)
        wide = sum(1.0 if ord(sign) > 0x2E7F else 0.56 for sign in text)
        size = min(size, room / max(wide, 1.0))
        if size < 1.6:
            return
        x, y = widest.coords[0]
        self._text(x, y + size * 0.36, text, size=size, colour="#1d252c", halo=True)

    def svg(self) -> Markup:
        """The whole drawing, framed, with scale bar and north arrow."""
        body = Markup("").join([*self._parts, *self._scale_bar(), *self._north()])
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}">'
            '<clipPath id="frame"><rect width="{w}" height="{h}"/></clipPath>'
            '<rect width="{w}" height="{h}" fill="#fafaf8"/><g clip-path="url(#frame)">{body}</g>'
            '<rect width="{w}" height="{h}" fill="none" stroke="#8a949d" stroke-width="0.3"/></svg>'
        ).format(w=self.width, h=self.height, body=body)

    def _at(self, lon: float, lat: float) -> tuple[float, float]:
        point = self.on_paper(shapely.Point(lon, lat))
        return float(point.x), float(point.y)

    def _path(self, drawn: str, *, fill: str, stroke: str, weight: float, dash: str = "") -> None:
        if drawn:
            self._parts.append(
                Markup(
                    '<path d="{}" fill="{}" fill-rule="evenodd" stroke="{}" stroke-width="{}"'
                    ' stroke-linejoin="round"{}/>'
                ).format(drawn, fill, stroke, weight, Markup(' stroke-dasharray="{}"').format(dash) if dash else "")
            )

    def _text(
        self, x: float, y: float, text: str, *, size: float, colour: str, bold: bool = False, halo: bool = False
    ) -> None:
        written = Markup(
            '<text x="{:.2f}" y="{:.2f}" font-size="{:.2f}" text-anchor="middle" font-family="{}"{} {}>{}</text>'
        )
        weight = Markup(' font-weight="bold"') if bold else ""
        # What draws the paper paints a stroke over its letters: the halo is a text of its own below.
        if halo:
            around = Markup('fill="#ffffff" stroke="#ffffff" stroke-width="{:.2f}"').format(size * 0.28)
            self._parts.append(written.format(x, y, size, _FONT, weight, around, escape(text)))
        self._parts.append(written.format(x, y, size, _FONT, weight, Markup('fill="{}"').format(colour), escape(text)))

    def _scale_bar(self) -> Iterator[Markup]:
        metres = round_length(self.width / 4 * self.metres_per_millimetre)
        long, x, y = metres / self.metres_per_millimetre, 5.0, self.height - 5.0
        label = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
        yield Markup(
            '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="8" fill="#ffffff" fill-opacity="0.8"/>'
        ).format(x - 2, y - 5.5, long + 4)
        yield Markup(
            '<path d="M{x:.2f} {u:.2f}V{y:.2f}H{e:.2f}V{u:.2f}" fill="none" stroke="#1d252c" stroke-width="0.4"/>'
        ).format(x=x, u=y - 1.5, y=y, e=x + long)
        yield Markup(
            '<text x="{:.2f}" y="{:.2f}" font-size="2.6" text-anchor="middle" font-family="{}" fill="#1d252c">{}</text>'
        ).format(x + long / 2, y - 2.4, _FONT, label)

    def _north(self) -> Iterator[Markup]:
        x, y = self.width - 7.0, 4.0
        yield Markup(
            '<path d="M{x} {y}l2 6.5-2-1.6-2 1.6z" fill="#1d252c"/><text x="{x}" y="{t}" font-size="3" '
            'text-anchor="middle" font-family="{font}" fill="#1d252c">N</text>'
        ).format(x=x, y=y, t=y + 9.8, font=_FONT)


def round_length(metres: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 … metres that is not more than a length."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1.0)))
    return max(step * power for step in _ROUND_STEPS if step * power <= max(metres, 1.0))


def _polygon_path(shape: Any) -> str:
    return "".join(_rings(shape))


def _rings(shape: Any) -> Iterator[str]:
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type == "Polygon" and not polygon.is_empty:
            for ring in (polygon.exterior, *polygon.interiors):
                yield _drawn(ring.coords[:-1]) + "Z"


def _line_path(line: Any) -> str:
    return _drawn(line.coords)


def _drawn(points: Iterable[tuple[float, ...]]) -> str:
    return "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y, *_ in points)
