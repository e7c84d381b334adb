"""Kinds behind grids as lists: the lists themselves, the streets that borders follow, the doors that ranges mean."""

from geodata.intake.fields import LAT, LON, URBAN, WKT, Field, Kind, code_field

STREETS = Kind(
    "streets",
    (
        code_field("道路编码", "路段编码", "街路编码", "osm_id", required=False),
        Field("name", "text", ("名称", "道路名称", "路名", "街路名称", "道路", "路段名称"), default=""),
        Field(
            "class",
            "text",
            ("等级", "道路等级", "类别", "道路类别", "类型", "道路类型", "highway", "fclass"),
            default="",
        ),
        WKT,
    ),
    shape="line",
    shape_required=True,
    code_from=("name", "class", "wkt"),
    makes_codes=True,
    label="道路",
    label_en="streets",
)
ADDRESSES = Kind(
    "addresses",
    (
        code_field("地址编码", "标准地址编码", "门牌编码", "地址编号", required=False),
        Field("text", "text", ("地址", "标准地址", "详细地址", "地址全称", "门牌地址", "address"), default=""),
        Field("road", "text", ("道路", "路名", "街路巷", "道路名称", "街路", "street"), default=""),
        Field("number", "text", ("门牌号", "门牌", "门牌号码", "门号", "housenumber"), default=""),
        Field("compound", "text", ("小区", "小区名称", "院落", "院落名称"), default=""),
        Field("building", "text", ("楼栋", "楼号", "楼栋号", "楼栋名称", "幢号", "栋号"), default=""),
        Field("unit", "text", ("单元", "单元号", "单元名称"), default=""),
        LON,
        LAT,
        Field("households", "count", ("户数", "住户数", "家庭户数")),
        Field("persons", "count", ("人数", "人口", "人口数", "常住人口")),
        WKT,
    ),
    shape="point",
    shape_required=True,
    code_from=("text", "road", "number", "compound", "building", "unit"),
    makes_codes=True,
    label="地址",
    label_en="addresses",
)
GRIDLISTS = Kind(
    "gridlists",
    (
        code_field("网格编码", "网格代码", "网格编号", "网格号", "grid_code"),
        Field("name", "text", ("名称", "网格名称", "网格名", "grid_name")),
        Field("kind", "choice", ("类别", "网格类别", "城乡", "城乡类型", "网格性质"), default="urban", choices=URBAN),
        Field(
            "community",
            "code",
            ("社区", "所属社区", "社区编码", "社区代码", "所属社区编码", "社区名称", "村社区", "community_code"),
            required=True,
        ),
        Field(
            "compounds",
            "items",
            ("小区", "小区名称", "所含小区", "包含小区", "小区范围", "小区院落", "所辖小区", "小区清单"),
            default=(),
        ),
        Field(
            "buildings",
            "items",
            ("楼栋", "所含楼栋", "包含楼栋", "楼栋范围", "所辖楼栋", "楼幢", "楼号", "楼栋清单"),
            default=(),
        ),
        Field(
            "roads",
            "items",
            ("道路", "门牌范围", "路段", "道路门牌", "街路门牌", "沿街门牌", "道路范围", "门牌号段", "街路巷"),
            default=(),
        ),
        Field("households", "count", ("户数", "住户数", "家庭户数", "总户数")),
        Field("persons", "count", ("人数", "人口", "人口数", "常住人口", "总人数", "population")),
    ),
    label="网格清单",
    label_en="grids as lists",
)
