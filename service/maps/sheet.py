"""A map drawn for paper: SVG in millimetres, north up, with its own scale bar and north arrow."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import shapely
from markupsafe import Markup
from shapely import GeometryType

from geodata.crs import LocalMetres
from service.maps.lettering import clean, width_of
from service.maps.name_places import LINE_HEIGHT, Placed
from service.maps.paper import FONT

# On paper a vertex nearer than this to the line without it cannot be seen.
_FINEST_MILLIMETRES: Final = 0.05
_ROUND_STEPS: Final = (1.0, 2.0, 5.0)
_ROUND_SCALES: Final = (1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.8, 2, 2.2, 2.5, 2.8, 3, 3.5, 4, 4.5, 5, 5.5, 6, 7, 8, 9, 10)
_FONT: Final = f"{FONT}, sans-serif"
INK: Final = "#1d252c"
PAPER: Final = "#ffffff"
Bounds = tuple[float, float, float, float]


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
    round_scale
        Make it somewhat smaller, so that the scale is a number that people can say: 1 : 4,500.

    Attributes
    ----------
    metres_per_millimetre
        The scale: 10 is 1 : 10,000.
    frame
        The frame as a polygon, millimetres.
    """

    def __init__(
        self, bounds: Bounds, width: float, height: float, *, margin: float = 4.0, round_scale: bool = False
    ) -> None:
        west, south, east, north = bounds
        self.width, self.height = width, height
        self._plane = LocalMetres((west + east) / 2, (south + north) / 2)
        # The rim of the box is bent on paper.
        rim = np.meshgrid(np.linspace(west, east, 9), np.linspace(south, north, 9))
        left, bottom, right, top = shapely.total_bounds(self._plane.forward(shapely.points(*rim)))
        across, up = max(right - left, 1.0), max(top - bottom, 1.0)
        least = max(across / (width - 2 * margin), up / (height - 2 * margin))
        self.metres_per_millimetre = rounded_scale(least) if round_scale else least
        self._x, self._y = (left + right) / 2, (bottom + top) / 2
        self.frame = shapely.box(0.0, 0.0, width, height)
        self._parts: list[Markup] = []

    @property
    def frame_bounds(self) -> Bounds:
        """West, south, east and north end of all that the frame shows, degrees EPSG:4326."""
        rim = shapely.get_coordinates(shapely.segmentize(self.frame, max(self.width, self.height) / 8))
        scale = self.metres_per_millimetre
        metres = np.column_stack(
            [(rim[:, 0] - self.width / 2) * scale + self._x, self._y - (rim[:, 1] - self.height / 2) * scale]
        )
        west, south, east, north = shapely.total_bounds(self._plane.inverse(shapely.points(metres))).tolist()
        return west, south, east, north

    def on_paper(self, shapes: Any) -> Any:
        """Shapes, one or an array, in millimetres from the upper left corner of the frame."""
        scale = 1.0 / self.metres_per_millimetre

        def placed(points: Any) -> Any:
            points = points.copy()
            points[:, 0] = (points[:, 0] - self._x) * scale + self.width / 2
            points[:, 1] = (self._y - points[:, 1]) * scale + self.height / 2
            return points

        return shapely.transform(self._plane.forward(shapes), placed)

    def tiling(self, shapes: Sequence[Any], finest: float = _FINEST_MILLIMETRES) -> Any:
        """Polygons in millimetres, made simpler together: neighbours keep their common border."""
        placed = np.asarray(self.on_paper(np.array(list(shapes), dtype=object)))
        return shapely.coverage_simplify(placed, finest) if len(placed) else placed

    def areas(
        self, shapes: Sequence[Any], fills: Sequence[str], *, stroke: str = "#ffffff", weight: float = 0.15
    ) -> None:
        """Draw filled polygons; neighbours keep their common border, for they are made simpler together."""
        for shape, fill in zip(self.tiling(shapes), fills, strict=True):
            self._path(_polygon_path(shape), fill=fill, stroke=stroke, weight=weight)

    def outlines(self, shapes: Sequence[Any], *, stroke: str, weight: float, dash: str = "") -> None:
        """Draw borders of polygons without a fill."""
        if len(shapes):
            for shape in shapely.simplify(self.on_paper(list(shapes)), _FINEST_MILLIMETRES):
                self._path(_polygon_path(shape), fill="none", stroke=stroke, weight=weight, dash=dash)

    def lines(self, shapes: Sequence[Any], *, stroke: str, weight: float) -> None:
        """Draw lines, as one path."""
        if len(shapes):
            self.strokes(shapely.simplify(self.on_paper(list(shapes)), _FINEST_MILLIMETRES), stroke, weight)

    def filled(
        self, placed: Any, fill: str, *, stroke: str = "none", weight: float = 0.0, opacity: float = 1.0
    ) -> None:
        """Draw polygons that are on paper already, as one path; where they overlap they stay filled.

        Parameters
        ----------
        opacity
            Of the fill, from 0 to 1.
        """
        whole = shapely.orient_polygons(np.array(list(placed), dtype=object))
        drawn = _polygon_path(whole)
        more = f'fill-opacity="{opacity:g}" stroke-opacity="{min(opacity * 2, 1):g}"' if opacity < 1 else ""
        self._path(drawn, fill=fill, stroke=stroke, weight=weight, rule="nonzero", more=more)

    def strokes(self, placed: Any, stroke: str, weight: float, *, dash: str = "", round_ends: bool = False) -> None:
        """Draw lines that are on paper already, cut off at the frame, as one path."""
        kept = shapely.clip_by_rect(np.array(list(placed), dtype=object), -2.0, -2.0, self.width + 2, self.height + 2)
        parts = shapely.get_parts(kept)
        drawn = _path_of(parts[shapely.get_type_id(parts) == GeometryType.LINESTRING])
        more = 'stroke-linecap="round"' if round_ends else ""
        self._path(drawn, fill="none", stroke=stroke, weight=weight, dash=dash, more=more)

    def dot(self, lon: float, lat: float, *, radius: float, fill: str, stroke: str = "#ffffff") -> None:
        """Draw a round mark; one outside the frame is left out."""
        self.mark(*self.at(lon, lat), radius=radius, fill=fill, stroke=stroke)

    def mark(self, x: float, y: float, *, radius: float, fill: str, stroke: str = "#ffffff") -> None:
        """The same at a place on paper."""
        if self._inside(x, y):
            self._parts.append(
                Markup('<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}" fill="{}" stroke="{}" stroke-width="0.25"/>').format(
                    x, y, radius, fill, stroke
                )
            )

    def dots(self, points: Sequence[tuple[float, float]], *, radius: float, fill: str) -> None:
        """Draw round marks at longitudes and latitudes."""
        for point in self.on_paper(shapely.points(np.array(points, dtype=np.float64).reshape(-1, 2))):
            self.mark(float(point.x), float(point.y), radius=radius, fill=fill)

    def number(self, lon: float, lat: float, text: str, *, fill: str, square: bool = False, size: float = 3.0) -> None:
        """Draw a number in a filled circle, or in a square; its letters are so high."""
        x, y = self.at(lon, lat)
        if self._inside(x, y):
            self._parts.append(numbered(x, y, text, fill=fill, square=square, size=size))

    def here(self, lon: float, lat: float, text: str, *, size: float = 3.0, fill: str = "#c62828") -> None:
        """Draw a pin whose point is at a place, and above it on a label what it says; outside the frame nothing."""
        x, y = self.at(lon, lat)
        if not self._inside(x, y):
            return
        wide, high = width_of(text, size, bold=True) + size * 0.9, size * 1.6
        left = min(max(x - wide / 2, 0.6), self.width - wide - 0.6)
        above = y - size * 2.2 - high > 0.6
        top = y - size * 2.2 - high if above else y + size * 0.9
        r = size * 0.7
        label = (
            '<path d="M{:.2f} {:.2f}l{:.2f} {:.2f}a{r:.2f} {r:.2f} 0 1 1 {:.2f} 0z" fill="{fill}" stroke="#fff" '
            'stroke-width="0.4"/><circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}" fill="#fff"/>'
            '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" rx="0.8" fill="{fill}" stroke="#fff" '
            'stroke-width="0.4"/>'
        )
        pin = (x, y, -r * 0.866, -r * 1.5, r * 1.732, x, y - r * 2.0, r * 0.36, left, top, wide, high)
        self._parts.append(Markup(label).format(*pin, r=r, fill=fill))  # noqa: S704 - ours alone
        self.text(left + wide / 2, top + high * 0.72, text, size=size, colour=PAPER, bold=True)

    def label(self, shape: Any, text: str, *, size: float = 2.8) -> None:
        """Write a name inside a polygon, at its widest place; left out where it does not fit."""
        placed = self.on_paper(shape)
        widest = shapely.maximum_inscribed_circle(placed)
        size = min(size, 2 * shapely.length(widest) / max(width_of(text, 1.0), 1.0))
        if size < 1.6:
            return
        x, y = widest.coords[0]
        self.text(x, y + size * 0.36, text, size=size, colour=INK, halo=True)

    def write(self, name: Placed, *, colour: str = INK, halo: bool = True, bold: bool = False) -> None:
        """Write a name where a place was found for it."""
        step = name.size * LINE_HEIGHT
        top = name.y - step * (len(name.lines) - 1) / 2 + name.size * 0.36
        for place, line in enumerate(name.lines):
            y = top + place * step
            self.text(
                name.x, y, line, size=name.size, colour=colour, halo=halo, bold=bold, turned=(name.turned, name.y)
            )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float,
        colour: str = INK,
        bold: bool = False,
        halo: bool = False,
        anchor: str = "middle",
        turned: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Write a line, its foot at a place; turned by degrees about the point of its x and a given y."""
        self._parts.append(
            written(x, y, text, size=size, colour=colour, bold=bold, halo=halo, anchor=anchor, turned=turned)
        )

    def add(self, drawn: Markup) -> None:
        """Draw what was made ready, in millimetres of the frame."""
        self._parts.append(drawn)

    def svg(self) -> Markup:
        """The whole drawing, framed, with scale bar and north arrow."""
        return Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{w}mm" height="{h}mm" viewBox="0 0 {w} {h}">{body}</svg>'
        ).format(w=self.width, h=self.height, body=self.group())

    def group(self, *, furniture: bool = True, background: str = "#fafaf8", clip: str = "frame") -> Markup:
        """The same as a group, to be part of a larger drawing.

        Parameters
        ----------
        furniture
            With scale bar and north arrow in their usual corners.
        clip
            Name of the frame, another one for each drawing of a document.
        """
        more = [*self.scale_bar(), *self.north()] if furniture else []
        body = Markup("").join([*self._parts, *more])
        return Markup(
            '<clipPath id="{clip}"><rect width="{w}" height="{h}"/></clipPath>'
            '<rect width="{w}" height="{h}" fill="{ground}"/>'
            '<g clip-path="url(#{clip})" font-family="{font}">{body}</g>'
            '<rect width="{w}" height="{h}" fill="none" stroke="#8a949d" stroke-width="0.3"/>'
        ).format(w=self.width, h=self.height, body=body, ground=background, font=_FONT, clip=clip)

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        """A place in millimetres from the upper left corner of the frame."""
        point = self.on_paper(shapely.Point(lon, lat))
        return float(point.x), float(point.y)

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a place on paper."""
        scale = self.metres_per_millimetre
        metres = shapely.Point((x - self.width / 2) * scale + self._x, self._y - (y - self.height / 2) * scale)
        point = self._plane.inverse(metres)
        return float(point.x), float(point.y)

    def _inside(self, x: float, y: float) -> bool:
        return 0 <= x <= self.width and 0 <= y <= self.height

    def _path(
        self,
        drawn: str,
        *,
        fill: str,
        stroke: str,
        weight: float,
        dash: str = "",
        rule: str = "evenodd",
        more: str = "",
    ) -> None:
        if drawn:
            extra = f' stroke-dasharray="{dash}"' if dash else ""
            extra += f" {more}" if more else ""
            self._parts.append(
                Markup(
                    '<path d="{}" fill="{}" fill-rule="{}" stroke="{}" stroke-width="{:g}" stroke-linejoin="round"{}/>'
                ).format(drawn, fill, rule, stroke, weight, Markup(extra))  # noqa: S704 - ours alone
            )

    def bar_size(self, size: float) -> tuple[float, float]:
        """Width and height of the scale bar with its white ground, letters so high."""
        long = round_length(self.width / 5 * self.metres_per_millimetre) / self.metres_per_millimetre
        return long + size * 5, size * 4.2

    def scale_bar(
        self, x: float = 3.0, y: float | None = None, *, size: float = 2.6, ratio: str = ""
    ) -> Iterator[Markup]:
        """A bar of a round length, its upper left corner at a place; above it the scale in words, if given."""
        wide, high = self.bar_size(size)
        y = self.height - high - 3.0 if y is None else y
        metres = round_length(self.width / 5 * self.metres_per_millimetre)
        long, left, top = metres / self.metres_per_millimetre, x + size * 1.3, y + high - size * 0.95
        yield Markup(
            '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="#fff" fill-opacity="0.85"/>'
        ).format(x, y, wide, high)
        for part in range(4):
            yield Markup(
                '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" fill="{}" stroke="{}" stroke-width="0.15"/>'
            ).format(left + long * part / 4, top, long / 4, size * 0.4, (INK, PAPER)[part % 2], INK)
        unit, over = ("km", 1000.0) if metres >= 1000 else ("m", 1.0)
        foot = top - size * 0.35
        yield written(left, foot, "0", size=size * 0.9)
        yield written(left + long / 2, foot, f"{metres / 2 / over:g}", size=size * 0.9)
        yield written(left + long, foot, f"{metres / over:g} {unit}", size=size * 0.9)
        if ratio:
            yield written(left, foot - size * 1.25, ratio, size=size, anchor="start", bold=True)

    def north(self, x: float | None = None, y: float = 4.0, *, size: float = 3.0) -> Iterator[Markup]:
        """An arrow to the north, its tip at a place, letters so high."""
        x = self.width - 7.0 if x is None else x
        yield Markup('<g transform="translate({:.2f} {:.2f}) scale({:.3f})">{}</g>').format(
            x,
            y,
            size / 3.0,
            Markup(
                '<path d="M0 0l2.3 7.4-2.3-1.7z" fill="{ink}"/><path d="M0 0l-2.3 7.4 2.3-1.7z" fill="#fff" '
                'stroke="{ink}" stroke-width="0.25" stroke-linejoin="round"/>{n}'
            ).format(ink=INK, n=written(0.0, 10.6, "N", size=3.0, bold=True)),
        )


def written(
    x: float,
    y: float,
    text: str,
    *,
    size: float,
    colour: str = INK,
    bold: bool = False,
    halo: bool = False,
    anchor: str = "middle",
    turned: tuple[float, float] = (0.0, 0.0),
) -> Markup:
    """A line of text as SVG; parameters as `Sheet.text`."""
    element = Markup('<text x="{:.2f}" y="{:.2f}" font-size="{:.2f}" text-anchor="{}"{}{} {}>{}</text>')
    weight = Markup(' font-weight="bold"') if bold else ""
    degrees, about = turned
    turn = Markup(' transform="rotate({:.1f} {:.2f} {:.2f})"').format(degrees, x, about) if abs(degrees) > 0.05 else ""
    parts = [Markup('fill="{}"').format(colour)]
    # What draws the paper paints a stroke over its letters: the halo is a text of its own below.
    if halo:
        ground = Markup('fill="#ffffff" stroke="#ffffff" stroke-width="{:.2f}" stroke-linejoin="round"')
        parts.insert(0, ground.format(size * 0.24))
    text = clean(text)
    return Markup("").join(element.format(x, y, size, anchor, weight, turn, part, text) for part in parts)


def numbered(x: float, y: float, text: str, *, fill: str, square: bool = False, size: float = 3.0) -> Markup:
    """A number in a filled circle or square about a point, as SVG; wide ones lie in a longer one."""
    half = size * 0.77
    across = max(half, width_of(text, size, bold=True) / 2 + size * 0.25)
    corner = 0.0 if square else half
    ground = Markup(
        '<rect x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}" rx="{:.2f}" fill="{}" stroke="#ffffff" '
        'stroke-width="{:.2f}"/>'
    ).format(x - across, y - half, across * 2, half * 2, corner, fill, size * 0.13)
    return ground + written(x, y + size * 0.36, text, size=size, colour=PAPER, bold=True)


def rounded_scale(metres_per_millimetre: float) -> float:
    """The least scale with two digits that shows as much: 7.31 metres in a millimetre become 8."""
    power = 10.0 ** math.floor(math.log10(metres_per_millimetre))
    return next(step * power for step in _ROUND_SCALES if step * power >= metres_per_millimetre * (1 - 1e-9))


def round_length(metres: float) -> float:
    """The greatest of 1, 2, 5, 10, 20, 50 … metres that is not more than a length."""
    power = 10.0 ** math.floor(math.log10(max(metres, 1.0)))
    return max(step * power for step in _ROUND_STEPS if step * power <= max(metres, 1.0))


def _polygon_path(shapes: Any) -> str:
    """The rings of polygons, one or many; what is no polygon is left out."""
    parts = shapely.get_parts(shapes)
    return _path_of(shapely.get_rings(parts[shapely.get_type_id(parts) == GeometryType.POLYGON]), closed=True)


def _path_of(lines: Any, *, closed: bool = False) -> str:
    """Lines or rings as the text of a path, empty ones left out."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    written = [f"{x:.2f} {y:.2f}" for x, y in zip(points[:, 0].tolist(), points[:, 1].tolist(), strict=True)]
    ends = np.flatnonzero(np.diff(line, append=-1)).tolist()
    end, last = ("Z", 0) if closed else ("", 1)
    starts = [0, *(place + 1 for place in ends)]
    return "".join("M" + "L".join(written[a : b + last]) + end for a, b in zip(starts, ends, strict=False))
