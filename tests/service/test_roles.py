"""Every route of the document, asked by every role, with its key and with its cookie."""

from typing import Any

import pytest
from fastapi.routing import APIRoute

from service.app import ROUTERS
from tests.service.conftest import ORIGIN, Service
from tests.service.document import document
from tests.service.test_session import cookie

ROLES = ("dispatcher", "planner", "clerk", "admin")
# What is not named here is for everybody.
REGISTERS = ("Worker", "Organisation", "Role", "Station", "Stop", "Matter", "Norm", "Text", "Compound", "Building")
PERIODS = ("Duty", "Leave")
EDITED = (*REGISTERS, "Place", "Day", *PERIODS)
READERS_ONLY = {
    "lookupBatch",
    "listWorkers",
    "getWorker",
    "listOrganisations",
    "getOrganisation",
    "listDuties",
    "getDuty",
    "listLeave",
    "getLeave",
    "listNorms",
    "getNorm",
    "exportMap",
    "getWallMap",
    "listPrintedBoards",
    "listBoardRuns",
    "getBoardRun",
    "getBoardRunFile",
    "getRosterWeek",
    "listHoles",
    "listUnmetNorms",
    "listWorkloads",
}
CLERKS_ONLY = {f"{verb}{what}" for verb in ("create", "change", "end") for what in EDITED}
CLERKS_ONLY |= {"addBoardRun", "cancelBoardRun", "setBoardLogo", "removeBoardLogo"}
CLERKS_ONLY |= {"listChanges", "getChange", "undoChange"}
CLERKS_ONLY |= {"addLoad", "listLoads", "getLoad", "changeLoad", "commitLoad", "undoLoad", "cancelLoad", "discardLoad"}
CLERKS_ONLY |= {
    "listLoadKinds",
    "listLoadFindings",
    "listLoadRows",
    "listLoadPlan",
    "listProfiles",
    "getMarkedSheet",
}
PLANNERS_ONLY = {
    "coverageWhatIf",
    "coverageReport",
    "addProposal",
    "listProposals",
    "getProposal",
    "cancelProposal",
    "addDraft",
    "listDrafts",
    "getDraft",
    "changeDraft",
    "discardDraft",
    "listDraftGrids",
    "getDraftRegister",
    "listDraftChanges",
    "listDraftOperations",
    "applyOperation",
    "undoOperation",
    "redoOperation",
    "getDraftFindings",
    "getDraftImpact",
    "getDraftFigures",
    "getDraftLines",
    "getDraftReport",
    "exportDraft",
    "importDraft",
    "exportRelease",
    "listDraftConflicts",
    "rebaseDraft",
    "publishDraft",
    "compareReleases",
    "restoreRelease",
    "withdrawRelease",
}
DISPATCHERS_ONLY = {"listAliases", "addAlias", "withdrawAlias"}
ADMINISTRATORS_ONLY = {"listKeys", "createKey", "revokeKey", "listAudit"}
FILLED = {
    "{layer}": "general",
    # Those that are everybody's; the others take a key.
    "/themes/{code}": "/themes/households",
    "{code}": "A1",
    "{number}": "1",
    "{other}": "2",
    "{key_id}": "999999",
    "{duty_id}": "1",
    "{leave_id}": "999999",
    "{change_id}": "999999",
    "{load_id}": "999999",
    "{job_id}": "999999",
    "{alias_id}": "999999",
    "{proposal_id}": "999999",
    "{draft_id}": "999999",
    "{run_id}": "999999",
    "{name}": "stations",
}
PARAMETERS = {
    "lookup": {"lon": 87.005, "lat": 36.655},
    "suggestAddresses": {"q": "样园"},
    "addLoad": {"file": "a.csv"},
    "listDraftGrids": {"codes": "A1"},
    "listDraftChanges": {"since": 0},
    "importDraft": {"file": "a.gpkg"},
    "getDraftFigures": {"grid": "A1"},
    "getDraftLines": {"bbox": "87,36.6,87.1,36.7"},
}
BODIES: dict[str, Any] = {
    "lookupByBody": {"json": {"lon": 87.005, "lat": 36.655}},
    "lookupBatch": {"content": b"lon,lat\n87.005,36.655\n", "headers": {"Content-Type": "text/csv"}},
    "suggestAddressesByBody": {"json": {"q": "样园"}},
    # A number alone is refused by the library, after the role was looked at: nothing is pinned.
    "addAlias": {"json": {"text": "12", "target": "station:S1"}},
    # Without streets there is nothing to count.
    "coverageWhatIf": {"json": {"changes": [{"do": "close", "station": "S1"}]}},
    "addProposal": {"json": {"stations": 1, "sites": "buildings"}},
    # An empty name is refused by the library, after the role was looked at: nothing is made.
    "addDraft": {"json": {"name": " "}},
    "changeDraft": {"json": {}},
    "importDraft": {"content": b""},
    "applyOperation": {"json": {"id": "1", "kind": "insert-node", "at": [87.005, 36.655]}},
    "createKey": {"json": {"role": "admin", "name": " "}},
    # No file at all is refused by the library.
    "addLoad": {"content": b""},
    "changeLoad": {"json": {}},
    # Neither is there such a layer nor such a picture.
    "addBoardRun": {"json": {"layer": "nosuch"}},
    "setBoardLogo": {"content": b""},
    "signIn": {"json": {"key": "no key"}},
}
DOCUMENT = document()
# A time that is none is refused after the role was looked at, and so is an edit without If-Match: nothing is written.
for _name in (*REGISTERS, "Place"):
    _new = DOCUMENT["components"]["schemas"][f"New{_name}"]["example"]
    BODIES |= {f"create{_name}": {"json": {**_new, "effective": "never"}}, f"change{_name}": {"json": {}}}
BODIES |= {
    "createDay": {"json": {"day": "never", "kind": "holiday"}},
    "createDuty": {"json": {**DOCUMENT["components"]["schemas"]["NewDuty"]["example"], "from": "never"}},
    "createLeave": {"json": {"worker": "W1", "from": "never"}},
    **{f"change{name}": {"json": {}} for name in ("Day", *PERIODS)},
}
OPERATIONS = [
    (operation["operationId"], method.upper(), path)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
]


def ask(service: Service, name: str, method: str, path: str, headers: dict[str, str]) -> int:
    for blank, value in FILLED.items():
        path = path.replace(blank, value)
    given = BODIES.get(name, {})
    sent = {"Origin": ORIGIN, **given.get("headers", {}), **headers}
    params = PARAMETERS.get(name)
    body = {how: what for how, what in given.items() if how != "headers"}
    status: int = service.client.request(method, path, params=params, headers=sent, **body).status_code
    return status


def allowed(name: str, role: str | None) -> bool:
    if name in ADMINISTRATORS_ONLY:
        return role == "admin"
    if name in DISPATCHERS_ONLY:
        return role in ("dispatcher", "admin")
    if name in PLANNERS_ONLY:
        return role in ("planner", "admin")
    if name == "getJob":
        return role in ("planner", "clerk", "admin")
    if name in CLERKS_ONLY:
        return role in ("clerk", "admin")
    return role is not None if name in READERS_ONLY else True


@pytest.mark.parametrize("by", ["key", "cookie"])
@pytest.mark.parametrize("role", [None, *ROLES])
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_each_role_gets_what_is_meant_for_it_and_nothing_else(
    service: Service, name: str, method: str, path: str, role: str | None, by: str
) -> None:
    headers = cookie(service, role) if role and by == "cookie" else service.headers(role)
    status = ask(service, name, method, path, headers)
    if name == "signIn":
        assert status == 401
    elif allowed(name, role):
        assert status not in (401, 403, 405)
        assert status < 500
    else:
        assert status == (403 if role else 401)


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS)
def test_an_expired_key_opens_nothing_that_looks_at_keys(service: Service, name: str, method: str, path: str) -> None:
    status = ask(service, name, method, path, service.headers("expired"))
    assert status == 401 or name in {"health", "readiness", "signOut"}


def test_no_route_under_the_api_is_left_out_of_the_document() -> None:
    hidden = [
        route.path
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute) and not route.include_in_schema and route.path.startswith("/api/")
    ]
    assert hidden == []


def test_the_names_here_are_names_of_routes() -> None:
    names = {name for name, _, _ in OPERATIONS}
    assert READERS_ONLY | DISPATCHERS_ONLY | PLANNERS_ONLY | CLERKS_ONLY | ADMINISTRATORS_ONLY | BODIES.keys() <= names
