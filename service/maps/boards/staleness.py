"""Which printed boards hang with something else on them than they would say now."""

from collections.abc import Iterable
from dataclasses import dataclass

from geodata.boards.printed import PrintedBoard, changed_parts
from geodata.errors import InputError, NotKnownError
from service.maps.boards.ground import Subject
from service.maps.boards.making import Sources, Wanted, subject_of, tell

_NAMES = {"grid": "grid", "community": "area", "compound": "compound"}


@dataclass(frozen=True, slots=True)
class Standing:
    """A printed board, and what of it is other now; ``gone`` where there is no such thing any more."""

    printed: PrintedBoard
    changed: tuple[str, ...] = ()
    gone: bool = False

    @property
    def stale(self) -> bool:
        """Whether it should be printed anew, or taken down."""
        return self.gone or bool(self.changed)


def standing_of(sources: Sources, printed: Iterable[PrintedBoard], within: str | None = None) -> list[Standing]:
    """How each printed board stands now; with an area only those in it, gone ones wherever they were.

    Raises
    ------
    NotKnownError
        There is no such area.
    """
    inside = None if within is None else sources.moment.within(within)
    return [found for one in printed if (found := _standing(sources, one, inside)) is not None]


def wanted_of(layer: str, kind: str, code: str) -> Wanted:
    """The question for one board."""
    return Wanted(layer, **{_NAMES[kind]: code})


def _standing(sources: Sources, one: PrintedBoard, inside: frozenset[int] | None) -> Standing | None:
    try:
        subject = subject_of(sources.moment, wanted_of(one.layer, one.kind, one.code))
    except (NotKnownError, InputError):
        return Standing(one, gone=True)
    if inside is not None and not is_inside(subject, inside):
        return None
    told = tell(sources, subject, lang="en" if one.lang == "en" else "zh-CN")
    return Standing(one, tuple(changed_parts(one.parts, told.board.parts())))


def is_inside(subject: Subject, inside: frozenset[int]) -> bool:
    """Whether a board's subject lies in some areas."""
    if subject.area is not None:
        return subject.area.area_id in inside
    return any(grid.community_id in inside for grid in subject.grids)
