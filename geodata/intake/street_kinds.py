"""Kinds of shapes on the ground: streets, which walks and borders follow, barriers, which nobody crosses, backdrop."""

from geodata.intake.fields import ALIASES, WKT, Field, Kind, code_field

_FOOT = {
    "yes": ("是", "可", "可步行", "可通行", "允许", "designated", "permissive", "official", "destination", "customers"),
    "steps": ("台阶", "梯道", "阶梯"),
    "no": ("否", "不可", "不可步行", "禁止", "禁行", "use_sidepath", "discouraged"),
    "private": ("内部", "私有", "内部道路", "permit"),
}
_BARRIER = {
    "water": ("水", "水域", "水系", "河流", "河", "湖泊", "湖", "水库", "运河", "水渠", "river", "canal", "lake"),
    "railway": ("铁路", "铁道", "铁轨", "轨道", "rail", "light_rail", "subway"),
    "wall": ("墙", "围墙", "围栏", "栅栏", "隔离栏", "挡土墙", "fence", "retaining_wall", "city_wall"),
    "motorway": ("高速公路", "高速", "高速路", "快速路", "motorway_link"),
}
_COVER = {
    "green": ("绿地", "公园", "草地", "树林", "林地", "绿化", "park", "garden", "grass", "forest", "wood"),
    "building": ("建筑", "建筑物", "房屋", "楼", "建筑轮廓", "house", "apartments", "yes"),
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
        Field("closed", "shape", ("不通点", "封闭点"), label_en="closed vertices"),
        Field("cut", "shape", ("截断点",), label_en="cut ends"),
        WKT,
    ),
    shape="line",
    shape_required=True,
    code_from=("name", "class", "wkt"),
    makes_codes=True,
    # Where lines may cross without meeting.
    aids=(
        Field("bridge", "text", ("桥", "桥梁", "高架", "是否桥梁"), default=""),
        Field("tunnel", "text", ("隧道", "地道", "是否隧道"), default=""),
        Field("storey", "text", ("层", "layer", "z_level", "标高层"), default=""),
    ),
    label="道路",
    label_en="streets",
)
BARRIERS = Kind(
    "barriers",
    (
        code_field("障碍编码", "要素编码", "osm_id", required=False),
        Field("name", "text", ("名称", "障碍名称", "河流名称", "铁路名称"), default=""),
        Field("class", "choice", ("类别", "障碍类别", "类型", "障碍类型", "种类"), required=True, choices=_BARRIER),
        WKT,
    ),
    shape="line",
    shape_required=True,
    code_from=("name", "class", "wkt"),
    makes_codes=True,
    label="步行障碍",
    label_en="barriers",
)
BACKDROP = Kind(
    "backdrop",
    (
        code_field("底图要素编码", "图斑编码", "要素编码", "osm_id", required=False),
        Field("name", "text", ("名称", "要素名称", "绿地名称"), default=""),
        Field("cover", "choice", ("地物", "覆盖", "地物类型", "地类"), required=True, choices=_COVER),
        WKT,
    ),
    shape="polygon",
    shape_required=True,
    code_from=("name", "cover", "wkt"),
    makes_codes=True,
    label="底图要素",
    label_en="backdrop",
)
