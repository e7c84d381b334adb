import pytest
from hypothesis import given
from hypothesis import strategies as st

from geodata.people.masking import masked_name, masked_phone


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800000000", "138****0000"),
        ("053188880000", "053****0000"),
        ("88880000", "******00"),
        ("12345", "***45"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_the_middle_of_a_phone_is_hidden(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


@given(st.text(alphabet="0123456789-+ ", min_size=1, max_size=20))
def test_a_masked_phone_never_shows_more_than_seven_characters(phone: str) -> None:
    shown = sum(character != "*" for character in masked_phone(phone))
    assert shown <= 7
    assert len(phone) - shown >= min(4, len(phone) - 2)


@pytest.mark.parametrize(("name", "shown"), [("示例甲", "示**"), ("欧阳示例", "欧**"), ("A", "A**"), ("", "")])
def test_only_the_first_character_of_a_name_shows(name: str, shown: str) -> None:
    assert masked_name(name) == shown
