"""A draft at one version: its grids, their ground, and the areas that they are in. Immutable; operations make new ones.

Grids are known by keys: ``g<grid_id>`` for a grid of the base, ``n<version>.<number>`` for one that the draft made.
Areas are known by their codes, which a draft never changes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal, Self, TypeVar

from shapely import Geometry

from geodata.errors import NotKnownError
from geodata.grid.edit.tiling import Tiling

COMMUNITY: Final = "community"

GridKind = Literal["urban", "rural"]

_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class DraftGrid:
    """A grid of a draft; its ground is in the tiling.

    Parameters
    ----------
    key
        How the draft knows it; never changes.
    grid_id
        Identity of a grid of the base; None for one that the draft made.
    code, name, kind
        What it is to be called; ``urban`` or ``rural``.
    community
        Code of the area it is in, or None.
    origins
        Keys of grids of the base that it comes from, the one that most of it comes from first; its own key for a grid
        of the base.
    stated
        Households and persons as the base states them; None for what is not stated, and for grids made by the draft.
    """

    key: str
    grid_id: int | None
    code: str
    name: str
    kind: str
    community: str | None
    origins: tuple[str, ...]
    stated: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class DraftArea:
    """An area of a draft.

    Parameters
    ----------
    area_id
        None for one that the draft made.
    code, name, level, parent
        As in the hierarchy of areas; ``parent`` is a code or None.
    shape
        Polygon or MultiPolygon in EPSG:4326, or None.
    origins
        Codes of the areas of the base that it comes from, the one that most of it comes from first; its own code for
        an area of the base.
    """

    area_id: int | None
    code: str
    name: str
    level: str
    parent: str | None
    shape: Geometry | None
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DraftState:
    """Everything that a draft says at one version.

    Parameters
    ----------
    layer
        Code of the layer.
    full
        Whether its grids tile the union of their communities, or are only kept from overlapping.
    base
        Number of the release that the draft began from.
    tiling
        Ground by key, EPSG:4326.
    grids
        By key.
    areas
        By code: all areas of all levels.
    version
        Operations so far, undone ones and undos counted.
    codes
        Key by code of grid.
    touched
        Keys of grids, and codes of areas with ``@`` before them, that an operation so far has touched; with each a
        version since which none has.
    origin
        The base itself; None in the base.
    """

    layer: str
    full: bool
    base: int
    tiling: Tiling
    grids: Mapping[str, DraftGrid]
    areas: Mapping[str, DraftArea]
    version: int
    codes: Mapping[str, str]
    touched: Mapping[str, int] = field(default_factory=dict)
    origin: "DraftState | None" = None

    @classmethod
    def of_base(
        cls,
        layer: str,
        base: int,
        grids: Iterable[DraftGrid],
        areas: Iterable[DraftArea],
        shapes: Mapping[str, Geometry],
        *,
        full: bool = True,
    ) -> Self:
        """The state of a release before any operation.

        Parameters
        ----------
        grids, areas
            Of the release.
        shapes
            Polygon or MultiPolygon of each grid by key, EPSG:4326.
        """
        known = {grid.key: grid for grid in grids}
        codes = {grid.code: key for key, grid in known.items()}
        tiling = Tiling.of(shapes, full=full)
        return cls(layer, full, base, tiling, known, {area.code: area for area in areas}, 0, codes)

    @property
    def first(self) -> "DraftState":
        """The base that it began from; itself, where it is the base."""
        return self if self.origin is None else self.origin

    def by_code(self, code: str) -> DraftGrid:
        """The grid that has a code now.

        Raises
        ------
        NotKnownError
            None has it.
        """
        key = self.codes.get(code)
        if key is None:
            raise NotKnownError(
                f"The draft has no grid {code[:64]!r}.", f"草案中没有网格“{code[:64]}”。", grid=code[:64]
            )
        return self.grids[key]

    def area(self, code: str) -> DraftArea:
        """The area of a code.

        Raises
        ------
        NotKnownError
            There is none.
        """
        found = self.areas.get(code)
        if found is None:
            raise NotKnownError(
                f"The draft has no area {code[:64]!r}.", f"草案中没有区划“{code[:64]}”。", area=code[:64]
            )
        return found

    def shape(self, key: str) -> Geometry:
        """Ground of a grid, EPSG:4326.

        Raises
        ------
        NotKnownError
            There is no such key.
        """
        return self.tiling.shape(key)

    def members(self, community: str | None) -> list[str]:
        """Keys of the grids of a community, in the order of their codes."""
        found = [grid for grid in self.grids.values() if grid.community == community]
        return [grid.key for grid in sorted(found, key=lambda grid: grid.code)]

    def chain(self, code: str | None) -> list[DraftArea]:
        """An area and those above it, the lowest first."""
        found: list[DraftArea] = []
        while code is not None and code in self.areas and self.areas[code] not in found:
            found.append(self.areas[code])
            code = found[-1].parent
        return found

    def changed_since_base(self) -> list[str]:
        """Keys of grids that are not as in the base, those that are no more included; sorted."""
        before = self.first
        return sorted(key for key in self.touched if key[0] != "@" and not _alike(before, self, key))

    def reshaped_since_base(self) -> list[str]:
        """Keys of grids whose ground is not as in the base, new and ended ones included; sorted."""
        before = self.first
        return sorted(key for key in self.touched if key[0] != "@" and not _same_ground(before, self, key))

    def areas_since_base(self) -> list[str]:
        """Codes of areas that are not as in the base; sorted."""
        before = self.first.areas
        codes = (key[1:] for key in self.touched if key[0] == "@")
        return sorted(code for code in codes if before.get(code) != self.areas.get(code))

    def changed(
        self,
        grids: Mapping[str, DraftGrid | None],
        shapes: Mapping[str, Geometry | None],
        areas: Mapping[str, DraftArea | None],
        version: int,
    ) -> "DraftState":
        """The state after something changed; None takes a grid, its ground or an area away."""
        codes = {code: key for code, key in self.codes.items() if key not in grids} if grids else self.codes
        codes = {**codes, **{grid.code: key for key, grid in grids.items() if grid is not None}}
        return replace(
            self,
            tiling=self.tiling.changed(shapes) if shapes else self.tiling,
            grids=_after(self.grids, grids),
            areas=_after(self.areas, areas),
            version=version,
            codes=codes,
            touched={**self.touched, **dict.fromkeys((*grids, *shapes, *(f"@{code}" for code in areas)), version)},
            origin=self.first,
        )


def _after(before: Mapping[str, _Entry], changes: Mapping[str, _Entry | None]) -> Mapping[str, _Entry]:
    if not changes:
        return before
    found = {key: entry for key, entry in before.items() if key not in changes}
    return found | {key: entry for key, entry in changes.items() if entry is not None}


def _alike(before: DraftState, after: DraftState, key: str) -> bool:
    return before.grids.get(key) == after.grids.get(key) and _same_ground(before, after, key)


def _same_ground(before: DraftState, after: DraftState, key: str) -> bool:
    old, new = _ground(before, key), _ground(after, key)
    return old is new or bool(old == new)


def _ground(state: DraftState, key: str) -> Geometry | None:
    return state.tiling.shape(key) if key in state.grids else None
