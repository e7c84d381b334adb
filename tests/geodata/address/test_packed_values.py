"""Values of numbers as integers."""

from hypothesis import given
from hypothesis import strategies as st

from geodata.address.values import packed, unpacked, whole

doors = st.builds(str, st.integers(0, 200_000_000))
pairs = st.builds(lambda a, b: f"{a}-{b}", st.integers(0, 99_999), st.integers(0, 999))
marked = st.builds(lambda a, mark: f"{a}{mark}", st.integers(1, 99_999), st.sampled_from("ab甲乙临"))
letters = st.builds(lambda mark, a: f"{mark}{a}", st.sampled_from("abz"), st.one_of(st.just(""), st.integers(0, 9999)))
values = st.one_of(doors, pairs, marked, letters)


@given(values)
def test_a_value_comes_back_as_it_was(value: str) -> None:
    assert unpacked(packed(value)) == value


@given(values, values)
def test_different_values_are_different_integers(one: str, other: str) -> None:
    assert (packed(one) == packed(other)) == (one == other)


@given(st.text(max_size=12))
def test_any_text_is_an_integer_of_32_bits(value: str) -> None:
    assert 0 <= packed(value) < 1 << 31


def test_an_empty_value_is_zero_and_zero_is_not() -> None:
    assert packed("") == 0
    assert packed("0") != 0
    assert unpacked(0) == ""


def test_letters_are_the_same_in_both_cases() -> None:
    assert packed("A") == packed("a")


def test_the_whole_number_in_front_is_known() -> None:
    assert [whole(packed(value)) for value in ("12", "12-3", "12甲", "a12", "a", "")] == [12, 12, 12, 12, -1, -1]
