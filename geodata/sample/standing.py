"""People of what is built: leaders of buildings and units, property offices of compounds, keepers of places."""

from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely

from geodata.sample import hours as when
from geodata.sample.roster import Post, Roster
from geodata.sample.stations import Spot
from geodata.sample.territory import Territory

LED_BUILDINGS: Final = 6
"""Most buildings that one leader has."""
COMPOUNDS_PER_OFFICE: Final = 3
"""Every third compound has a property office with a phone."""
KINDS: Final = {"市场": "市场", "学校": "学校", "产业园": "园区", "医院": "医院"}
ROOM: Final = "文化活动室"


def places_table(dedicated: gpd.GeoDataFrame, spots: Sequence[Spot], territory: Territory) -> pd.DataFrame:
    """Return the places: what dedicated grids were made for, and a room for everybody in each community."""
    rows: list[tuple[object, ...]] = []

    def add(name: str, aliases: str, category: str, lon: float, lat: float) -> None:
        rows.append((f"P{len(rows) + 1:05d}", name, aliases, category, lon, lat))

    inside = shapely.get_coordinates(shapely.point_on_surface(dedicated.geometry.to_numpy()))
    for grid, (lon, lat) in zip(dedicated["name"], inside, strict=True):
        name = str(grid).removesuffix("专属网格")
        add(name, "", next(kind for ending, kind in KINDS.items() if name.endswith(ending)), float(lon), float(lat))
    first: dict[int, Spot] = {}
    for spot in spots:
        first.setdefault(spot.community, spot)
    for community, spot in sorted(first.items()):
        stem = territory.community_names[community]
        add(f"{stem}{ROOM}", f"{territory.community_stems[community]}大舞台", "文化", spot.lon, spot.lat)
    return pd.DataFrame(rows, columns=["code", "name", "aliases", "category", "lon", "lat"])


def keep_places(roster: Roster, compounds: gpd.GeoDataFrame, places: pd.DataFrame) -> None:
    """Give some compounds property offices, and every place a keeper: its own office, or the community's."""
    for number, row in enumerate(compounds.itertuples()):
        if number % COMPOUNDS_PER_OFFICE == 0:
            office = roster.organisation(f"{row.name}物业服务中心")
            roster.duty(office, Post("property_service", "compound", str(row.code)), when.DAY_SHIFT)
    offices = {name: code for code, name, _ in roster.organisations}
    for row in places.itertuples():
        name, post = str(row.name), Post("site_manager", "place", str(row.code))
        own = offices.get(f"{name}专属网格管理办公室")
        if own is not None:
            roster.duty(own, post, when.ALWAYS)
        else:
            community = name.removesuffix(ROOM)
            ending = "村民委员会" if community.endswith("村") else "居民委员会"
            roster.duty(offices[community + ending], post, when.COMMITTEE)


def lead_buildings(roster: Roster, buildings: gpd.GeoDataFrame, neighbours: Sequence[str]) -> None:
    """Let each neighbour lead some buildings of one compound, and a unit in the first of them."""
    lived_in = buildings[(buildings["households"] > 0) & buildings["compound"].notna()]
    compounds = [rows for _, rows in lived_in.groupby("compound", sort=True)]
    for number, worker in enumerate(neighbours[: len(compounds)]):
        rows = compounds[number * len(compounds) // len(neighbours[: len(compounds)])]
        led = rows.iloc[:LED_BUILDINGS]
        for code in led["code"]:
            roster.duty(worker, Post("building_leader", "building", str(code)), when.NEIGHBOUR)
        units = int(led["units"].iloc[0])
        if units > 1:
            other = neighbours[(number + 1) % len(neighbours)]
            roster.duty(other, Post("unit_leader", "unit", f"{led['code'].iloc[0]}#{units}"), when.NEIGHBOUR)
