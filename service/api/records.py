"""How the records of every register look in JSON: made from the load kinds, so that fields are listed once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from geodata.intake.fields import Field as LoadField
from geodata.intake.fields import Kind, Reader
from geodata.intake.kinds import KINDS
from geodata.intake.measures import duration_text
from service.api.answers import EXAMPLE_HEAD, Listing, example, example_page
from service.dependencies import local_or_none

LONGEST_TEXT = 10_000
MOST_IN_LIST = 500

# Fields that are not shown as such: a period is valid_from and valid_to, a shape is on maps.
_NOT_SHOWN = ("from", "to", "period", "wkt")

_SHOWN_AS: dict[Reader, Any] = {
    "count": int,
    "number": float,
    "boolean": bool,
    "list": list[str],
    "units": list[str],
}


@dataclass(frozen=True)
class Shown:
    """How one kind is shown: names for its models, an example, and names of fields that only answers have.

    Parameters
    ----------
    kind
        Of `geodata.intake.kinds.KINDS`.
    title
        Of one record, for the names of its models: ``Worker``.
    example
        Values of the fields.
    added
        Further fields of answers: type and description.
    """

    kind: str
    title: str
    example: Mapping[str, Any]
    added: Mapping[str, tuple[Any, str]] = field(default_factory=dict)

    @property
    def fields(self) -> tuple[LoadField, ...]:
        """Fields that answers show."""
        return tuple(one for one in KINDS[self.kind].fields if one.name not in _NOT_SHOWN)


class Period(BaseModel):
    """Since when and until when a record is as it is shown."""

    valid_from: str | None
    valid_to: str | None


def item_model(shown: Shown) -> type[BaseModel]:
    """Model of one record in a list."""
    kind = KINDS[shown.kind]
    fields: dict[str, Any] = {
        one.name: (_shown_as(one, kind), Field(description=_described(one))) for one in shown.fields
    }
    fields |= {name: (of, Field(description=text)) for name, (of, text) in shown.added.items()}
    return create_model(f"{shown.title}Item", __base__=Period, __doc__=f"One of the {kind.label_en}.", **fields)


def list_model(shown: Shown, item: type[BaseModel]) -> type[BaseModel]:
    """Model of a page of a list."""
    made = create_model(
        f"{shown.title}List",
        __base__=Listing,
        __doc__=f"A page of {KINDS[shown.kind].label_en}, in code order.",
        items=(list[item], ...),  # type: ignore[valid-type]
    )
    made.model_config = example_page(example_of(shown))
    return made


def detail_model(shown: Shown, item: type[BaseModel]) -> type[BaseModel]:
    """Model of one record that was asked for."""
    past: Any = list[item] | None  # type: ignore[valid-type]
    made = create_model(
        f"{shown.title}Detail",
        __base__=item,
        __doc__=f"One of the {KINDS[shown.kind].label_en}, as it is at the instant.",
        as_of=(str, ...),
        version=(int, Field(description="Version of the data")),
        stale_since=(str | None, ...),
        history=(
            past,
            Field(description="Every state that it had, has and is to have, the newest first; null unless asked for"),
        ),
    )
    made.model_config = example(**EXAMPLE_HEAD, **example_of(shown), history=None)
    return made


def example_of(shown: Shown) -> dict[str, Any]:
    """An example of a record."""
    return {**shown.example, "valid_from": "2026-01-01T00:00:00+08:00", "valid_to": None}


def record_of(shown: Shown, fields: Mapping[str, Any], begins: int, ends: int, zone: Any) -> dict[str, Any]:
    """JSON of one record.

    Parameters
    ----------
    fields
        As `geodata.record_states.Version` holds them.
    begins, ends
        Microseconds since 1970-01-01 UTC.
    """
    values = {one.name: fields.get(one.name) for one in shown.fields}
    values |= {name: fields.get(name) for name in shown.added}
    if "promised" in values:
        values["promised_minutes"] = values["promised"]
        values["promised"] = duration_text(values["promised"])
    for name, value in values.items():
        if isinstance(value, tuple):
            values[name] = list(value)
    return {**values, "valid_from": local_or_none(begins, zone), "valid_to": local_or_none(ends, zone)}


def _shown_as(one: LoadField, kind: Kind) -> Any:
    # A mobile station has no place of its own.
    always_there = ("code",) if kind.placeless else ("code", "lon", "lat")
    if one.reader == "choice" and not one.default and not one.required:
        return Literal[tuple(one.choices)] | None
    if one.reader == "choice":
        return Literal[tuple(one.choices)]
    shown = _SHOWN_AS.get(one.reader, str)
    always = one.required or one.name in always_there or one.default is not None
    return shown if always else shown | None


def _described(one: LoadField) -> str:
    more = {
        "hours": "; in the syntax of OpenStreetMap's opening_hours",
        "lon": "; degrees, EPSG:4326",
        "lat": "; degrees, EPSG:4326",
        "promised": "; such as 2 hours, 2天, 90 minutes",
        "target": "; a unit is BUILDING#LABEL",
    }
    return f"{one.label_en[:1].upper()}{one.label_en[1:]} ({one.label}){more.get(one.name, '')}"


def body_models(shown: Shown) -> tuple[type[BaseModel], type[BaseModel]]:
    """Models of the bodies that add and that change a record."""
    kind = KINDS[shown.kind]
    given = {one.name: one for one in kind.fields if one.name not in ("from", "to", "period")}
    new: dict[str, Any] = {name: _sent(one, new=True) for name, one in given.items()}
    changed: dict[str, Any] = {name: _sent(one, new=False) for name, one in given.items() if name not in _FIXED}
    for fields in (new, changed):
        fields |= _extra(kind)
    example_new = {name: value for name, value in shown.example.items() if name in new}
    example_changed = _one_of(example_new, changed)
    return (
        _body(f"New{shown.title}", f"One of the {kind.label_en} to be added.", new, example_new),
        _body(f"{shown.title}Change", "Fields to change; null empties one.", changed, example_changed),
    )


# What a record is known by.
_FIXED = ("code", "day")


def _body(name: str, text: str, fields: dict[str, Any], shown: dict[str, Any]) -> type[BaseModel]:
    config = ConfigDict(extra="forbid", json_schema_extra={"example": shown})
    return create_model(name, __config__=config, __doc__=text, **fields)


def _one_of(values: dict[str, Any], allowed: Mapping[str, Any]) -> dict[str, Any]:
    liked = ("phone", "hours", "to", "least", "title", "name")
    name = next(name for name in liked if name in values and name in allowed)
    return {name: values[name]}


def _extra(kind: Kind) -> dict[str, Any]:
    """What bodies hold besides fields: when it takes effect and ends, and the datum of a place."""
    when = Field(None, max_length=40, description="Date or time at which it takes effect; now if left out")
    until = Field(
        None, max_length=40, description="Date (that day included) or time at which it ends; null: it goes on"
    )
    extra: dict[str, Any] = {}
    if kind.name != "calendar":
        extra["effective"] = (str | None, when)
        extra["to"] = (str | None, until)
    if {"lon", "lat"} <= {one.name for one in kind.fields}:
        datum = Field(None, max_length=100, description="Datum of lon and lat: EPSG:4326 if left out, GCJ-02, BD-09 …")
        extra["crs"] = (str | None, datum)
    return extra


def _sent(one: LoadField, *, new: bool) -> tuple[Any, Any]:
    """Type and default of a field in a body; the loaders judge what is in it."""
    kinds: dict[Reader, Any] = {
        "count": int,
        "number": float,
        "boolean": bool,
        "list": list[str],
        "units": int | str | list[str],
        "duration": int | str,
    }
    kind = kinds.get(one.reader, str)
    if one.reader == "choice":
        kind = Literal[tuple(one.choices)]
    bounds: dict[str, Any] = {}
    if kind is str:
        bounds = {"max_length": LONGEST_TEXT}
    elif one.reader == "list":
        bounds = {"max_length": MOST_IN_LIST}
    needed = new and one.required
    made = Field(... if needed else None, description=_described(one), **bounds)
    return (kind if needed else kind | None), made
