"""Stations that could be: what a change would do, and where the next ones help most."""

from typing import Annotated, Any

import orjson
import shapely
from fastapi import APIRouter, Path, Request, Response
from psycopg import Connection

from geodata.candidates import Given
from geodata.circle_memory import connected
from geodata.coverage_records import number, totals_record
from geodata.desk import shown
from geodata.proposals import stored
from geodata.proposals.told import instant_record, question_record
from geodata.reachable import Spot
from geodata.selected import Selection
from geodata.siting import Goal, instant, problem
from geodata.station.network.walking import Walking
from geodata.times import microseconds
from geodata.what_if import Change, Effect, WhatIf, what_if
from service.api.answers import KEY_NEEDED, Asked, Limit, json_response, problems
from service.api.keys import LARGEST_ID, Before
from service.api.siting_items import Asking, ProposalItem, ProposalList, ProposalQuestion, WhatIfAnswer, WhatIfQuestion
from service.dependencies import PLANNERS, Serving, instant_of, local_or_none, local_text, now_micros, require, serving
from service.jobs import defer_proof

router = APIRouter(prefix="/api/v1/coverage", tags=["coverage"])

PATH = "/api/v1/coverage/proposals"
MOST_CIRCLES = 20
_FEWER = {
    "code": "circles-left-out",
    "message": f"only the circles of the last {MOST_CIRCLES} added or moved stations are drawn",
    "message_zh": f"只画出最后 {MOST_CIRCLES} 个新增或迁移站点的服务圈",
}
ProposalId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the proposal", examples=[12])]


def _selection(asked: Asked, body: Asking, layer: str | None = None) -> Selection:
    then = None if body.at is None else instant_of(body.at, asked.zone)
    return Selection(body.minutes, body.within, body.category, body.level, then, body.profile, body.count, layer)


@router.post(
    "/what-if",
    operation_id="coverageWhatIf",
    summary="What added, moved and closed stations would do",
    response_model=None,
    responses={200: {"model": WhatIfAnswer}, **problems(400, 401, 403, 404, 408, 409, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def coverage_what_if(request: Request, body: WhatIfQuestion) -> Response:
    """Who would gain and who would lose a station within the minutes, now; for planners and administrators.

    Nothing is changed by it. Times are those of the walking network; how many people a station can serve is not
    considered.
    """
    asked = Asked(request, None, PLANNERS)
    held = serving(request)
    walking = held.network.current().ready()
    selection = _selection(asked, body, body.layer)
    changes = [Change(**one.model_dump()) for one in body.changes]

    def work() -> dict[str, Any]:
        found = what_if(held.reachable, walking, asked.moment, selection, changes, by=body.by)
        return _what_if_record(asked, walking, found, _circles(held, asked, walking, found) if body.circles else None)

    content = await held.reaching.run(work, known=True, gone=request.is_disconnected)
    return json_response({**asked.head, **content})


def _what_if_record(asked: Asked, walking: Walking, found: WhatIf, circles: dict[str, Any] | None) -> dict[str, Any]:
    chosen = found.selection
    return {
        "minutes": chosen.minutes,
        "within": chosen.within,
        "within_name": None if chosen.within is None else asked.moment.area(chosen.within).name,
        "category": chosen.category,
        "level": chosen.level,
        "at": None if chosen.at is None else local_text(chosen.at, asked.zone),
        "profile": found.profile.code,
        "network": {
            "version": walking.network.version,
            "compiled_at": local_text(walking.compiled_at, asked.zone),
        },
        "count": chosen.count,
        "before": totals_record(found.before),
        "after": totals_record(found.after),
        "gained": {name: number(value) for name, value in found.gained.items()},
        "lost": {name: number(value) for name, value in found.lost.items()},
        "by": [
            {
                "level": before.level,
                "code": before.code,
                "name": before.name,
                "before": totals_record(before.totals),
                "after": totals_record(after.totals),
            }
            for before, after in found.by
        ],
        "stations": [_effect_record(effect) for effect in found.effects],
        "circles": circles,
        "warnings": [
            *({"code": one.code, "message": one.message, "message_zh": one.message_zh} for one in found.warnings),
            *([_FEWER] if circles is not None and len(circles["features"]) < _on_network(found) else []),
        ],
    }


def _on_network(found: WhatIf) -> int:
    return sum(found.effects[at].on_network for at, _ in found.spots)


def _effect_record(effect: Effect) -> dict[str, Any]:
    off = effect.do != "close" and not effect.on_network and effect.metres is not None
    return {
        "do": effect.do,
        "station": effect.station,
        "name": effect.name,
        "category": effect.category,
        "lon": effect.lon,
        "lat": effect.lat,
        "households": number(effect.reached["households"]),
        "persons": number(effect.reached["persons"]),
        "on_network": effect.on_network,
        "off_network": round(effect.metres, 1) if off and effect.metres is not None else None,
        "cut_off": effect.cut_off,
        "counted": effect.counted,
    }


def _drawn(found: WhatIf) -> list[tuple[int, Spot]]:
    """The spots whose circle is drawn: the last of those on the network, for many would take long."""
    return [(at, spot) for at, spot in found.spots if found.effects[at].on_network][-MOST_CIRCLES:]


def _circles(held: Serving, asked: Asked, walking: Walking, found: WhatIf) -> dict[str, Any]:
    """The outlines of added and moved stations; ``change`` is the place of the change, from 0."""
    outlines = held.circles.outlines(walking, asked.snapshot.moment(now_micros()), found.profile)
    minutes = found.selection.minutes
    features = []
    for at, spot in _drawn(found):
        drawn = outlines.of(connected(walking, (spot.lon, spot.lat)), [minutes])
        features.append(
            {
                "type": "Feature",
                "geometry": orjson.Fragment(shapely.to_geojson(drawn.shapes[-1])),
                "properties": {
                    "change": at,
                    "station": spot.station or None,
                    "name": spot.name,
                    "minutes": minutes,
                    "area_m2": round(drawn.square_metres[-1]),
                    "cut_off": found.effects[at].cut_off,
                },
            }
        )
    return {"type": "FeatureCollection", "features": features}


@router.post(
    "/proposals",
    operation_id="addProposal",
    summary="Where new stations help most",
    status_code=201,
    response_model=None,
    responses={201: {"model": ProposalItem}, **problems(400, 401, 403, 404, 408, 409, 413, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
async def add_proposal(request: Request, body: ProposalQuestion) -> Response:
    """The sites that reach the most who are not reached, or the fewest for a share; for planners and administrators.

    The answer at once is within a few percent of the best, and says within how many; where `prove` is asked for, a job
    then finds the best and proves it, as far as that goes in the seconds given. Both are of the same homes, streets and
    sites, whatever is loaded meanwhile. Whether there is a room to let, and how many a station can serve, is not
    considered. Proposals are kept for 30 days; 409 where 20 are being proven.
    """
    asked = Asked(request, None, PLANNERS)
    held = serving(request)
    walking = held.network.current().ready()
    selection = _selection(asked, body)
    goal = Goal(body.stations, body.share)
    where = body.sites if isinstance(body.sites, str) else [Given(one.lon, one.lat, one.name) for one in body.sites]

    def work() -> Response:
        made = problem(held.reachable, walking, asked.moment, selection, goal, where)
        found = instant(made)
        question = question_record(selection, made, prove=body.prove, seconds=body.seconds)
        with held.database() as connection:
            proposal = stored.add_proposal(
                connection,
                question,
                instant_record(question, made, found),
                made,
                found,
                prove=body.prove,
                actor=asked.caller.name,
            )
            if proposal.state == "queued":
                proposal = defer_proof(connection, proposal)
            return _answer(held, connection, proposal, 201)

    return await held.reaching.run(work, known=True, gone=request.is_disconnected)


@router.get(
    "/proposals",
    operation_id="listProposals",
    summary="Sites that were proposed",
    response_model=None,
    responses={200: {"model": ProposalList}, **problems(401, 403, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def list_proposals(request: Request, limit: Limit = None, before: Before = None) -> Response:
    """Proposals of the last 30 days, the newest first; for planners and administrators."""
    require(request, PLANNERS)
    held = serving(request)
    size = limit or held.settings.page_size
    with held.database() as connection:
        found = stored.list_proposals(connection, before=before, limit=size + 1)
        alive = _alive(connection, found)
    more = found[size - 1].proposal_id if len(found) > size else None
    items = [_record(held, proposal, alive=alive) for proposal in found[:size]]
    return json_response({"next_before": more, "items": items})


@router.get(
    "/proposals/{proposal_id}",
    operation_id="getProposal",
    summary="One proposal of sites",
    response_model=None,
    responses={200: {"model": ProposalItem}, **problems(401, 403, 404, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def get_proposal(request: Request, proposal_id: ProposalId) -> Response:
    """The answer at once, how far the proof is, and what it found; for planners and administrators."""
    require(request, PLANNERS)
    held = serving(request)
    with held.database() as connection:
        return _answer(held, connection, stored.stored_proposal(connection, proposal_id))


@router.post(
    "/proposals/{proposal_id}/cancel",
    operation_id="cancelProposal",
    summary="Stop the proof of a proposal",
    response_model=None,
    responses={200: {"model": ProposalItem}, **problems(401, 403, 404, 409, 422, 503)},
    openapi_extra=KEY_NEEDED,
)
def cancel_proposal(request: Request, proposal_id: ProposalId) -> Response:
    """The answer at once stays; what the proof found until then is still added as `best`. For planners."""
    caller = require(request, PLANNERS)
    held = serving(request)
    with held.database() as connection:
        return _answer(held, connection, stored.cancel_proposal(connection, proposal_id, caller.name))


def _answer(held: Serving, connection: Connection[Any], proposal: stored.Proposal, status: int = 200) -> Response:
    return json_response(_record(held, proposal, alive=_alive(connection, [proposal])), status=status)


def _alive(connection: Connection[Any], proposals: list[stored.Proposal]) -> bool:
    """Whether a worker gives a sign of life, where any of these waits for one."""
    waiting = any(proposal.state in stored.OPEN for proposal in proposals)
    return not waiting or shown.worker_alive(connection)


def _record(held: Serving, proposal: stored.Proposal, *, alive: bool) -> dict[str, Any]:
    return {
        "id": proposal.proposal_id,
        "state": proposal.state,
        "created_at": local_text(microseconds(proposal.created_at), held.zone),
        "created_by": proposal.created_by,
        "question": {**proposal.question, "at": local_or_none(proposal.question["at"], held.zone)},
        "instant": proposal.instant,
        "best": proposal.best,
        "job": proposal.job_id,
        "progress": proposal.progress,
        "problem": proposal.problem,
        "worker_alive": alive or proposal.state not in stored.OPEN,
    }
