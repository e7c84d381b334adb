"""Kinds of territory: areas, layers and grids; compounds with gates, buildings and places."""

from dataclasses import replace

from geodata.intake.fields import (
    ALIASES,
    LAT,
    LON,
    NAME_EN,
    PAIR,
    POSITION,
    TILING,
    URBAN,
    WKT,
    Field,
    Kind,
    code_field,
    name_field,
)

AREAS = Kind(
    "areas",
    (
        code_field("区划代码", "区划编码", "社区编码", "社区代码", "统计用区划代码", "行政区划代码"),
        name_field("区划名称", "社区名称", "社区", "街道名称"),
        Field("level", "level", ("级别", "层级", "区划级别", "类型"), default="community"),
        Field(
            "parent",
            "code",
            ("上级", "上级编码", "上级代码", "上级区划", "父级", "父级编码", "所属街道编码", "parent_code"),
        ),
        WKT,
    ),
    shape="polygon",
    label="区划",
    label_en="areas",
)
LAYERS = Kind(
    "layers",
    (
        replace(code_field("类型编码", "网格类型编码", "图层编码"), pattern=r"[a-z][a-z0-9_-]{0,39}"),
        name_field("类型名称", "网格类型", "网格类型名称", "图层名称"),
        NAME_EN,
        Field("tiling", "choice", ("覆盖方式", "是否全覆盖", "全覆盖"), required=True, choices=TILING),
        Field("nested_in", "code", ("所属类型", "上级类型", "嵌套于")),
        POSITION,
        Field("is_default", "boolean", ("默认", "是否默认"), default=False),
    ),
    label="网格类型",
    label_en="grid layers",
)
GRIDS = Kind(
    "grids",
    (
        code_field("网格编码", "网格代码", "网格编号", "网格号", "grid_code"),
        Field("name", "text", ("名称", "网格名称", "网格名", "grid_name")),
        Field(
            "kind",
            "choice",
            ("类别", "网格类别", "城乡", "城乡类型", "网格性质"),
            default="urban",
            choices=URBAN,
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
        WKT,
    ),
    shape="polygon",
    shape_required=True,
    label="网格",
    label_en="grids",
)
COMPOUNDS = Kind(
    "compounds",
    (
        code_field("小区编码", "小区代码", "小区编号", "院落编码"),
        name_field("小区", "小区名称", "小区名", "院落", "院落名称"),
        ALIASES,
        WKT,
    ),
    shape="polygon",
    label="小区",
    label_en="compounds",
)
GATES = Kind(
    "gates",
    (
        code_field("大门编码", "出入口编码", "出入口编号", required=False),
        Field(
            "compound",
            "code",
            ("小区", "小区编码", "小区代码", "所属小区", "所属小区编码", "compound_code"),
            required=True,
            refers="compounds",
        ),
        LON,
        LAT,
        WKT,
    ),
    shape="point",
    shape_required=True,
    code_from=("compound", "lon", "lat"),
    makes_codes=True,
    label="小区出入口",
    label_en="gates",
)
BUILDINGS = Kind(
    "buildings",
    (
        code_field("楼栋编码", "楼栋代码", "楼栋编号", "楼宇编码", "幢编码", "building_code"),
        name_field("楼栋", "楼栋名称", "楼号", "楼栋号", "楼幢号", "幢号", "栋号", "楼宇名称"),
        Field(
            "compound",
            "code",
            ("小区", "小区编码", "小区代码", "所属小区", "所属小区编码", "院落编码", "compound_code"),
            refers="compounds",
        ),
        Field("units", "units", ("单元", "单元数", "单元列表", "单元号", "单元个数", "楼门数"), default=()),
        Field("households", "count", ("户数", "住户数", "总户数", "家庭户数")),
        LON,
        LAT,
        WKT,
    ),
    shape="point",
    shape_required=True,
    outline=True,
    label="楼栋",
    label_en="buildings",
)
PLACES = Kind(
    "places",
    (
        code_field("场所编码", "地点编码", "点位编码", required=False),
        name_field("场所", "场所名称", "地点", "地点名称", "地名", "点位名称", "单位名称"),
        ALIASES,
        Field("category", "text", ("类别", "场所类别", "类型", "场所类型", "地点类别", "type"), default=""),
        LON,
        LAT,
        PAIR,
    ),
    shape="point",
    shape_required=True,
    code_from=("name", "category"),
    makes_codes=True,
    label="场所",
    label_en="places",
)
