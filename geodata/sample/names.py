"""Names that are drawn, never looked up: of roads, lanes, compounds, villages and communities."""

from collections.abc import Sequence
from typing import Final

import numpy as np

FIRST: Final = "锦云嘉和景文泰丰瑞祥康宁福德仁明清华光荣盛春新鸿翠玉碧金银星松柏梅兰竹桂桃枫"
SECOND: Final = "安华泰宁和平兴盛源泉苑林川岭溪桥亭台阳昌顺达成义礼信远望乐庆辉岚"
TREES: Final = "槐柳榆杨枣杏梨桑椿楸"
LANE_THINGS: Final = ("井", "树", "门", "台", "桥", "仓", "坊", "灯", "碾", "磨", "塘", "园", "石", "庙", "鼓")
LANE_SIDES: Final = ("东", "西", "南", "北", "前", "后", "上", "下", "大", "小", "长", "老", "新", "双", "三")
VILLAGE_ENDS: Final = ("庄", "家庄", "屯", "家屯", "洼", "坡", "沟", "店", "营", "集", "家湾", "桥头", "树庄", "泉")
COMPOUND_ENDS: Final = ("苑", "花园", "小区", "家园", "佳苑", "里", "公寓", "新村", "华庭", "名邸", "雅居", "城")
NUMERALS: Final = "一二三四五六七八九十"
TOO_REAL: Final = frozenset({"新华", "光华", "清华", "文华", "金华", "泰安", "文昌", "新昌", "福安", "新安", "云台"})


class Names:
    """Draws names, none twice."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._taken: set[str] = set()
        self._numbered: dict[str, int] = {}
        pairs = [a + b for a in FIRST for b in SECOND if a != b and a + b not in TOO_REAL]
        self._pairs = [pairs[int(k)] for k in rng.permutation(len(pairs))]
        self._next = 0

    def pair(self) -> str:
        """Return two characters that were not drawn before, three or four once those are used up."""
        turn, position = divmod(self._next, len(self._pairs))
        self._next += 1
        return self._pairs[position] + ("" if turn == 0 else self._pairs[(position * 7 + turn) % len(self._pairs)][-1])

    def unique(self, name: str) -> str:
        """Return `name`, or with a Chinese numeral before its last character when it is taken."""
        found, count = name, 1
        while found in self._taken:
            count += 1
            found = f"{name[:-1]}{numeral(count)}{name[-1]}"
        self._taken.add(found)
        return found

    def road(self, kind: str, axis: str, community: str) -> str:
        """Return a road's name: 路 and 大道 run east to west, 街 and 大街 north to south, a lane is a 巷."""
        if kind == "lane":
            return self.lane()
        if kind == "branch" and community and self._rng.random() < 0.45:
            return self._next_in_row(community, "路" if axis == "u" else "街")
        ending = {"arterial": ("大道", "大街"), "secondary": ("路", "街")}.get(kind, ("路", "街"))
        if kind == "arterial" and self._rng.random() < 0.5:
            ending = ("路", "街")
        return self.unique(self.pair() + ending[0 if axis == "u" else 1])

    def _next_in_row(self, stem: str, ending: str) -> str:
        """Return stem, the next Chinese numeral of that stem and ending, ending: 和泰一路, 和泰二路 …."""
        number = self._numbered.get(stem + ending, 0) + 1
        self._numbered[stem + ending] = number
        return self.unique(f"{stem}{numeral(number)}{ending}")

    def lane(self) -> str:
        """Return the name of a lane."""
        if self._rng.random() < 0.5:
            return self.unique(
                f"{pick(self._rng, LANE_SIDES)}{pick(self._rng, TREES)}{pick(self._rng, ('树', '林', '荫', '园'))}巷"
            )
        return self.unique(f"{pick(self._rng, LANE_SIDES)}{pick(self._rng, LANE_THINGS)}巷")

    def village(self) -> str:
        """Return the name of a village without its 村."""
        choices = [stem + ending for stem in [*TREES, *FIRST[:24]] for ending in VILLAGE_ENDS]
        return self.unique(pick(self._rng, [name for name in choices if name not in self._taken] or choices))

    def compound(self) -> str:
        """Return the name of a compound."""
        return self.unique(self.pair() + pick(self._rng, COMPOUND_ENDS))


def pick(rng: np.random.Generator, choices: Sequence[str]) -> str:
    """Return one of `choices`."""
    return choices[int(rng.integers(len(choices)))]


def numeral(number: int) -> str:
    """Return a whole number from 1 to 99 in Chinese, digits above that."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    if tens == 0:
        return NUMERALS[ones - 1]
    return (NUMERALS[tens - 1] if tens > 1 else "") + "十" + (NUMERALS[ones - 1] if ones else "")
