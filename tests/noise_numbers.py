"""Noise on numbers and the words beside them: how a number is said, never which number it is."""

import numpy as np

from tests.noise_pieces import Known, Piece, Said, pick
from tests.noise_words import BUILDING_WORDS, FINER, SHORT_WORDS, UNIT_FORMS

DIGITS = "零一二三四五六七八九"


def unit_words(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Other words beside the numbers: 号楼, 栋, 幢, 座 and #; 单元 and 门; 室 and nothing."""
    changed = list(said.pieces)
    building = pick(rng, BUILDING_WORDS)
    for i, piece in enumerate(said.pieces):
        if i and piece.role == "unit" and said.pieces[i - 1].role == "number":
            if piece.text in BUILDING_WORDS:
                changed[i] = Piece("unit", building)
            elif piece.text in UNIT_FORMS:
                changed[i] = Piece("unit", pick(rng, UNIT_FORMS[piece.text]))
    return said.with_pieces(changed) if changed != list(said.pieces) else None


def bare(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Building, unit and room as numbers with hyphens: 7-6-1046."""
    in_lane = any(piece.text == "弄" for piece in said.pieces)
    words = (*BUILDING_WORDS, "单元", "室", "门", "楼", *(("号",) if in_lane else ()))
    run = [
        i
        for i, p in enumerate(said.pieces)
        if p.role == "unit" and p.text in words and said.pieces[i - 1].role == "number"
    ]
    if not run or (len(run) == 1 and run[0] != len(said.pieces) - 1):
        return None
    changed = list(said.pieces)
    for i in run:
        last = i + 1 >= len(changed) or changed[i + 1].role != "number"
        changed[i] = Piece("unit", "" if last else "-")
    return said.with_pieces([piece for piece in changed if piece.text])


def dropped_word(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """号, 室 or 栋 left unsaid at the end or before a name: 中山路125."""
    pieces = said.pieces
    places = [
        i for i, piece in enumerate(pieces)
        if piece.role == "unit" and piece.text in SHORT_WORDS and pieces[i - 1].role == "number"
        and (i + 1 == len(pieces) or (pieces[i + 1].role == "name" and not pieces[i + 1].text[0].isascii()))
    ]  # fmt: skip
    return said.with_pieces([piece for i, piece in enumerate(pieces) if i not in places]) if places else None


def chinese_numerals(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Numbers as they are spoken: 一百二十五, 一二五, 幺二五, 三〇一, 廿三; hyphens as 杠 or a space."""
    changed = list(said.pieces)
    dash = pick(rng, ("杠", " ", "-"))
    for i, piece in enumerate(said.pieces):
        if piece.role == "number" and piece.text.isdigit():
            following = said.pieces[i + 1].text if i + 1 < len(said.pieces) else ""
            changed[i] = Piece("number", spoken(piece.text, rng, room=following in ("", "室")))
        elif piece.text == "-":
            changed[i] = Piece("unit", dash)
    return said.with_pieces(changed) if changed != list(said.pieces) else None


def spoken(digits: str, rng: np.random.Generator, *, room: bool = False) -> str:
    """One way in which the number is said; rooms and long numbers digit by digit."""
    value = int(digits)
    if digits != str(value) or value > 9999 or value == 0:
        return "".join(DIGITS[int(digit)] for digit in digits)
    if len(digits) >= 3 and (room or rng.random() < 0.45):
        read = "".join(DIGITS[int(digit)] for digit in digits)
        if rng.random() < 0.3:
            read = read.replace("一", "幺")
        return read.replace("零", "〇") if rng.random() < 0.4 else read
    whole = _whole(value)
    if 20 <= value < 40 and rng.random() < 0.12:
        whole = ("廿" if value < 30 else "卅") + whole[2:]
    if value % 1000 // 100 == 2 and value >= 200 and rng.random() < 0.3:
        whole = whole.replace("二百", "两百")
    return whole


def _whole(value: int) -> str:
    result, pending = "", False
    for power, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            lead = "" if power == 10 and digit == 1 and not result else DIGITS[digit]
            result += ("零" if pending else "") + lead + word
            pending = False
        else:
            pending = bool(result)
    return result


def widths(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Digits in full width, or circled where there is a circled form: １２, ③."""
    circled = rng.random() < 0.3
    changed = []
    for piece in said.pieces:
        text = piece.text
        if piece.role == "number" and circled and text.isdigit() and 1 <= int(text) <= 20 and text == str(int(text)):
            text = chr(0x2460 + int(text) - 1)
        elif piece.role in ("number", "unit"):
            text = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        changed.append(Piece(piece.role, text))
    return said.with_pieces(changed) if tuple(changed) != said.pieces else None


def finer(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """More than the register knows: a unit and a room behind the building."""
    last = said.pieces[-1].text
    if last not in FINER:
        return None
    floor, flat = int(rng.integers(1, 28)), int(rng.integers(1, 5))
    room = Piece("number", f"{floor}0{flat}")
    unit = [Piece("number", str(int(rng.integers(1, 5)))), Piece("unit", "单元")] if FINER[last] else []
    return said.with_pieces([*said.pieces, *unit, room, *([Piece("unit", "室")] if rng.random() < 0.6 else [])])


def coarser(said: Said, rng: np.random.Generator, known: Known) -> Said | None:
    """Less than the register knows, where all doors that it may mean lie in one grid: the building without its unit."""
    ends = [i for i, piece in enumerate(said.pieces) if piece.role == "unit" and piece.text not in ("-", "附", "之")][
        :-1
    ]
    cuts = [said.with_pieces(said.pieces[: end + 1]) for end in ends]
    clear = [cut for cut in cuts if known.leaves_one_grid(cut)]
    return pick(rng, clear) if clear else None
