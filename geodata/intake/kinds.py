"""What can be loaded: the fields of each kind, and the headers under which clerks write them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from geodata.errors import InputError

Reader = Literal[
    "code", "text", "phone", "count", "number", "boolean", "list", "from", "to", "choice", "level", "shape"
]
Shape = Literal["none", "point", "polygon"]

LEVELS = {
    "community": ("社区", "村", "社区村", "村社区", "行政村", "居委会", "村委会", "里", "village"),
    "street": ("街道", "镇", "乡", "街道乡镇", "乡镇街道", "镇街", "街镇", "乡镇", "town", "township", "subdistrict"),
    "district": ("区", "县", "区县", "市辖区", "县区", "county"),
    "city": ("市", "地级市", "城市"),
    "province": ("省", "自治区", "直辖市"),
    "sub_area": ("片区", "小区域"),
}
_URBAN = {"urban": ("城市", "城镇", "城区", "城市网格", "城"), "rural": ("农村", "乡村", "农村网格", "村", "乡")}
_TILING = {"full": ("全覆盖", "完整", "无缝"), "partial": ("部分", "局部", "部分覆盖")}
_ASSIGNMENT = {
    "primary": ("主责", "主要", "主岗", "a岗", "负责", "正式"),
    "stand_in": ("替补", "代班", "代理", "备岗", "b岗", "顶班", "standin", "stand-in", "deputy"),
}
_TARGET = {
    "area": ("区划", "社区", "街道", "村", "镇", "乡", "片区", "区县"),
    "grid": ("网格",),
    "station": ("站点", "服务站", "服务站点", "驿站"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind: how it is read, what else it is called, and its value where the file says nothing.

    ``pattern`` is what a text must look like where not every text will do.
    """

    name: str
    reader: Reader
    synonyms: tuple[str, ...] = ()
    required: bool = False
    default: Any = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its fields and the geometry it carries."""

    name: str
    fields: tuple[Field, ...]
    shape: Shape = "none"
    shape_required: bool = False
    code_from: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Field of that name.

        Raises
        ------
        InputError
            The kind has no such field.
        """
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        known = ", ".join(field.name for field in self.fields)
        raise InputError(
            f"{self.name} have no field {name!r}; known: {known}.",
            f"“{self.name}”没有字段“{name}”，可用字段：{known}。",
            field=name,
        )


def _code(*synonyms: str) -> Field:
    return Field("code", "code", ("编码", "代码", "编号", "id", *synonyms), required=True)


def _name(*synonyms: str) -> Field:
    return Field("name", "text", ("名称", "名字", *synonyms), required=True)


_POSITION = Field("position", "count", ("排序", "顺序", "序号", "order"), default=100)
_PHONE = Field(
    "phone",
    "phone",
    (
        "电话",
        "联系电话",
        "手机",
        "手机号",
        "手机号码",
        "电话号码",
        "联系方式",
        "值班电话",
        "tel",
        "telephone",
        "mobile",
    ),
    default="",
)
_LON = Field("lon", "number", ("经度", "lng", "longitude", "x", "x坐标", "横坐标", "long"))
_LAT = Field("lat", "number", ("纬度", "latitude", "y", "y坐标", "纵坐标"))
_WKT = Field("wkt", "shape", ("geometry", "geom", "图形", "几何", "空间范围"))
_PHONE_PUBLIC = Field(
    "phone_public", "boolean", ("电话公开", "公开电话", "是否公开电话", "电话是否公开"), default=False
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "areas",
            (
                _code("区划代码", "区划编码", "社区编码", "社区代码", "统计用区划代码", "行政区划代码"),
                _name("区划名称", "社区名称", "社区", "街道名称"),
                Field("level", "level", ("级别", "层级", "区划级别", "类型"), default="community"),
                Field(
                    "parent",
                    "code",
                    ("上级", "上级编码", "上级代码", "上级区划", "父级", "父级编码", "所属街道编码", "parent_code"),
                ),
                _WKT,
            ),
            shape="polygon",
        ),
        Kind(
            "layers",
            (
                replace(_code("类型编码", "网格类型编码", "图层编码"), pattern=r"[a-z][a-z0-9_-]{0,39}"),
                _name("类型名称", "网格类型", "网格类型名称", "图层名称"),
                Field("name_en", "text", ("英文名称", "英文名"), default=""),
                Field("tiling", "choice", ("覆盖方式", "是否全覆盖", "全覆盖"), required=True, choices=_TILING),
                Field("nested_in", "code", ("所属类型", "上级类型", "嵌套于")),
                _POSITION,
                Field("is_default", "boolean", ("默认", "是否默认"), default=False),
            ),
        ),
        Kind(
            "grids",
            (
                _code("网格编码", "网格代码", "网格编号", "网格号", "grid_code"),
                Field("name", "text", ("名称", "网格名称", "网格名", "grid_name")),
                Field(
                    "kind",
                    "choice",
                    ("类别", "网格类别", "城乡", "城乡类型", "网格性质"),
                    default="urban",
                    choices=_URBAN,
                ),
                Field(
                    "community",
                    "code",
                    (
                        "社区",
                        "所属社区",
                        "社区编码",
                        "社区代码",
                        "所属社区编码",
                        "社区名称",
                        "村社区",
                        "community_code",
                    ),
                ),
                Field("households", "count", ("户数", "住户数", "家庭户数", "总户数")),
                Field("persons", "count", ("人数", "人口", "人口数", "常住人口", "总人数", "population")),
                _WKT,
            ),
            shape="polygon",
            shape_required=True,
        ),
        Kind(
            "roles",
            (
                _code("角色编码", "角色代码"),
                _name("角色", "角色名称", "岗位", "岗位名称"),
                Field("name_en", "text", ("英文名称", "英文名"), default=""),
                Field("duties_text", "text", ("职责", "职责说明", "岗位职责", "工作职责", "duties"), default=""),
                Field(
                    "name_public", "boolean", ("姓名公开", "公开姓名", "是否公开姓名", "姓名是否公开"), default=False
                ),
                _PHONE_PUBLIC,
                _POSITION,
            ),
        ),
        Kind(
            "workers",
            (
                _code("工号", "人员编码", "人员编号", "网格员编码"),
                _name("姓名", "网格员", "网格员姓名"),
                _PHONE,
                _PHONE_PUBLIC,
            ),
        ),
        Kind(
            "organisations",
            (
                _code("单位编码", "机构编码", "机构代码", "部门编码"),
                _name("单位", "单位名称", "机构", "机构名称", "部门", "部门名称"),
                _PHONE,
            ),
        ),
        Kind(
            "duties",
            (
                Field(
                    "holder",
                    "code",
                    ("责任人", "责任人编码", "人员编码", "人员编号", "工号", "担任者", "worker", "holder_code"),
                    required=True,
                ),
                Field("role", "code", ("角色", "角色编码", "岗位", "岗位编码", "role_code"), required=True),
                Field(
                    "target_kind", "choice", ("对象类型", "责任对象类型", "目标类型"), required=True, choices=_TARGET
                ),
                Field(
                    "target",
                    "code",
                    ("对象", "责任对象", "对象编码", "目标", "目标编码", "网格编码", "target_code"),
                    required=True,
                ),
                Field("layer", "code", ("网格类型", "图层", "网格类型编码")),
                Field(
                    "assignment",
                    "choice",
                    ("主备", "主副", "主副岗", "ab岗", "ab角", "任职方式", "分工"),
                    default="primary",
                    choices=_ASSIGNMENT,
                ),
                Field(
                    "from",
                    "from",
                    ("开始", "开始日期", "开始时间", "起始日期", "任职日期", "上任日期", "valid_from", "start"),
                ),
                Field("to", "to", ("结束", "结束日期", "结束时间", "截止日期", "离任日期", "valid_to", "end")),
            ),
        ),
        Kind(
            "stations",
            (
                _code("站点编码", "站点代码", "站点编号"),
                _name("站点", "站点名称", "服务站", "服务站名称"),
                Field("category", "text", ("类别", "站点类别", "类型", "站点类型", "type"), default=""),
                Field("level", "text", ("级别", "层级", "站点级别"), default=""),
                Field("parent", "code", ("上级", "上级编码", "上级站点", "上级站点编码", "所属站点")),
                Field("address", "text", ("地址", "详细地址", "站点地址"), default=""),
                _LON,
                _LAT,
                _PHONE,
                Field("hours", "text", ("开放时间", "营业时间", "服务时间", "工作时间", "opening_hours"), default=""),
                Field("services", "list", ("服务", "服务项目", "服务内容", "服务事项"), default=()),
                _WKT,
            ),
            shape="point",
            shape_required=True,
            code_from=("name", "category", "address"),
        ),
    )
}


def known_kind(name: str) -> Kind:
    """Kind of that name.

    Raises
    ------
    InputError
        Nothing of that name can be loaded; the error names what can.
    """
    if name not in KINDS:
        known = ", ".join(KINDS)
        raise InputError(
            f"Cannot load {name[:40]!r}: the kinds are {known}.",
            f"不能导入“{name[:40]}”，可导入的种类：{known}。",
            known=list(KINDS),
        )
    return KINDS[name]
