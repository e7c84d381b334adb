"""What is refused of a look-up: what nobody meant, too much at once, and work that nobody waits for."""

from threading import Event
from typing import Any

import pytest
from anyio import CapacityLimiter, create_task_group, move_on_after, sleep
from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect

from geodata.errors import BusyError
from service.matching import Matching
from tests.service.conftest import Service, problem_of
from tests.service.holding import Held, hold

LOOKUP = "/api/v1/lookup"
SUGGEST = "/api/v1/addresses/suggest"
ALIASES = "/api/v1/addresses/aliases"
BATCH = "/api/v1/lookup/batch"
PATIENCE = 60.0


@pytest.mark.parametrize("path", [LOOKUP, SUGGEST, ALIASES, "/session"])
def test_a_body_of_a_hundred_thousand_unknown_fields_is_told_so_in_few_words(service: Service, path: str) -> None:
    answer = service.client.post(path, json={f"field{number}": number for number in range(100_000)})
    problem = problem_of(answer, 422, "invalid-request")
    assert [fault["code"] for fault in problem["errors"]] == ["too-many-fields"]
    assert len(answer.content) < 1000


def test_many_faults_are_not_all_named_and_long_names_not_whole(service: Service) -> None:
    body = {f"{number}-" + "x" * 300: number for number in range(90)}
    answer = service.client.post(LOOKUP, json=body)
    problem = problem_of(answer, 422, "invalid-request")
    assert len(problem["errors"]) == 20
    assert len(answer.content) < 20_000


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (LOOKUP, "address=样园路12号&address=样园路13号"),
        (LOOKUP, "lon=87.005&lat=36.655&lon=87.015"),
        (LOOKUP, "lon=87.005&lat=36.655&as_of=2026-06-01&as_of=2025-06-01"),
        (SUGGEST, "q=样园&q=样园路"),
    ],
)
def test_a_parameter_that_is_given_twice_is_refused(service: Service, path: str, query: str) -> None:
    assert "more than once" in problem_of(service.get(f"{path}?{query}"), 422, "invalid-input")["detail"]


def test_a_batch_refuses_it_too(service: Service) -> None:
    answer = service.client.post(f"{BATCH}?crs=EPSG:4326&crs=GCJ-02", json=[], headers=service.headers("dispatcher"))
    problem_of(answer, 422, "invalid-input")


@pytest.mark.parametrize("body", [{"lon": True, "lat": 36.655}, {"lon": 87.005, "lat": False}])
def test_true_is_no_coordinate(service: Service, body: dict[str, Any]) -> None:
    problem_of(service.client.post(LOOKUP, json=body), 422, "invalid-request")
    pin = {"text": "样例大榕树", "label": "大榕树", **body}
    problem_of(service.client.post(ALIASES, json=pin, headers=service.headers("dispatcher")), 422, "invalid-request")


@pytest.mark.parametrize("near", ["8_7.005,36.655", "87.005;36.655", "87.005 36.655", "87.005,36.655,", "٨٧"])
def test_what_is_no_pair_of_numbers_is_no_place_to_be_near(service: Service, near: str) -> None:
    problem_of(service.client.post(LOOKUP, json={"address": "幸福里3号", "near": near}), 422, "invalid-input")


def test_near_may_have_the_comma_of_a_chinese_keyboard(service: Service) -> None:
    answer = service.client.post(LOOKUP, json={"address": "幸福里3号", "near": "87.026，36.652"}).json()
    assert answer["candidates"][0]["grids"][0]["code"] == "B1"


def test_a_datum_that_is_not_known_is_refused_where_it_would_not_matter(service: Service) -> None:
    problem_of(service.client.post(LOOKUP, json={"target": "station:S1", "crs": "nope"}), 422, "unknown-crs")
    problem_of(service.client.post(SUGGEST, json={"q": "样园", "crs": "nope"}), 422, "unknown-crs")


@pytest.mark.parametrize("body", [{}, {"layer": "general"}])
def test_a_request_about_nothing_is_told_all_that_it_may_be_about(service: Service, body: dict[str, str]) -> None:
    problem = problem_of(service.client.post(LOOKUP, json=body), 422, "invalid-request")
    assert "an address or a target" in problem["detail"]
    assert "address" in problem["detail_zh"]


def test_however_many_of_the_public_ask_the_dispatcher_has_a_place_in_the_queue(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = service.client.app.state.serving
    monkeypatch.setattr("service.matching.MOST_WAITING_PUBLIC", 0)
    hold(service.client.app, matching=Matching())
    try:
        for path, body in ((LOOKUP, {"address": "样园路12号"}), (SUGGEST, {"q": "样园"})):
            problem_of(service.client.post(path, json=body), 503, "busy")
            assert service.client.post(path, json=body, headers=service.headers("dispatcher")).status_code == 200
    finally:
        service.client.app.state.serving = held


class Standstill:
    """A register that answers nobody until it is told to go on."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.asked, self.go_on = Event(), Event()

    def find(self, text: str, **given: Any) -> Any:
        self.asked.set()
        self.go_on.wait()
        return self._book.find(text, **given)

    def __len__(self) -> int:
        return 1


async def _beside(service: Service, stands: Standstill, batches: int) -> tuple[int, list[int]]:
    """What a list is answered with while so many batches wait for the register, and what they come to."""
    client, headers = service.client._client, service.headers("dispatcher")
    ended: list[int] = []

    async def send() -> None:
        ended.append((await client.post(BATCH, json=[{"地址": "样园路12号"}], headers=headers)).status_code)

    async with create_task_group() as tasks:
        for _ in range(batches):
            tasks.start_soon(send)
        await run_sync(stands.asked.wait)
        with move_on_after(PATIENCE):
            listed = await client.get(ALIASES, headers=headers)
        stands.go_on.set()
    return listed.status_code, ended


def test_many_batches_at_once_keep_nobody_else_waiting(service: Service) -> None:
    held = service.client.app.state.serving
    stands: Any = Standstill(held.register.current())
    hold(service.client.app, register=Held(stands), matching=Matching())
    try:
        listed, ended = service.client._portal.call(_beside, service, stands, 50)
    finally:
        service.client.app.state.serving = held
    assert listed == 200
    assert ended == [200] * 50


async def _waited() -> bool:
    return False


async def _went_away() -> bool:
    return True


async def _behind_another(matching: Matching, *gone: Any) -> list[Any]:
    """What look-ups come to that wait behind another one: their answers, or why there is none."""
    busy, done = Event(), Event()
    came: list[Any] = []

    def working() -> None:
        busy.set()
        done.wait()

    async def ask(number: int, goes: Any) -> None:
        try:
            came.append(await matching.run(lambda: number, gone=goes))
        except (ClientDisconnect, BusyError) as error:
            came.append(type(error))

    async with create_task_group() as tasks:
        tasks.start_soon(lambda: matching.run(working, gone=_waited))
        await run_sync(busy.wait)
        for number, goes in enumerate(gone):
            tasks.start_soon(ask, number, goes)
        while matching.threads.statistics().tasks_waiting + len(came) < len(gone):
            await sleep(0)
        done.set()
    return came


def test_a_look_up_whose_caller_went_away_while_it_waited_is_not_worked_on(service: Service) -> None:
    matching = Matching(threads=CapacityLimiter(1))
    came = service.client._portal.call(_behind_another, matching, _waited, _went_away, _waited)
    assert came == [0, ClientDisconnect, 2]


def test_those_who_come_when_the_queue_is_full_are_told_at_once(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.matching.MOST_WAITING", 3)
    matching = Matching(threads=CapacityLimiter(1))
    came = service.client._portal.call(_behind_another, matching, *[_waited] * 5)
    assert came == [BusyError, BusyError, 0, 1, 2]
