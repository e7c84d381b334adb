"""The web application, assembled in one place: state, routes, errors, what surrounds every request."""

import contextlib
import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.middleware.gzip import GZipMiddleware

from geodata import database
from geodata.address.store import RegisterStore
from geodata.circle_memory import CircleMemory
from geodata.drafts.scenes import SceneMemory
from geodata.embedded.cluster import EmbeddedCluster
from geodata.snapshot_store import SnapshotStore
from geodata.station.network.store import NetworkStore
from service.api import (
    addresses,
    aliases,
    areas,
    batch,
    boards,
    changes,
    circles,
    coverage,
    coverage_report,
    draft_files,
    draft_grids,
    draft_impact,
    draft_operations,
    draft_publishing,
    draft_report,
    drafts,
    edits,
    exports,
    grid_matters,
    grid_people,
    grids,
    health,
    jobs,
    keys,
    layers,
    load_kinds,
    loads,
    lookup,
    map_file,
    people,
    people_edits,
    register_kinds,
    releases,
    roster_week,
    session,
    siting,
    staffing,
    stations,
    themes,
    wall_map,
)
from service.dependencies import Serving
from service.drafting import DraftsAtHand, Redrawing
from service.maps import (
    coverage_pages,
    desk_pages,
    dispatch_pages,
    embed_pages,
    home_pages,
    pages,
    plan_pages,
    print_pages,
    roster_pages,
    tile_routes,
)
from service.maps.boards import pages as board_pages
from service.maps.browser_errors import PagesForBrowsers
from service.maps.layers import map_layers
from service.maps.preparation import Preparation
from service.middleware import BodyLimit, HeadAsGet, OtherSites, RequestFrame
from service.portals import verification_files
from service.problems import Problem, add_problem_handlers
from service.sessions import COOKIE, Sessions
from service.settings import Settings

MEGABYTE = 1_000_000
SMALLEST_COMPRESSED_BYTES = 8192
# What a request waits for behind somebody's lock before it is told to come again.
STATEMENT_SECONDS = 10.0
# So long registers wait when something was published: a release of a city is answered by first, they follow in seconds.
PAUSE_SECONDS = 1.0

ROUTERS = (
    lookup.router,
    batch.router,
    boards.router,
    addresses.router,
    aliases.router,
    areas.router,
    layers.router,
    grids.router,
    grid_people.router,
    grid_matters.router,
    themes.router,
    # Before stations, which would read the end of the path as part of a code.
    circles.router,
    stations.router,
    people.router,
    register_kinds.router,
    edits.router,
    people_edits.router,
    roster_week.router,
    staffing.router,
    # Before exports, which would read the word map as the name of a list.
    map_file.router,
    exports.router,
    coverage.router,
    coverage_report.router,
    wall_map.router,
    siting.router,
    drafts.router,
    draft_grids.router,
    draft_operations.router,
    draft_impact.router,
    draft_publishing.router,
    draft_report.router,
    draft_files.router,
    releases.router,
    changes.router,
    # Before loads, which would read the word kinds as the identity of a load.
    load_kinds.router,
    loads.router,
    jobs.router,
    keys.router,
    session.router,
    health.router,
    tile_routes.router,
    home_pages.router,
    pages.router,
    board_pages.router,
    embed_pages.router,
    coverage_pages.router,
    desk_pages.router,
    dispatch_pages.router,
    plan_pages.router,
    print_pages.router,
    roster_pages.router,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Assemble the application; nothing is opened before it starts.

    Parameters
    ----------
    settings
        Read from the environment and ``.env`` where None.
    """
    settings = settings or Settings()
    app = FastAPI(
        title="Grid map",
        summary="Who covers this point, who answers there now, which stations are near.",
        version="1",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        routes=_assembled().routes,
        # Its spans would name the query of a look-up, which says where somebody lives; our own log does not.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    embed_pages.add_verification_files(app, verification_files(settings.verification_files))
    add_problem_handlers(app)
    # The one added last is outermost.
    app.add_middleware(
        BodyLimit,
        max_bytes=settings.max_body_megabytes * MEGABYTE,
        max_bytes_at={
            batch.PATH: settings.max_batch_megabytes * MEGABYTE,
            loads.PATH: settings.max_load_megabytes * MEGABYTE,
            draft_files.PATH: settings.max_load_megabytes * MEGABYTE,
        },
    )
    app.add_middleware(PagesForBrowsers)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_COMPRESSED_BYTES, compresslevel=5)
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestFrame, root_path=settings.root_path)
    if settings.asking_origins:
        app.add_middleware(OtherSites, origins=settings.asking_origins, root_path=settings.root_path)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    return app


@functools.cache
def _assembled() -> APIRouter:
    """All routes, which every application of a process shares: what they take and give is worked out once."""
    routes = APIRouter()
    for router in ROUTERS:
        routes.include_router(router)
    return routes


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Follow the database while the application runs; each worker process has its own snapshot, thread and pool."""
    settings: Settings = app.state.settings
    with contextlib.ExitStack() as opened:
        url = settings.database_url
        if url is None:
            cluster = EmbeddedCluster(settings.state_folder)
            url = await anyio.to_thread.run_sync(cluster.start)
            opened.callback(cluster.stop)
        preparation = Preparation(map_layers())
        store = SnapshotStore(settings.state_folder, url, settings.zone, preparation.take)
        await anyio.to_thread.run_sync(store.start)
        opened.callback(store.stop)
        preparation.start()
        opened.callback(preparation.stop)
        # Compiled beside the service: look-ups by point wait for neither.
        register = RegisterStore(store.home / "register", url, pause_seconds=PAUSE_SECONDS)
        register.start()
        opened.callback(register.stop)
        network = NetworkStore(store.home / "network", url, pause_seconds=PAUSE_SECONDS)
        network.start()
        opened.callback(network.stop)
        pool = opened.enter_context(
            database.open_pool(
                url,
                min_size=0,
                max_size=4,
                wait_seconds=settings.database_wait_seconds,
                statement_seconds=STATEMENT_SECONDS,
            )
        )
        redrawing = Redrawing(scenes=SceneMemory(settings.bands))
        opened.enter_context(DraftsAtHand(redrawing, store, network, pool.connection))
        app.state.serving = Serving(
            settings=settings,
            zone=settings.zone,
            store=store,
            register=register,
            network=network,
            circles=CircleMemory(store.home / "circles"),
            sessions=Sessions(settings.state_folder, settings.session_hours),
            database=pool.connection,
            redrawing=redrawing,
        )
        yield


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the two ways to send a key."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        components = document.setdefault("components", {})
        components["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "A key that an administrator made"},
            "session": {
                "type": "apiKey",
                "in": "cookie",
                "name": COOKIE,
                "description": "What POST /session sets; changes by it must come from our own pages",
            },
        }
        components["schemas"] |= _schemas_by_reference()
        for model in _answer_models():
            # FastAPI drops what is null from examples, although the fields are there in every answer.
            components["schemas"][model.__name__] |= model.model_config.get("json_schema_extra") or {}
        app.openapi_schema = document
    return app.openapi_schema


def _answer_models() -> Iterator[type[BaseModel]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield from (response["model"] for response in route.responses.values() if "model" in response)


def _schemas_by_reference() -> dict[str, Any]:
    """Schemas that routes name by reference: answers in another format than the usual one."""
    found: dict[str, Any] = {}
    for model in (
        Problem,
        grids.GridFeatures,
        grids.GridDetailFeature,
        draft_grids.DraftGrids,
        releases.DifferenceFeatures,
    ):
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    return found
