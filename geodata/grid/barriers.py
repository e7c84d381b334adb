"""How much a street separates what lies on its two sides, by its class."""

import unicodedata

NO_BARRIER = 0
UNKNOWN_RANK = 2

# OpenStreetMap's highway and railway values, the classes of the sample, and what Chinese road registers write.
_CLASSES = {
    NO_BARRIER: (
        "path footway steps cycleway bridleway corridor track service sidewalk crossing platform elevator proposed "
        "construction square pier 小路 人行道 步道 小区路 小区内路 内部道路 内部路 通道 台阶 非机动车道 规划道路 在建"
    ),
    1: "lane alley living_street pedestrian 巷 巷道 小巷 里弄 弄堂 弄 胡同 里 街巷 村道 步行街",
    2: "residential unclassified branch road tertiary_link 支路 街坊路 城市支路 乡道 连接路",
    3: "tertiary secondary secondary_link 次干路 次干道 城市次干路 县道",
    4: "primary primary_link trunk trunk_link arterial 主干路 主干道 城市主干路 主路 省道 国道",
    5: "motorway motorway_link rail railway light_rail subway river canal 快速路 城市快速路 高速公路 高速 铁路 河流 河",
}
_RANKS = {name: rank for rank, names in _CLASSES.items() for name in names.split()}


def barrier_rank(street_class: str) -> int:
    """Rank of a class of street: 0 for what no border follows, a footway; 1 for a lane; 5 for a railway.

    Notes
    -----
    A class that is not known, or none, counts as an ordinary street.
    """
    return _RANKS.get(unicodedata.normalize("NFKC", street_class).strip().casefold(), UNKNOWN_RANK)
