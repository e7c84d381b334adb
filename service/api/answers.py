"""What all routes share: parameters, the JSON they answer with, caching by version, and pages of a list."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import quote, urlencode

import orjson
from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from geodata.errors import InputError
from geodata.moment import Moment
from service.dependencies import PUBLIC, caller_of, instant_of, local_text, require, serving
from service.problems import PROBLEM_JSON, Problem

JSON = "application/json"
LARGEST_PAGE = 1000
LONGEST_CODE = 100
MOST_FIELDS = 100


def _no_truth(value: Any) -> Any:
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "Input should be a valid number")
    return value


# A coordinate in a body: true is no number of degrees.
Degrees = Annotated[float, BeforeValidator(_no_truth)]
AsOf = Annotated[
    str | None,
    Query(
        max_length=40,
        description="Instant that is asked about: a date, a local date and time, or RFC 3339; now if left out",
        examples=["2026-11-22T08:00:00+08:00"],
    ),
]
Limit = Annotated[int | None, Query(ge=1, le=LARGEST_PAGE, description="Most items on one page")]
Within = Annotated[
    str | None,
    Query(
        max_length=LONGEST_CODE, description="Only inside the area of this code, of any level", examples=["370102001"]
    ),
]
Box = Annotated[
    str | None,
    Query(
        max_length=200,
        description="Only what meets this box: west,south,east,north in degrees, EPSG:4326",
        examples=["117.0,36.6,117.1,36.7"],
    ),
]
LayerInPath = Annotated[str, Path(max_length=LONGEST_CODE, description="Code of a layer", examples=["general"])]
CodeInPath = Annotated[str, Path(max_length=LONGEST_CODE, description="Code", examples=["370102001001001"])]

# Who may call a route, for the OpenAPI document: its schemes are named in `service.app`.
OPEN_TO_ALL: dict[str, Any] = {"security": [{}, {"key": []}, {"session": []}]}
KEY_NEEDED: dict[str, Any] = {"security": [{"key": []}, {"session": []}]}

_PROBLEMS = {
    400: "The request cannot be read",
    401: "The key is missing where one is needed, unknown, revoked or expired",
    403: "The role of the key does not allow this",
    404: "There is no such thing at this time",
    409: "The present state does not allow this",
    408: "The body did not arrive in time",
    413: "The body is too large",
    415: "The body is of a type that this path does not take",
    412: "Somebody changed it since it was read",
    422: "A parameter or the body cannot be used",
    428: "The header If-Match is missing",
    503: "The database is away, or no data was ever read; Retry-After says when to try again",
}


EXAMPLE_HEAD: dict[str, Any] = {"as_of": "2026-11-22T08:00:00+08:00", "version": 17, "stale_since": None}


def example(**content: Any) -> ConfigDict:
    """Configuration of a model that shows one example."""
    return ConfigDict(json_schema_extra={"example": content})


def example_page(item: Mapping[str, Any]) -> ConfigDict:
    """Configuration of a list that shows one item."""
    return example(**EXAMPLE_HEAD, total=1, next=None, items=[item])


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer with, for the OpenAPI document."""
    return {
        status: {
            "description": _PROBLEMS[status],
            "content": {PROBLEM_JSON: {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}},
        }
        for status in statuses
    }


class Body(BaseModel):
    """A body with few fields, told so where it has many: to name each of a million would take seconds."""

    @model_validator(mode="before")
    @classmethod
    def _few_fields(cls, given: Any) -> Any:
        if isinstance(given, dict) and len(given) > MOST_FIELDS:
            raise PydanticCustomError("too_many_fields", "Body has too many fields")
        return given


class Listing(BaseModel):
    """What every list says besides its items."""

    as_of: str = Field(description="Instant that the list is true for, local time")
    version: int = Field(description="Version of the data")
    stale_since: str | None = Field(description="Since when the database has been away; null while it answers")
    total: int = Field(description="Items on all pages")
    next: str | None = Field(description="Path and query of the next page, true for the same instant; null on the last")


class AreaName(BaseModel):
    """One unit of the hierarchy."""

    level: str
    code: str
    name: str


def refuse_repeated(request: Request) -> None:
    """Refuse a query that gives a parameter twice: whichever was meant, the other would be answered as well as none.

    Raises
    ------
    InputError
        It does.
    """
    given = request.query_params.multi_items()
    if len(given) > len(request.query_params):
        ((name, _),) = Counter(name[:LONGEST_CODE] for name, _ in given).most_common(1)
        raise InputError(f"{name!r} is given more than once", f"参数“{name}”重复给出", parameter=name)


def json_response(content: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Content as JSON that no cache keeps, unless the headers say otherwise."""
    return Response(orjson.dumps(content), status, {"Cache-Control": "no-store", **(headers or {})}, JSON)


class Asked:
    """A request to read: the snapshot, the instant and the moment, who asks, and what a cache may know.

    Parameters
    ----------
    roles
        Who may ask; anybody where empty.

    Raises
    ------
    UnavailableError
        No data was ever read.
    TimeError
        ``as_of`` is no time.
    AccessError
        The key is missing where one is needed, not valid, or of another role.

    Attributes
    ----------
    also
        Versions of what else the answer is made of, such as the walking network: another one is another tag.
    """

    def __init__(self, request: Request, as_of: str | None, roles: tuple[str, ...] = ()) -> None:
        held = serving(request)
        self.request = request
        self.snapshot = held.store.current()
        self.caller = require(request, roles) if roles else caller_of(request, self.snapshot)
        self.zone = held.zone
        self.page_size = held.settings.page_size
        self.also: tuple[str, ...] = ()
        self.instant = instant_of(as_of, held.zone)
        stale_since = held.store.stale_since
        self.stale_since = None if stale_since is None else local_text(stale_since, held.zone)

    @property
    def moment(self) -> Moment:
        """Everything in force at the instant."""
        return self.snapshot.moment(self.instant)

    @property
    def head(self) -> dict[str, Any]:
        """What every answer starts with."""
        return {
            "as_of": local_text(self.instant, self.zone),
            "version": self.snapshot.version,
            "stale_since": self.stale_since,
        }

    @property
    def cache_headers(self) -> dict[str, str]:
        """``ETag`` and who may keep the answer; a keeper always asks again first."""
        told = (
            self.snapshot.database_id,
            self.snapshot.version,
            self.snapshot.interval(self.instant),
            self.stale_since,
            self.caller.unmasked,
            self.page_size,
            self.also,
            self.request.url.path,
            self.request.url.query,
        )
        tag = hashlib.blake2b(repr(told).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        keeper = "public" if self.caller is PUBLIC else "private"
        return {"ETag": f'W/"{tag}"', "Cache-Control": f"{keeper}, no-cache", "Vary": "Authorization, Cookie"}

    def not_modified(self) -> Response | None:
        """304 where the asker holds this answer already."""
        headers = self.cache_headers
        known = self.request.headers.get("if-none-match", "")
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        if headers["ETag"].removeprefix("W/") in tags or known.strip() == "*":
            return Response(status_code=304, headers=headers)
        return None

    def answer(self, content: Mapping[str, Any]) -> Response:
        """One thing as JSON, with its tag."""
        return json_response({**self.head, **content}, headers=self.cache_headers)

    def next_page(self, after: str) -> str:
        """Path and query of the page after a cursor, true for the same instant."""
        query = {**self.request.query_params, "as_of": local_text(self.instant, self.zone), "after": after}
        path = self.request.scope["path"]
        root_path = self.request.scope.get("root_path", "")
        if not path.startswith(f"{root_path}/"):
            path = root_path + path
        return f"{quote(path)}?{urlencode(query)}"


class _Comparable(Protocol):
    def __gt__(self, other: Any, /) -> bool: ...


_T = TypeVar("_T")
_K = TypeVar("_K", bound=_Comparable)


def page_of(items: Sequence[_T], place_of: Callable[[_T], _K], after: _K | None, limit: int) -> tuple[list[_T], bool]:
    """One page of items.

    Parameters
    ----------
    items
        In the order of their places.
    place_of
        Gives an item's place in the order; no two have the same.
    after
        Place that the page before ended at; the item there need not exist any more.
    limit
        Most items on the page.

    Returns
    -------
    tuple
        The items, and whether others follow.
    """
    left = items if after is None else [item for item in items if place_of(item) > after]
    return list(left[:limit]), len(left) > limit


def listing(
    asked: Asked,
    items: Sequence[_T],
    *,
    place_of: Callable[[_T], _K],
    after: _K | None,
    limit: int | None,
    record: Callable[[_T], Mapping[str, Any]],
    cursor_of: Callable[[_T], str] | None = None,
    private: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """A page of a list as JSON.

    Parameters
    ----------
    place_of, after
        As in `page_of`.
    record
        Makes the JSON of one item.
    cursor_of
        Gives what ``after`` is to say of an item; its place, if left out.
    private
        The items hold personal data: no cache keeps them.
    more
        What the answer says besides.
    """
    shown, others = page_of(items, place_of, after, limit or asked.page_size)
    cursor = str((cursor_of or place_of)(shown[-1])) if others else ""
    content = {
        **asked.head,
        **(more or {}),
        "total": len(items),
        "next": asked.next_page(cursor) if others else None,
        "items": [record(item) for item in shown],
    }
    return json_response(content, headers=None if private else asked.cache_headers)


def parse_box(text: str) -> tuple[float, float, float, float]:
    """West, south, east and north of a box.

    Raises
    ------
    InputError
        Not four numbers, not on Earth, or the corners the wrong way round.
    """
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise _no_box() from error
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _no_box()
    return west, south, east, north


def _no_box() -> InputError:
    return InputError(
        "bbox must be west,south,east,north in degrees, for example 117.0,36.6,117.1,36.7",
        "bbox 应为 西,南,东,北（单位：度），例如 117.0,36.6,117.1,36.7",
    )
