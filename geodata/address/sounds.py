"""How characters sound: toneless Mandarin syllables, those heard alike, and pinyin as it is typed."""

import importlib.util
import math
from collections import Counter, defaultdict
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.address.characters import fold

MOST_READINGS = 3
PLANE = 0x10000  # the tables hold the basic plane: hardly any rarer character has a known sound

_USUAL_SHARE = 0.04  # of a character's words; a rarer reading is that of one old word
_INTERJECTIONS = frozenset({"hm", "hng", "m", "n", "ng", "fiao"})
_TYPED_OTHERWISE = {"lue": "lve", "nue": "nve"}
_LONGEST_SYLLABLE = 6
_Split = tuple[float, tuple[int, ...]]  # how surprising it is, and its syllables

# Readings that live on in names of places and people, beside those of usual words: 单县 Shan, 泌阳 Bi, 铅山 Yan. With
# several the order is theirs.
_IN_NAMES = """
    六lu 番pan 单shan 会kuai 泌bi 浒hu,xu 铅yan 洞tong 莘shen,xin 陂bei,pi,po 堡bao,pu,bu 埔pu,bu 圩wei,xu 牟mou,mu
    巷xiang,hang 弄nong,long 桧gui,hui 刹sha,cha 车ju 大dai 仇qiu 区ou 覃qin,tan 翟zhai,di 垌dong,tong 峒dong,tong
    筠jun,yun 犍qian,jian 荥xing,ying 繁po 枞cong,zong 浚jun,xun 泷long,shuang 漯luo,ta 涡wo,guo 栎li,yue 沌dun,zhuan
    龟qiu 盖ge 郇xun,huan 幢zhuang 解xie 颉jie,xie 莞guan,wan 种chong 乾gan,qian 查zha 郗xi,chi 员yun 洗xian 吁yu,xu
    隗wei,kui 涌yong,chong 蛤ha,ge 朴pu,piao 朝chao,zhao
"""


def _folder() -> Path:
    spec = importlib.util.find_spec("pypinyin")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0])  # its tables are read without the package, which is slow to import


def toneless(reading: str) -> str:
    """A syllable without its tone mark, ü written v: nǚ is nv."""
    return fold(reading)[0]


def _lines() -> dict[str, str]:
    """For the number of each character all its readings, old ones too, as they are listed."""
    lines: dict[str, str] = orjson.loads((_folder() / "pinyin_dict.json").read_bytes())
    return lines


@cache
def _bare() -> dict[str, str]:
    """Each reading that is listed, without its tone."""
    return {reading: toneless(reading) for reading in set(",".join(_lines().values()).split(","))}


@cache
def _listed() -> dict[str, tuple[str, ...]]:
    """For each character all its readings, old ones too."""
    bare = _bare()
    return {
        chr(int(code)): tuple(dict.fromkeys(bare[reading] for reading in line.split(",")))
        for code, line in _lines().items()
    }


@cache
def _words() -> dict[str, Counter[str]]:
    """For each character how many words it has in each reading."""
    words: dict[str, list[list[str]]] = orjson.loads((_folder() / "phrases_dict.json").read_bytes())
    heard = Counter(
        chain.from_iterable(
            zip(word, [reading[0] for reading in readings], strict=True)
            for word, readings in words.items()
            if len(word) == len(readings)
        )
    )
    bare = {reading: toneless(reading) for reading in {reading for _, reading in heard}}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for (character, reading), times in heard.items():
        counts[character][bare[reading]] += times
    return counts


@cache
def _in_names() -> dict[str, tuple[str, ...]]:
    return {entry[0]: tuple(entry[1:].split(",")) for entry in _IN_NAMES.split()}


def _usual(counts: Counter[str]) -> list[str]:
    least = max(_USUAL_SHARE * counts.total(), 2)
    ordered = counts.most_common()
    return [reading for reading, times in ordered if times >= least] or [ordered[0][0]]


@cache
def _known() -> dict[str, tuple[str, ...]]:
    """For each character its usual readings: those of its words and of names, else the first listed."""
    known = {character: listed[:1] for character, listed in _listed().items()}
    known.update((character, tuple(_usual(counts))) for character, counts in _words().items() if character in known)
    for character, in_names in _in_names().items():
        usual = known[character]
        ordered = (*in_names, *usual) if len(in_names) > 1 else (*usual, *in_names)
        known[character] = tuple(dict.fromkeys(ordered))
    return known


def _all_syllables() -> tuple[str, ...]:
    return tuple(sorted(set(_bare().values()) - _INTERJECTIONS))


SYLLABLES: tuple[str, ...] = _all_syllables()
_IDS = {syllable: position for position, syllable in enumerate(SYLLABLES, start=1)}


def syllable_id(syllable: str) -> int:
    """The number of a toneless syllable, from 1; 0 if there is no such syllable."""
    return _IDS.get(_TYPED_OTHERWISE.get(syllable, syllable), 0)


def readings(character: str) -> tuple[int, ...]:
    """Syllable ids of a character's usual readings, the most usual first, at most three; none for what is not read.

    Parameters
    ----------
    character
        One folded character: traditional ones have their first reading only.
    """
    ids = [_IDS[syllable] for syllable in _known().get(character, ()) if syllable in _IDS]
    return tuple(ids[:MOST_READINGS])


@cache
def reading_table() -> NDArray[np.int16]:
    """`readings` of every character of the basic plane: shape (65536, 3), filled up with 0; not to be written."""
    table = np.zeros((PLANE, MOST_READINGS), np.int16)
    for character in _known():
        if ord(character) < PLANE:
            ids = readings(character)
            table[ord(character), : len(ids)] = ids
    table.setflags(write=False)
    return table


def initials(text: str) -> str:
    """The first letters of a name as people type them: 中山路 is zsl; letters and digits stay, the rest is left out."""
    return "".join(filter(None, map(_initial, fold(text)[0])))


def _initial(character: str) -> str:
    if character.isascii():
        return character if character.isalnum() else ""
    ids = readings(character)
    return SYLLABLES[ids[0] - 1][0] if ids else ""


# --- heard alike ---

_HEARD_FIRST = {"zh": "z", "ch": "c", "sh": "s", "n": "l", "r": "l"}
_HEARD_F = {
    "fu": "hu",
    "fei": "hui",
    "fa": "hua",
    "fan": "huan",
    "fang": "huang",
    "fen": "hun",
    "feng": "hong",
    "fo": "huo",
}
_HEARD_LAST = {"ang": "an", "eng": "en", "ing": "in"}


def _heard_as(syllable: str) -> str:
    heard = _HEARD_F.get(syllable, syllable)
    for spoken, as_heard in _HEARD_FIRST.items():
        if heard.startswith(spoken) and len(heard) > len(spoken):
            heard = as_heard + heard[len(spoken) :]
            break
    if heard.endswith(tuple(_HEARD_LAST)) and not heard.endswith("iang"):
        heard = heard[:-1]
    return heard


@cache
def near_table() -> NDArray[np.int16]:
    """`near` of every syllable id: shape (len(SYLLABLES) + 1,), 0 for 0; not to be written."""
    heard = [_heard_as(syllable) for syllable in SYLLABLES]
    classes = {name: number for number, name in enumerate(sorted(set(heard)), start=1)}
    table = np.array([0, *(classes[name] for name in heard)], np.int16)
    table.setflags(write=False)
    return table


def near(syllable: int) -> int:
    """The class of syllables that callers and listeners mix up, from 1; 0 for no syllable.

    Notes
    -----
    A class is one canonical form, so that an index needs one key for a syllable instead of a list of neighbours, and
    being alike is symmetric and transitive. Zh, ch, sh are heard as z, c, s, and ang, eng, ing as an, en, in, all over
    the south; n and r as l along the Yangtze and in the south-west; f before any vowel as hu there too, feng as hong.
    Iang stays apart from ian: they differ in their vowel.
    """
    return int(near_table()[syllable])


# --- pinyin as it is typed ---


@cache
def _costs() -> dict[str, float]:
    """How surprising a syllable is, from the words it is in: an unheard of one as much as one in ten million."""
    counts: Counter[str] = Counter()
    for readings_of_one in _words().values():
        counts.update(readings_of_one)
    every = counts.total()
    costs = {syllable: math.log(every / counts[syllable]) if counts[syllable] else 16.0 for syllable in SYLLABLES}
    costs.update((typed, costs[meant]) for typed, meant in _TYPED_OTHERWISE.items())
    return costs


def split_pinyin(letters: str) -> tuple[int, ...] | None:
    """Syllable ids of pinyin typed without tones, as it is most likely meant: zhongshanlu is zhong, shan, lu.

    Parameters
    ----------
    letters
        Lower-case letters without spaces, v for ü; an apostrophe parts syllables, xi'an from xian.

    Returns
    -------
    tuple of int, or None
        None if the letters are no pinyin; an empty text has no syllables.
    """
    return next(iter(splits_of(letters, 1)), None)


def splits_of(letters: str, most: int = 3) -> list[tuple[int, ...]]:
    """Different ways to read pinyin typed without tones, the most likely first: pingan is pin, gan or ping, an.

    Parameters and what is accepted are those of `split_pinyin`; no pinyin has no ways, an empty text has one.
    """
    ways: list[_Split] = [(0.0, ())]
    for between in letters.split("'"):
        added = _best_splits(between, most)[-1]
        ways = sorted((cost + more, (*ids, *others)) for cost, ids in ways for more, others in added)[:most]
    return [ids for _, ids in ways]


def split_unfinished(letters: str) -> tuple[tuple[int, ...], str]:
    """Syllable ids of pinyin that is still being typed, and the begun syllable at its end: zhongsh is zhong and sh.

    The begun part is the shortest that leaves whole syllables before it, empty where all are whole. What cannot become
    pinyin gives no syllables and all its letters.
    """
    best = _best_splits(letters, 1)
    for end in range(len(letters), max(len(letters) - _LONGEST_SYLLABLE, -1), -1):
        begun = letters[end:]
        if best[end] and (not begun or begun in _beginnings()):
            return best[end][0][1], begun
    return (), letters


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(syllable[:length] for syllable in _costs() for length in range(1, len(syllable) + 1))


def _best_splits(letters: str, most: int) -> list[list[_Split]]:
    """For each position the least surprising ways to read the letters before it as whole syllables."""
    costs = _costs()
    best: list[list[_Split]] = [[(0.0, ())]]
    for end in range(1, len(letters) + 1):
        found: list[_Split] = []
        for start in range(max(0, end - _LONGEST_SYLLABLE), end):
            last = costs.get(letters[start:end])
            if last is not None:
                number = syllable_id(letters[start:end])
                found.extend((cost + last, (*ids, number)) for cost, ids in best[start])
        found.sort()
        best.append(found[:most])
    return best
