"""What a look-up may ask: its parameters, its body, and what is refused."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field

from geodata.address.normalize import LONGEST
from geodata.errors import InputError
from geodata.uncertain import MOST_GRIDS, MOST_METRES
from service.api.answers import LONGEST_CODE, Body, Degrees

WGS84 = "EPSG:4326"
_LON = "Longitude in degrees, or the easting where crs is projected"
_LAT = "Latitude in degrees, or the northing where crs is projected"
_CRS = (
    "Reference system of the point, of near, or of coordinates pasted as an address: EPSG:4326 (if left out), "
    "EPSG:4490, any other EPSG code, GCJ-02 or BD-09"
)
_ADDRESS = "Instead of a point: an address or place as somebody said it, in characters or pinyin, with slips and all"
_NEAR = "Where the address probably is, as lon,lat in the system of crs: of two equal ones the nearer is likelier"
_WITHIN = "Code of the area, of any level, that the address lies in"
_LAYER = "Only this layer; all of them, the default first, if left out"
_MATTER = "Code of the matter that it is about: those responsible for it come first"
_TARGET = (
    "Instead of point or address: building:CODE, unit:BUILDING#LABEL, compound:CODE, place:CODE or station:CODE, whose "
    "people come first"
)
_ACCURACY = (
    "With a point: how far off it may be, in metres, as a phone says of its position; the answer then names every grid "
    f"that the circle touches, at most {MOST_GRIDS}"
)

Lon = Annotated[float | None, Query(allow_inf_nan=False, description=_LON, examples=[117.0])]
Lat = Annotated[float | None, Query(allow_inf_nan=False, description=_LAT, examples=[36.65])]
CrsName = Annotated[str, Query(max_length=LONGEST_CODE, description=_CRS, examples=["GCJ-02"])]
CrsOrNone = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_CRS, examples=["GCJ-02"])]
Address = Annotated[str | None, Query(max_length=LONGEST, description=_ADDRESS, examples=["示例路12号3单元"])]
Near = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_NEAR, examples=["117.0,36.65"])]
AreaCode = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_WITHIN, examples=["370102001"])]
MatterCode = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_MATTER, examples=["noise"])]
TargetName = Annotated[
    str | None, Query(max_length=3 * LONGEST_CODE, description=_TARGET, examples=["building:370102001001-0012"])
]
Accuracy = Annotated[
    float | None, Query(gt=0, le=MOST_METRES, allow_inf_nan=False, description=_ACCURACY, examples=[35])
]
LayerCode = Annotated[str | None, Query(max_length=LONGEST_CODE, description=_LAYER, examples=["general"])]


class LookupRequest(Body):
    """A look-up as a JSON body, which keeps where somebody lives out of addresses and logs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"address": "示例路12号3单元", "near": "117.0,36.65", "layer": "general"}},
    )

    lon: Degrees | None = Field(None, allow_inf_nan=False, description=_LON)
    lat: Degrees | None = Field(None, allow_inf_nan=False, description=_LAT)
    crs: str | None = Field(None, max_length=LONGEST_CODE, description=_CRS)
    address: str | None = Field(None, max_length=LONGEST, description=_ADDRESS)
    near: str | None = Field(None, max_length=LONGEST_CODE, description=_NEAR)
    within: str | None = Field(None, max_length=LONGEST_CODE, description=_WITHIN)
    target: str | None = Field(None, max_length=3 * LONGEST_CODE, description=_TARGET)
    layer: str | None = Field(None, max_length=LONGEST_CODE, description=_LAYER)
    matter: str | None = Field(None, max_length=LONGEST_CODE, description=_MATTER)
    as_of: str | None = Field(None, max_length=40, description="Instant that is asked about; now if left out")
    accuracy: Degrees | None = Field(None, gt=0, le=MOST_METRES, allow_inf_nan=False, description=_ACCURACY)


@dataclass(frozen=True, slots=True)
class Question:
    """What a look-up asks, as it was given: a point in its system, an address, or a target by its name."""

    lon: float | None = None
    lat: float | None = None
    crs: str | None = None
    address: str | None = None
    near: str | None = None
    within: str | None = None
    target: str | None = None
    layer: str | None = None
    matter: str | None = None
    as_of: str | None = None
    accuracy: float | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """What the answer repeats of it."""
        point = None if self.lon is None else {"lon": self.lon, "lat": self.lat, "crs": self.crs or WGS84}
        return {**_NO_TEXT, "address": self.address, "point": point, "target": self.target, "matter": self.matter}

    def check(self, where: str) -> None:
        """Refuse what does not ask about exactly one thing.

        Parameters
        ----------
        where
            Part of the request that the point is missing in: query or body.

        Raises
        ------
        RequestValidationError
            There is neither point nor address nor target.
        InputError
            There is more than one of them.
        """
        given = (self.lon is not None or self.lat is not None, self.address is not None, self.target is not None)
        if sum(given) > 1:
            raise InputError(
                "name a point, an address or a target: one of them", "经纬度、地址（address）与 target 只能给出一种"
            )
        if self.address is None and self.target is None and (self.lon is None or self.lat is None):
            kind = "missing" if any(given) else "missing_question"
            missing = [name for name, value in (("lon", self.lon), ("lat", self.lat)) if value is None]
            raise RequestValidationError(
                [{"type": kind, "loc": (where, name), "msg": "Field required", "input": None} for name in missing]
            )
        if self.address is None and (self.near is not None or self.within is not None):
            raise InputError("near and within go with an address", "near 与 within 须与 address 一同给出")
        if self.accuracy is not None and not given[0]:
            raise InputError("accuracy goes with a point", "accuracy 须与经纬度一同给出")


_NO_TEXT: dict[str, Any] = {"address": None, "normalized": None, "relation": None, "aside": []}
