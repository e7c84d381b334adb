"""Tables whose rows a change can touch, and which rows name which others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Relation:
    """A table whose rows have periods or withdrawals: its key, what its rows are versions of, and its name in words."""

    key: str
    entity: str
    words: str
    words_zh: str
    dated: bool = True


RELATIONS = {
    "area_versions": Relation("area_version_id", "area_id", "areas", "区划"),
    "role_versions": Relation("role_version_id", "role_id", "roles", "角色"),
    "worker_versions": Relation("worker_version_id", "holder_id", "workers", "人员"),
    "organisation_versions": Relation("organisation_version_id", "holder_id", "organisations", "单位"),
    "station_versions": Relation("station_version_id", "station_id", "stations", "站点"),
    "duties": Relation("duty_id", "duty_id", "duties", "职责"),
    "compound_versions": Relation("compound_version_id", "compound_id", "compounds", "小区"),
    "gate_versions": Relation("gate_version_id", "gate_id", "gates", "小区出入口"),
    "building_versions": Relation("building_version_id", "building_id", "buildings", "楼栋"),
    "place_versions": Relation("place_version_id", "place_id", "places", "地点"),
    "calendar_days": Relation("calendar_day_id", "calendar_day_id", "calendar days", "日历", dated=False),
    "leaves": Relation("leave_id", "leave_id", "leave", "请假"),
    "matter_versions": Relation("matter_version_id", "matter_id", "matters", "事项"),
    "norm_versions": Relation("norm_version_id", "norm_id", "norms", "配备标准"),
    "text_versions": Relation("text_version_id", "text_id", "board texts", "公示内容"),
    "stop_versions": Relation("stop_version_id", "stop_id", "stops", "停靠点"),
    "grid_versions": Relation("grid_version_id", "grid_id", "grids", "网格"),
    "streets": Relation("street_id", "street_id", "streets", "道路", dated=False),
    "barriers": Relation("barrier_id", "barrier_id", "barriers", "步行障碍", dated=False),
    "backdrop": Relation("backdrop_id", "backdrop_id", "backdrop", "底图要素", dated=False),
    "place_counts": Relation("place_count_id", "place_count_id", "counts", "统计数据", dated=False),
    "addresses": Relation("address_id", "address_id", "addresses", "地址", dated=False),
    "address_aliases": Relation("address_alias_id", "address_alias_id", "pinned addresses", "固定地址", dated=False),
}
# Which rows name what: relation, its column, and where what it names has its versions.
REFERENCES = (
    ("duties", "holder_id", ("worker_versions", "organisation_versions")),
    ("duties", "role_id", ("role_versions",)),
    ("duties", "area_id", ("area_versions",)),
    ("duties", "grid_id", ("grid_versions",)),
    ("duties", "compound_id", ("compound_versions",)),
    ("duties", "building_id", ("building_versions",)),
    ("duties", "place_id", ("place_versions",)),
    ("duties", "station_id", ("station_versions",)),
    ("leaves", "holder_id", ("worker_versions",)),
    ("leaves", "stand_in_id", ("worker_versions",)),
    ("grid_versions", "community_id", ("area_versions",)),
    ("area_versions", "parent_id", ("area_versions",)),
    ("station_versions", "parent_id", ("station_versions",)),
    ("gate_versions", "compound_id", ("compound_versions",)),
    ("building_versions", "compound_id", ("compound_versions",)),
    ("matter_versions", "role_id", ("role_versions",)),
    ("matter_versions", "organisation_id", ("organisation_versions",)),
    ("norm_versions", "role_id", ("role_versions",)),
    ("norm_versions", "area_id", ("area_versions",)),
    ("text_versions", "area_id", ("area_versions",)),
    ("text_versions", "grid_id", ("grid_versions",)),
    ("stop_versions", "station_id", ("station_versions",)),
)
