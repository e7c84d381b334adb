"""Workers, organisations and duties of the sample cities."""

from geodata.sample import SampleCity


def test_names_and_phones_are_visibly_made_up(any_city: SampleCity) -> None:
    workers, offices = any_city.workers, any_city.organisations
    assert workers["name"].str.fullmatch(r"样例-[一-鿿]\d{4,5}").all()
    assert [int(phone) for phone in workers["phone"]] == [13_800_000_001 + k for k in range(len(workers))]
    assert offices["phone"].str.fullmatch(r"000-\d{8}").all()
    assert any_city.stations["phone"].str.fullmatch(r"001-\d{8}").all()


def test_codes_of_holders_are_unique_across_workers_and_organisations(any_city: SampleCity) -> None:
    codes = [*any_city.workers["code"], *any_city.organisations["code"]]
    assert len(set(codes)) == len(codes)


def test_every_duty_points_at_something_that_exists(any_city: SampleCity) -> None:
    duties = any_city.duties
    holders = {*any_city.workers["code"], *any_city.organisations["code"]}
    assert duties["holder"].isin(holders).all()
    assert duties["role"].isin(any_city.roles["code"]).all()
    assert set(duties["target_kind"]) == {"area", "grid", "station"}
    areas = duties[duties["target_kind"] == "area"]
    assert areas["target"].isin(any_city.areas["code"]).all()
    stations = duties[duties["target_kind"] == "station"]
    assert stations["target"].isin(any_city.stations["code"]).all()
    for layer, table in any_city.grids.items():
        rows = duties[(duties["target_kind"] == "grid") & (duties["layer"] == layer)]
        assert len(rows)
        assert rows["target"].isin(table["code"]).all()


def on_duty_today(city: SampleCity, layer: str) -> set[str]:
    duties = city.duties
    today = (duties["from"] <= "2026-01-01") & duties["to"].isna()
    return set(duties.loc[today & (duties["target_kind"] == "grid") & (duties["layer"] == layer), "target"])


def test_every_grid_has_somebody_on_duty_except_the_intended_holes(any_city: SampleCity) -> None:
    for layer, table in any_city.grids.items():
        missing = set(table["code"]) - on_duty_today(any_city, layer)
        assert missing == (set(any_city.holes) if layer == "general" else set())
    assert len(any_city.holes) == (1 if any_city.size == "street" else 3)


def test_there_are_past_duties_stand_ins_and_a_few_of_the_future(any_city: SampleCity) -> None:
    duties = any_city.duties
    ended = duties["to"].notna()
    assert ended.mean() > 0.05
    assert (duties.loc[ended, "to"] < "2025-01-01").all()
    assert (duties["assignment"] == "stand_in").mean() > 0.02
    assert 1 <= (duties["from"] > "2029-01-01").sum() <= 5


def test_nobody_holds_the_same_duty_twice_at_a_time(any_city: SampleCity) -> None:
    duties = any_city.duties.sort_values("from")
    key = ["holder", "role", "target_kind", "target", "layer", "assignment"]
    previous_end = duties.groupby(key, dropna=False)["to"].shift()
    repeated = duties.duplicated(key)
    assert (duties.loc[repeated, "from"] > previous_end[repeated]).all()


def test_every_worker_has_a_duty(any_city: SampleCity) -> None:
    assert set(any_city.workers["code"]) <= set(any_city.duties["holder"])


def test_every_role_is_held_by_somebody_and_says_what_is_public(district: SampleCity) -> None:
    assert set(district.roles["code"]) == set(district.duties["role"])
    assert district.roles["duties"].str.len().min() > 10
    assert district.roles["name_public"].nunique() == 2
    assert district.roles["phone_public"].nunique() == 2


def test_a_street_has_one_centre_six_stations_and_points(street: SampleCity) -> None:
    assert street.stations["level"].tolist()[:7] == ["centre", *["station"] * 6]
    assert street.stations["level"].isin(["centre", "station", "point", "post"]).all()
