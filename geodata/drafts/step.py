"""What an operation stands on, and what it leaves: the state after it, with words on it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
from shapely import Geometry

from geodata.drafts.codes import new_codes, new_name, reading_order
from geodata.drafts.named_places import NamedPlaces
from geodata.drafts.operations import Operation
from geodata.drafts.state import DraftArea, DraftGrid, DraftState
from geodata.errors import ConflictError, EditRefusedError
from geodata.grid.edit.records import square_metres
from geodata.records import Finding

Households = Callable[[Sequence[Geometry]], Sequence[float]]


def nobody(shapes: Sequence[Geometry]) -> Sequence[float]:
    """Households of ground where nobody knows who lives."""
    return [0.0] * len(shapes)


@dataclass(frozen=True, slots=True)
class Around:
    """What operations look things up in.

    Parameters
    ----------
    codes, area_codes
        Every code that a grid of the layer, and that an area, ever had.
    households
        Households that live in each of some shapes.
    places
        Buildings, addresses and lines by what operations call them; None where there is no database.
    release
        The state that a release of the layer left, by its number.
    """

    codes: frozenset[str]
    area_codes: frozenset[str]
    households: Households = nobody
    places: NamedPlaces | None = None
    release: Callable[[int], DraftState] | None = None


@dataclass(slots=True)
class Step:
    """One operation in the making: what it found, and what it changes.

    Parameters
    ----------
    before
        State that it is done to.
    operation
        What was asked for.
    around
        What it looks things up in.
    grids, shapes, areas
        What changes: by key, by key, by code.
    notes
        What was done beside what was asked.
    words, words_zh
        What was done, in a line.
    """

    before: DraftState
    operation: Operation
    around: Around
    grids: dict[str, DraftGrid | None] = field(default_factory=dict)
    shapes: dict[str, Geometry | None] = field(default_factory=dict)
    areas: dict[str, DraftArea | None] = field(default_factory=dict)
    notes: list[Finding] = field(default_factory=list)
    words: str = ""
    words_zh: str = ""

    @property
    def seq(self) -> int:
        """The version that it makes."""
        return self.before.version + 1

    def after(self) -> DraftState:
        """The state that it leaves."""
        return self.before.changed(self.grids, self.shapes, self.areas, self.seq)

    def say(self, words: str, words_zh: str) -> None:
        """Say what was done."""
        self.words, self.words_zh = words, words_zh

    def named(self, codes: Iterable[str]) -> list[DraftGrid]:
        """The grids of some codes, each once.

        Raises
        ------
        NotKnownError
            One of them is not there.
        """
        return [self.before.by_code(code) for code in dict.fromkeys(codes)]

    def new_grid(self, number: int, origins: Sequence[DraftGrid], code: str, name: str) -> DraftGrid:
        """A grid that this operation makes, after the first of those that it comes from."""
        source = origins[0]
        roots = dict.fromkeys(origin for grid in origins for origin in grid.origins)
        made = DraftGrid(
            f"n{self.seq}.{number}", None, code, name, source.kind, source.community, tuple(roots), (None, None)
        )
        self.grids[made.key] = made
        return made

    def codes_for(
        self, source: DraftGrid, community: str | None, shapes: Sequence[Geometry], given: Sequence[str] | None
    ) -> list[str]:
        """Codes for new grids in a community, one for each shape.

        Raises
        ------
        ConflictError
            A given one is taken, or was the code of another grid once.
        EditRefusedError
            More are given than there are new grids.
        """
        order = reading_order(shapes)
        if given is not None and len(given) > len(shapes):
            raise EditRefusedError(
                f"{len(given)} codes or names are given for {len(shapes)} new grids: leave some out.",
                f"新网格共 {len(shapes)} 个，却给出了 {len(given)} 个编码或名称：请减少。",
                reason="too-many-codes",
            )
        chosen = list(given or ())
        for code in chosen:
            self.refuse_taken(code)
        if len(set(chosen)) < len(chosen):
            raise _taken(next(code for code in chosen if chosen.count(code) > 1))
        taken = self.around.codes.union(chosen)
        chosen += new_codes(self.before, community, len(shapes) - len(chosen), taken, source.code)
        codes = [""] * len(shapes)
        for code, at in zip(chosen, order, strict=True):
            codes[at] = code
        return codes

    def refuse_taken(self, code: str, key: str | None = None) -> None:
        """Do nothing where a grid may get a code.

        Parameters
        ----------
        key
            The grid that asks; it may have the code back that it had in the base.

        Raises
        ------
        ConflictError
            Another grid has it, or had it once.
        """
        owner = self.before.codes.get(code)
        first = self.before.first.codes.get(code)
        if (owner is not None and owner != key) or (code in self.around.codes and (key is None or first != key)):
            raise _taken(code)

    def name_for(self, source: DraftGrid, code: str, community: str | None) -> str:
        """Name of a new grid after the one that it comes from."""
        known = [*self.before.grids.values(), *(grid for grid in self.grids.values() if grid is not None)]
        return new_name(source, code, {grid.name for grid in known if grid.community == community})

    def most_households(self, shapes: Sequence[Geometry]) -> int:
        """Position of the shape that most households live in; of equals the largest, then the first as read."""
        households = list(self.around.households(shapes))
        order = reading_order(shapes)
        rank = {at: -place for place, at in enumerate(order)}
        return max(range(len(shapes)), key=lambda at: (households[at], round(square_metres(shapes[at]), 2), rank[at]))

    def place(self) -> tuple[float, float] | None:
        """Longitude and latitude of a place in what changed; None where nothing did."""
        for key in sorted({*self.shapes, *self.grids}):
            shape = self.shapes.get(key)
            if shape is None and key in self.before.grids:
                shape = self.before.shape(key)
            if shape is not None:
                point = shapely.point_on_surface(shape)
                return float(point.x), float(point.y)
        return None


def told_by_code(error: EditRefusedError, state: DraftState) -> EditRefusedError:
    """A refusal whose facts name grids by their codes, as those who are told know them."""
    facts: dict[str, Any] = dict(error.facts)
    if facts.get("grids"):
        facts["grids"] = codes_of(facts["grids"], state)
    return EditRefusedError(error.detail, error.detail_zh, **facts)


def finding_by_code(finding: Finding, *states: DraftState) -> Finding:
    """A finding whose facts name grids by their codes, in the first of some states that has them."""
    if not finding.facts.get("grids"):
        return finding
    codes = codes_of(finding.facts["grids"], *states)
    facts: Mapping[str, Any] = {**finding.facts, "grids": codes}
    return replace(finding, facts=facts, code=finding.code or next(iter(codes), None))


def codes_of(keys: Iterable[str], *states: DraftState) -> list[str]:
    """Codes of grids by key, in the first of some states that has them; those that none has are left as they are."""
    return [next((state.grids[key].code for state in states if key in state.grids), key) for key in keys]


def _taken(code: str) -> ConflictError:
    return ConflictError(
        f"The code {code!r} is or was that of another grid of the layer, and codes are not used again: take another.",
        f"编码“{code}”已被本类型的其他网格使用或曾经使用，编码不可重复使用：请换一个。",
        code=code,
        reason="code-taken",
    )
