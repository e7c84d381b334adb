"""Whether the process lives, and whether it can answer."""

from typing import Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict

from geodata.address.store import Standing
from geodata.station.network.walking import Standing as NetworkStanding
from service.api.answers import json_response, problems
from service.dependencies import local_or_none, serving

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The process lives."""

    model_config = ConfigDict(json_schema_extra={"example": {"status": "ok"}})

    status: Literal["ok"]


class Progress(BaseModel):
    """How many addresses were read, of how many."""

    done: int
    total: int


class AddressReadiness(BaseModel):
    """Whether look-ups by address are answered, and from what: `compiling` and `waiting` are 503 to them.

    `progress` is there while the register is compiled, also where the last one answers meanwhile; `changes` are the
    entries that came or went since it was compiled whole; `stale_since` says since when changes are not seen.
    """

    state: Literal["ready", "compiling", "waiting"]
    entries: int
    changes: int
    compiled_at: str | None
    progress: Progress | None
    stale_since: str | None


class NetworkReadiness(BaseModel):
    """Whether walks are counted, and on what: `compiling` and `waiting` are 503 to them, `empty` is 409.

    Current only. `compiling` says that it is being compiled, also where the last one answers meanwhile; `off_network`
    are the homes that no street is near; `stale_since` says since when changes are not seen.
    """

    state: Literal["ready", "empty", "compiling", "waiting"]
    version: str
    nodes: int
    edges: int
    pieces: int
    walked_km: float
    homes: int
    off_network: int
    compiled_at: str | None
    compiling: bool
    stale_since: str | None


class Readiness(BaseModel):
    """The service answers look-ups."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ok",
                "version": 17,
                "compiled_at": "2026-11-22T08:00:00+08:00",
                "database": "answers",
                "stale_since": None,
                "addresses": {
                    "state": "ready",
                    "entries": 61_480,
                    "changes": 12,
                    "compiled_at": "2026-11-22T08:00:00+08:00",
                    "progress": None,
                    "stale_since": None,
                },
                "network": {
                    "state": "ready",
                    "version": "3f9a12c07be4",
                    "nodes": 26_562,
                    "edges": 36_148,
                    "pieces": 219,
                    "walked_km": 3601.961,
                    "homes": 41_207,
                    "off_network": 96,
                    "compiled_at": "2026-11-22T08:00:00+08:00",
                    "compiling": False,
                    "stale_since": None,
                },
            }
        }
    )

    status: Literal["ok"]
    version: int
    compiled_at: str
    database: Literal["answers", "away"]
    stale_since: str | None
    addresses: AddressReadiness
    network: NetworkReadiness


@router.get(
    "/healthz",
    operation_id="health",
    summary="The process lives",
    response_model=None,
    responses={200: {"model": Health}},
)
async def health() -> Response:
    """Answers as long as the process does; says nothing about data or database."""
    return json_response({"status": "ok"})


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="The service can answer",
    response_model=None,
    responses={200: {"model": Readiness}, **problems(503)},
)
async def readiness(request: Request) -> Response:
    """200 once data is in memory, with the database away too; 503 before.

    `addresses` and `network` say whether these are too.
    """
    held = serving(request)
    snapshot = held.store.current()
    stale_since = held.store.stale_since
    return json_response(
        {
            "status": "ok",
            "version": snapshot.version,
            "compiled_at": local_or_none(snapshot.compiled_at, held.zone),
            "database": "answers" if stale_since is None else "away",
            "stale_since": local_or_none(stale_since, held.zone),
            "addresses": _addresses(held.register.standing, held.zone),
            "network": _network(held.network.standing, held.zone),
        }
    )


def _addresses(standing: Standing, zone: ZoneInfo) -> dict[str, Any]:
    progress = standing.progress
    return {
        "state": standing.state,
        "entries": standing.entries,
        "changes": standing.changes,
        "compiled_at": local_or_none(standing.compiled_at, zone),
        "progress": None if progress is None else dict(zip(("done", "total"), progress, strict=True)),
        "stale_since": local_or_none(standing.stale_since, zone),
    }


def _network(standing: NetworkStanding, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "state": standing.state,
        "version": standing.version,
        "nodes": standing.nodes,
        "edges": standing.edges,
        "pieces": standing.pieces,
        "walked_km": round(standing.walked_mm / 1e6, 3),
        "homes": standing.homes,
        "off_network": standing.off_network,
        "compiled_at": local_or_none(standing.compiled_at, zone),
        "compiling": standing.compiling,
        "stale_since": local_or_none(standing.stale_since, zone),
    }
