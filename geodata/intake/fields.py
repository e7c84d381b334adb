"""What a field and a kind of record are, and the fields, choices and headers that several kinds share."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from geodata.errors import InputError

Reader = Literal[
    "code",
    "text",
    "phone",
    "count",
    "number",
    "boolean",
    "list",
    "from",
    "to",
    "choice",
    "level",
    "shape",
    "hours",
    "day",
    "duration",
    "units",
    "cell",
    "period",
    "items",
]
Shape = Literal["none", "point", "line", "polygon"]
Referred = Literal["areas", "layers", "roles", "workers", "organisations", "stations", "compounds", "buildings"]

LEVELS = {
    "community": ("社区", "村", "社区村", "村社区", "行政村", "居委会", "村委会", "里", "village"),
    "street": ("街道", "镇", "乡", "街道乡镇", "乡镇街道", "镇街", "街镇", "乡镇", "town", "township", "subdistrict"),
    "district": ("区", "县", "区县", "市辖区", "县区", "county"),
    "city": ("市", "地级市", "城市"),
    "province": ("省", "自治区", "直辖市"),
    "sub_area": ("片区", "小区域"),
}
URBAN = {"urban": ("城市", "城镇", "城区", "城市网格", "城"), "rural": ("农村", "乡村", "农村网格", "村", "乡")}
# What clerks write where something is not narrowed.
UNLIMITED = ("全部", "所有", "不限", "不分", "通用", "均可", "空", "无", "-", "—", "/", "all", "any", "both")
TILING = {"full": ("全覆盖", "完整", "无缝"), "partial": ("部分", "局部", "部分覆盖")}
ASSIGNMENT = {
    "primary": ("主责", "主要", "主岗", "a岗", "负责", "正式"),
    "stand_in": ("替补", "代班", "代理", "备岗", "b岗", "顶班", "standin", "stand-in", "deputy"),
}
TARGET = {
    "area": ("区划", "社区", "街道", "村", "镇", "乡", "片区", "区县"),
    "grid": ("网格",),
    "compound": ("小区", "院落", "院区", "园区"),
    "building": ("楼栋", "楼", "栋", "幢", "楼宇"),
    "unit": ("单元", "楼门", "门栋"),
    "place": ("场所", "地点", "点位"),
    "station": ("站点", "服务站", "服务站点", "驿站"),
}
TEXT_TARGET = {"area": TARGET["area"], "grid": TARGET["grid"]}
DAY_KIND = {
    "holiday": ("节假日", "假日", "放假", "法定节假日", "公休", "休息", "休"),
    "workday": ("工作日", "调休", "补班", "上班", "调休上班", "班"),
}
SLOT = {
    "hotline": ("热线", "服务热线", "电话"),
    "notice": ("公告", "通知", "告示", "提示"),
    "intro": ("简介", "介绍", "说明"),
    "footer": ("页脚", "落款", "底部"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind: how it is read, what else it is called, and its value where the file says nothing.

    ``pattern`` is what a text must look like where not every text will do. ``refers`` names the kind that a code
    belongs to. ``label`` and ``label_en`` are its names on screens; the first synonym, and the name, where not given.
    ``gives`` names the fields that the parts of this one's value are for, where the source has no columns for them.
    ``follows`` is a field beside whose column, to the right, this one is looked for among columns of phones.
    ``needs`` is a field without which this one means nothing: its column is looked for last, where that has one.
    ``empty_words`` are words that say the same as an empty cell, as 不限 does where a field narrows something.
    """

    name: str
    reader: Reader
    synonyms: tuple[str, ...] = ()
    required: bool = False
    default: Any = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pattern: str = ""
    refers: Referred | None = None
    label: str = ""
    label_en: str = ""
    follows: str = ""
    needs: str = ""
    gives: tuple[str, ...] = ()
    empty_words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or next(iter(self.synonyms), self.name))
        object.__setattr__(self, "label_en", self.label_en or self.name.replace("_", " "))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of record: its fields and the geometry it carries.

    ``code_from`` are the fields that a code is made from where the source has none: without being asked where
    ``makes_codes``, else with ``--map code=*``. A kind without the field ``code`` is known by the one that it names.
    With ``outline`` a polygon may stand beside the point. Of a ``placeless`` kind some need no place, by what they are.
    ``aids`` are columns that help to read the fields and are
    none of the record: where a range of days ends, the unit that tells two people of one name apart. Of each group in
    ``one_of`` a file must have one field at least. ``tells`` are fields beside the required ones that a table of this
    kind has as a rule. Where ``joins_rows`` several rows of one code are one record. Where nothing of the first group
    has a column, that of ``code`` is for the first field in ``coded_by`` if the second has one. ``label`` and
    ``label_en`` are its names on screens.
    """

    name: str
    fields: tuple[Field, ...]
    shape: Shape = "none"
    shape_required: bool = False
    code_from: tuple[str, ...] = ()
    makes_codes: bool = False
    outline: bool = False
    placeless: bool = False
    aids: tuple[Field, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    tells: tuple[str, ...] = ()
    joins_rows: bool = False
    coded_by: tuple[str, str] | None = None
    label: str = ""
    label_en: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "label", self.label or self.name)
        object.__setattr__(self, "label_en", self.label_en or self.name)

    @property
    def columns(self) -> tuple[Field, ...]:
        """What a column of a file can be: the fields, and what helps to read them."""
        return (*self.fields, *self.aids)

    def field(self, name: str) -> Field:
        """Field, or what helps to read fields, of that name.

        Raises
        ------
        InputError
            The kind has no such field.
        """
        for candidate in self.columns:
            if candidate.name == name:
                return candidate
        known = ", ".join(candidate.name for candidate in self.columns)
        raise InputError(
            f"{self.name} have no field {name!r}; known: {known}.",
            f"“{self.label}”没有字段“{name}”，可用字段：{known}。",
            field=name,
        )


def code_field(*synonyms: str, required: bool = True) -> Field:
    """The field that identifies a record."""
    return Field("code", "code", ("编码", "代码", "编号", "id", *synonyms), required=required)


def name_field(*synonyms: str) -> Field:
    """The field that people call a record by."""
    return Field("name", "text", ("名称", "名字", *synonyms), required=True)


NAME_EN = Field("name_en", "text", ("英文名称", "英文名"), default="", label_en="English name")
POSITION = Field("position", "count", ("排序", "顺序", "序号", "order"), default=100)
PHONE = Field(
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
        "服务电话",
        "咨询电话",
        "办公电话",
        "座机",
        "电话手机",
        "手机电话",
        "tel",
        "telephone",
        "mobile",
    ),
    default="",
    empty_words=("无", "暂无", "没有", "-", "—", "--", "/", "none", "n/a"),
)
PHONE_PUBLIC = Field(
    "phone_public",
    "boolean",
    ("电话公开", "公开电话", "是否公开电话", "电话是否公开"),
    default=False,
    label_en="phone is public",
)
LON = Field("lon", "number", ("经度", "lng", "longitude", "x", "x坐标", "横坐标", "long"), label_en="longitude")
LAT = Field("lat", "number", ("纬度", "latitude", "y", "y坐标", "纵坐标"), label_en="latitude")
WKT = Field("wkt", "shape", ("geometry", "geom", "图形", "几何", "空间范围"), label="图形", label_en="shape")
# Maps hand points out as 117.0,36.65, in one cell.
_PAIRS = ("坐标", "经纬度", "经纬度坐标", "坐标点", "点坐标", "location", "lonlat", "lnglat")
PAIR = replace(WKT, synonyms=(*WKT.synonyms, *_PAIRS))
ALIASES = Field(
    "aliases",
    "list",
    ("别名", "又名", "曾用名", "俗称", "其他名称", "alias", "other_names"),
    default=(),
    label_en="other names",
)
HOURS_HEADERS = ("开放时间", "营业时间", "服务时间", "工作时间", "opening_hours")
LAYER = Field("layer", "code", ("网格类型", "图层", "网格类型编码"), refers="layers")
FROM = Field(
    "from",
    "from",
    ("开始", "开始日期", "开始时间", "起始日期", "起始时间", "起", "自", "起始", "生效日期", "valid_from", "start"),
)
PERIOD = Field(
    "period",
    "period",
    ("起止日期", "起止时间", "起止", "时间段", "期间", "日期范围", "起止年月日"),
    label_en="from and to",
    gives=("from", "to"),
)
TO = Field(
    "to",
    "to",
    (
        "结束",
        "结束日期",
        "结束时间",
        "截止日期",
        "截止时间",
        "止",
        "至",
        "截止",
        "终止日期",
        "失效日期",
        "valid_to",
        "end",
    ),
)
