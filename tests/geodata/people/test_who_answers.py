from dataclasses import replace

from geodata.people.answers import duty_record, people_of_grid
from geodata.people.duties import Register, Roster
from geodata.records import FOREVER_FROM, FOREVER_TO, Area, Duty, Holder, OnDuty, Role

NOW = 1_000_000
ALWAYS = {"valid_from": FOREVER_FROM, "valid_to": FOREVER_TO}
CHIEF = Role(1, "grid_chief", "网格长", "Grid chief", "", "", False, False, 10, **ALWAYS)
POLICE = Role(2, "police_officer", "民警", "Police officer", "", "", True, True, 20, **ALWAYS)
COMMUNITY = Area(7, "C1", "甲社区", "community", 8, **ALWAYS)
STREET = Area(8, "S1", "甲街道", "street", None, **ALWAYS)


def holder(holder_id: int, **changes: object) -> Holder:
    made = Holder(holder_id, "worker", f"W{holder_id}", f"示例{holder_id}号", "13800000001", False, **ALWAYS)
    return replace(made, **changes)  # type: ignore[arg-type]


def duty(holder_id: int, role: Role, kind: str, target_id: int, assignment: str = "primary") -> Duty:
    return Duty(holder_id * 100 + target_id, holder_id, role.role_id, kind, target_id, assignment, **ALWAYS)


def who(*duties: Duty) -> list[tuple[str, str, str]]:
    rows = Roster(Register([CHIEF, POLICE], [holder(1), holder(2), holder(3)], duties), NOW)
    return [(p.holder.code, p.role.code, p.via) for p in people_of_grid(rows, 5, (COMMUNITY, STREET))]


def test_people_of_the_grid_come_before_those_of_its_community() -> None:
    assert who(duty(2, POLICE, "area", 7), duty(1, CHIEF, "grid", 5)) == [
        ("W1", "grid_chief", "grid"),
        ("W2", "police_officer", "community"),
    ]


def test_a_role_that_the_grid_has_itself_is_not_taken_from_above() -> None:
    assert who(duty(1, CHIEF, "grid", 5), duty(2, CHIEF, "area", 7)) == [("W1", "grid_chief", "grid")]


def test_where_the_grid_has_nobody_the_community_answers_and_then_the_street() -> None:
    assert who(duty(2, CHIEF, "area", 7), duty(3, POLICE, "area", 8)) == [
        ("W2", "grid_chief", "community"),
        ("W3", "police_officer", "street"),
    ]


def test_primary_stands_before_stand_in_within_a_role() -> None:
    people = who(duty(1, CHIEF, "grid", 5, "stand_in"), duty(3, CHIEF, "grid", 5))
    assert [code for code, _, _ in people] == ["W3", "W1"]


def test_a_duty_whose_holder_has_ended_counts_as_nobody() -> None:
    rows = Register([CHIEF], [holder(1, valid_to=NOW)], [duty(1, CHIEF, "grid", 5)])
    assert people_of_grid(Roster(rows, NOW), 5, ()) == ()
    assert [person.holder.code for person in people_of_grid(Roster(rows, NOW - 1), 5, ())] == ["W1"]


def test_each_instant_has_its_own_version_of_a_holder_and_of_a_role() -> None:
    roles = [replace(CHIEF, name="旧称", valid_to=NOW), replace(CHIEF, name="新称", valid_from=NOW)]
    holders = [holder(1, phone="1", valid_to=NOW), holder(1, phone="2", valid_from=NOW)]
    rows = Register(roles, holders, [duty(1, CHIEF, "grid", 5)])

    def seen(as_of: int) -> list[tuple[str, str]]:
        return [(p.role.name, p.holder.phone) for p in people_of_grid(Roster(rows, as_of), 5, ())]

    assert (seen(NOW - 1), seen(NOW)) == ([("旧称", "1")], [("新称", "2")])


def test_a_new_instant_costs_no_look_at_duties_of_others() -> None:
    class OfAnotherGrid:
        target_kind, target_id, unit = "grid", 6, ""

        @property
        def valid_from(self) -> int:
            raise AssertionError("nobody asked about this grid")

    rows = Register([CHIEF], [holder(1)], [duty(1, CHIEF, "grid", 5), OfAnotherGrid()])  # type: ignore[list-item]
    assert len(people_of_grid(Roster(rows, NOW), 5, ())) == 1


def test_the_public_sees_a_masked_name_and_phone_unless_the_role_says_public() -> None:
    chief = duty_record(OnDuty(CHIEF, holder(1), "primary", "grid"), unmasked=False)
    police = duty_record(OnDuty(POLICE, holder(1), "primary", "grid"), unmasked=False)
    assert (chief["name"], chief["phone"]) == ("示**", "138****0001")
    assert (police["name"], police["phone"]) == ("示例1号", "13800000001")


def test_a_public_phone_of_a_worker_shows_though_the_role_is_not_public() -> None:
    record = duty_record(OnDuty(CHIEF, holder(1, phone_public=True), "primary", "grid"), unmasked=False)
    assert (record["name"], record["phone"]) == ("示**", "13800000001")


def test_an_organisation_is_never_masked_by_name() -> None:
    office = holder(1, kind="organisation", name="甲社区居委会", phone_public=True)
    assert duty_record(OnDuty(CHIEF, office, "primary", "grid"), unmasked=False)["name"] == "甲社区居委会"


def test_an_allowed_key_sees_everything() -> None:
    record = duty_record(OnDuty(CHIEF, holder(1), "primary", "grid"), unmasked=True)
    assert (record["name"], record["phone"]) == ("示例1号", "13800000001")
