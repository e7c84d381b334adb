"""A register of which only what changed was made anew is the one that all rows give."""

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from geodata.people.duties import Register, Rows
from geodata.records import FOREVER_TO, Duty, Holder, Leave, Role

FEW = st.integers(1, 4)
ROLES = st.builds(
    lambda number, begins: Role(number, f"r{number}", "角色", "", "", "", False, False, number, begins, FOREVER_TO),
    FEW,
    st.integers(0, 9),
)
HOLDERS = st.builds(
    lambda number, begins: Holder(number, "worker", f"W{number}", "样例", "", False, begins, begins + 1),
    FEW,
    st.integers(0, 9),
)
DUTIES = st.builds(
    lambda number, holder, target, unit: Duty(number, holder, 1, "grid", target, "primary", 0, FOREVER_TO, unit, ""),
    st.integers(1, 50),
    FEW,
    FEW,
    st.sampled_from(["", "1"]),
)
LEAVES = st.builds(lambda number, holder: Leave(number, holder, None, "", 0, 1), st.integers(1, 50), FEW)


def rows() -> st.SearchStrategy[Rows]:
    """Rows in the order that the database gives them in."""
    return st.builds(
        Rows,
        _distinct(ROLES, lambda role: (role.role_id, role.valid_from)),
        _distinct(HOLDERS, lambda holder: (holder.holder_id, holder.valid_from)),
        _distinct(DUTIES, lambda duty: (duty.duty_id,)),
        _distinct(LEAVES, lambda leave: (leave.leave_id,)),
    )


def _distinct(one: st.SearchStrategy[Any], key: Callable[[Any], Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, unique_by=key, max_size=12).map(lambda found: tuple(sorted(found, key=key)))


@given(rows(), rows(), st.data())
def test_a_changed_register_is_the_one_that_all_rows_give(old: Rows, new: Rows, data: st.DataObject) -> None:
    before = Register(*old)
    # Some rows stay the very ones that they were, others are read again though they are the same.
    kept = [data.draw(st.sets(st.sampled_from(kind))) if kind else set() for kind in old]
    whole = Rows(
        *(tuple(next((k for k in keep if k == row), row) for row in kind) for keep, kind in zip(kept, new, strict=True))
    )
    ids = [{id(row) for row in kind} for kind in whole]
    had = [{id(row) for row in kind} for kind in old]
    gone = Rows(*(tuple(row for row in kind if id(row) not in now) for kind, now in zip(old, ids, strict=True)))
    come = Rows(*(tuple(row for row in kind if id(row) not in was) for kind, was in zip(whole, had, strict=True)))
    made, anew = before.changed(whole, gone, come), Register(*new)
    assert (made.roles, made.holders, made.duties, made.leaves) == (anew.roles, anew.holders, anew.duties, anew.leaves)
    assert made.roles_of == anew.roles_of
    assert made.holders_of == anew.holders_of
    assert made.duties_for == anew.duties_for
    assert made.leaves_of == anew.leaves_of
    untouched = Register(*old)
    assert before.duties_for == untouched.duties_for
    assert before.holders_of == untouched.holders_of
