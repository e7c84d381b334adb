"""The sheet of a roster: its kind, and which of its columns name the people of which role.

In a wide sheet a row is a grid, building or community; each role has a column of names and often one of phones beside
it. Roles are data, so the fields of this kind are: two for each role that is in force. In a list a row is a person,
with a column that says in which role.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from psycopg import Connection

from geodata.intake.fields import LAYER, Field, Kind
from geodata.intake.named import plain_name
from geodata.people.roles import ROLES

ROSTER: Final = "roster"
NAME: Final = ".name"
PHONE: Final = ".phone"
PERSON: Final = "person"
OWN_ROLE: Final = "person.role"
STAND_IN: Final = "person.stand_in"

# Names that clerks use for one role. A role of any of these names is found under all of them.
_ALIASES: Final = (
    ("grid_chief", "网格长", "格长", "网格负责人", "总网格长"),
    ("grid_worker_full_time", "专职网格员", "专职", "网格员", "专职网格管理员"),
    ("grid_worker_part_time", "兼职网格员", "兼职"),
    ("building_leader", "楼栋长", "楼长", "楼组长", "楼门长", "栋长"),
    ("unit_leader", "单元长"),
    ("police_officer", "民警", "社区民警", "责任民警", "包片民警", "管片民警", "片警"),
    ("police_auxiliary", "辅警", "社区辅警", "协警"),
    ("party_instructor", "党建指导员", "网格党建指导员", "网格指导员", "指导员"),
    ("linked_cadre", "包联干部", "包保干部", "联系干部", "下沉干部", "包片干部"),
    ("judge", "法官", "联系法官"),
    ("prosecutor", "检察官", "联系检察官"),
    ("lawyer", "律师", "法律顾问"),
    ("mediator", "调解员", "人民调解员"),
)
_NAME_WORDS: Final = (
    "",
    "姓名",
    "名字",
    "name",
    "姓名电话",
    "姓名及电话",
    "姓名、电话",
    "姓名及联系电话",
    "姓名和电话",
    "姓名联系方式",
    "及电话",
    "及联系电话",
    "及联系方式",
)
_PHONE_WORDS: Final = (
    "电话",
    "联系电话",
    "联系方式",
    "手机",
    "手机号",
    "手机号码",
    "电话号码",
    "办公电话",
    "phone",
    "mobile",
    "tel",
)
_TARGETS: Final = (
    Field(
        "grid",
        "code",
        (
            "网格编码",
            "网格代码",
            "网格编号",
            "网格号",
            "网格",
            "网格名称",
            "所属网格",
            "所在网格",
            "责任网格",
            "grid_code",
            "grid_name",
        ),
    ),
    Field(
        "building",
        "code",
        ("楼栋", "楼栋编码", "楼栋号", "楼号", "楼栋名称", "幢号", "栋号", "building_code"),
    ),
    Field("unit", "text", ("单元", "单元号", "楼门")),
    Field("compound", "code", ("小区", "小区编码", "小区名称", "所属小区", "所在小区", "院落")),
    Field("station", "code", ("站点", "站点编码", "站点名称", "服务站")),
    Field("place", "code", ("场所", "地点", "场所名称")),
    Field(
        "community",
        "code",
        (
            "社区",
            "社区名称",
            "所属社区",
            "所在社区",
            "社区编码",
            "社区代码",
            "村社区",
            "社区村",
            "村",
            "村居",
            "community_code",
        ),
        refers="areas",
    ),
    LAYER,
)
_PERSON: Final = (
    Field(
        OWN_ROLE,
        "cell",
        ("职务", "角色", "岗位", "岗位名称", "网格职务", "人员类别", "人员类型", "岗位类别", "担任角色"),
        label="人员·角色",
        label_en="person: role",
    ),
    Field(
        PERSON + NAME,
        "cell",
        ("姓名", "人员姓名", "网格员姓名", "名字"),
        label="人员·姓名",
        label_en="person: name",
        needs=OWN_ROLE,
    ),
    Field(PERSON + PHONE, "cell", _PHONE_WORDS, label="人员·电话", label_en="person: phone", needs=OWN_ROLE),
    Field(
        STAND_IN,
        "cell",
        (
            "代班人",
            "代班人员",
            "代班",
            "替班人",
            "替班人员",
            "替补",
            "顶班人",
            "顶岗人员",
            "代理人",
            "b岗",
            "b角",
            "备岗",
        ),
        label="人员·代班人",
        label_en="person: stand-in",
    ),
)
TARGET_FIELDS: Final = tuple(field.name for field in _TARGETS if field.name != "layer")


def role_fields(roles: Iterable[tuple[str, str]]) -> tuple[Field, ...]:
    """Fields for the names and phones of roles, given as code and name."""
    listed = list(roles)
    taken = {word for code, name in listed for word in (code, name)}
    fields: list[Field] = []
    for code, name in listed:
        calls = _calls(code, name, taken)
        fields.append(
            Field(
                f"{code}{NAME}",
                "cell",
                tuple(call + word for word in _NAME_WORDS for call in calls),
                label=f"{name}·姓名",
                label_en=f"{code.replace('_', ' ')}: name",
            )
        )
        fields.append(
            Field(
                f"{code}{PHONE}",
                "cell",
                tuple(call + word for word in _PHONE_WORDS for call in calls),
                label=f"{name}·电话",
                label_en=f"{code.replace('_', ' ')}: phone",
                follows=f"{code}{NAME}",
            )
        )
    return tuple(fields)


def roles_by_call(roles: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Everything that roles, given as code and name, are called, plain, to their codes."""
    listed = list(roles)
    taken = {word for code, name in listed for word in (code, name)}
    return {plain_name(call): code for code, name in reversed(listed) for call in _calls(code, name, taken)}


def _calls(code: str, name: str, taken: set[str]) -> list[str]:
    """What a role is called: its name, its code, and what others call it where no other role is called so."""
    calls = [name, code]
    for group in _ALIASES:
        if name in group or code in group:
            calls += [word for word in group if word not in taken]
    return list(dict.fromkeys(calls))


def roster_kind(roles: Sequence[tuple[str, str]]) -> Kind:
    """The kind for these roles, given as code and name."""
    fields = role_fields(roles)
    names = tuple(field.name for field in fields if field.name.endswith(NAME))
    return Kind(
        ROSTER,
        (*_TARGETS, *fields, *_PERSON),
        label="花名册",
        label_en="roster",
        one_of=(TARGET_FIELDS, (*names, OWN_ROLE)),
    )


# Without a database, as for guessing what a file holds: the roles that every city has.
COMMON_ROSTER: Final = roster_kind([(group[0], group[1]) for group in _ALIASES])


def with_roles(connection: Connection[Any], kind: Kind, at: int) -> Kind:
    """The kind with the fields of the roles in force; every other kind as it is.

    Parameters
    ----------
    at
        Microseconds since 1970-01-01 UTC.
    """
    if kind.name != ROSTER:
        return kind
    roles = ROLES.in_force(connection, at)
    made = roster_kind([(role["code"], role["name"]) for role in roles])
    return replace(made, label=kind.label, label_en=kind.label_en)
