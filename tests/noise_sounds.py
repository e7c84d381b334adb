"""Characters by their sound, for noise as the hotline hears: homophones, sounds that are mistaken, pinyin."""

import re
from collections import Counter, defaultdict
from functools import cache, lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin.phrases_dict import phrases_dict

IN_WORDS, WEIGHT = 12, 20
"""A character is typed for its sound if it is in that many words of the dictionary, at most so many times likelier."""
INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
LIKE_INITIALS = {"n": "l", "l": "n", "zh": "z", "z": "zh", "ch": "c", "c": "ch", "sh": "s", "s": "sh", "r": "l"}
LIKE_FINALS = {
    "an": "ang", "ang": "an", "en": "eng", "eng": "en", "in": "ing", "ing": "in", "uan": "uang", "uang": "uan",
    "ian": "iang", "iang": "ian", "uai": "ua",
}  # fmt: skip
LIKE_WHOLE = {
    "fu": "hu", "hu": "fu", "fei": "hui", "hui": "fei", "fan": "huan", "huan": "fan", "fang": "huang", "huang": "fang",
    "fen": "hun", "hun": "fen", "feng": "hong", "hong": "feng",
}  # fmt: skip


@cache
def usual_characters() -> tuple[str, ...]:
    """The 3,755 characters of GB 2312's first level: those in daily use."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    return tuple(pair.decode("gb2312") for pair in rows if not (pair[0] == 0xD7 and pair[1] > 0xF9))


@lru_cache(maxsize=65_536)
def syllables(text: str) -> tuple[str, ...]:
    """Syllables without tones, read in the whole word: 重庆 is chong qing."""
    read: list[str] = []
    for run in re.split(r"([^\u3400-\u9fff])", text):
        read += [run] if len(run) == 1 and not "\u3400" <= run <= "\u9fff" else lazy_pinyin(run, style=Style.NORMAL)
    # In names of places it is chang; the dictionary, asked for a made-up pair, takes the other reading.
    return tuple("chang" if character == "长" else sound for character, sound in zip(text, read, strict=False))


@lru_cache(maxsize=8_192)
def tone(character: str) -> str:
    """The tone of a character read alone, a digit; empty for a light one."""
    return "".join(filter(str.isdigit, lazy_pinyin(character, style=Style.TONE3)[0]))


def sound_key(text: str) -> str:
    """The syllables as one key."""
    return " ".join(syllables(text))


def initials(text: str) -> str:
    """First letters of the syllables: 中山路 is zsl."""
    return "".join(syllable[:1] for syllable in syllables(text))


def near_key(text: str) -> str:
    """A key that is equal for words that are heard alike."""
    return " ".join(_folded(syllable) for syllable in syllables(text))


def _folded(syllable: str) -> str:
    syllable = LIKE_WHOLE.get(syllable, syllable) if syllable.startswith("h") else syllable
    initial, final = parts(syllable)
    pair, ending = LIKE_INITIALS.get(initial, initial), LIKE_FINALS.get(final, final)
    return ("l" if initial == "r" else min(initial, pair)) + min(final, ending)


def parts(syllable: str) -> tuple[str, str]:
    """Initial and final: zhong is zh and ong."""
    initial = next((one for one in INITIALS if syllable.startswith(one)), "")
    return initial, syllable.removeprefix(initial)


@cache
def like(syllable: str) -> frozenset[str]:
    """Syllables that are taken for this one: n and l, zh and z, an and ang, hu and fu; one difference at a time."""
    initial, final = parts(syllable)
    found = {LIKE_WHOLE.get(syllable, syllable)}
    if initial in LIKE_INITIALS:
        found.add(LIKE_INITIALS[initial] + final)
    if final in LIKE_FINALS:
        found.add(initial + LIKE_FINALS[final])
    return frozenset(one for one in found - {syllable} if one in by_sound())


@cache
def by_sound() -> dict[str, tuple[str, ...]]:
    """Usual characters of each syllable, those in many words several times over, since they are typed oftener."""
    words: Counter[str] = Counter()
    for phrase in phrases_dict:
        words.update(phrase)
    found: dict[str, list[str]] = defaultdict(list)
    for character in usual_characters():
        found[syllables(character)[0]] += [character] * min(WEIGHT, words[character] // IN_WORDS)
    return {syllable: tuple(characters) for syllable, characters in found.items() if characters}
