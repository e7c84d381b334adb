"""Whatever the document allows, and much that it doesn't, is answered as the document says: never with a 5xx."""

import warnings
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geodata.database import connect
from tests.coverage_town import publish_homes, publish_streets
from tests.service.conftest import ORIGIN, Service, prepared
from tests.service.document import document
from tests.service.holding import hold_known_addresses
from tests.territory import committed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.generation import GenerationMode
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 10
# Where nobody gets in without a key, whatever is sent is answered with that.
EXAMPLES_AT_THE_DOOR = 2
DOCUMENT = document()
# Read here and once: what it imports late cannot be compiled amid the browser tests' greenlets (CPython 3.11).
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
# What revokes keys comes last, so that the others keep theirs.
OPERATIONS = sorted(
    ((path, method) for path, item in DOCUMENT["paths"].items() for method in item), key=lambda one: one[1] == "delete"
)


@pytest.fixture(scope="module")
def changing_service(
    cluster_url: str,
    template_name: str,
    tmp_path_factory: pytest.TempPathFactory,
    serve_application: Callable[..., Service],
) -> Service:
    """An application whose data these tests may change."""
    name = "gridmap_contract_tests"
    with psycopg.connect(cluster_url.replace("/gridmap?", "/postgres?"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template_name}")  # type: ignore[arg-type]
    url = cluster_url.replace("/gridmap?", f"/{name}?")
    started = serve_application(url, tmp_path_factory.mktemp("contract"), prepared(url, _published))
    started.client.app.state.serving.network.refresh()
    hold_known_addresses(started.client.app, tmp_path_factory.mktemp("register"))
    return started


def _published(url: str) -> None:
    """The small territory, and a street with homes in it."""
    committed(url)
    with connect(url) as connection:
        publish_homes(connection)
        publish_streets(connection)
        connection.commit()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("role", [None, "admin"])
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_generated_requests_are_answered_as_documented(
    changing_service: Service, path: str, method: str, role: str | None
) -> None:
    operation = SCHEMA[path][method.upper()]
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    cases = st.one_of(fitting, operation.as_strategy(GenerationMode.NEGATIVE)) if _has_input(path, method) else fitting
    headers = changing_service.headers(role)
    turned_away = role is None and _turned_away(changing_service, path, method)
    examples = EXAMPLES_AT_THE_DOOR if turned_away else EXAMPLES

    @given(case=cases)
    @settings(
        max_examples=examples if _has_input(path, method) else 1,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        case.validate_response(_send(changing_service, case, headers), checks=CHECKS)

    ask()


def _has_input(path: str, method: str) -> bool:
    operation = DOCUMENT["paths"][path][method]
    return bool(operation.get("parameters") or operation.get("requestBody"))


def _turned_away(service: Service, path: str, method: str) -> bool:
    answer = service.client.request(method.upper(), f"{ORIGIN}{path}", headers={"Origin": ORIGIN})
    return bool(answer.status_code == 401)


def _send(service: Service, case: Any, headers: dict[str, str]) -> Any:
    """Send a generated request to the application, with our key in place of a generated one."""
    case.headers = {name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"}
    case.cookies = {}
    made = requests.Request(**_known(case.as_transport_kwargs(base_url=ORIGIN))).prepare()
    content = made.body.encode() if isinstance(made.body, str) else made.body
    sent = {**made.headers, **headers, "Origin": ORIGIN}
    return service.client.request(str(made.method), str(made.url), content=content, headers=sent)


def _known(given_to_transport: dict[str, Any]) -> dict[str, Any]:
    names = ("method", "url", "params", "json", "data", "headers", "files")
    return {name: given_to_transport[name] for name in names if name in given_to_transport}
