"""Matters, staffing norms, board texts and counted events of the sample."""

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.sample.roster import Roster

MATTERS: Final = (
    ("repair", "公共设施报修", "Public facilities", "路灯、井盖、道路破损", "grid_worker_full_time", None, "2 hours"),
    ("noise", "噪音扰民", "Noise", "施工、广场舞、邻里噪音", "police_officer", None, "2 hours"),
    ("dispute", "邻里纠纷", "Disputes", "物业、宠物、漏水等纠纷调解", "mediator", None, "2 days"),
    ("welfare", "民政救助", "Welfare", "低保、临时救助、残疾人补贴", "service_specialist", None, "7 days"),
    ("elderly", "独居老人探视", "Lonely elderly people", "电话或上门看望", "grid_worker_full_time", None, "2 days"),
    ("safety", "消防与安全隐患", "Hazards", "占用消防通道、飞线充电", "grid_chief", None, "2 hours"),
    ("garbage", "环境卫生", "Waste", "垃圾清运、乱堆乱放", "grid_worker_part_time", None, "2 days"),
    ("building", "楼内事务", "Inside a building", "停水停电通知、楼道杂物", "building_leader", None, "2 days"),
    ("legal", "法律咨询", "Legal advice", "每周三下午由法律顾问接待", "lawyer", None, "7 days"),
    ("other", "其他诉求", "Anything else", "由网格化服务中心受理并派单", None, "office", "7 days"),
)  # fmt: skip
NORMS: Final = (
    ("worker", "grid_worker_full_time", "grid", "general", None, 1, 1, 1),
    ("chief", "grid_chief", "grid", "general", None, 1, 1, 14),
    ("officer", "police_officer", "community", None, None, 1, None, 1),
    ("mediator", "mediator", "community", None, None, 1, None, None),
    ("instructor", "party_instructor", "street", None, None, 1, None, None),
)
NORMS_SINCE: Final = "2025-01-01"
EVENTS_PER_HOUSEHOLD: Final = 0.05


def matters_table(roster: Roster) -> pd.DataFrame:
    """Return the matters; what no role answers for goes to the office of the highest area."""
    # The first area lies in no other, and offices were made in the order of the areas.
    top = roster.organisations[0][0]
    phones = {code: phone for code, _, phone in roster.organisations}
    rows = [
        (code, name, name_en, description, role, office and top, office and phones[top], promised, 10 * (position + 1))
        for position, (code, name, name_en, description, role, office, promised) in enumerate(MATTERS)
    ]
    columns = ["code", "name", "name_en", "description", "role", "organisation", "phone", "promised", "position"]
    return pd.DataFrame(rows, columns=columns).astype(object).where(lambda table: table.notna(), None)


def norms_table(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the staffing norms: two police auxiliaries for each community of a street, one for each of a town."""
    streets = areas[areas["level"] == "street"]
    auxiliaries = [
        (f"auxiliaries-{code}", "police_auxiliary", "community", None, str(code), 1 if rural else 2, None, None)
        for code, rural in zip(streets["code"], streets["name"].str.endswith("镇"), strict=True)
    ]
    columns = ["code", "role", "per", "layer", "area", "least", "most", "most_per_person"]
    table = pd.DataFrame([*NORMS, *auxiliaries], columns=columns)
    return table.astype(object).where(lambda norms: norms.notna(), None)


def texts_table(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return hotlines for everybody, a notice for each street, an introduction for each community, and a footer."""
    rows: list[tuple[object, ...]] = [
        _text("hotline", "便民服务热线", "Service hotline", phone="000-00012345", position=10),
        _text("hotline", "燃气抢修（示例）", "Gas emergencies (sample)", phone="000-00096777", position=20),
        _text("hotline", "供水抢修（示例）", "Water emergencies (sample)", phone="000-00096116", position=30),
        _text("footer", "示例数据，号码均为生成", "Sample data; all numbers are generated", position=90),
    ]
    for row in areas.itertuples():
        if row.level == "street":
            body = f"{row.name}网格化服务中心全天值守，节假日照常受理。"
            english = "The street's grid centre is on duty day and night, on holidays too."
            rows.append(_text("notice", "节假日值守", "On holidays", body, english, target=str(row.code)))
        elif row.level == "community":
            body = f"{row.name}划分为若干网格，网格员每日巡查，有事请找网格员。"
            english = "The community is divided into grids; grid workers are around every working day."
            rows.append(_text("intro", str(row.name), "", body, english, target=str(row.code)))
    columns = ["slot", "target_kind", "target", "title", "title_en", "body", "body_en", "phone", "position"]
    table = pd.DataFrame(rows, columns=columns)
    table.insert(0, "code", [f"X{number + 1:05d}" for number in range(len(table))])
    return table


def counts_table(grids: gpd.GeoDataFrame, seed: int) -> pd.DataFrame:
    """Return how many events a month had in each general grid: few in most, many in some.

    Parameters
    ----------
    seed
        Of the sample. Drawn apart from everything else, which therefore stays as it is.
    """
    rng = np.random.default_rng([seed, len(grids)])
    rates = EVENTS_PER_HOUSEHOLD * grids["households"].to_numpy() * rng.gamma(0.9, 1 / 0.9, len(grids))
    return pd.DataFrame({"layer": "general", "grid": grids["code"].to_numpy(), "events": rng.poisson(rates)})


def _text(
    slot: str,
    title: str,
    title_en: str,
    body: str = "",
    body_en: str = "",
    *,
    target: str | None = None,
    phone: str | None = None,
    position: int = 50,
) -> tuple[object, ...]:
    kind = None if target is None else "area"
    return slot, kind, target, title, title_en, body, body_en, phone, position
