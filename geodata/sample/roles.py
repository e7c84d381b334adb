"""The roles of the sample: who does what, and whose name and phone everybody may see."""

from typing import Final

import pandas as pd

COLUMNS: Final = ("code", "name", "name_en", "duties", "name_public", "phone_public", "position")

ROLES: Final = (
    (
        "grid_worker_full_time",
        "专职网格员",
        "Full-time grid worker",
        "每日巡查网格，登记住户与场所变动，上报并跟进居民诉求，联系独居老人等重点人群。",
        True,
        False,
        10,
    ),
    (
        "grid_chief",
        "网格长",
        "Grid chief",
        "统筹网格内各支力量，主持每周碰头会，协调解决网格员上报的难题。",
        True,
        False,
        20,
    ),
    (
        "grid_worker_part_time",
        "兼职网格员",
        "Part-time grid worker",
        "协助专职网格员巡查，在专职网格员休假时代班。",
        True,
        False,
        30,
    ),
    (
        "service_specialist",
        "服务专员",
        "Service specialist",
        "在服务片区内代办民政、社保、医保等事项，每周上门一次。",
        True,
        False,
        40,
    ),
    (
        "dedicated_manager",
        "专属网格负责人",
        "Dedicated grid manager",
        "负责市场、园区、学校、医院等专属网格的日常管理和安全检查。",
        True,
        True,
        45,
    ),
    (
        "building_leader",
        "楼栋长",
        "Building leader",
        "收集楼内居民意见，通知停水停电等事项，发现隐患及时告知网格员。",
        True,
        False,
        50,
    ),
    ("unit_leader", "单元长", "Unit leader", "联系本单元住户，转达通知，收集意见交楼栋长。", True, False, 52),
    ("property_service", "物业服务", "Property service", "受理小区内报修，看护公共设施，维护秩序。", True, True, 54),
    ("site_manager", "场所负责人", "Site manager", "负责场所的开放、安全和日常管理。", True, True, 56),
    ("party_instructor", "党建指导员", "Party instructor", "指导网格党支部活动，联系在册与报到党员。", True, False, 60),
    (
        "police_officer",
        "社区民警",
        "Community police officer",
        "负责社区警务，处理治安求助，每月与网格员会商一次。",
        True,
        True,
        70,
    ),
    ("police_auxiliary", "辅警", "Auxiliary officer", "协助社区民警巡逻防范和走访登记。", False, False, 80),
    ("mediator", "人民调解员", "Mediator", "调解邻里、物业、家庭纠纷，督促协议履行。", True, False, 90),
    ("linked_cadre", "包联干部", "Linked cadre", "联系社区，每月到社区一次，帮助协调街道以上部门。", True, False, 100),
    ("judge", "联系法官", "Linked judge", "接受法律咨询，指导调解，为调解协议办理司法确认。", True, False, 110),
    ("prosecutor", "联系检察官", "Linked prosecutor", "开展法治宣传，受理公益诉讼线索。", True, False, 120),
    ("lawyer", "社区法律顾问", "Community lawyer", "每周值班半天，提供免费法律咨询。", True, False, 130),
    ("station_manager", "站点负责人", "Station manager", "负责服务站点的开放、值守和物资。", True, False, 140),
    ("duty_office", "值班室", "Duty office", "全天接听电话，向当值人员派单并督促办理。", True, True, 150),
)


def roles_table() -> pd.DataFrame:
    """Return the roles in the order in which an answer lists them."""
    return pd.DataFrame(ROLES, columns=list(COLUMNS))
