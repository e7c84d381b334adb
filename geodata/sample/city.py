"""The sample city as a whole: from a size and a seed to tables that load like anybody's."""

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import pandas as pd


@dataclass(frozen=True, slots=True)
class SampleCity:
    """A generated city; every table has the fields that its load expects, geometry in EPSG:4326.

    Parameters
    ----------
    size, seed
        What it was generated from.
    areas
        code name level parent, and geometry; parents come first.
    layers
        code name name_en tiling nested_in.
    grids
        Per layer (``general``, ``service``, ``dedicated``): code name kind community households persons, geometry.
    roles, workers, organisations, duties
        code name name_en duties name_public phone_public position; code name phone phone_public; code name phone;
        holder role target_kind target layer assignment from to hours: rosters of 2023 to today, changed by months in
        2025 and 2026, and a few duties of the future. A unit is a building's code, ``#`` and its label.
    leave
        worker from to reason stand_in: from November 2025 to January 2027, and one without an end.
    calendar
        day kind name: holidays and worked weekend days of 2025 and 2026.
    matters, norms, texts
        code name name_en description role organisation phone promised position; code role per layer area least most
        most_per_person, in force from 2025 on; code slot target_kind target title title_en body body_en phone position.
    counts
        layer grid events: of one month.
    stations
        code name category level parent address lon lat phone hours services; services are separated by ``;``.
    stops
        code station lon lat address from to hours, of the vans.
    streets
        name class foot bridge crossing, and lines that end at every junction; ``path`` runs inside a compound.
    rail, water
        name and geometry.
    barriers
        code name class and geometry: the river, the railway and the walls of compounds, which have gaps nowhere.
    compounds, gates
        code name aliases and the walled polygon; compound lon lat.
    buildings
        code name compound units households lon lat and the footprint; compound is None outside compounds.
    places
        code name aliases category lon lat: markets, schools, parks and hospitals, a room in each community.
    addresses
        code text road number compound building unit lon lat households: a row per door on a road and per unit.
    holes
        Codes of general grids that are left without anybody on duty on purpose.
    roster_holes
        role target_kind target layer holder from to reason: posts that are left empty for some days on purpose, at the
        hours of the holder's duty; ``reason`` is ``on_leave``, ``off`` (somebody is there at other hours) or ``ended``.
        Between March 2025 and January 2027 there are no others.
    """

    size: str
    seed: int
    areas: gpd.GeoDataFrame
    layers: pd.DataFrame
    grids: Mapping[str, gpd.GeoDataFrame]
    roles: pd.DataFrame
    workers: pd.DataFrame
    organisations: pd.DataFrame
    duties: pd.DataFrame
    leave: pd.DataFrame
    calendar: pd.DataFrame
    matters: pd.DataFrame
    norms: pd.DataFrame
    texts: pd.DataFrame
    counts: pd.DataFrame
    stations: pd.DataFrame
    stops: pd.DataFrame
    streets: gpd.GeoDataFrame
    rail: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    gates: pd.DataFrame
    buildings: gpd.GeoDataFrame
    places: pd.DataFrame
    addresses: pd.DataFrame
    holes: tuple[str, ...]
    roster_holes: pd.DataFrame
