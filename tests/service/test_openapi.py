"""The document promises no more and no less than the service does."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.service.conftest import Service
from tests.service.document import document as made


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return made()


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]


def errors(document: dict[str, Any], schema: dict[str, Any], value: Any) -> list[str]:
    whole = {**schema, "components": document["components"]}
    return [f"{error.json_path}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


EDITED = (
    "workers",
    "organisations",
    "roles",
    "stations",
    "stops",
    "matters",
    "norms",
    "texts",
    "compounds",
    "buildings",
    "places",
    "calendar",
)
# What everybody may read; the rest of the registers needs a key.
PUBLIC = set(EDITED) - {"workers", "organisations", "norms"}
REGISTERS = {
    *(f"{method} /api/v1/{path}" for path in (*EDITED, "duties", "leave") for method in ("GET", "POST")),
    *(f"{method} /api/v1/{path}/{{code}}" for path in EDITED for method in ("GET", "PATCH", "DELETE")),
    *(f"{method} /api/v1/duties/{{duty_id}}" for method in ("GET", "PATCH", "DELETE")),
    *(f"{method} /api/v1/leave/{{leave_id}}" for method in ("GET", "PATCH", "DELETE")),
    "GET /api/v1/changes",
    "GET /api/v1/changes/{change_id}",
    "POST /api/v1/changes/{change_id}/undo",
}


SITING = {
    "POST /api/v1/coverage/what-if",
    "POST /api/v1/coverage/proposals",
    "GET /api/v1/coverage/proposals",
    "GET /api/v1/coverage/proposals/{proposal_id}",
    "POST /api/v1/coverage/proposals/{proposal_id}/cancel",
    "GET /api/v1/coverage/report",
}

WALL_MAPS = {"GET /api/v1/wall-map"}
DRAFTS = {
    "POST /api/v1/drafts",
    "GET /api/v1/drafts",
    "GET /api/v1/drafts/{draft_id}",
    "PATCH /api/v1/drafts/{draft_id}",
    "DELETE /api/v1/drafts/{draft_id}",
    "GET /api/v1/drafts/{draft_id}/grids",
    "GET /api/v1/drafts/{draft_id}/register",
    "GET /api/v1/drafts/{draft_id}/changes",
    "GET /api/v1/drafts/{draft_id}/operations",
    "POST /api/v1/drafts/{draft_id}/operations",
    "POST /api/v1/drafts/{draft_id}/undo",
    "POST /api/v1/drafts/{draft_id}/redo",
    "GET /api/v1/drafts/{draft_id}/figures",
    "GET /api/v1/drafts/{draft_id}/findings",
    "GET /api/v1/drafts/{draft_id}/impact",
    "GET /api/v1/drafts/{draft_id}/lines",
    "GET /api/v1/drafts/{draft_id}/report",
    "GET /api/v1/drafts/{draft_id}/export",
    "POST /api/v1/drafts/{draft_id}/import",
    "GET /api/v1/layers/{layer}/releases/{number}/export",
    "GET /api/v1/drafts/{draft_id}/conflicts",
    "POST /api/v1/drafts/{draft_id}/rebase",
    "POST /api/v1/drafts/{draft_id}/publish",
    "GET /api/v1/layers/{layer}/releases/{number}/diff/{other}",
    "POST /api/v1/layers/{layer}/releases/{number}/restore",
    "POST /api/v1/layers/{layer}/releases/{number}/withdraw",
}


BOARDS = {
    "GET /api/v1/boards",
    "GET /api/v1/boards/printed",
    "GET /api/v1/boards/runs",
    "POST /api/v1/boards/runs",
    "GET /api/v1/boards/runs/{run_id}",
    "GET /api/v1/boards/runs/{run_id}/file",
    "POST /api/v1/boards/runs/{run_id}/cancel",
    "PUT /api/v1/boards/logo",
    "DELETE /api/v1/boards/logo",
}


def test_the_document_lists_exactly_the_paths_of_this_contract(document: dict[str, Any]) -> None:
    assert {name for name, _ in operations(document) if "/api/v1" in name} == REGISTERS | {
        "GET /api/v1/exports",
        "GET /api/v1/exports/map",
        "GET /api/v1/exports/{name}",
        "GET /api/v1/lookup",
        "POST /api/v1/lookup",
        "POST /api/v1/lookup/batch",
        "GET /api/v1/addresses/suggest",
        "POST /api/v1/addresses/suggest",
        "GET /api/v1/addresses/aliases",
        "POST /api/v1/addresses/aliases",
        "DELETE /api/v1/addresses/aliases/{alias_id}",
        "GET /api/v1/areas",
        "GET /api/v1/areas/{code}",
        "GET /api/v1/layers",
        "GET /api/v1/layers/{layer}/grids",
        "GET /api/v1/layers/{layer}/grids/{code}",
        "GET /api/v1/layers/{layer}/grids/{code}/people",
        "GET /api/v1/layers/{layer}/grids/{code}/matters",
        "GET /api/v1/layers/{layer}/themes",
        "GET /api/v1/layers/{layer}/themes/{code}",
        "GET /api/v1/layers/{layer}/releases",
        "GET /api/v1/layers/{layer}/releases/{number}",
        "GET /api/v1/keys",
        "POST /api/v1/keys",
        "DELETE /api/v1/keys/{key_id}",
        "GET /api/v1/audit",
        "GET /api/v1/roster/week",
        "GET /api/v1/roster/holes",
        "GET /api/v1/staffing",
        "GET /api/v1/coverage",
        "GET /api/v1/coverage/gaps",
        "GET /api/v1/stations/{code}/circle",
        "GET /api/v1/life-circle",
        "GET /api/v1/workloads",
        "POST /api/v1/loads",
        "GET /api/v1/loads",
        "GET /api/v1/loads/kinds",
        "GET /api/v1/loads/{load_id}",
        "PATCH /api/v1/loads/{load_id}",
        "DELETE /api/v1/loads/{load_id}",
        "GET /api/v1/loads/{load_id}/findings",
        "GET /api/v1/loads/{load_id}/rows",
        "GET /api/v1/loads/{load_id}/plan",
        "GET /api/v1/loads/{load_id}/marked",
        "POST /api/v1/loads/{load_id}/commit",
        "POST /api/v1/loads/{load_id}/undo",
        "POST /api/v1/loads/{load_id}/cancel",
        "GET /api/v1/profiles",
        "GET /api/v1/jobs/{job_id}",
        *SITING,
        *BOARDS,
        *WALL_MAPS,
        *DRAFTS,
    }


def test_every_operation_is_described_and_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    found = operations(document)
    assert all(operation["summary"] and operation["description"] for _, operation in found)
    names = [operation["operationId"] for _, operation in found]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name[0].islower() for name in names)


def test_every_parameter_and_every_field_sent_is_described(document: dict[str, Any]) -> None:
    silent = [
        f"{name} {parameter['name']}"
        for name, operation in operations(document)
        for parameter in operation.get("parameters", [])
        if not parameter.get("description")
    ]
    assert silent == []


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    examples = {
        name: schema["example"] for name, schema in document["components"]["schemas"].items() if "example" in schema
    }
    wrong = {
        name: errors(document, {"$ref": f"#/components/schemas/{name}"}, value) for name, value in examples.items()
    }
    assert {name: found for name, found in wrong.items() if found} == {}
    assert "LookupAnswer" in examples
    assert "Problem" in examples


def test_every_answer_under_the_api_shows_an_example(document: dict[str, Any]) -> None:
    without = []
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            for kind, media in response.get("content", {}).items():
                schema = media.get("schema", {})
                named = schema.get("$ref", "").rsplit("/", 1)[-1]
                shown = "example" in media or "example" in document["components"]["schemas"].get(named, {})
                if not shown and kind != "text/csv":
                    without.append(f"{name} {status} {kind}")
    assert without == []


def test_every_refusal_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], f"{name} {status}"


def test_routes_that_need_a_key_say_so(document: dict[str, Any]) -> None:
    needing = {
        name for name, operation in operations(document) if operation.get("security") == [{"key": []}, {"session": []}]
    }
    open_to_all = {f"GET /api/v1/{path}" for path in PUBLIC} | {f"GET /api/v1/{path}/{{code}}" for path in PUBLIC}
    assert REGISTERS - needing == open_to_all
    assert needing - REGISTERS == {
        "GET /api/v1/exports/map",
        "POST /api/v1/lookup/batch",
        "GET /api/v1/addresses/aliases",
        "POST /api/v1/addresses/aliases",
        "DELETE /api/v1/addresses/aliases/{alias_id}",
        "GET /api/v1/keys",
        "POST /api/v1/keys",
        "DELETE /api/v1/keys/{key_id}",
        "GET /api/v1/audit",
        "GET /api/v1/roster/week",
        "GET /api/v1/roster/holes",
        "GET /api/v1/staffing",
        "GET /api/v1/workloads",
        "GET /api/v1/profiles",
        "GET /api/v1/jobs/{job_id}",
        *SITING,
        *DRAFTS,
        *(BOARDS - {"GET /api/v1/boards"}),
        *WALL_MAPS,
        *DRAFTS,
    } | {name for name, _ in operations(document) if "/api/v1/loads" in name}
    assert set(document["components"]["securitySchemes"]) == {"key", "session"}


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/api/v1/lookup?lon=87.005&lat=36.655", "application/json"),
        ("/api/v1/lookup?lon=80&lat=36.655", "application/json"),
        ("/api/v1/lookup?address=样园路12号对面", "application/json"),
        ("/api/v1/lookup?address=幸福里3号", "application/json"),
        ("/api/v1/lookup?address=甲二社区不存在的大街8号", "application/json"),
        ("/api/v1/addresses/suggest?q=样园", "application/json"),
        ("/api/v1/addresses/aliases", "application/json"),
        ("/api/v1/areas", "application/json"),
        ("/api/v1/areas/990101", "application/json"),
        ("/api/v1/layers", "application/json"),
        ("/api/v1/layers/general/grids", "application/json"),
        ("/api/v1/layers/general/grids?format=geojson", "application/geo+json"),
        ("/api/v1/layers/general/grids/A1", "application/json"),
        ("/api/v1/lookup?lon=87.005&lat=36.655&accuracy=40", "application/json"),
        ("/api/v1/layers/general/grids/A1/people", "application/json"),
        ("/api/v1/layers/general/grids/A1/matters", "application/json"),
        ("/api/v1/layers/general/themes", "application/json"),
        ("/api/v1/layers/general/themes/households", "application/json"),
        ("/api/v1/layers/general/grids/A1/people?history=true", "application/json"),
        ("/api/v1/layers/general/grids/A1?format=geojson", "application/geo+json"),
        ("/api/v1/layers/general/releases", "application/json"),
        ("/api/v1/layers/general/releases/1", "application/json"),
        ("/api/v1/stations", "application/json"),
        ("/api/v1/stations/S1", "application/json"),
        ("/api/v1/workers", "application/json"),
        ("/api/v1/duties", "application/json"),
        ("/api/v1/duties/1", "application/json"),
        *((f"/api/v1/{path}", "application/json") for path in EDITED if path not in ("stations", "workers")),
        ("/api/v1/leave", "application/json"),
        ("/api/v1/workers/W1", "application/json"),
        ("/api/v1/workers/W1?history=true", "application/json"),
        ("/api/v1/roles/grid_chief", "application/json"),
        ("/api/v1/exports", "application/json"),
        ("/api/v1/changes", "application/json"),
        ("/api/v1/keys", "application/json"),
        ("/api/v1/audit", "application/json"),
        ("/session", "application/json"),
        ("/healthz", "application/json"),
        ("/readyz", "application/json"),
    ],
)
def test_answers_have_exactly_the_documented_fields(
    service: Service, document: dict[str, Any], path: str, kind: str
) -> None:
    response = service.client.get(path, headers=service.headers("admin"))
    assert response.headers["content-type"] == kind
    template = next(
        name
        for name in sorted(document["paths"], key=lambda name: name.count("{"))
        if _fits(name, path.partition("?")[0])
    )
    schema = document["paths"][template]["get"]["responses"]["200"]["content"][kind]["schema"]
    strict = _closed({**schema, "components": document["components"]})
    found = [
        f"{error.json_path}: {error.message}" for error in Draft202012Validator(strict).iter_errors(response.json())
    ]
    assert found == []


def _fits(template: str, path: str) -> bool:
    parts, given = template.split("/"), path.split("/")
    return len(parts) == len(given) and all(
        part.startswith("{") or part == one for part, one in zip(parts, given, strict=True)
    )


def _closed(schema: Any) -> Any:
    """The same schema, with objects that may have no further fields."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        closed["additionalProperties"] = False
    return closed
