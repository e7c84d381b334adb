"""The reported addresses are usable as a register: one right entry each, and none of the decoys is it."""

from tests.geodata.address.address_cases import CASES, LEVELS, UNITS


def test_every_case_names_its_report_what_breaks_and_a_reading() -> None:
    assert len(CASES) >= 40
    for case in CASES:
        assert " #" in case.source
        assert case.breaks
        assert case.areas
        assert set(case.areas) <= set(LEVELS)
        assert set(case.parts) <= set(UNITS)


def test_no_decoy_is_an_entry_and_no_text_stands_twice() -> None:
    entries = {case.entry for case in CASES}
    assert len({case.text for case in CASES}) == len(CASES)
    for case in CASES:
        assert not set(case.decoys) & entries, case.text


def test_entries_are_written_as_a_register_writes_them() -> None:
    written = {case.text: case.entry for case in CASES}
    assert written["山东青岛市香港东路6号5号楼8号室"] == "山东省青岛市崂山区香港东路6号5号楼8室"
    assert written["研究院路二段12巷14弄4號"] == "台北市南港区研究院路2段12巷14弄4号"
    assert written["江苏省宿迁市沭阳县龙庙镇龙庙村九组140号"] == "江苏省宿迁市沭阳县龙庙镇龙庙村9组140号"
    assert written["北京市石景山区老山东里"] == "北京市石景山区老山东里"
