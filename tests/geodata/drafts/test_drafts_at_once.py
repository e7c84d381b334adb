"""Several planners at the same moment, and processes that end in the middle: one whole state, always."""

import threading

import pytest

from geodata.database import connect
from geodata.drafts.memory import DraftMemory
from geodata.errors import ConflictError, GeodataError, StaleBaseError, StaleDraftError
from geodata.redraw import apply, create_draft, draft_of, draft_state, publish
from tests.redrawing import publish_city


@pytest.fixture
def url(database_url):
    with connect(database_url) as connection:
        publish_city(connection)
    return database_url


def begun(url, *operations):
    with connect(url) as connection:
        draft = create_draft(connection, None, name="样例", actor="样例-甲")
        for number, operation in enumerate(operations):
            apply(connection, draft.draft_id, {"id": str(number), **operation}, actor="样例-甲")
    return draft.draft_id


def at_once(*acts):
    """What each of several functions gave or raised when all began at the same moment."""
    gate, found = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        gate.wait()
        try:
            found[place] = act()
        except GeodataError as error:
            found[place] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def numbers(url):
    with connect(url) as connection:
        found = connection.execute("SELECT number FROM releases ORDER BY number").fetchall()
    return [number for (number,) in found]


def test_of_two_who_publish_at_once_exactly_one_wins(url):
    drafts = [
        begun(url, {"kind": "merge", "grids": ["A", "B"], "survivor": "B"}),
        begun(url, {"kind": "move-grids", "grids": ["E"], "community": "990101001"}),
    ]

    def publishing(draft_id):
        def act():
            with connect(url) as connection:
                return publish(connection, draft_id, actor=f"样例-{draft_id}").number

        return act

    found = at_once(*map(publishing, drafts))
    assert [type(each) for each in found if each != 2] == [StaleBaseError]
    assert numbers(url) == [1, 2]
    with connect(url) as connection:
        assert sorted(draft_of(connection, each).state for each in drafts) == ["open", "published"]


def test_the_same_draft_is_published_once(url):
    draft_id = begun(url, {"kind": "merge", "grids": ["A", "B"], "survivor": "B"})

    def act():
        with connect(url) as connection:
            return publish(connection, draft_id, actor="样例-甲").number

    found = at_once(act, act)
    assert [type(each) for each in found if each != 2] == [ConflictError]
    assert numbers(url) == [1, 2]


def test_two_planners_who_work_on_one_version_get_one_answer_and_one_refusal(url):
    draft_id = begun(url)
    memory = DraftMemory()

    def changing(grid, **more):
        def act():
            with connect(url) as connection:
                operation = {"id": f"op-{grid}", "kind": "change", "grid": grid, "name": "新名"}
                return apply(connection, draft_id, operation, actor=f"样例-{grid}", memory=memory, **more).version

        return act

    found = at_once(changing("A", if_version=0), changing("B", if_version=0))
    assert [type(each) for each in found if each != 1] == [StaleDraftError]
    first, other, again = at_once(changing("C"), changing("D"), changing("C"))
    assert first == again
    assert {first, other} == {2, 3}
    with connect(url) as connection:
        state = draft_state(connection, draft_id)
        assert state.version == 3
        assert sum(grid.name == "新名" for grid in state.grids.values()) == 3


@pytest.mark.parametrize("statement", ["INSERT INTO area_versions", "INSERT INTO successions", "UPDATE drafts"])
def test_a_session_that_is_killed_while_it_publishes_leaves_the_old_state(url, statement):
    draft_id = begun(
        url,
        {"kind": "merge-communities", "communities": ["990101001", "990101002"], "survivor": "990101001"},
        {"kind": "merge", "grids": ["A", "B"], "survivor": "B"},
    )
    with connect(url) as connection:
        before = connection.execute("SELECT version FROM data_version").fetchone()
        table, event = statement.split()[-1], statement.split()[0]
        # The server ends the session in the middle of what it writes, as an operator or a crash would.
        connection.execute(
            f"""CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE TRIGGER die AFTER {event} ON {table} EXECUTE FUNCTION die()"""  # type: ignore[arg-type]
        )
    with pytest.raises(Exception, match=r"terminat|closed|lost"), connect(url) as connection:
        publish(connection, draft_id, actor="样例-甲")
    with connect(url) as connection:
        assert connection.execute("SELECT version FROM data_version").fetchone() == before
        connection.execute("DROP FUNCTION die() CASCADE")
        assert draft_of(connection, draft_id).state == "open"
        assert publish(connection, draft_id, actor="样例-甲").number == 2
