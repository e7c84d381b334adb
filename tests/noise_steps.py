"""Single kinds of noise: from what is said to what is typed, or None where a kind does not fit the address.

Every step is seeded, none touches a number's value, a numeral or a direction in a name, and none leaves an address that
another door of the register explains as well.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from opencc import OpenCC

from tests.noise_pieces import NUMERALS, SIDES, Known, Piece, Said, changeable, pick
from tests.noise_sounds import by_sound, initials, like, syllables, tone, usual_characters
from tests.noise_words import (
    ASIDES,
    BESIDE_NUMBERS,
    BRACKETS,
    COMPLAINTS,
    COURIER,
    GENERIC_ENDS,
    PLACES_BESIDE,
    RENAMED,
    TITLES,
    TOLD,
    VARIANTS,
)  # fmt: skip

TRIES = 12
NOT_WRITTEN = NUMERALS | SIDES


def upper_missing(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """All areas unsaid, or all but those that are needed to tell the door from its twins."""
    uppers = [piece.text for piece in said.uppers]
    if not uppers:
        return None
    options = [[]] if rng.random() < 0.7 else [uppers[-1:], uppers[-2:-1], uppers[:-1], uppers[1:]]
    for kept in [options[int(rng.integers(len(options)))], [], uppers[-1:], uppers[-2:], uppers[-3:]]:
        if len(kept) < len(uppers) and known.decides(said, kept):
            return said.with_pieces([*(Piece("upper", text) for text in kept), *said.core])
    return None


def upper_short(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Areas without their last word: 山东青岛市南."""
    ends = ("街道办事处", "街道", "社区居委会", "社区", "省", "市", "区", "县", "區")
    changed = [Piece("upper", _without_end(piece.text, ends)) for piece in said.uppers]
    return said.with_pieces([*changed, *said.core]) if changed and tuple(changed) != said.uppers else None


def _without_end(text: str, ends: tuple[str, ...]) -> str:
    end = next((end for end in ends if text.endswith(end)), "")
    return text.removesuffix(end) if len(text) - len(end) >= 2 else text


def upper_added(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Areas that the register's text leaves out, as a caller gives them."""
    written = [piece.text for piece in said.uppers]
    missing = [area for area in said.areas if area not in written]
    if not missing:
        return None
    return said.with_pieces([*(Piece("upper", area) for area in said.areas if area not in core_of(said)), *said.core])


def core_of(said: Said) -> str:
    """Text of all but the areas."""
    return "".join(piece.text for piece in said.core)


def upper_doubled(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """An area said twice: 青岛市市南区青岛市南区, 市南区市南区, or the whole prefix again with a space."""
    areas = [area for area in said.areas if area not in core_of(said)]
    if not areas:
        return None
    count = int(rng.integers(1, min(3, len(areas)) + 1))
    head = areas[-count:] if rng.random() < 0.5 else areas[:count]
    if rng.random() < 0.4:
        head = [_without_end(area, ("省", "市", "街道", "社区")) for area in head]
    tail = [piece.text for piece in said.uppers] or areas
    space = [Piece("other", " ")] if rng.random() < 0.3 else []
    return said.with_pieces(
        [*(Piece("upper", text) for text in head), *space, *(Piece("upper", t) for t in tail), *said.core]
    )


def upper_wrong(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """One area of the wrong name, where the rest leaves no doubt: callers mistake the street or the district."""
    if not said.areas or not known.decides(said, []):
        return None
    level = -int(rng.integers(1, min(3, len(said.areas)) + 1))
    others = [area for area in known.levels.get(level, []) if area not in said.areas]
    areas = [area for area in said.areas if area not in core_of(said)]
    if not others or len(areas) < -level:
        return None
    areas[level] = pick(rng, others)
    kept = areas if rng.random() < 0.5 else areas[level:]
    return said.with_pieces([*(Piece("upper", area) for area in kept), *said.core])


def upper_renamed(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """An area by the name that it had: 四方区 for 市北区, a town that is a street now."""
    if not known.decides(said, []):
        return None
    areas = [area for area in said.areas if area not in core_of(said)]
    old = [(i, pick(rng, RENAMED[area])) for i, area in enumerate(areas) if area in RENAMED]
    old += [(i, area.replace("街道", "镇")) for i, area in enumerate(areas) if area.endswith("街道") and len(area) == 4]
    old += [(i, area[:-1] + "乡") for i, area in enumerate(areas) if area.endswith("镇")]
    if not old:
        return None
    position, name = pick(rng, old)
    areas[position] = name
    return said.with_pieces([*(Piece("upper", area) for area in areas), *said.core])


def alias(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """The compound by another of its names."""
    return _change_name(
        said, rng, lambda name: pick(rng, said.aliases) if said.aliases else name, lambda _, after: bool(after)
    )


def _change_name(
    said: Said, rng: np.random.Generator, change: Callable[[str], str], clear: Callable[[str, str], bool]
) -> Said | None:
    """Change the most telling name (the last), or sometimes another; None if nothing clear comes out of it."""
    names = [i for i, piece in enumerate(said.pieces) if piece.role == "name" and len(piece.text) > 1]
    if not names:
        return None
    for _ in range(TRIES):
        position = names[-1] if rng.random() < 0.7 else pick(rng, names)
        before = said.pieces[position].text
        after = change(before)
        if after != before and clear(before, after):
            return said.changed(position, Piece("name", after))
    return None


def slip_wrong(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """One character of a name wrong."""

    def change(name: str) -> str:
        places = changeable(name)
        if not places:
            return name
        place = pick(rng, places)
        return name[:place] + pick(rng, usual_characters()) + name[place + 1 :]

    return _change_name(said, rng, change, known.clear_spelling)


def slip_missing(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """One character of a name missing."""

    def change(name: str) -> str:
        places = changeable(name)
        place = pick(rng, places) if places else -1
        return name if len(name) < 3 or place < 0 else name[:place] + name[place + 1 :]

    return _change_name(said, rng, change, known.clear_spelling)


def slip_swapped(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Two neighbouring characters of a name in the wrong order."""

    def change(name: str) -> str:
        places = set(changeable(name))
        pairs = [place for place in places if place + 1 in places]
        if not pairs:
            return name
        place = pick(rng, pairs)
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]

    return _change_name(said, rng, change, known.clear_spelling)


def homophone(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Characters of a name written with others of the same sound."""
    return _change_name(said, rng, lambda name: _resounded(name, rng, near=False), known.clear_sound)


def near_sound(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """A name as it is heard: n for l, zh for z, an for ang, hu for fu, in characters that sound so."""
    return _change_name(said, rng, lambda name: _resounded(name, rng, near=True), known.clear_sound)


def heard(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """A name as it is heard, by near sounds or by the same."""
    first, second = (near_sound, homophone) if rng.random() < 0.5 else (homophone, near_sound)
    return first(said, rng, known) or second(said, rng, known)


def _resounded(name: str, rng: np.random.Generator, *, near: bool) -> str:
    read = syllables(name)
    places = [place for place in changeable(name) if place < _telling(name)]
    if len(read) != len(name) or not places:
        return name
    chosen = [place for place in places if rng.random() < 0.6] or [pick(rng, places)]
    result, altered = list(name), False
    for place in chosen:
        sound, close = read[place], sorted(like(read[place]))
        if near and close and (not altered or rng.random() < 0.5):
            sound, altered = pick(rng, close), True
        others = [one for one in by_sound().get(sound, ()) if one != name[place] and one not in NOT_WRITTEN]
        same_tone = [one for one in others if tone(one) == tone(name[place])]
        if others:
            result[place] = pick(rng, same_tone if same_tone and rng.random() < 0.7 else others)
    return "".join(result) if altered or not near else name


def _telling(name: str) -> int:
    """Where the ending begins that everybody knows, or the end; a phase behind it is looked through."""
    end = len(name)
    for _ in range(3):
        if end and (name[end - 1] in NUMERALS or name[end - 1] in SIDES):
            end -= 1
        tail = next((tail for tail in GENERIC_ENDS if name[:end].endswith(tail) and end > len(tail)), "")
        end -= len(tail)
    return max(end, 1)


def pinyin_full(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """The most telling name in letters, sometimes the words beside the numbers too: zhongshanlu125hao."""
    result = _in_letters(said, lambda name: "".join(syllables(name)), known.clear_pinyin)
    if result is None or rng.random() < 0.5:
        return result
    return result.with_pieces(
        [
            Piece(p.role, "".join(syllables(p.text))) if p.role == "unit" and p.text[0] >= "\u4e00" else p
            for p in result.pieces
        ]
    )


def pinyin_initials(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """The most telling name in first letters: zsl125号."""
    return _in_letters(said, initials, known.clear_initials)


def _in_letters(said: Said, change: Callable[[str], str], clear: Callable[[str], bool]) -> Said | None:
    names = [i for i, piece in enumerate(said.pieces) if piece.role == "name" and len(piece.text) > 2]
    if not names or not clear(said.pieces[names[-1]].text):
        return None
    letters = change(said.pieces[names[-1]].text)
    if not (letters.isascii() and letters.isalpha()):
        return None
    following = said.pieces[names[-1] + 1 : names[-1] + 2]
    # A letter before a number would be read with it: A12.
    space = (
        [Piece("other", " ")] if following and following[0].text[:1].isalpha() and following[0].text.isascii() else []
    )
    return said.changed(names[-1], Piece("name", letters), *space)


@cache
def _converter(way: str) -> OpenCC:
    return OpenCC(way)


def script(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Traditional for simplified or the other way round, or variants of single characters: 峰 and 峯."""
    text = said.text
    ways = ["t2s"] if _converter("t2s").convert(text) != text else ["s2t", "s2tw"]
    if rng.random() < 0.25 and any(character in VARIANTS for character in text):
        return said.with_pieces([Piece(p.role, "".join(VARIANTS.get(c, c) for c in p.text)) for p in said.pieces])
    way = _converter(pick(rng, ways))
    changed = said.with_pieces([Piece(piece.role, way.convert(piece.text)) for piece in said.pieces])
    return changed if changed.text != text else None


def spaces(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Spaces and punctuation between the pieces and inside a name."""
    mark = pick(rng, (" ", " ", "  ", "，", ",", "、", "·", "\u3000", "。", "/"))
    pieces: list[Piece] = []
    for i, piece in enumerate(said.pieces):
        text = piece.text
        if piece.role == "name" and len(text) > 2 and rng.random() < 0.25:
            place = int(rng.integers(1, len(text)))
            text = f"{text[:place]} {text[place:]}"
        # Between a number and its word only a blank: a comma there says something else.
        tied = i == 0 or piece.text == "-" or pieces[-1].text.strip() in ("-", "附", "之")
        between = "" if tied else mark if piece.role != "unit" else " "
        pieces.append(Piece(piece.role, (between if rng.random() < 0.5 else "") + text))
    changed = said.with_pieces(pieces)
    return changed if changed.text != said.text else None


def brackets(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """An area in brackets, or something in brackets that says no place."""
    opening, closing = pick(rng, (("（", "）"), ("(", ")"), ("【", "】"), ("[", "]")))
    if said.uppers and rng.random() < 0.4:
        position = said.pieces.index(pick(rng, said.uppers))
        return said.changed(position, Piece("upper", f"{opening}{said.pieces[position].text}{closing}"))
    return said.with_pieces([*said.pieces, Piece("other", f"{opening}{pick(rng, BRACKETS)}{closing}")])


def mixed_in(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """A phone, a surname with a title, courier's words before or behind the address."""
    phone = f"138{pick(rng, ('', ' ', '-'))}0000{pick(rng, ('', ' ', '-'))}{int(rng.integers(10_000)):04d}"
    person = pick(rng, TITLES)
    before = pick(rng, (phone + " ", person + " ", f"{person}{phone} ", "收货地址：", "地址:", "寄到", ""))
    after = pick(rng, (f" {phone}", f" {person}", f" {person}{phone}", f" {person} {phone} 收", *COURIER))
    return said.with_pieces([Piece("other", before), *said.pieces, Piece("other", after)])


def told(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """The caller's words before the address and what happened behind it."""
    before, after = pick(rng, ("", "", *TOLD)), pick(rng, COMPLAINTS)
    # Behind a bare number a comma: 192楼道 would be another number's word.
    after = after if said.pieces[-1].role != "number" or after.startswith("，") else "，" + after
    return said.with_pieces([Piece("other", before), *said.pieces, Piece("other", after)])


def relation(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Words that say how the place lies to the door, none that leads to another one."""
    words = BESIDE_NUMBERS if said.pieces[-1].role == "number" else PLACES_BESIDE
    return said.with_pieces([*said.pieces, Piece("other", pick(rng, words))])


def aside(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Filler of speech between two pieces: 那个, 就是."""
    position = int(rng.integers(len(said.pieces)))
    while position and said.pieces[position].role != "name":
        position -= 1
    return said.with_pieces([*said.pieces[:position], Piece("other", pick(rng, ASIDES)), *said.pieces[position:]])
