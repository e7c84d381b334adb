"""Kinds behind grids as lists: the lists themselves, the streets that borders follow, the doors that ranges mean."""

from dataclasses import replace

from geodata.intake.fields import ALIASES, LAT, LON, PAIR, URBAN, WKT, Field, Kind, code_field

_FOOT = {
    "yes": ("是", "可", "可步行", "可通行", "允许", "designated", "permissive", "official", "destination"),
    "steps": ("台阶", "梯道", "阶梯"),
    "no": ("否", "不可", "不可步行", "禁止", "禁行", "use_sidepath", "discouraged"),
    "private": ("内部", "私有", "内部道路", "customers", "permit"),
}

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
        ALIASES,
        Field("foot", "choice", ("步行", "可步行", "行人", "步行通行"), default="", choices=_FOOT),
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
        code_field("地址编码", "标准地址编码", "门牌编码", "地址编号", "地址代码", "osm_id", required=False),
        Field(
            "text",
            "text",
            ("地址", "标准地址", "详细地址", "地址全称", "门牌地址", "标准地址全称", "地址名称", "address"),
            default="",
        ),
        Field("province", "text", ("省", "省份", "省级", "所在省", "省直辖市自治区"), default=""),
        Field("city", "text", ("市", "城市", "地级市", "地市", "市级", "所在市"), default=""),
        Field("district", "text", ("区县", "区", "县", "县区", "市辖区", "所属区县", "行政区", "区市县"), default=""),
        Field(
            "town",
            "text",
            ("街道", "乡镇", "街道乡镇", "乡镇街道", "镇街", "街镇", "所属街道", "街道名称", "乡镇名称", "镇"),
            default="",
            label_en="street or town",
        ),
        Field(
            "community",
            "text",
            ("社区", "村", "社区村", "村社区", "村居", "所属社区", "社区名称", "居委会", "村委会", "行政村", "village"),
            default="",
            label_en="community or village",
        ),
        Field("road", "text", ("道路", "路名", "街路巷", "道路名称", "街路", "路街巷", "巷弄", "street"), default=""),
        Field("number", "text", ("门牌号", "门牌", "门牌号码", "门号", "主门牌号", "housenumber"), default=""),
        Field(
            "sub_number", "text", ("附号", "附属号", "副号", "支号", "附属门牌", "副门牌号"), default="", needs="number"
        ),
        Field("compound", "text", ("小区", "小区名称", "院落", "院落名称", "小区名"), default=""),
        Field("building", "text", ("楼栋", "楼号", "楼栋号", "楼栋名称", "幢号", "栋号", "楼幢号", "楼幢"), default=""),
        Field("unit", "text", ("单元", "单元号", "单元名称"), default=""),
        Field("floor", "text", ("楼层", "层", "所在楼层", "楼层号", "层号"), default=""),
        Field("room", "text", ("室", "房号", "房间号", "房间", "户室", "室号", "户号", "户室号", "房屋号"), default=""),
        replace(ALIASES, synonyms=(*ALIASES.synonyms, "旧地址", "原地址", "历史地址", "曾用地址")),
        Field(
            "compound_code",
            "code",
            ("小区编码", "小区代码", "小区编号", "所属小区编码", "院落编码"),
            refers="compounds",
        ),
        Field(
            "building_code",
            "code",
            ("楼栋编码", "楼栋代码", "楼栋编号", "所属楼栋编码", "所属楼栋", "楼宇编码", "幢编码"),
            refers="buildings",
        ),
        LON,
        LAT,
        Field("households", "count", ("户数", "住户数", "家庭户数")),
        Field("persons", "count", ("人数", "人口", "人口数", "常住人口")),
        PAIR,
    ),
    shape="point",
    shape_required=True,
    placeless=True,
    code_from=("text", "areas", "road", "number", "compound", "building", "unit", "floor", "room"),
    makes_codes=True,
    one_of=(("text", "road", "number", "unit", "room"),),
    label="地址",
    label_en="addresses",
)
GRIDLISTS = Kind(
    "gridlists",
    (
        code_field("网格编码", "网格代码", "网格编号", "网格号", "grid_code", required=False),
        Field("name", "text", ("名称", "网格名称", "网格名", "网格", "所属网格", "grid_name")),
        Field("kind", "choice", ("类别", "网格类别", "城乡", "城乡类型", "网格性质"), default="urban", choices=URBAN),
        Field(
            "community",
            "code",
            ("社区", "所属社区", "社区编码", "社区代码", "所属社区编码", "社区名称", "村社区", "community_code"),
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
            (
                "道路",
                "门牌范围",
                "路段",
                "道路门牌",
                "街路门牌",
                "沿街门牌",
                "道路范围",
                "门牌号段",
                "街路巷",
                "门牌",
                "门牌号",
                "沿街道路",
            ),
            default=(),
        ),
        Field(
            "scope",
            "items",
            (
                "网格范围",
                "范围",
                "管辖范围",
                "网格管辖范围",
                "覆盖范围",
                "包含范围",
                "辖区范围",
                "服务范围",
                "网格覆盖范围",
            ),
            default=(),
        ),
        Field("households", "count", ("户数", "住户数", "家庭户数", "总户数")),
        Field("persons", "count", ("人数", "人口", "人口数", "常住人口", "总人数", "population")),
    ),
    one_of=(("code", "name"), ("compounds", "buildings", "roads", "scope")),
    tells=("code", "community"),
    joins_rows=True,
    label="网格清单",
    label_en="grids as lists",
)
