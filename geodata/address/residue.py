"""What an entry's text says beside its names and numbers (后院, 沿街房, 摊位), held against what was typed."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.address.characters import fold
from geodata.address.words import NUMERAL_VALUES, STEMS, UNIT_WORDS

SAID: Final = 2.0
UNSAID: Final = 0.6
MOST: Final = 4
"""Nats for each character that was typed, and that was not; and how many of them count."""
_PLAIN: Final = frozenset("".join((*NUMERAL_VALUES, *UNIT_WORDS, STEMS, "附之第号路街道省市县镇乡"))) - frozenset(
    "院门"
)


def residue_costs(rows: Sequence[tuple[str, str, Sequence[str]]]) -> NDArray[np.float64]:
    """What it costs each row, in nats, to have words that were not typed; negative for words that were.

    Parameters
    ----------
    rows
        Of each what of the text no name and no number explains, the text of its entry, and the names in that.
    """
    costs = []
    for typed, text, names in rows:
        rest = fold(text)[0]
        for name in names:
            rest = rest.replace(name, "", 1)
        said, has = _telling(typed), _telling(rest)
        both = sum((has & said).values())
        costs.append(UNSAID * min(sum(has.values()) - both, MOST) - SAID * min(both, MOST))
    return np.array(costs, dtype=np.float64)


def _telling(text: str) -> Counter[str]:
    """Characters that are no part of numbers."""
    return Counter(one for one in text if "\u4e00" <= one <= "\u9fff" and one not in _PLAIN)
