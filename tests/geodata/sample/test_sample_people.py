"""Workers, organisations, duties and leave of the sample cities."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest

from geodata.people.hours import parse_hours
from geodata.sample import SampleCity

REGISTERS = {
    "area": "areas",
    "station": "stations",
    "compound": "compounds",
    "building": "buildings",
    "place": "places",
}


def test_names_and_phones_are_visibly_made_up(any_city: SampleCity) -> None:
    workers, offices = any_city.workers, any_city.organisations
    assert workers["name"].str.fullmatch(r"样例-[一-鿿]\d{4,5}").all()
    assert [int(phone) for phone in workers["phone"]] == [13_800_000_001 + k for k in range(len(workers))]
    assert offices["phone"].str.fullmatch(r"000-\d{8}").all()
    assert any_city.stations["phone"].str.fullmatch(r"001-\d{8}").all()
    assert any_city.texts["phone"].dropna().str.fullmatch(r"000-\d{8}").all()


def test_codes_of_holders_are_unique_across_workers_and_organisations(any_city: SampleCity) -> None:
    codes = [*any_city.workers["code"], *any_city.organisations["code"]]
    assert len(set(codes)) == len(codes)


def test_every_duty_points_at_something_that_exists(any_city: SampleCity) -> None:
    duties = any_city.duties
    holders = {*any_city.workers["code"], *any_city.organisations["code"]}
    assert duties["holder"].isin(holders).all()
    assert duties["role"].isin(any_city.roles["code"]).all()
    for kind, rows in duties.groupby("target_kind"):
        if kind in REGISTERS:
            assert rows["target"].isin(getattr(any_city, REGISTERS[kind])["code"]).all(), kind
    units = any_city.buildings.set_index("code")["units"]
    for unit in duties.loc[duties["target_kind"] == "unit", "target"]:
        building, label = unit.split("#")
        assert 1 <= int(label) <= units[building]
    for layer, table in any_city.grids.items():
        rows = duties[(duties["target_kind"] == "grid") & (duties["layer"] == layer)]
        assert len(rows)
        assert rows["target"].isin(table["code"]).all()


def test_there_are_duties_for_every_kind_of_target(built_city: SampleCity) -> None:
    kinds = {"area", "grid", "compound", "building", "unit", "place", "station"}
    assert set(built_city.duties["target_kind"]) == kinds


def on_duty_today(city: SampleCity, layer: str) -> set[str]:
    duties = city.duties
    today = (duties["from"] <= "2027-01-01") & duties["to"].isna()
    return set(duties.loc[today & (duties["target_kind"] == "grid") & (duties["layer"] == layer), "target"])


def test_every_grid_has_somebody_on_duty_except_the_intended_holes(any_city: SampleCity) -> None:
    for layer, table in any_city.grids.items():
        missing = set(table["code"]) - on_duty_today(any_city, layer)
        assert missing == (set(any_city.holes) if layer == "general" else set())
    assert len(any_city.holes) == (1 if any_city.size == "street" else 3)


def test_the_roster_differs_from_month_to_month_and_a_few_duties_are_of_the_future(any_city: SampleCity) -> None:
    duties = any_city.duties
    ended = duties["to"].notna()
    assert ended.mean() > 0.05
    months = set(duties.loc[ended & (duties["to"] >= "2025-01-01"), "to"].str[:7])
    assert {f"2025-{month:02d}" for month in range(1, 13)} <= months
    assert {f"2026-{month:02d}" for month in range(1, 12)} <= months
    assert (duties["assignment"] == "stand_in").mean() > 0.02
    assert 1 <= (duties["from"] > "2029-01-01").sum() <= 5


@pytest.mark.parametrize("day", ["2025-01-01", "2025-06-17", "2026-01-31", "2026-08-01", "2026-12-31"])
def test_no_grid_has_two_full_time_workers_and_nobody_two_grids(any_city: SampleCity, day: str) -> None:
    duties = any_city.duties
    full_time = duties[(duties["role"] == "grid_worker_full_time") & (duties["assignment"] == "primary")]
    there = full_time[(full_time["from"] <= day) & (full_time["to"].isna() | (full_time["to"] >= day))]
    assert not there["target"].duplicated().any()
    assert not there["holder"].duplicated().any()
    empty = set(any_city.holes) if day > "2026-06-30" else set(any_city.holes[1:])
    assert set(any_city.grids["general"]["code"]) - set(there["target"]) == empty


def test_nobody_holds_the_same_duty_twice_at_a_time(any_city: SampleCity) -> None:
    duties = any_city.duties.sort_values("from")
    key = ["holder", "role", "target_kind", "target", "layer", "assignment"]
    previous_end = duties.groupby(key, dropna=False)["to"].shift()
    repeated = duties.duplicated(key)
    assert (duties.loc[repeated, "from"] > previous_end[repeated]).all()


def test_every_worker_has_a_duty(any_city: SampleCity) -> None:
    assert set(any_city.workers["code"]) <= set(any_city.duties["holder"])


def test_every_role_is_held_by_somebody_and_says_what_is_public(built_city: SampleCity) -> None:
    assert set(built_city.roles["code"]) == set(built_city.duties["role"])
    assert built_city.roles["duties"].str.len().min() > 10
    assert built_city.roles["name_public"].nunique() == 2
    assert built_city.roles["phone_public"].nunique() == 2


def test_hours_are_written_as_they_are_kept_and_cover_days_nights_and_spare_time(any_city: SampleCity) -> None:
    written = {*any_city.duties["hours"], *any_city.stations["hours"], *any_city.stops["hours"]}
    assert {hours: parse_hours(hours) for hours in written} == {hours: hours for hours in written}
    assert any("PH closed" in hours for hours in written)
    assert any("PH 0" in hours or "PH 1" in hours for hours in any_city.stations["hours"])
    nights = any_city.duties[any_city.duties["hours"] == "Mo-Su 20:00-08:00"]
    assert set(nights["role"]) == {"police_auxiliary", "police_officer"}
    offices = any_city.duties[any_city.duties["role"] == "duty_office"]
    assert {"24/7", "Mo-Su 08:30-17:30"} == set(offices["hours"])


def absences(city: SampleCity) -> dict[str, list[tuple[date, date]]]:
    """Days on which each one is away or stands in."""
    found: dict[str, list[tuple[date, date]]] = defaultdict(list)
    for leave in city.leave.itertuples():
        first = date.fromisoformat(leave[2][:10])
        last = date.max if leave.to is None else date.fromisoformat(leave.to[:10])
        for who in {leave.worker, leave.stand_in} - {None}:
            found[who].append((first, last))
    return found


def test_nobody_stands_in_while_away_or_for_two_at_once(any_city: SampleCity) -> None:
    for who, spans in absences(any_city).items():
        spans.sort()
        assert all(one[1] < other[0] for one, other in pairwise(spans)), who


def test_a_year_of_leave_has_stand_ins_for_all_but_the_intended_holes(any_city: SampleCity) -> None:
    leave = any_city.leave
    assert leave["from"].str[:7].nunique() >= 14
    assert len(leave) > len(any_city.grids["general"])
    assert leave["to"].isna().sum() == 1
    assert leave["from"].str.contains(":").sum() > 5
    alone = leave[leave["stand_in"].isna()]
    holes = any_city.roster_holes[any_city.roster_holes["reason"] != "ended"]
    assert sorted(zip(alone["worker"], alone["from"], strict=True)) == sorted(
        zip(holes["holder"], holes["from"], strict=True)
    )
    assert Counter(any_city.roster_holes["reason"]) == {"on_leave": 4, "off": 1, "ended": 1}


def test_a_street_has_one_centre_six_stations_points_and_a_van(street: SampleCity) -> None:
    assert street.stations["level"].tolist()[:7] == ["centre", *["station"] * 6]
    assert street.stations["level"].isin(["centre", "station", "point", "post"]).all()
    assert street.stations["category"].tolist()[-1] == "流动服务车"


def test_a_van_stands_somewhere_else_on_every_working_day(any_city: SampleCity) -> None:
    stops, stations = any_city.stops, any_city.stations
    vans = stations[stations["category"] == "流动服务车"]
    assert len(vans) == (any_city.areas["level"] == "street").sum()
    assert set(stops["station"]) == set(vans["code"])
    for _, mine in stops.groupby("station"):
        assert mine["hours"].str[:2].tolist() == ["Mo", "Tu", "We", "Th", "Fr"]
        assert not mine.duplicated(["lon", "lat"]).any()


def test_matters_norms_and_texts_name_what_exists(any_city: SampleCity) -> None:
    matters = any_city.matters
    assert 8 <= len(matters) <= 12
    assert set(matters["promised"]) == {"2 hours", "2 days", "7 days"}
    assert (matters["role"].isna() ^ matters["organisation"].isna()).all()
    assert set(matters["role"].dropna()) <= set(any_city.roles["code"])
    assert set(matters["organisation"].dropna()) <= set(any_city.organisations["code"])
    assert set(any_city.norms["role"]) <= set(any_city.roles["code"])
    assert set(any_city.norms["area"].dropna()) <= set(any_city.areas["code"])
    assert set(any_city.texts["target"].dropna()) <= set(any_city.areas["code"])
    assert {"hotline", "notice", "intro", "footer"} == set(any_city.texts["slot"])


def test_the_calendar_holds_the_announced_days_of_two_years_and_no_other(street: SampleCity) -> None:
    calendar = street.calendar.assign(date=pd.to_datetime(street.calendar["day"]))
    assert set(calendar["date"].dt.year) == {2025, 2026}
    counts = calendar.groupby([calendar["date"].dt.year, "kind"]).size().to_dict()
    # 1 + 8 + 3 + 5 + 3 + 8 days off in 2025, 3 + 9 + 3 + 5 + 3 + 3 + 7 in 2026.
    assert counts == {(2025, "holiday"): 28, (2025, "workday"): 5, (2026, "holiday"): 33, (2026, "workday"): 6}
    worked = calendar[calendar["kind"] == "workday"]
    assert (worked["date"].dt.day_of_week >= 5).all()
    assert not calendar["day"].duplicated().any()
    # What weekdays are off beyond the weekend days that are worked: 13 statutory holidays a year.
    days_off = calendar[(calendar["kind"] == "holiday") & (calendar["date"].dt.day_of_week < 5)]
    gained = days_off["date"].dt.year.value_counts() - worked["date"].dt.year.value_counts()
    assert gained.to_dict() == {2025: 13, 2026: 13}
