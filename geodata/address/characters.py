"""Text as it is typed → one form of each character, with the way back to what was typed.

Full-width, circled and traditional characters, variants and letters with marks all become what a register is most
likely to hold, so that everything after this stage meets one spelling.
"""

import unicodedata
from functools import cache

from opencc import OpenCC

_UNMOVED = tuple(range(1024))
_KEPT_IN_MEMORY = 70_000  # a hostile text may hold every character there is
_MARKED_U = frozenset("üǖǘǚǜ")  # ü is typed v
_SEPARATORS = frozenset({"Zs", "Zl", "Zp"})
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Cn", "Mn", "Me"})

# Each group: first the form that stays, then its variants that OpenCC leaves alone, as they are met in address lists.
_VARIANTS = """
    村邨 弄衖 宁甯寗 坤堃 哲喆 柏栢 涂凃 梅槑楳 德徳悳 强彊 疏疎 勋勲 浚濬 青靑 清淸 乡鄊鄕 慎愼 岩嵒巗 堤隄 国囯囻圀
    同仝 庄荘庒 边邉辺 窑窰 砖甎塼 野埜壄 柳栁 丘坵 街亍 溪豀 澄澂 迪廸 鲜鱻 喜囍 圆円 炮砲礮 果菓 线缐 户戸 沿㳂
    秋秌穐 泉灥 峨峩 凼氹 寨砦 桥槗 台坮枱 岭岺 坝埧 场塲 阔濶 曾曽 关関 铁鉄 驿駅 乐楽 泽沢 藕蕅 翠翆 松枩 学斈 会㑹
    图圗 回囬 霸覇 船舩 虎乕 蝶蜨 鹅鵞 尔尒 面靣 兔兎 冰氷 桑桒 稻稲 磷粦 咸醎 洁絜 剑劎 碗盌椀 梓杍 钟锺
"""
_SPECIAL = {
    "○": "〇", "◯": "〇", "⭕": "〇", "❍": "〇", "〇": "〇", "乾": "乾", "⁄": "/", "∕": "/", "−": "-", "‐": "-",
    "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "─": "-", "━": "-", "﹣": "-", "﹘": "-", "∼": "~", "〜": "~",
    "˜": "~", "♯": "#", "°": "°", "º": "°", "˚": "°", "’": "'", "‘": "'", "`": "'", "´": "'", "′": "'", "ˊ": "'",
    "″": '"', "“": '"', "”": '"', "„": '"', "‟": '"', "＂": '"', "、": "、", "。": "。", "｡": "。", "﹒": ".",
    "•": "·", "・": "·", "﹑": "、", "‧": "·", "\t": " ", "\n": " ", "\r": " ", "\x0b": " ", "\x0c": " ",
    "\x85": " ",
}  # fmt: skip


# Radicals that look like a character, from scanned and copied lists.
_RADICALS = (
    "⻄西⻆角⻅见⻉贝⻋车⻓长⻔门⻘青⻙韦⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻬齐⻮齿⻰龙⻳龟"
    "⺟母⺠民⻁虎⻑长"
)


@cache
def _variants() -> dict[str, str]:
    variants = {other: group[0] for group in _VARIANTS.split() for other in group[1:] if other != group[0]}
    return {**variants, **dict(zip(_RADICALS[::2], _RADICALS[1::2], strict=True))}


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


class _Folds(dict[str, str]):
    """A character's folded form, worked out when it is first met."""

    def __missing__(self, character: str) -> str:
        folded = _fold_one(character)
        if len(self) < _KEPT_IN_MEMORY:
            self[character] = folded
        return folded


_folds = _Folds()


def fold(text: str) -> tuple[str, tuple[int, ...]]:
    """Text in its usual simplified, half-width, lower-case form, and where each of its characters comes from.

    Parameters
    ----------
    text
        Anything. Line ends and tabs are spaces; controls, marks and invisible characters vanish; dashes, quotes and
        waves of every width become ``-``, ``'`` or ``"``, and ``~``; a number in a circle, in brackets or of another
        script its digits; ü is v and other letters lose their marks; characters without a simpler form stay.

    Returns
    -------
    str
        The folded text; folding it again changes nothing.
    tuple of int
        For each folded character the position in `text` of the character it comes from, never falling.
    """
    pieces = list(map(_folds.__getitem__, text))
    folded = "".join(pieces)
    if len(folded) == len(pieces) and "" not in pieces:
        return folded, _UNMOVED[: len(folded)] if len(folded) <= len(_UNMOVED) else tuple(range(len(folded)))
    return folded, tuple([position for position, piece in enumerate(pieces) for _ in piece])


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one, 〇 among them."""
    return "一" <= character <= "鿿" or character == "〇" or "㐀" <= character <= "䶿" or character >= "\U00020000"


def _fold_one(character: str) -> str:
    folded = character
    for _ in range(4):  # a compatibility form of a traditional form of a variant: never longer in practice
        following = "".join(map(_step, folded))
        if following == folded:
            break
        folded = following
    return folded


def _step(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if " " < character <= "~":
        return character.lower()
    category = unicodedata.category(character)
    if category in _SEPARATORS:
        return " "
    if category in _DROPPED:
        return ""
    if category[0] == "N":
        return _number(character)
    if character.lower() in _MARKED_U:
        return "v"
    if category[0] == "L" and "LATIN" in unicodedata.name(character, ""):
        return _plain_letter(character)
    usual = unicodedata.normalize("NFKC", character)
    if len(usual) > 1:
        return usual
    if usual in _SPECIAL:
        return _SPECIAL[usual]
    if usual in _variants():
        return _variants()[usual]
    simplified: str = _simplified().convert(usual)
    return _variants().get(simplified, simplified) if len(simplified) == 1 else usual


def _plain_letter(letter: str) -> str:
    apart = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in apart if unicodedata.category(part) not in _DROPPED).lower()


def _number(character: str) -> str:
    """The digits of ③, ⑿, ⒌, Ⅶ, ❼, ٣; a numeral that is a Chinese character, like ㈢, as that character."""
    usual = unicodedata.normalize("NFKC", character)
    bare = usual.strip("().")
    if bare and ((bare.isascii() and bare.isdigit()) or all(map(is_han, bare))):
        return bare
    value = unicodedata.numeric(character, -1.0)
    return str(int(value)) if value >= 0 and value == int(value) else usual.lower()
