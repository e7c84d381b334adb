"""Who is on duty when: duties, leave and weekly hours as stretches of time, and the holes between them.

A *post* is a role on a target. At an instant it is *needed* where a primary duty for it is in force with its hours
open; it is *held* where somebody is there: any duty for it, a stand-in's too, in force, open, its holder not on leave.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, NamedTuple

from geodata.people.duties import Register
from geodata.people.spans import Span, Spans, clipped, difference, intersection, together, union
from geodata.records import Duty, Leave

Opens = Callable[[str, int, int], Sequence[Span]]
"""Gives the stretches between two instants in which weekly hours are open."""

Reason = Literal["on_leave", "off", "ended"]


class Post(NamedTuple):
    """A role on a target; ``unit`` is the label of a building's unit, else empty."""

    target_kind: str
    target_id: int
    unit: str
    role_id: int


@dataclass(frozen=True, slots=True)
class Stint:
    """One holder in one post.

    Parameters
    ----------
    duty
        The duty that it comes from; another holder's where ``stands_in_for`` is that holder.
    holder_id, assignment
        Who, as ``primary`` or ``stand_in``.
    spans
        When it is in force, hours and leave aside.
    """

    duty: Duty
    holder_id: int
    assignment: str
    spans: Spans
    stands_in_for: int | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One holder in one post between two instants.

    Parameters
    ----------
    stint
        Whose.
    on_duty
        When that holder is the one who answers.
    on_leave
        When the duty is in force and the holder is on leave.
    """

    stint: Stint
    on_duty: Spans
    on_leave: Spans


@dataclass(frozen=True, slots=True)
class Hole:
    """A stretch of time in which nobody is in a post that somebody is needed in.

    Parameters
    ----------
    begins, ends
        Microseconds since 1970-01-01 UTC, inside the time that was asked about.
    reason
        ``on_leave``: whoever has the duty is away, and nobody stands in. ``off``: somebody does, at other hours.
        ``ended``: the last primary duty, its holder or its stand-in is over, and no successor has begun.
    holder_ids
        Who is missed.
    """

    post: Post
    begins: int
    ends: int
    reason: Reason
    holder_ids: tuple[int, ...]


class Rota:
    """Duties with everything that decides who is there.

    Parameters
    ----------
    duties
        Not withdrawn, of all times.
    roles, holders
        When each identity is in force; one that is left out never is.
    leaves
        Not withdrawn, of all times.
    opens
        Weekly hours → when they are open.
    """

    def __init__(
        self,
        duties: Iterable[Duty],
        roles: Mapping[int, Spans],
        holders: Mapping[int, Spans],
        leaves: Iterable[Leave],
        opens: Opens,
    ) -> None:
        self.duties_of: dict[Post, list[Duty]] = defaultdict(list)
        for duty in duties:
            self.duties_of[post_of(duty)].append(duty)
        self.roles = roles
        self.holders = holders
        self.leaves_of: dict[int, list[Leave]] = {}
        for leave in leaves:
            self.leaves_of.setdefault(leave.holder_id, []).append(leave)
        self.opens = opens

    @classmethod
    def of_register(cls, register: Register, opens: Opens) -> "Rota":
        """The rota of everything in a register."""
        return cls(
            register.duties,
            {role_id: _in_force(versions) for role_id, versions in register.roles_of.items()},
            {holder_id: _in_force(versions) for holder_id, versions in register.holders_of.items()},
            register.leaves,
            opens,
        )

    def between(self, begins: int, ends: int) -> "Window":
        """The rota between two instants, microseconds since 1970-01-01 UTC."""
        return Window(self, begins, ends)


class Window:
    """A rota between two instants: what was worked out about one post serves the next."""

    def __init__(self, rota: Rota, begins: int, ends: int) -> None:
        self.rota = rota
        self.begins = begins
        self.ends = ends
        self._open: dict[str, Spans] = {}
        self._away: dict[int, Spans] = {}

    def holes(self, posts: Iterable[Post] | None = None, alive: Callable[[Post], Spans] | None = None) -> list[Hole]:
        """Holes of some posts, or of all: by post and time.

        Parameters
        ----------
        alive
            Gives when the target of a post exists; always, if left out.
        """
        found: list[Hole] = []
        for post in sorted(self.rota.duties_of if posts is None else set(posts)):
            stints = self.primaries(post)
            if stints and not self._surely_held(stints):
                found += self._holes(post, stints, None if alive is None else alive(post))
        return found

    def primaries(self, post: Post) -> list[Stint]:
        """Primary duties of a post that are in force at some time."""
        return [stint for stint in self._stored(post) if stint.assignment == "primary"]

    def stints(self, post: Post) -> list[Stint]:
        """Everybody in a post at some time: by duty, then those who stand in for somebody on leave."""
        stored = self._stored(post)
        held: dict[int, Spans] = {}
        for stint in stored:
            held[stint.holder_id] = union((*held.get(stint.holder_id, ()), *stint.spans))
        return stored + [
            standing
            for stint in stored
            for standing in self._standing_in(stint)
            if standing.spans
            for standing in self._not_held(standing, held)
        ]

    def shifts(self, post: Post) -> list[Shift]:
        """When each one in a post is on duty: a stand-in only where no primary is there."""
        stints = self.stints(post)
        present = [self._present(stint) for stint in stints]
        first = together(spans for stint, spans in zip(stints, present, strict=True) if stint.assignment == "primary")
        return [
            Shift(
                stint,
                spans if stint.assignment == "primary" else difference(spans, first),
                intersection(stint.spans, self._leave(stint.holder_id)),
            )
            for stint, spans in zip(stints, present, strict=True)
        ]

    @cached_property
    def _whole(self) -> Spans:
        return ((self.begins, self.ends),) if self.begins < self.ends else ()

    def _stored(self, post: Post) -> list[Stint]:
        found = []
        for duty in self.rota.duties_of.get(post, ()):
            spans = self._in_force(duty)
            if spans:
                found.append(Stint(duty, duty.holder_id, duty.assignment, spans))
        return found

    def _in_force(self, duty: Duty) -> Spans:
        """When a duty, its role and its holder are in force together."""
        roles, holders = self.rota.roles.get(duty.role_id, ()), self.rota.holders.get(duty.holder_id, ())
        if len(roles) == 1 and len(holders) == 1:
            begins = max(duty.valid_from, self.begins, roles[0][0], holders[0][0])
            ends = min(duty.valid_to, self.ends, roles[0][1], holders[0][1])
            return ((begins, ends),) if begins < ends else ()
        spans = clipped(((duty.valid_from, duty.valid_to),), self.begins, self.ends)
        return intersection(intersection(spans, roles), holders)

    def _standing_in(self, stint: Stint) -> list[Stint]:
        found = []
        for leave in self.rota.leaves_of.get(stint.holder_id, ()):
            if leave.stand_in_id is not None:
                spans = clipped(stint.spans, leave.valid_from, leave.valid_to)
                spans = intersection(spans, self.rota.holders.get(leave.stand_in_id, ()))
                found.append(Stint(stint.duty, leave.stand_in_id, "stand_in", spans, stint.holder_id))
        return found

    def _not_held(self, standing: Stint, held: Mapping[int, Spans]) -> list[Stint]:
        """A stand-in where the same person does not have the duty anyway."""
        spans = difference(standing.spans, held.get(standing.holder_id, ()))
        if not spans:
            return []
        return [Stint(standing.duty, standing.holder_id, "stand_in", spans, standing.stands_in_for)]

    def _opened(self, hours: str) -> Spans:
        if not hours:
            return self._whole
        if hours not in self._open:
            self._open[hours] = clipped(union(self.rota.opens(hours, self.begins, self.ends)), self.begins, self.ends)
        return self._open[hours]

    def _leave(self, holder_id: int) -> Spans:
        if holder_id not in self._away:
            leaves = self.rota.leaves_of.get(holder_id, ())
            self._away[holder_id] = clipped(
                union((leave.valid_from, leave.valid_to) for leave in leaves), self.begins, self.ends
            )
        return self._away[holder_id]

    def _wanted(self, stint: Stint) -> Spans:
        return intersection(stint.spans, self._opened(stint.duty.hours))

    def _present(self, stint: Stint) -> Spans:
        return difference(self._wanted(stint), self._leave(stint.holder_id))

    def _surely_held(self, primaries: Sequence[Stint]) -> bool:
        """Whether nothing needs to be worked out: once begun the duty goes on to the end, and nobody is on leave."""
        if any(stint.holder_id in self.rota.leaves_of for stint in primaries):
            return False
        spans = primaries[0].spans if len(primaries) == 1 else union(one for stint in primaries for one in stint.spans)
        return len(spans) == 1 and spans[0][1] == self.ends

    def _holes(self, post: Post, primaries: Sequence[Stint], alive: Spans | None) -> list[Hole]:
        stints = self.stints(post)
        held = together(self._present(stint) for stint in stints)
        needed = together(self._wanted(stint) for stint in primaries)
        there = together(
            difference(stint.spans, self._leave(stint.holder_id)) for stint in stints if stint.assignment == "stand_in"
        )
        lacking = difference(needed, held)
        ended = difference(self._after_the_last(post, primaries), held)
        missed: list[tuple[Reason, Spans]] = [
            ("on_leave", difference(lacking, there)),
            ("off", intersection(lacking, there)),
            ("ended", ended),
        ]
        found = [
            Hole(post, begins, ends, reason, self._missed(primaries, begins, ends, reason))
            for reason, spans in missed
            for begins, ends in (spans if alive is None else intersection(spans, alive))
        ]
        return sorted(found, key=lambda hole: hole.begins)

    def _after_the_last(self, post: Post, primaries: Sequence[Stint]) -> Spans:
        """When the role goes on but every primary duty that there was in this window is over."""
        without = difference(self._whole, union(span for stint in primaries for span in stint.spans))
        vacant = tuple(span for span in without if span[0] > self.begins)
        return intersection(vacant, self.rota.roles.get(post.role_id, ()))

    def _missed(self, primaries: Sequence[Stint], begins: int, ends: int, reason: Reason) -> tuple[int, ...]:
        if reason == "ended":
            last = max(end for stint in primaries for _, end in stint.spans if end <= begins)
            return tuple(sorted({stint.holder_id for stint in primaries if any(e == last for _, e in stint.spans)}))
        return tuple(sorted({stint.holder_id for stint in primaries if clipped(self._wanted(stint), begins, ends)}))


def post_of(duty: Duty) -> Post:
    """The post that a duty is for."""
    return Post(duty.target_kind, duty.target_id, duty.unit, duty.role_id)


def _in_force(versions: Iterable[object]) -> Spans:
    return union((version.valid_from, version.valid_to) for version in versions)  # type: ignore[attr-defined]
