"""Grids alone as a moment: what a benchmark decides addresses against without a database."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

from geodata.grid.index import GridIndex
from geodata.moment import Moment
from geodata.people.duties import Register
from geodata.people.hours import Calendar
from geodata.published.rows import Gates, Published, Tiling, Versions
from geodata.records import GridVersion, Layer

ALWAYS: Final = 1 << 60


def moment_of(layers: Mapping[str, GridIndex]) -> Moment:
    """The moment in which there are these layers of grids, the default first, and nothing else.

    A grid's code says its position in the index.
    """
    tilings = {
        code: Tiling([_grid(code, place) for place in range(len(index))], index) for code, index in layers.items()
    }
    return Moment(
        0,
        Published(
            version=1,
            layers=tuple(Layer(code, code, code, "full", None, place == 0, place) for place, code in enumerate(layers)),
            tilings=tilings,
            releases={},
            areas=(),
            register=Register((), (), ()),
            calendar=(),
            stations=(),
            stops=(),
            matters=(),
            norms=(),
            texts=(),
            compounds=Versions(list, _none),
            gates=Gates.from_rows(()),
            buildings=Versions(list, _none),
            places=Versions(list, _none),
            area_shape=lambda _: None,
            zone=ZoneInfo("Asia/Shanghai"),
            meaning=Calendar(),
        ),
    )


def _grid(layer: str, place: int) -> GridVersion:
    code = f"{layer}-{place:05d}"
    return GridVersion(place, place, layer, code, code, "grid", None, None, None, 1, 0, ALWAYS, place)


def _none(_row: object) -> None:
    return None
