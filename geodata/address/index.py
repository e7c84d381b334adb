"""The compiled register: which entries a text may mean, how likely each is, and why."""

from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from geodata.address.candidates import Candidate, Found, Reason, common_label, level_of
from geodata.address.compile import CORES
from geodata.address.entries import KINDS
from geodata.address.explain import UNSAID, stem_costs
from geodata.address.fitting import Rows, Stems, fitting_rows
from geodata.address.query import AFTER, Query
from geodata.address.reasons import parts_of, reasons_of
from geodata.address.residue import residue_costs
from geodata.address.suggest import Typeahead
from geodata.address.suggestions import Suggestion, merged
from geodata.address.verbatim import MOST
from geodata.address.vocabulary import Spots, Vocabulary, spot
from geodata.address.weighing import NOTHING, Explained, find_in
from geodata.address.wording import within_unit, written
from geodata.address.words import Slot

AREA_ALONE: Final = 3.0
"""Cost of the text meaning an area and nothing in it."""

_IN_AN_AREA: Final = 6.0
_ANOTHER_NAME: Final = 3.0
_BOTH: Final = 9.5
_HARDLY_A_NAME: Final = 6.0
"""Of a name of two telling characters one is another and one is misheard: so little of it is left in many texts."""
ELSEWHERE: Final = 13.0
"""Cost of a province or city being a slip for another one."""
_MISHEARD_AREA: Final = 5.5
_OUTER: Final = {"省": "province", "自治区": "province", "市": "city", "自治州": "city"}
_BESIDE: Final = 5.0
_FEW: Final = 48
"""The words of so many rows are looked at, if none costs so much more than the best."""
_SURE_AREA: Final = 1.3
_SHORT_AREA: Final = 1.6
"""青海西宁 leaves out 省 and 市."""
_STEMS: Final = 600
_ROWS: Final = 4096
_TEXTS: Final = 50
_ADDRESS: Final = KINDS.index("address")
_LEVELS: Final = {"address": "number", "building": "building", "compound": "compound", "street": "road"}
_COMPOUND: Final = 1
_PHASE: Final = 1 << Slot.SECTION
_ANOTHER_PHASE: Final = 8.0
_BITS: Final = 1 << np.arange(len(Slot))


class AddressIndex:
    """A compiled register, mapped from files. Immutable; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._meta = orjson.loads((folder / "meta.json").read_bytes())
        self._arrays: dict[str, Any] = {
            path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in sorted(folder.glob("*.npy"))
        }
        self._vocabulary = Vocabulary(
            *(self._arrays[f"form_{name}"] for name in ("codes", "light", "starts", "table", "postings"))
        )

        areas = (self.text("name", int(name)) for name in np.flatnonzero(self._arrays["area"]))
        endings = {ending for name in areas for ending in _OUTER if name.endswith(ending)}
        self._outer = frozenset(_OUTER[ending] for ending in endings)
        heard = np.r_[0, np.cumsum(~self._vocabulary.light)]
        self._telling = np.diff(heard[self._vocabulary.starts])
        self._gone: NDArray[np.bool_] | None = None
        self._typeahead = Typeahead(self._arrays)

    def __len__(self) -> int:
        return self.capacity - (0 if self._gone is None else int(self._gone.sum()))

    @property
    def capacity(self) -> int:
        """How many entries were compiled, the hidden ones among them."""
        return int(self._meta["entries"])

    @property
    def keys(self) -> NDArray[np.int64]:
        """Keys of all entries, see `Entry.key`."""
        keys: NDArray[np.int64] = self._arrays["keys"]
        return keys

    def names(self, *, areas: bool) -> list[str]:
        """Folded names of its areas, or of its roads, compounds and places."""
        return [self.text("name", name) for name in np.flatnonzero(self._arrays["area" if areas else "core"]).tolist()]

    def hiding(self, keys: NDArray[np.int64]) -> "AddressIndex":
        """The same register without the entries of these keys; keys that it does not have are no matter."""
        order, held = self._arrays["key_order"], self.keys
        first = np.searchsorted(held, keys, side="left", sorter=order)
        last = np.searchsorted(held, keys, side="right", sorter=order)
        other = copy(self)
        gone = np.zeros(len(held), dtype=np.bool_)
        for start, end in zip(first.tolist(), last.tolist(), strict=True):
            gone[order[start:end]] = True
        other._gone = gone  # noqa: SLF001 - of the same class
        other._typeahead = self._typeahead.hiding(gone)  # noqa: SLF001
        return other

    def text(self, kind: str, position: int) -> str:
        """The ``text`` or ``code`` of an entry, or the ``name`` with a number."""
        starts = self._arrays[f"{kind}_starts"]
        return str(bytes(self._arrays[f"{kind}s"][starts[position] : starts[position + 1]]), "utf-8")

    def points(self, entries: NDArray[np.int32]) -> NDArray[np.float64]:
        """Longitudes and latitudes of entries, EPSG:4326, shape (n, 2)."""
        points: NDArray[np.float64] = self._arrays["points"][entries]
        return points

    def find(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 8) -> Found:
        """The entries that a text may mean.

        Parameters
        ----------
        near
            Longitude and latitude that the text is probably about: of two equal entries the nearer is likelier.
        limit
            How many candidates are given.
        """
        return find_in((self,), text, near=near, limit=limit)

    def verbatim(self, key: int) -> list[Candidate]:
        """Entries whose text has a key, see `text_key`, each as a candidate; at most so many as are of use."""
        first, last = (int(np.searchsorted(self._arrays["text_keys"], key, side)) for side in ("left", "right"))
        entries = self._arrays["text_order"][first : min(last, first + MOST + 1)].tolist()
        return [self._word_for_word(one) for one in entries if self._gone is None or not self._gone[one]]

    def _word_for_word(self, entry: int) -> Candidate:
        kind, text = KINDS[self._arrays["kinds"][entry]], self.text("text", entry)
        lon, lat = self._arrays["points"][entry].tolist()
        return Candidate(
            points=self.points(np.array([entry], dtype=np.int32)),
            weights=np.ones(1),
            code=self.text("code", entry),
            text=text,
            label=text,
            level=_LEVELS.get(kind, "place"),
            score=1.0,
            exact=True,
            kind=kind,
            lon=lon,
            lat=lat,
            reasons=(Reason("verbatim"),),
        )

    def suggestions(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 10) -> list[Suggestion]:
        """What a text that is being typed may become, not yet grouped; see `suggest`."""
        return self._typeahead.ranked(text, near=near, limit=limit)

    def suggest(self, text: str, *, near: tuple[float, float] | None = None, limit: int = 10) -> tuple[Suggestion, ...]:
        """What a text that is being typed may become, from its second character on, group after group.

        Parameters
        ----------
        text
            Characters of any script, pinyin full or unfinished, initials, mixed; numbers behind a name.
        near
            Longitude and latitude that the text is probably about: of equal names the nearer go first.
        limit
            How many suggestions are given at most.
        """
        return merged([self.suggestions(text, near=near, limit=limit)], limit)

    def explain(self, query: Query) -> Explained:
        """The rows that explain a text best, and how well; a text without a character has none."""
        spots = spot(self._vocabulary, query.codes)
        names = self._arrays["form_names"][spots.form]
        # 山东 in 山东省 is no slip for 山东路.
        within = (spots.end <= query.zone) & self._arrays["core"][names] & ~self._arrays["area"][names]
        cost = spots.cost + np.where(within, _IN_AN_AREA, 0.0) + _ANOTHER_NAME * self._other_names(spots, names)
        cost += np.where((spots.cost >= _BOTH) & (self._telling[spots.form] == 2), _HARDLY_A_NAME, 0.0)
        spots = replace(spots, cost=cost.astype(np.float32))
        order = np.lexsort((spots.start - spots.end, spots.cost))
        spot_of = np.full(len(self._arrays["core"]), -1, dtype=np.int32)
        spot_of[names[order[::-1]]] = order[::-1]
        best = np.flatnonzero(spot_of[names] == np.arange(len(names)))
        area_spots = self._sure_areas(best[self._arrays["area"][names[best]]], spots, _SURE_AREA)
        short_areas = self._sure_areas(best[self._arrays["area"][names[best]]], spots, _SHORT_AREA)
        stems = self._stems(query, spots, names, best, spot_of, area_spots)
        stems = replace(stems, cost=stems.cost + ELSEWHERE * self._foreign(query, spots, names, best))
        rows = self._rows(query, stems)
        rows = self._of_phases(spots, stems, rows)
        rows = replace(rows, cost=rows.cost + self._residues(query, spots, stems, rows))
        areas, area_weight = self._areas_alone(query, spots, names, short_areas)
        entries = self._arrays["row_entries"][rows.row]
        stem = self._arrays["stems"][stems.stem[rows.asked]]
        named = np.append(self._arrays["name_keys"], 0)
        said = stems.said[rows.asked][:, None] & _BITS[:CORES]
        return Explained(
            cost=rows.cost,
            base=stems.cost[rows.asked].astype(np.float64),
            matched=rows.matched,
            against=rows.against,
            slots=self._arrays["slots"][rows.row],
            names=np.where(said, named[stem[:, :CORES]], 0),
            towns=named[self._arrays["chain_towns"][stem[:, CORES]]],
            points=self.points(entries),
            areas=areas,
            area_weight=area_weight,
            candidate=partial(self._candidate, query, spots, stems, rows),
        )

    def _other_names(self, spots: Spots, names: Any) -> NDArray[np.bool_]:
        """Which spots are merely like what is there, where that is another name of the register as it stands."""
        exact = np.flatnonzero((spots.cost == 0) & self._arrays["core"][names] & (spots.end - spots.start > 1))
        other = np.zeros(len(names), dtype=np.bool_)
        for which in exact.tolist():
            other |= (spots.start >= spots.start[which]) & (spots.end <= spots.end[which])
        result: NDArray[np.bool_] = other & (spots.cost > 0) & self._arrays["core"][names]
        return result

    def _of_phases(self, spots: Spots, stems: Stems, rows: Rows) -> Rows:
        """Rows whose compound was called by the alias of one phase: as if the text had said that phase."""
        sections = np.append(self._arrays["form_sections"][spots.form], 0)
        if not sections.any():
            return rows
        compounds = self._arrays["stems"][stems.stem[rows.asked]][:, _COMPOUND]
        meant = sections[np.where(compounds >= 0, stems.spot_of[compounds], -1)]
        own = self._arrays["slots"][rows.row][:, Slot.SECTION]
        said = rows.matched & _PHASE != 0
        here = (meant != 0) & (own == meant) & ~said
        cost = rows.cost + np.where((meant != 0) & (own != meant), _ANOTHER_PHASE, 0.0) - UNSAID[Slot.SECTION] * here
        return replace(rows, cost=cost, matched=rows.matched | np.where(here, _PHASE, 0))

    def _residues(self, query: Query, spots: Spots, stems: Stems, rows: Rows) -> NDArray[np.float64]:
        """What words beside names and numbers make rows likelier, among those that explain the text best."""
        costs = np.zeros(len(rows.cost))
        near = np.flatnonzero(rows.cost <= rows.cost.min(initial=np.inf) + _BESIDE)
        if not 1 < len(near) <= _FEW:
            return costs
        aside = "".join(one.text for one in query.normal.aside if one.kind in ("relation", "bracket"))
        held = []
        for which, row in zip(rows.asked[near].tolist(), rows.row[near].tolist(), strict=True):
            stem = self._arrays["stems"][stems.stem[which]]
            chains = self._arrays["chain_starts"]
            names = [
                name for name in stem[:CORES].tolist() if name >= 0 and not self._behind(query, spots, stems, name)
            ]
            names += self._arrays["chains"][chains[stem[CORES]] : chains[stem[CORES] + 1]].tolist()
            free = np.flatnonzero((~stems.covered[which] | (query.weights <= AFTER)) & (query.weights > 0))
            typed = aside + "".join(query.typed(place, place + 1) for place in free.tolist())
            text = self.text("text", int(self._arrays["row_entries"][row]))
            held.append((typed, text, [self.text("name", name) for name in names]))
        costs[near] = residue_costs(held)
        return costs

    @staticmethod
    def _behind(query: Query, spots: Spots, stems: Stems, name: int) -> bool:
        """Whether a name stands behind the last number of a text: there it explains what is cheap to leave out."""
        spot = int(stems.spot_of[name])
        return spot >= 0 and bool(query.weights[spots.start[spot]] <= AFTER)

    def _foreign(self, query: Query, spots: Spots, names: Any, best: Any) -> int:
        """How many of province and city that a text begins with the register does not know, while it knows others."""
        if not query.areas:
            return 0
        heard = self._sure_areas(best[self._arrays["area"][names[best]]], spots, _MISHEARD_AREA)
        said = {spots.start[which]: self.text("name", int(names[which])) for which in heard.tolist()}
        known = {ending for name in said.values() for ending in _OUTER if name.endswith(ending)}
        levels = {_OUTER[ending] for ending in known}
        return sum(level in self._outer and level not in levels for level in query.areas)

    def _sure_areas(self, spots: Any, found: Spots, most: float) -> Any:
        """Spots of areas that the text surely names."""
        sure = (found.cost[spots] <= most) & (found.end[spots] - found.start[spots] > 1)
        return spots[sure].astype(np.int32)

    def _areas_alone(self, query: Query, spots: Spots, names: Any, area_spots: Any) -> tuple[tuple[str, ...], float]:
        """Names of the areas in a text, and how likely it is that it means them and nothing in them."""
        if not len(area_spots):
            return (), 0.0
        covered = np.zeros(len(query.codes), dtype=np.bool_)
        for which in area_spots.tolist():
            covered[spots.start[which] : spots.end[which]] = True
        numbers = sum(1 for _, start, end in query.numbers if not covered[start:end].any())
        left = float(query.weights[~covered].sum()) + 6.0 * numbers
        said = dict.fromkeys(self.text("name", int(names[which])) for which in area_spots.tolist())
        return tuple(said), float(np.exp(NOTHING - AREA_ALONE - left))

    def _stems(self, query: Query, spots: Spots, names: Any, best: Any, spot_of: Any, area_spots: Any) -> Stems:
        """Stems of the names that were spotted, with what the text makes of their names."""
        core = best[self._arrays["core"][names[best]]]
        core = core[np.argsort(spots.cost[core] - 1.5 * (spots.end[core] - spots.start[core]), kind="stable")]
        starts, listed = self._arrays["name_stem_starts"], self._arrays["name_stems"]
        pieces, size = [np.zeros(0, np.int32)], 0
        for name in names[core].tolist():
            pieces.append(listed[starts[name] : starts[name + 1]])
            size += len(pieces[-1])
            if size > _STEMS:
                break
        stems = np.unique(np.concatenate(pieces))
        covered = np.zeros((len(stems), len(query.codes)), dtype=np.bool_)
        cost, said = stem_costs(
            self._arrays["stems"], stems, self._arrays["chain_starts"], self._arrays["chains"], spot_of, spots.cost,
            spots.start, spots.end, area_spots, query.weights, query.name_ends, covered,
        )  # fmt: skip
        return Stems(stems, cost, said, covered, spot_of)

    def _rows(self, query: Query, stems: Stems) -> Rows:
        """Rows of the stems that the numbers of the text fit best."""
        rows = fitting_rows(query, stems, self._arrays, self._gone, NOTHING + 8.0)
        if len(rows.row) <= _ROWS:
            return rows
        kept = np.argpartition(rows.cost, _ROWS)[:_ROWS]
        return Rows(*(getattr(rows, name)[kept] for name in ("row", "cost", "matched", "against", "asked")))

    def _candidate(self, query: Query, spots: Spots, stems: Stems, rows: Rows, members: Any, weights: Any) -> Candidate:
        entries = self._arrays["row_entries"][rows.row[members]]
        # Of rows as likely, a record that people may be responsible for goes before a door.
        likeliest = members[np.lexsort((self._arrays["kinds"][entries] == _ADDRESS, -weights))[0]]
        entry = int(self._arrays["row_entries"][rows.row[likeliest]])
        matched, against = int(rows.matched[likeliest]), int(rows.against[likeliest])
        asked = int(rows.asked[likeliest])
        stem = self._arrays["stems"][stems.stem[asked]]
        names = [self.text("name", int(name)) if name >= 0 else "" for name in stem[:CORES]]
        said = [bool(stems.said[asked] & 1 << k) for k in range(CORES)]
        slots = self._arrays["slots"][rows.row[likeliest]]
        lon, lat = self._arrays["points"][entry]
        kind = KINDS[self._arrays["kinds"][entry]]
        # What several share, and what lies near, is no more than the text says.
        alone = against == 0 and len(np.unique(entries)) == 1
        shown = [name if alone or is_said else "" for name, is_said in zip(names, said, strict=True)]
        parts = parts_of(shown, slots, matched, against)
        return Candidate(
            points=self.points(entries),
            weights=weights,
            code=self.text("code", entry),
            text=self.text("text", entry),
            label=self._label(entries, parts),
            level="crossing" if kind == "crossing" and all(said[::2]) else level_of(matched, said),
            score=float(weights.sum()),
            exact=against == 0,
            kind=kind,
            lon=float(lon),
            lat=float(lat),
            parts=parts,
            reasons=reasons_of(query, spots, [int(stems.spot_of[name]) for name in stem[:CORES]], names, said,
                               slots, matched, against, stems.covered[asked]),
        )  # fmt: skip

    def _label(self, entries: Any, parts: dict[str, str]) -> str:
        """The text of entries that have one; else what the text says of them, written from its parts."""
        chosen = np.unique(entries)
        texts = {self.text("text", int(entry)) for entry in chosen[:_TEXTS].tolist()}
        if len(texts) > 1:
            return written(parts, min(texts)) or common_label(sorted(texts))
        (text,) = texts
        return within_unit(text, parts)
