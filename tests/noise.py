"""Queries made from a register: each kind of noise that dispatchers meet, alone and two or three at once.

    rng = np.random.default_rng(1)
    noise = Noise(texts, grids, areas, aliases)
    noise.query("heard", position, rng)     # what is typed, or None where the kind does not fit this door

Truth is kept: what is typed still means that door's grid and no other of the register.
"""

from collections.abc import Sequence

import numpy as np

from tests import noise_numbers as numbers
from tests import noise_steps as steps
from tests.noise_pieces import Known, Said, Step, core_text, cut, pick

SINGLE: dict[str, tuple[Step, ...]] = {
    "exact": (),
    "upper missing": (steps.upper_missing,),
    "upper short": (steps.upper_short,),
    "upper added": (steps.upper_added,),
    "upper doubled": (steps.upper_doubled,),
    "upper wrong": (steps.upper_wrong,),
    "upper renamed": (steps.upper_renamed,),
    "alias": (steps.alias,),
    "script": (steps.script,),
    "widths": (numbers.widths,),
    "numerals": (numbers.chinese_numerals,),
    "spaces": (steps.spaces,),
    "brackets": (steps.brackets,),
    "mixed in": (steps.mixed_in,),
    "told": (steps.told,),
    "relation": (steps.relation,),
    "filler": (steps.aside,),
    "slip wrong": (steps.slip_wrong,),
    "slip missing": (steps.slip_missing,),
    "slip swapped": (steps.slip_swapped,),
    "homophone": (steps.homophone,),
    "near sound": (steps.near_sound,),
    "pinyin": (steps.pinyin_full,),
    "initials": (steps.pinyin_initials,),
    "unit words": (numbers.unit_words,),
    "bare": (numbers.bare,),
    "dropped word": (numbers.dropped_word,),
    "finer": (numbers.finer,),
    "coarser": (numbers.coarser,),
}
SHORT: tuple[Step, ...] = (steps.upper_missing, numbers.unit_words, numbers.bare, numbers.dropped_word)
MIXED: dict[str, tuple[Step, ...]] = {
    "short": SHORT,
    "spoken": (numbers.chinese_numerals, steps.upper_missing, steps.told),
    "heard": (steps.heard, numbers.chinese_numerals),
    "heard short": (steps.heard, *SHORT, numbers.chinese_numerals),
    "heard told": (steps.heard, steps.upper_missing, numbers.chinese_numerals, steps.told),
    "slip short": (steps.slip_wrong, *SHORT),
    "slip spoken": (steps.slip_missing, steps.upper_missing, numbers.chinese_numerals),
    "slips": (steps.slip_wrong, steps.homophone, steps.upper_wrong),
    "courier": (steps.upper_doubled, numbers.widths, steps.spaces, steps.mixed_in),
    "pinyin short": (steps.pinyin_full, steps.upper_missing, numbers.dropped_word),
    "alias heard": (steps.alias, steps.heard, steps.upper_missing),
    "script slip": (steps.slip_wrong, steps.upper_missing, steps.script),
}
FREE = ("short", "spoken", "courier")
"""Mixes of which any two steps are enough; the others are nothing without their first."""
RANDOM = ("two kinds", "three kinds")
FAMILIES: tuple[tuple[Step, ...], ...] = (
    (steps.slip_wrong, steps.slip_missing, steps.slip_swapped, steps.homophone, steps.near_sound),
    (steps.upper_missing, steps.upper_doubled, steps.upper_short, steps.upper_wrong),
    (numbers.unit_words, numbers.bare, numbers.dropped_word),
    (numbers.chinese_numerals, numbers.widths),
    (steps.spaces, steps.brackets),
    (steps.mixed_in, steps.told, steps.relation),
)
"""Kinds that go together, one of each family, in the order in which they are applied."""

KINDS = (*SINGLE, *MIXED, *RANDOM)


class Noise:
    """Makes queries from a register.

    Parameters
    ----------
    texts
        Addresses as the register writes them.
    grids
        The grid of each.
    areas
        Names of the areas of each, widest first; where there are none they are read off the text.
    aliases
        Other names of each one's compound.
    """

    def __init__(
        self,
        texts: Sequence[str],
        grids: Sequence[int],
        areas: Sequence[Sequence[str]] | None = None,
        aliases: Sequence[Sequence[str]] | None = None,
    ) -> None:
        self.said = [
            cut(text, areas[i] if areas else (), aliases[i] if aliases else ()) for i, text in enumerate(texts)
        ]
        self.grids = list(grids)
        self.known = Known(self.said, self.grids)

    def query(self, kind: str, position: int, rng: np.random.Generator) -> str | None:
        """What is typed for the door at a position of the register, or None where the kind does not fit it."""
        said = self.said[position]
        if not self.known.decides(said, [piece.text for piece in said.uppers]):
            return None
        if kind in RANDOM:
            return self._random(said, 2 if kind == "two kinds" else 3, rng)
        if kind in SINGLE:
            return self._all(said, SINGLE[kind], rng)
        result, done = said, 0
        for number, step in enumerate(MIXED[kind]):
            changed = step(result, rng, self.known)
            if changed is None and number == 0 and kind not in FREE:
                return None
            result, done = (result, done) if changed is None else (changed, done + 1)
        return result.text if done >= 2 else None

    def twins(self, count: int | None = None) -> list[int]:
        """Positions, among the first so many, of doors that without their areas read like one in another grid."""
        grids: dict[str, set[int]] = {}
        for said, grid in zip(self.said[:count], self.grids, strict=False):
            grids.setdefault(core_text(said), set()).add(grid)
        return [i for i, said in enumerate(self.said[:count]) if said.uppers and len(grids[core_text(said)]) > 1]

    def twin_query(self, position: int) -> str:
        """The address without its areas."""
        return core_text(self.said[position])

    def _all(self, said: Said, chosen: Sequence[Step], rng: np.random.Generator) -> str | None:
        result: Said | None = said
        for step in chosen:
            result = None if result is None else step(result, rng, self.known)
        return None if result is None else result.text

    def _random(self, said: Said, count: int, rng: np.random.Generator) -> str | None:
        families = sorted(rng.choice(len(FAMILIES), size=count, replace=False).tolist())
        return self._all(said, [pick(rng, FAMILIES[family]) for family in families], rng)
