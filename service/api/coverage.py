"""Who is reached within some minutes' walk, and where those live who are not."""

import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any, Literal
from urllib.parse import quote

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from geodata.coverage import coverage
from geodata.coverage_records import coverage_record, gap_record, write_coverage, write_gaps
from geodata.covered import Coverage
from geodata.selected import GRID, MOST_MINUTES, Selection, profile_of
from geodata.station.homes import COUNTS
from geodata.station.network.walking import Walking
from geodata.uncovered import Gaps, gaps
from service.api.answers import (
    LONGEST_CODE,
    OPEN_TO_ALL,
    Asked,
    AsOf,
    problems,
    refuse_repeated,
)
from service.api.coverage_items import CoverageAnswer, GapsAnswer
from service.api.exports import BLOCK, MEDIA_TYPES
from service.dependencies import PUBLIC, READERS, instant_of, local_text, require, serving

router = APIRouter(prefix="/api/v1/coverage", tags=["coverage"])

LARGEST_GAPS = 1000

Format = Literal["json", "csv", "xlsx", "gpkg"]
Minutes = Annotated[
    float,
    Query(gt=0, le=MOST_MINUTES, allow_inf_nan=False, description="Minutes of walking, at most 60", examples=[15]),
]
_FILES = {
    media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}, "example": "…"}
    for media_type in MEDIA_TYPES.values()
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a request asks, and of which network."""

    asked: Asked
    selection: Selection
    walking: Walking

    @property
    def record(self) -> dict[str, Any]:
        """The question as the answer repeats it."""
        chosen, zone = self.selection, self.asked.zone
        moment = self.asked.moment
        network = self.walking.network
        return {
            **self.asked.head,
            "minutes": chosen.minutes,
            "within": chosen.within,
            "within_name": None if chosen.within is None else moment.area(chosen.within).name,
            "category": chosen.category,
            "level": chosen.level,
            "at": None if chosen.at is None else local_text(chosen.at, zone),
            "profile": profile_of(self.walking, chosen.profile).code,
            "network": {"version": network.version, "compiled_at": local_text(self.walking.compiled_at, zone)},
            "count": chosen.count,
        }


def question_of(
    request: Request,
    minutes: Minutes = 15.0,
    within: Annotated[
        str | None,
        Query(
            max_length=LONGEST_CODE,
            description="Who lives in the area of this code; stations outside it count where they reach in",
            examples=["370102001"],
        ),
    ] = None,
    category: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Only stations of this category")
    ] = None,
    level: Annotated[str | None, Query(max_length=LONGEST_CODE, description="Only stations of this level")] = None,
    at: Annotated[
        str | None,
        Query(
            max_length=40,
            description="Only stations that are open then, mobile ones at their stop of that time; without it hours "
            "don't matter and mobile stations stand at all of their stops",
            examples=["2026-11-22T20:00"],
        ),
    ] = None,
    profile: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Way of walking; the first one if left out")
    ] = None,
    count: Annotated[
        str,
        Query(
            max_length=LONGEST_CODE,
            description="What is counted first: households, persons, addresses, or, with a key, another count",
        ),
    ] = "households",
    layer: Annotated[
        str | None, Query(max_length=LONGEST_CODE, description="Layer of grids in `by`; the default one if left out")
    ] = None,
    as_of: AsOf = None,
) -> Question:
    """What a request asks; read by every path about coverage."""
    refuse_repeated(request)
    asked = Asked(request, as_of)
    if layer is not None:
        asked.moment.layer(layer)
    walking = serving(request).network.current().ready()
    known = asked.caller is not PUBLIC
    asked.also = (walking.version, "known" if known else "public")
    if not known and count not in COUNTS and count in walking.homes.counts:
        require(request, READERS)
    then = None if at is None else instant_of(at, asked.zone)
    return Question(asked, Selection(minutes, within, category, level, then, profile, count, layer), walking)


Asking = Annotated[Question, Depends(question_of)]
Lang = Annotated[Literal["en", "zh"], Query(description="Language of the headers of a file")]


@router.get(
    "",
    operation_id="coverage",
    summary="Who is reached within some minutes' walk",
    response_model=None,
    responses={
        200: {"model": CoverageAnswer, "description": "The answer, or the file", "content": _FILES},
        **problems(401, 404, 409, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
async def coverage_of(
    request: Request,
    asking: Asking,
    by: Annotated[
        str | None,
        Query(max_length=LONGEST_CODE, description="Also one by one: grid, or a level of areas; files have grids"),
    ] = None,
    area: Annotated[bool, Query(description="Count square metres too")] = True,
    format: Annotated[Format, Query(description="JSON, or a file with a row per part")] = "json",  # noqa: A002
    lang: Lang = "en",
) -> Response:
    """Households, persons, addresses and ground within reach of at least one station, by time on the walking network.

    In or out is decided by time alone, never by a drawn outline. Network, register and households are current;
    stations, grids and areas are those of `as_of`. What reaches no street is not covered and told apart; stations off
    the network reach nobody; of stations in `cut_off` more may be covered than is counted. Parts and `elsewhere`
    together are the whole. Further counts, such as elderly, are shown to keys alone: in a small place they tell of one
    household.
    """
    held = serving(request)
    parts = by if by is not None or format == "json" else GRID

    def work() -> Coverage:
        found = coverage(held.reachable, asking.walking, asking.asked.moment, asking.selection, by=parts, area=area)
        return found.only(COUNTS) if asking.asked.caller is PUBLIC else found

    known = asking.asked.not_modified()
    if known is not None:
        return known
    found = await held.reaching.run(work, known=asking.asked.caller is not PUBLIC, gone=request.is_disconnected)
    if format == "json":
        return asking.asked.answer({**asking.record, **coverage_record(found)})

    def write(path: Path) -> int:
        return write_coverage(found, asking.asked.moment, path, chinese=lang == "zh")

    return await _file(request, write, format, ("coverage", "服务覆盖"), asking)


@router.get(
    "/gaps",
    operation_id="coverageGaps",
    summary="Where those live whom no station reaches",
    response_model=None,
    responses={
        200: {"model": GapsAnswer, "description": "The answer, or the file", "content": _FILES},
        **problems(401, 404, 409, 422, 503),
    },
    openapi_extra=OPEN_TO_ALL,
)
async def coverage_gaps(
    request: Request,
    asking: Asking,
    limit: Annotated[int, Query(ge=1, le=LARGEST_GAPS, description="How many of the largest")] = 100,
    format: Annotated[Format, Query(description="JSON, or a file with a row per gap")] = "json",  # noqa: A002
    lang: Lang = "en",
) -> Response:
    """Homes that no station reaches, in clusters, the largest first, each with the nearest station and its walk.

    Homes are of one cluster within 120 m of each other where no barrier lies between them; what is longer than 800 m
    is cut in two. The place is one of the homes, near the middle.
    """
    held = serving(request)

    def work() -> Gaps:
        found = gaps(held.reachable, asking.walking, asking.asked.moment, asking.selection, most=limit)
        return found.discreet() if asking.asked.caller is PUBLIC else found

    known = asking.asked.not_modified()
    if known is not None:
        return known
    found = await held.reaching.run(work, known=asking.asked.caller is not PUBLIC, gone=request.is_disconnected)
    if format == "json":
        content = {
            "total": found.total,
            "households": found.households,
            "persons": found.persons,
            "items": [gap_record(gap) for gap in found.items],
        }
        return asking.asked.answer({**asking.record, **content})

    def write(path: Path) -> int:
        return write_gaps(found, path, chinese=lang == "zh")

    return await _file(request, write, format, ("coverage-gaps", "覆盖缺口"), asking)


async def _file(
    request: Request, write: Callable[[Path], int], suffix: str, names: tuple[str, str], asking: Question
) -> Response:
    """A file that was written, streamed; it has no name any more, so nothing is left whoever goes away."""

    def written() -> tuple[IO[bytes], int]:
        with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
            path = Path(folder) / f"{names[0]}.{suffix}"
            write(path)
            return path.open("rb"), path.stat().st_size

    stream, size = await anyio.to_thread.run_sync(written, limiter=serving(request).exports)
    day = asking.record["as_of"][:10]
    parts = [re.sub(r"[^\w-]", "", asking.selection.within)] if asking.selection.within else []
    plain = re.sub(r"[^A-Za-z0-9_.-]", "", "-".join([names[0], *parts, day])) + f".{suffix}"
    chinese = "-".join([names[1], *parts, day]) + f".{suffix}"
    headers = {
        **asking.asked.cache_headers,
        "Content-Length": str(size),
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(chinese)}",
    }
    return StreamingResponse(_blocks(stream), media_type=MEDIA_TYPES[suffix], headers=headers)


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    with stream:
        while block := stream.read(BLOCK):
            yield block
