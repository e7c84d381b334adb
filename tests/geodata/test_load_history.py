"""Whatever is loaded one after the other, every instant keeps the state that was loaded for it."""

import pandas as pd
import psycopg
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geodata.intake.report import LoadOptions
from geodata.load import load_frame
from geodata.times import instant, parse_time
from tests.support import draw, of_code

DAY = 86_400_000_000
START = parse_time("2026-01-01")
EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

pictures = st.lists(st.text(alphabet="ABCD", min_size=4, max_size=4), min_size=1, max_size=5)
rosters = st.lists(
    st.dictionaries(st.sampled_from("123"), st.sampled_from("甲乙丙"), min_size=1), min_size=1, max_size=5
)
gaps = st.lists(st.integers(min_value=0, max_value=2), min_size=5, max_size=5)


def moments(steps, count):
    """Instants that never go back, some of them equal."""
    return [START + sum(steps[: at + 1]) * DAY for at in range(count)]


def last_at_each(states, times):
    """State that holds from each instant on: the last one loaded for it."""
    return dict(zip(times, states, strict=True))


def options(effective):
    return LoadOptions(commit=True, effective=effective, retire_missing=True, actor="t")


@EXAMPLES
@given(pictures=pictures, steps=gaps)
def test_each_instant_has_the_grids_that_were_published_for_it(connection, pictures, steps):
    times = moments(steps, len(pictures))
    with connection.transaction(force_rollback=True):
        for picture, effective in zip(pictures, times, strict=True):
            load_frame(connection, "grids", draw(picture), options=options(effective))
        for effective, picture in last_at_each(pictures, times).items():
            drawn = draw(picture)
            rows = connection.execute(
                """SELECT code, ST_AsBinary(geom) FROM grid_versions
                WHERE withdrawn_at IS NULL AND period @> %s::timestamptz""",
                (instant(effective),),
            ).fetchall()
            assert sorted(code for code, _ in rows) == drawn["code"].tolist()
            assert all(shapely.equals(shapely.from_wkb(wkb), of_code(drawn, code)) for code, wkb in rows)
        identities = connection.execute(
            "SELECT count(DISTINCT grid_id), count(DISTINCT code) FROM grid_versions"
        ).fetchone()
        assert identities[0] == identities[1]


@EXAMPLES
@given(states=rosters, steps=gaps)
def test_each_instant_has_the_workers_that_were_loaded_for_it(connection: psycopg.Connection, states, steps):
    times = moments(steps, len(states))
    with connection.transaction(force_rollback=True):
        for state, effective in zip(states, times, strict=True):
            frame = pd.DataFrame({"code": list(state), "name": list(state.values())})
            load_frame(connection, "workers", frame, options=options(effective))
        for effective, state in last_at_each(states, times).items():
            rows = connection.execute(
                """SELECT h.code, v.name FROM worker_versions AS v JOIN holders AS h USING (holder_id)
                WHERE withdrawn_at IS NULL AND period @> %s::timestamptz""",
                (instant(effective),),
            ).fetchall()
            assert dict(rows) == state
            assert len(rows) == len(state)
