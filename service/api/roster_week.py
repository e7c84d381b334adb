"""Who is on duty in a week, and where nobody will be."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from geodata.errors import InputError
from geodata.people.rota import Hole, Post, Shift
from geodata.people.spans import Spans, difference, seconds, union
from geodata.staffing import Week, week
from geodata.targets import KINDS
from geodata.times import instant, start_of
from service.api.answers import (
    KEY_NEEDED,
    Asked,
    AsOf,
    Limit,
    Listing,
    Within,
    example,
    example_page,
    listing,
    problems,
)
from service.api.people import HolderItem, RoleName, TargetItem
from service.api.roster_telling import AFTER, HOLDER_EXAMPLE, ROLE, ROLE_EXAMPLE, TARGET_EXAMPLE, Telling
from service.dependencies import READERS, instant_of

router = APIRouter(prefix="/api/v1/roster", tags=["staffing"])

WEEK_DAYS = 7
HOLES_DAYS = 56
LONGEST_DAYS = 400
_HOUR = 3600.0

FROM = Annotated[
    str | None,
    Query(
        alias="from",
        max_length=40,
        description="Begin: a date, a local date and time, or RFC 3339",
        examples=["2026-11-23"],
    ),
]

_SPAN: dict[str, Any] = {"from": "2026-11-23T08:30:00+08:00", "to": "2026-11-23T17:30:00+08:00"}


class SpanItem(BaseModel):
    """A stretch of time, its end not included."""

    model_config = example(**_SPAN)

    begins: str = Field(alias="from")
    ends: str = Field(alias="to")


class ShiftItem(BaseModel):
    """One person or office in a post."""

    holder: HolderItem
    assignment: Literal["primary", "stand_in"]
    stands_in_for: HolderItem | None = Field(description="Who is on leave meanwhile; null for a duty of one's own")
    hours: str = Field(description="Weekly hours in the syntax of OpenStreetMap's opening_hours; empty for always")
    on_duty: list[SpanItem] = Field(description="When this one answers")
    on_leave: list[SpanItem] = Field(description="When the duty is in force and its holder is away")


class WeekHole(BaseModel):
    """A stretch of time in which nobody is in the post."""

    begins: str = Field(alias="from")
    ends: str = Field(alias="to")
    reason: Literal["on_leave", "off", "ended"] = Field(
        description="on_leave: nobody stands in; off: the stand-in is there at other hours; ended: no successor"
    )
    missed: list[HolderItem]


class PostItem(BaseModel):
    """A role on a target: who is on duty when."""

    target: TargetItem
    role: RoleName
    people: list[ShiftItem]
    holes: list[WeekHole]


class RosterWeek(Listing):
    """A page of the week's posts, by target and role."""

    model_config = example_page(
        {
            "target": TARGET_EXAMPLE,
            "role": ROLE_EXAMPLE,
            "people": [
                {
                    "holder": HOLDER_EXAMPLE,
                    "assignment": "primary",
                    "stands_in_for": None,
                    "hours": "Mo-Fr 08:30-17:30",
                    "on_duty": [_SPAN],
                    "on_leave": [],
                }
            ],
            "holes": [],
        }
    )
    model_config["json_schema_extra"]["example"] |= {  # type: ignore[index, operator]
        "from": "2026-11-23T00:00:00+08:00",
        "to": "2026-11-30T00:00:00+08:00",
    }

    begins: str = Field(alias="from")
    ends: str = Field(alias="to")
    items: list[PostItem]


class HoleItem(BaseModel):
    """A post in which nobody will be, for one reason."""

    target: TargetItem
    role: RoleName
    begins: str = Field(alias="from", description="When the first stretch begins")
    ends: str = Field(alias="to", description="When the last stretch ends")
    hours: float = Field(description="How long the stretches are together")
    reason: Literal["on_leave", "off", "ended"] = Field(
        description="on_leave: nobody stands in; off: the stand-in is there at other hours; ended: no successor"
    )
    missed: list[HolderItem] = Field(description="Whose absence makes the hole")
    spans: list[SpanItem]


class HoleList(Listing):
    """A page of holes, the earliest first."""

    model_config = example_page(
        {
            "target": TARGET_EXAMPLE,
            "role": ROLE_EXAMPLE,
            **_SPAN,
            "hours": 9.0,
            "reason": "on_leave",
            "missed": [HOLDER_EXAMPLE],
            "spans": [_SPAN],
        }
    )
    model_config["json_schema_extra"]["example"] |= {  # type: ignore[index, operator]
        "from": "2026-11-22T08:00:00+08:00",
        "to": "2027-01-17T08:00:00+08:00",
    }

    begins: str = Field(alias="from")
    ends: str = Field(alias="to")
    items: list[HoleItem]


class _Week:
    """A week of the roster as an answer tells it."""

    def __init__(self, asked: Asked, found: Week) -> None:
        self.found = found
        self.tell = Telling(asked)

    def target(self, post: Post) -> dict[str, Any]:
        known = self.found.lives.target(post.target_kind, post.target_id, post.unit)
        assert known is not None
        return {"kind": known.kind, "layer": known.layer, "code": known.code, "name": known.name}

    def place_of(self, post: Post) -> str:
        """Where a post stands in the list: areas, grids and so on, each by code, then by role."""
        target, role = self.target(post), self.tell.role_of(post.role_id)
        rank = KINDS.index(post.target_kind)
        return f"{rank}:{target['layer'] or ''}:{target['code']}:{role.position:010d}:{role.code}"

    def post(self, post: Post) -> dict[str, Any]:
        alive = self.found.alive(post)
        away = difference(((self.found.window.begins, self.found.window.ends),), alive)
        return {
            "target": self.target(post),
            "role": self.tell.role(post.role_id),
            "people": [self._shift(shift, post, away) for shift in self.found.window.shifts(post)],
            "holes": [
                {
                    **self.tell.span(hole.begins, hole.ends),
                    "reason": hole.reason,
                    "missed": [self.tell.holder(one, post.role_id) for one in hole.holder_ids],
                }
                for hole in self.found.holes([post])
            ],
        }

    def holes(self, group: Sequence[Hole]) -> dict[str, Any]:
        """Holes of one post, for one reason, of one absence."""
        first, spans = group[0], union((hole.begins, hole.ends) for hole in group)
        return {
            "target": self.target(first.post),
            "role": self.tell.role(first.post.role_id),
            **self.tell.span(spans[0][0], spans[-1][1]),
            "hours": round(seconds(spans) / _HOUR, 2),
            "reason": first.reason,
            "missed": [self.tell.holder(one, first.post.role_id) for one in first.holder_ids],
            "spans": self.tell.spans(spans),
        }

    def _shift(self, shift: Shift, post: Post, gone: Spans) -> dict[str, Any]:
        stint = shift.stint
        other = stint.stands_in_for
        return {
            "holder": self.tell.holder(stint.holder_id, post.role_id),
            "assignment": stint.assignment,
            "stands_in_for": None if other is None else self.tell.holder(other, post.role_id),
            "hours": stint.duty.hours,
            "on_duty": self.tell.spans(difference(shift.on_duty, gone)),
            "on_leave": self.tell.spans(difference(shift.on_leave, gone)),
        }


def _between(asked: Asked, begins: int, ends: int, within: str | None, role: str | None) -> Week:
    snapshot = asked.snapshot
    return week(snapshot.moment(begins), snapshot.moment(ends - 1), begins, ends, within=within, role=role)


def _checked(begins: int, ends: int) -> tuple[int, int]:
    """The two instants of a stretch of time that can be told.

    Raises
    ------
    InputError
        The end is not later than the begin, or more than 400 days later.
    TimeError
        The end lies outside the years 1 to 9999.
    """
    instant(ends + int(timedelta(days=2) / timedelta(microseconds=1)))
    if not 0 < ends - begins <= LONGEST_DAYS * 24 * 3600 * 1_000_000:
        raise InputError(
            f"to must be later than from, by no more than {LONGEST_DAYS} days",
            f"to 必须晚于 from，且相差不超过 {LONGEST_DAYS} 天",
            option="to",
        )
    return begins, ends


def _day_of(asked: Asked) -> int:
    """When the local day of the instant began."""
    return start_of(instant(asked.instant).astimezone(asked.zone).date(), asked.zone)


def _days_after(micros: int, days: int, asked: Asked) -> int:
    """The same local time some days later."""
    local = instant(micros).astimezone(asked.zone).replace(tzinfo=None)
    try:
        later = (local + timedelta(days=days)).replace(tzinfo=asked.zone).astimezone(UTC)
    except OverflowError:
        return micros + days * 24 * 3600 * 1_000_000
    return (later - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@router.get(
    "/week",
    operation_id="getRosterWeek",
    summary="Who is on duty in a week",
    response_model=None,
    responses={200: {"model": RosterWeek}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_roster_week(
    request: Request,
    within: Within = None,
    begins: FROM = None,
    role: ROLE = None,
    with_holes: Annotated[bool, Query(description="Only posts in which nobody is there at some time")] = False,
    as_of: AsOf = None,
    limit: Limit = None,
    after: AFTER = None,
) -> Response:
    """For each target and role, who answers when in seven days, and when nobody does.

    The days begin at `from`, the local day of the instant if left out. Stand-ins, leave and hours are considered. Names
    and phones are masked for planners.
    """
    asked = Asked(request, as_of, READERS)
    start = _day_of(asked) if begins is None else instant_of(begins, asked.zone)
    start, end = _checked(start, _days_after(start, WEEK_DAYS, asked))
    telling = _Week(asked, _between(asked, start, end, within, role))
    posts = {hole.post for hole in telling.found.holes()} if with_holes else telling.found.posts
    places = {post: telling.place_of(post) for post in posts}
    return listing(
        asked,
        sorted(places, key=places.__getitem__),
        place_of=places.__getitem__,
        after=after,
        limit=limit,
        record=telling.post,
        private=True,
        more=telling.tell.span(start, end),
    )


@router.get(
    "/holes",
    operation_id="listHoles",
    summary="When nobody is on duty",
    response_model=None,
    responses={200: {"model": HoleList}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_holes(
    request: Request,
    begins: FROM = None,
    ends: Annotated[
        str | None,
        Query(alias="to", max_length=40, description="End: as from; a date without a time is inclusive"),
    ] = None,
    within: Within = None,
    role: ROLE = None,
    as_of: AsOf = None,
    limit: Limit = None,
    after: AFTER = None,
) -> Response:
    """Stretches of time in which somebody is needed and nobody is there.

    Asked about is the time between `from` (the instant, if left out) and `to` (eight weeks later). A primary duty is in
    force then with its hours open, or the last one is over without a successor. Those of one post for one reason are
    one item. Names and phones are masked for planners.
    """
    asked = Asked(request, as_of, READERS)
    start = asked.instant if begins is None else instant_of(begins, asked.zone)
    end = _days_after(start, HOLES_DAYS, asked) if ends is None else instant_of(ends, asked.zone, inclusive_end=True)
    start, end = _checked(start, end)
    telling = _Week(asked, _between(asked, start, end, within, role))
    alike: dict[tuple[Any, ...], list[Hole]] = defaultdict(list)
    for hole in telling.found.holes():
        alike[hole.post, hole.reason, hole.holder_ids].append(hole)
    groups = list(alike.values())

    def place_of(group: Sequence[Hole]) -> str:
        first = group[0]
        who = ",".join(map(str, first.holder_ids))
        return f"{_sortable(first.begins)}:{telling.place_of(first.post)}:{first.reason}:{who}"

    return listing(
        asked,
        sorted(groups, key=place_of),
        place_of=place_of,
        after=after,
        limit=limit,
        record=telling.holes,
        private=True,
        more=telling.tell.span(start, end),
    )


def _sortable(micros: int) -> str:
    """An instant as text that sorts as instants do."""
    return f"{micros + 10**18:020d}"
