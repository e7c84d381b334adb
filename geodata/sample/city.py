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
        holder role target_kind target layer assignment from to.
    stations
        code name category level parent address lon lat phone hours services; services are separated by ``;``.
    streets
        name class bridge crossing, and lines that end at every junction; ``path`` runs inside a compound.
    rail, water
        name and geometry.
    compounds, gates
        code name aliases and the walled polygon; compound lon lat.
    buildings
        code name compound units households lon lat and the footprint; compound is None outside compounds.
    addresses
        code text road number compound building unit lon lat households: a row per door on a road and per unit.
    holes
        Codes of general grids that are left without anybody on duty on purpose.
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
    stations: pd.DataFrame
    streets: gpd.GeoDataFrame
    rail: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    compounds: gpd.GeoDataFrame
    gates: pd.DataFrame
    buildings: gpd.GeoDataFrame
    addresses: pd.DataFrame
    holes: tuple[str, ...]
