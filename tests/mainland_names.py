"""Names of roads, compounds, villages and areas as mainland cities have them, for registers that tests make.

Roads named after provinces and cities, numbered roads, roads with directions, lanes and villages; compounds with the
endings that are mistaken for one another. Everything is common stock; no list is that of one real place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

_PLACES = """
香港 山东 江西 南京 中山 北京 上海 广东 湖南 四川 云南 贵州 福建 浙江 江苏 河南 河北 山西 陕西 吉林 辽宁 重庆 天津 杭州
宁波 温州 延安 青海 甘肃 新疆 广西 海南 台湾 澳门 武汉 长沙 郑州 西安 洛阳 徐州 太原 济南 烟台 威海 泰安 大连 沈阳 长春
哈尔滨 镇江 无锡 苏州 扬州 合肥 芜湖 福州 厦门 桂林 昆明 兰州 银川
"""
PLACES = tuple(_PLACES.split())
SIDES = ("东", "西", "南", "北", "中")
FIRST = tuple(
    "锦和泰阳安华兴永建新文明光长春金银玉宝龙凤瑞福祥康宁平顺嘉佳丽翠碧青紫红东海天云星月山水湖江河溪泉林".strip()
)
SECOND = tuple(
    "安华泰和源兴昌盛达通宁康平顺德义仁信福禄寿园景秀丽苑庭岭峰泉湖滨江河桥门山水光明春秋荷柳松梅兰菊竹".strip()
)
COMPOUND_ENDS = (
    "花园", "花苑", "小区", "新村", "家园", "雅苑", "名邸", "公馆", "新城", "嘉园", "华府", "雅居", "公寓", "苑", "里",
    "一村", "二村", "佳苑", "豪庭", "广场",
)  # fmt: skip
SHOP_ENDS = ("超市", "药店", "小学", "幼儿园", "医院", "大厦", "农贸市场", "派出所", "酒店", "中学")
SURNAMES = tuple(
    "张王李赵刘陈杨黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶杜苏魏程吕丁沈".strip()
)
VILLAGE_ENDS = ("家庄", "庄村", "家村", "各庄", "屯", "家沟", "营村", "堡村", "寨", "家湾")
NUMERALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五", "十六")


@dataclass(frozen=True, slots=True)
class Stock:
    """Names of one made city: ``areas`` are streets or towns, ``communities`` communities or villages."""

    districts: tuple[str, ...]
    areas: tuple[str, ...]
    communities: tuple[str, ...]
    roads: tuple[str, ...]
    compounds: tuple[str, ...]
    shops: tuple[str, ...]


def make_stock(kind: str, districts: tuple[str, ...], rng: np.random.Generator, size: int) -> Stock:
    """Return names for a register of about ``size`` doors, in the manner of ``kind``.

    Parameters
    ----------
    kind
        ``seaside`` roads after provinces and cities, ``numbered`` 经七路 and 纬二路 among others, ``hutong``,
        ``lanes`` 弄 and city names, ``villages``, ``zones`` industrial zones and urban villages, ``hills`` and 村.
    """
    many = max(1, size // 25_000)
    stems = ["".join(pair) for pair in product(FIRST, SECOND) if pair[0] != pair[1]]
    order = [stems[i] for i in rng.permutation(len(stems))]
    towns = "镇" if kind == "villages" else "街道"
    return Stock(
        districts=districts,
        areas=tuple(
            f"{stem}{'路' if i % 5 == 0 and towns != '镇' else ''}{towns}" for i, stem in enumerate(order[:64])
        ),
        communities=tuple(_communities(kind, order[64:], 40 * many)),
        roads=tuple(_twins(list(_roads(kind, order[100:], rng)), 300 * many)),
        compounds=tuple(_compounds(kind, order[300:], rng, 800 * many)),
        shops=tuple(f"{stem}{SHOP_ENDS[i % len(SHOP_ENDS)]}" for i, stem in enumerate(order[700:900])),
    )


def _communities(kind: str, stems: list[str], count: int) -> Iterator[str]:
    for i in range(count):
        if kind == "villages":
            yield villages(i)
        else:
            stem = stems[i % len(stems)]
            yield f"{stem}{('', '里', '园', '路')[i % 4]}社区{'居委会' if kind == 'lanes' else ''}"


def villages(number: int) -> str:
    """Name of a village by its number: a surname and an ending, with a direction once the plain names are used up."""
    ending, surname = divmod(number, len(SURNAMES))
    side, ending = divmod(ending, len(VILLAGE_ENDS))
    return f"{('', '东', '西', '前', '后', '大', '小')[side % 7]}{SURNAMES[surname]}{VILLAGE_ENDS[ending]}"


def _roads(kind: str, stems: list[str], rng: np.random.Generator) -> Iterator[str]:
    if kind in ("seaside", "lanes", "hills", "numbered"):
        for place in rng.permutation(np.array(PLACES)):
            sides = SIDES[:2] + SIDES[4:] if rng.random() < 0.5 else SIDES[2:]
            yield from (f"{place}{side}路" for side in sides) if rng.random() < 0.4 else (f"{place}路",)
            if kind == "hills":
                yield from (f"{place}{numeral}路" for numeral in NUMERALS[:3])
    if kind == "numbered":
        yield from (f"{word}{numeral}路" for word in "经纬" for numeral in NUMERALS)
        yield from ("三里河路", "八一路", "四里村街", "七里山路", "十亩园街", "六里山南路", "二环东路", "二环西路")
    if kind == "hutong":
        yield from (f"{word}{numeral}条" for word in ("东四", "南锣", "安定门内", "朝内") for numeral in NUMERALS[:12])
        yield from (f"{stem}胡同" for stem in stems[:60])
        yield from ("三里河路", "三里屯路", "八里庄北里", "十里堡路", "五路居南街", "八一路", "百万庄大街", "六里桥路")
    if kind == "zones":
        yield from (f"{stem}{numeral}路" for stem in stems[:10] for numeral in NUMERALS[:6])
    for i, stem in enumerate(stems[60:]):
        ends = ("路", "街", "大街", "大道", "巷", "支路")
        yield f"{stem}{ends[i % len(ends)]}"
        if i % 6 == 0:
            yield from (f"{stem}{side}路" for side in ("东", "西"))
        if i % 9 == 0:
            yield from (f"{stem}{numeral}路" for numeral in NUMERALS[: 3 + i % 9])


def _twins(names: list[str], count: int) -> list[str]:
    """The first names, and beside every tenth one that differs by a character: 锦安路, 锦华路, 锦安街."""
    kept = list(dict.fromkeys(names))
    twins = []
    for i, name in enumerate(kept[::10]):
        stem, end = (
            (name[:-1], name[-1]) if not name.endswith(("大街", "大道", "支路", "胡同")) else (name[:-2], name[-2:])
        )
        twins.append(stem + "街" if end == "路" else stem + "路")
        if len(stem) == 2 and stem[1] not in "一二三四五六七八九十":
            twins.append(stem[0] + SECOND[(i * 7) % len(SECOND)] + end)
    mixed = [name for pair in zip(kept, twins + kept[len(twins) :], strict=False) for name in pair]
    return list(dict.fromkeys(mixed))[:count]


def _compounds(kind: str, stems: list[str], rng: np.random.Generator, count: int) -> list[str]:
    names: list[str] = ["阳光花园", "阳光花苑", "阳光花园二期", "新园小区", "园新小区", "中海国际社区", "保利香槟国际"]
    while len(names) < count:
        stem = stems[rng.integers(len(stems))]
        end = COMPOUND_ENDS[rng.integers(len(COMPOUND_ENDS))]
        if kind == "zones" and rng.random() < 0.3:
            end = ("工业区", "科技园", "工业园", "创意园")[rng.integers(4)]
        if kind == "hutong" and rng.random() < 0.3:
            end = ("西里", "东里", "北里", "南里", "中里", "东区", "西区")[rng.integers(7)]
        names.append(stem + end)
        chance = rng.random()
        if chance < 0.08:
            names.append(stem + COMPOUND_ENDS[rng.integers(len(COMPOUND_ENDS))])
        elif chance < 0.18:
            names += [f"{stem}{end}{phase}" for phase in ("一期", "二期", "三期")[: 2 + int(rng.random() < 0.4)]]
    return list(dict.fromkeys(names))[:count]


def real_stock(folder: Path, district_code: str, base: Stock) -> Stock:
    """Return a stock with real streets and communities of a district (mid-2023) and real names of compounds of Beijing.

    Parameters
    ----------
    folder
        The open data beside the project: ``division/*.csv`` and ``beijing/*_places.csv``.
    district_code
        Six digits, one of those in ``division``.
    """
    streets = pd.read_csv(folder / "division/streets.csv", dtype=str)
    communities = pd.read_csv(folder / "division/communities.csv", dtype=str)
    own = communities.loc[communities["areaCode"] == district_code, "name"]
    plain = own.str.replace(r"(居民委员会|居委会|村民委员会|村委会)$", "", regex=True)
    compounds = base.compounds
    if district_code.startswith("11"):
        files = sorted((folder / "beijing").glob("*_places.csv"))
        named = pd.concat([pd.read_csv(path)["name"] for path in files]).str.replace("·", "", regex=False)
        sites = named[named.str.fullmatch(r"[\u4e00-\u9fff]{3,9}") & ~named.str.contains("周边|商圈|地区|站|望京街道")]
        compounds = tuple(dict.fromkeys([*sites, *base.compounds]))
    return Stock(
        districts=base.districts,
        areas=tuple(streets.loc[streets["areaCode"] == district_code, "name"]),
        communities=tuple(dict.fromkeys(plain[plain.str.len().between(2, 9)])),
        roads=base.roads,
        compounds=compounds,
        shops=base.shops,
    )
