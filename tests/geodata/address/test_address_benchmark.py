"""The benchmark of address matching asks what has one answer, and counts answers as its table says."""

import numpy as np
import pytest

from tests.benchmarks.address_baselines import fuzzy, trigrams
from tests.benchmarks.address_match import NOTHING_TEXTS, Answer, Asked, ask_for, calibration, compare, report
from tests.benchmarks.address_registers import Source, mainland, taipei


@pytest.fixture(scope="module")
def source() -> Source:
    return mainland("mixed", doors=2_500, seed=4)


def test_what_is_held_back_is_asked_for_and_not_in_the_register(source: Source) -> None:
    texts = {entry.text for entry in source.entries}
    asked = list(ask_for(source, ["absent"], 30, 1))
    assert asked
    assert not {one.truth for one in asked} & texts
    assert all(one.grid >= 0 for one in asked)


def test_an_exact_query_names_the_grid_of_its_door(source: Source) -> None:
    grids = {entry.text.replace(" ", ""): int(grid) for entry, grid in zip(source.entries, source.grid_of, strict=True)}
    asked = list(ask_for(source, ["exact"], 40, 1))
    assert len(asked) == 40
    assert all(grids[one.text] == one.grid for one in asked)


def test_what_has_no_answer_has_no_grid(source: Source) -> None:
    asked = list(ask_for(source, ["twins", "elsewhere", "nothing"], 20, 1))
    assert {one.kind for one in asked} == {"twins", "elsewhere", "nothing"}
    assert {one.grid for one in asked} == {-1}
    assert sum(one.kind == "nothing" for one in asked) == len(NOTHING_TEXTS)


def test_the_same_seed_asks_the_same(source: Source) -> None:
    kinds = ["heard short", "two kinds", "slip wrong"]
    assert list(ask_for(source, kinds, 15, 7)) == list(ask_for(source, kinds, 15, 7))
    assert list(ask_for(source, kinds, 15, 7)) != list(ask_for(source, kinds, 15, 8))


def test_both_baselines_find_an_address_that_is_typed_as_it_is_written(source: Source) -> None:
    texts = [entry.text for entry in source.entries[:200]]
    for way in (fuzzy, trigrams):
        with way(texts) as nearest:
            assert [nearest(texts[i]).position for i in (0, 50, 199)] == [0, 50, 199]


def test_the_table_counts_right_wrong_unsure_and_not_found(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [Asked("exact", "", grid, "") for grid in (1, 1, 1, 1)]
    answers = [
        Answer(((1, 0.99),), "", 1.0),
        Answer(((2, 0.99), (1, 0.01)), "", 1.0),
        Answer(((2, 0.6), (1, 0.3)), "", 1.0),
        Answer(((1, 0.2),), "", 1.0),
    ]
    report(asked, answers, 0.95, ["exact"])
    line = capsys.readouterr().out.splitlines()[1].split()
    assert line == ["exact", "4", "50.00", "50.00", "25.000", "25.00", "100.0", "25.00", "1.00", "1.00"]


def test_calibration_sets_the_score_beside_the_share_that_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    calibration([Answer(((1, 0.85),), "", 0.0), Answer(((2, 0.89),), "", 0.0)], np.array([1, 1]))
    assert capsys.readouterr().out.splitlines()[1].split() == ["0.80–0.90", "2", "0.8700", "0.5000"]


def test_ways_are_compared_by_the_right_grid_first(capsys: pytest.CaptureFixture[str]) -> None:
    asked = [Asked("exact", "", 1, ""), Asked("exact", "", 2, "")]
    one = [Answer(((1, 1.0),), "", 2.0), Answer(((1, 1.0),), "", 2.0)]
    compare(asked, {"one": one}, ["exact"])
    assert capsys.readouterr().out.splitlines()[2].split() == ["exact", "2", "50.00"]


@pytest.mark.real_data
def test_taipei_asks_for_real_facilities_against_villages(shared_data: object) -> None:
    source = taipei()
    assert len(source.doors) > 450
    assert len(source.names) == 543
