"""Nothing of a caller is kept: no log, table or file has a word of what was looked up, whatever went wrong with it."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from service.matching import NoRegister
from tests.service.conftest import Service, problem_of
from tests.service.holding import Held, hold

LOOKUP = "/api/v1/lookup"
SUGGEST = "/api/v1/addresses/suggest"
BATCH = "/api/v1/lookup/batch"
ALIASES = "/api/v1/addresses/aliases"
PHONE = "13800007777"
SAID = f"样园路12号 王女士 {PHONE}"
WORDS = ("样园路12", "王女士", PHONE)


class Broken:
    """A register that fails over each text and repeats it, as errors that nobody foresaw do."""

    def find(self, text: str, **_: Any) -> Any:
        raise ValueError(f"cannot work with {text!r}")

    def suggest(self, text: str, **_: Any) -> Any:
        raise ValueError(f"cannot work with {text!r}")

    def __len__(self) -> int:
        return 0


def unspoken(caplog: pytest.LogCaptureFixture) -> None:
    """Check that our side logged what was asked, and no word of it, with all that a handler would write."""
    written = logging.Formatter("%(name)s %(message)s")
    # The test's own client logs what it asks for.
    lines = [written.format(record) for record in caplog.records if not record.name.startswith("http")]
    assert any("/api/v1/lookup" in line for line in lines), lines
    assert [line for line in lines if any(word in line for word in WORDS)] == []


@pytest.fixture
def everything(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What is logged at any level."""
    caplog.set_level(logging.DEBUG)
    return caplog


@pytest.fixture
def restored(service: Service) -> Iterator[Service]:
    held = service.client.app.state.serving
    yield service
    service.client.app.state.serving = held


def ask(service: Service, role: str | None = "dispatcher") -> list[Any]:
    """Everything that can be asked about a text, in every way."""
    client, headers = service.client, service.headers(role)
    return [
        client.post(LOOKUP, json={"address": SAID}, headers=headers),
        client.get(LOOKUP, params={"address": SAID}, headers=headers),
        client.post(SUGGEST, json={"q": SAID}, headers=headers),
        client.get(SUGGEST, params={"q": SAID}, headers=headers),
        client.post(BATCH, json=[{"地址": SAID}], headers=headers),
        client.post(BATCH, content=f"地址\n{SAID}\n", headers={**headers, "Content-Type": "text/csv"}),
    ]


def test_what_is_answered_leaves_no_word_in_a_log(service: Service, everything: pytest.LogCaptureFixture) -> None:
    assert {response.status_code for response in ask(service)} == {200}
    unspoken(everything)


def test_what_is_refused_leaves_no_word_in_a_log(service: Service, everything: pytest.LogCaptureFixture) -> None:
    client, headers = service.client, service.headers("dispatcher")
    wrong = (
        {"address": SAID * 20}, {"address": SAID, "near": SAID}, {"address": SAID, "crs": SAID}, {SAID: 1},
        {"address": SAID, "as_of": SAID[:20]}, {"address": SAID, "layer": SAID}, {"address": SAID, "within": SAID},
        {"address": SAID, "matter": SAID}, {"target": SAID}, {"address": SAID, "lon": SAID},
    )  # fmt: skip
    for body in wrong:
        assert client.post(LOOKUP, json=body).status_code in (404, 422)
        assert client.get(LOOKUP, params=body).status_code in (404, 422)
    assert client.post(LOOKUP, json={"address": [SAID]}).status_code == 422
    assert client.post(LOOKUP, content=f'{{"address": "{SAID}').status_code == 422
    assert client.post(LOOKUP, json={"address": SAID}, headers={"Authorization": "Bearer no"}).status_code == 401
    assert client.post(SUGGEST, json={"q": SAID * 20}).status_code == 422
    assert client.post(BATCH, json=[{"地址": SAID}]).status_code == 401
    for body_of_batch in (f'[{{"地址": "{SAID}"', f'["{SAID}"]', f'{{"地址": "{SAID}"}}'):
        told = {**headers, "Content-Type": "application/json"}
        assert client.post(BATCH, content=body_of_batch, headers=told).status_code == 422
    for pin in ({"text": SAID}, {"text": SAID, "target": SAID}, {"text": SAID, "target": f"place:{SAID}"}):
        assert client.post(ALIASES, json=pin, headers=headers).status_code in (404, 422)
    unspoken(everything)


def test_what_came_too_early_or_too_often_leaves_no_word_in_a_log(
    restored: Service, everything: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = restored.client.app
    monkeypatch.setattr("service.matching.MOST_WAITING", 0)
    for response in ask(restored)[:4]:
        problem_of(response, 503, "busy")
    hold(app, register=NoRegister())
    for response in ask(restored):
        problem_of(response, 503, "register-not-ready")
    unspoken(everything)


def test_what_breaks_leaves_no_word_in_a_log_but_where_it_broke(
    restored: Service, everything: pytest.LogCaptureFixture
) -> None:
    broken: Any = Broken()
    hold(restored.client.app, register=Held(broken))
    for response in ask(restored):
        problem = problem_of(response, 500, "internal-error")
        assert SAID not in str(problem)
    unspoken(everything)


def test_the_log_says_where_a_look_up_broke(restored: Service, caplog: pytest.LogCaptureFixture) -> None:
    broken: Any = Broken()
    hold(restored.client.app, register=Held(broken))
    restored.client.post(LOOKUP, json={"address": SAID})
    (told,) = [record.getMessage() for record in caplog.records if "unexpected" in record.getMessage()]
    assert "unexpected ValueError at POST '/api/v1/lookup'" in told
    assert "test_look_up_secrecy.py" in told


def test_an_answer_that_breaks_off_says_nothing_of_its_rows(
    restored: Service, everything: pytest.LogCaptureFixture
) -> None:
    book = restored.client.app.state.serving.register.current()

    class BreaksOff(Broken):
        def find(self, text: str, **given: Any) -> Any:
            return super().find(text, **given) if text == SAID else book.find(text, **given)

    late: Any = BreaksOff()
    hold(restored.client.app, register=Held(late))
    rows = [{"地址": f"样园路{number % 60}号"} for number in range(2000)] + [{"地址": SAID}]
    answer = restored.client.post(BATCH, json=rows, headers=restored.headers("dispatcher"))
    assert not answer.text.endswith("]")
    unspoken(everything)


def test_no_table_and_no_file_has_a_word_of_what_was_looked_up(service: Service) -> None:
    ask(service)
    ask(service, None)
    found = []
    with psycopg.connect(service.database_url) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for table in tables:
            query = sql.SQL("SELECT count(*) FROM {} AS row WHERE row::text LIKE %s").format(sql.Identifier(*table))
            found += [table for word in WORDS[1:] if connection.execute(query, (f"%{word}%",)).fetchone() != (0,)]
    assert ("public", "audit") in tables or len(tables) > 20
    files = [path for path in Path(service.settings.state_folder).rglob("*") if path.is_file()]
    assert files
    found += [(path.name, word) for path in files for word in WORDS[1:] if word.encode() in path.read_bytes()]
    assert found == []
