"""Grids and areas of drafts as answers show them: exact ground, with how many live there."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import orjson
import shapely
from pydantic import BaseModel, Field

from geodata.drafts.figures import figures_of
from geodata.drafts.state import DraftArea, DraftState
from geodata.redraw import Changed, Scene
from service.api.answers import example
from service.api.shapes import Geometries

GRID: dict[str, Any] = {
    "key": "n17.1",
    "code": "G012",
    "name": "G012网格",
    "kind": "urban",
    "community": "370102001001",
    "households": 212,
    "persons": 530,
    "addresses": 210,
    "estimated": 0,
    "in_band": False,
    "changed": True,
}
FEATURE: dict[str, Any] = {
    "type": "Feature",
    "id": "n17.1",
    "properties": GRID,
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[117.001, 36.66], [117.004, 36.66], [117.004, 36.662], [117.001, 36.66]]],
    },
}
AREA: dict[str, Any] = {
    "code": "370102001001",
    "name": "样例一社区",
    "level": "community",
    "parent": "370102001",
    "bbox": [117.001, 36.655, 117.009, 36.662],
}


class DraftGridProperties(BaseModel):
    """What a feature says of its grid."""

    key: str = Field(description="How the draft knows it; never changes, whatever its code")
    code: str
    name: str
    kind: Literal["urban", "rural"]
    community: str | None = Field(description="Code of the area that it is in")
    households: int
    persons: int
    addresses: int
    estimated: int = Field(description="How many of the households are estimates")
    in_band: bool | None = Field(description="Whether its households are in the band for its kind; null without one")
    changed: bool = Field(description="Whether it is not as in the base; one more node on its border is no change")


class DraftGeometry(BaseModel):
    """A Polygon or MultiPolygon in EPSG:4326, with the doubles that are stored."""

    type: Literal["Polygon", "MultiPolygon"]
    coordinates: list[Any]


class DraftFeature(BaseModel):
    """A grid of a draft as a GeoJSON Feature; its id is its key."""

    model_config = example(**FEATURE)

    type: Literal["Feature"]
    id: str
    properties: DraftGridProperties
    geometry: DraftGeometry


class DraftAreaItem(BaseModel):
    """An area of a draft."""

    model_config = example(**AREA)

    code: str
    name: str
    level: str
    parent: str | None
    bbox: list[float] | None = Field(description="West, south, east, north in degrees; null where it has no ground")


class ChangedGrids(BaseModel):
    """Grids that are otherwise now."""

    changed: list[DraftFeature] = Field(description="As they are now, new ones included")
    removed: list[str] = Field(description="Keys of those that are no more")


class ChangedAreas(BaseModel):
    """Areas that are otherwise now."""

    changed: list[DraftAreaItem] = Field(description="As they are now, new ones included")
    removed: list[str] = Field(description="Codes of those that are no more")


def features(state: DraftState, scene: Scene, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Grids of a draft as GeoJSON Features, with every bit of their coordinates.

    Parameters
    ----------
    scene
        Who lives where.
    """
    shapes: Geometries = shapely.to_geojson([state.shape(key) for key in keys])
    changed = set(figures_of(state, scene).changed)
    return [
        {
            "type": "Feature",
            "id": key,
            "properties": {**_grid(state, scene, key), "changed": key in changed},
            "geometry": orjson.Fragment(shape),
        }
        for key, shape in zip(keys, shapes, strict=True)
    ]


def changed_record(changed: Changed, state: DraftState, scene: Scene) -> dict[str, Any]:
    """What is otherwise in a state, for an answer: ``grids`` and ``areas``, each ``changed`` and ``removed``."""
    kept = [each.key for each in changed.grids if each.after is not None]
    return {
        "grids": {
            "changed": features(state, scene, kept),
            "removed": [each.key for each in changed.grids if each.after is None],
        },
        "areas": {
            "changed": [area_record(each.after) for each in changed.areas if each.after is not None],
            "removed": [each.code for each in changed.areas if each.after is None],
        },
    }


def area_record(area: DraftArea) -> dict[str, Any]:
    """JSON of an area."""
    box = None if area.shape is None else list(area.shape.bounds)
    return {"code": area.code, "name": area.name, "level": area.level, "parent": area.parent, "bbox": box}


def lived_in(state: DraftState) -> Iterable[DraftArea]:
    """Areas that grids of a draft are in, and those above, in the order of their codes."""
    communities = {grid.community for grid in state.grids.values()}
    found = {area.code: area for community in communities for area in state.chain(community)}
    return [found[code] for code in sorted(found)]


def _grid(state: DraftState, scene: Scene, key: str) -> dict[str, Any]:
    grid = state.grids[key]
    told: dict[str, Any] = {
        "key": key,
        "code": grid.code,
        "name": grid.name,
        "kind": grid.kind,
        "community": grid.community,
    }
    counts, band = figures_of(state, scene).counts(key), scene.bands.get(grid.kind)
    return told | {
        "households": counts.households,
        "persons": counts.persons,
        "addresses": counts.addresses,
        "estimated": counts.estimated,
        "in_band": None if band is None else band.holds(counts.households),
    }
