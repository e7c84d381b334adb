"""Drafts for tests, drawn as text: one letter per square of ground, the same letter for one grid."""

from collections.abc import Mapping

import numpy as np
import shapely

from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.station.homes import Homes
from tests.support import draw

Stated = tuple[int | None, int | None]


def drafted(
    drawing: str,
    *,
    communities: Mapping[str, str] | None = None,
    stated: Mapping[str, Stated] | None = None,
    kinds: Mapping[str, str] | None = None,
    full: bool = True,
) -> DraftState:
    """A base whose grids are the letters of a drawing.

    Parameters
    ----------
    communities
        Code of the community of each letter; K1 where it is not named. Each is an area with the ground of its grids.
    stated
        Households and persons of each letter.

    Notes
    -----
    The grid of letter a has the key ``g1`` and the code ``a``, b ``g2`` and so on. Squares are those of `support.draw`.
    """
    shapes = drawn(drawing)
    own = {letter: (communities or {}).get(letter, "K1") for letter in shapes}
    keys = {letter: f"g{ord(letter) - 96}" for letter in shapes}
    grids = [
        DraftGrid(
            keys[letter],
            ord(letter) - 96,
            letter,
            f"网格{letter}",
            (kinds or {}).get(letter, "urban"),
            own[letter],
            (keys[letter],),
            (stated or {}).get(letter, (None, None)),
        )
        for letter in shapes
    ]
    areas = [
        DraftArea(
            number,
            code,
            f"社区{code}",
            "community",
            None,
            shapely.union_all([shapes[letter] for letter, of in own.items() if of == code]),
        )
        for number, code in enumerate(sorted(set(own.values())), start=1)
    ]
    return DraftState.of_base(
        "general", 1, grids, areas, {keys[one]: shape for one, shape in shapes.items()}, full=full
    )


def drawn(drawing: str) -> dict[str, shapely.Geometry]:
    """Shapes of the letters of a drawing."""
    frame = draw(drawing)
    return dict(zip(frame["code"], frame.geometry.to_numpy(), strict=True))


def redrawn(state: DraftState, drawing: str, *, version: int | None = None) -> DraftState:
    """The state with the ground of another drawing; letters that are new are grids of the draft, those not drawn end.

    Notes
    -----
    A new grid comes from the grids of the base whose ground it has, is in the community of the first, or of a where it
    has none, and has the key ``n1.<number of its letter>``.
    """
    version, shapes = version or state.version + 1, drawn(drawing)
    grids: dict[str, DraftGrid | None] = {key: None for key, one in state.grids.items() if one.code not in shapes}
    ground: dict[str, shapely.Geometry | None] = dict.fromkeys(grids)
    for letter, shape in shapes.items():
        key = state.codes.get(letter)
        if key is None:
            key = f"n1.{ord(letter) - 96}"
            from_all = {one: shape.intersection(state.first.shape(one)).area for one in state.first.grids}
            origins = sorted((one for one, area in from_all.items() if area > 0), key=lambda one: -from_all[one])
            first = state.first.grids[origins[0] if origins else "g1"]
            grids[key] = DraftGrid(
                key, None, letter, f"网格{letter}", first.kind, first.community, tuple(origins), (None, None)
            )
        if key in grids or not shape.equals(state.shape(key)):
            ground[key] = shape
    return state.changed(grids, ground, {}, version)


def homes_at(*places: tuple[float, float, int, int], buildings: int = 0) -> Homes:
    """Homes at places (lon, lat, households, persons), one entry each; the last are buildings without one."""
    lons, lats, households, persons = np.array(places, dtype=np.float64).reshape(-1, 4).T
    count = len(lons)
    built = np.arange(count) >= count - buildings
    counts = {"households": households, "persons": persons, "addresses": np.where(built, 0.0, 1.0)}
    start = np.arange(count, dtype=np.int32)
    return Homes(lons, lats, counts, built.astype(np.uint8), lons, lats, start)
