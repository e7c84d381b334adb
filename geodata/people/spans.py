"""Stretches of time: sorted tuples of half-open ``(from, to)`` in microseconds that neither meet nor overlap."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import chain
from operator import itemgetter

Span = tuple[int, int]
Spans = tuple[Span, ...]

# So many times as long, spans are cut at the others sooner than walked through.
_FEW = 8
_BEGIN, _END = itemgetter(0), itemgetter(1)


def union(spans: Iterable[Span]) -> Spans:
    """All of the time that lies in any span; empty and backward spans count for nothing."""
    joined: list[Span] = []
    for begins, ends in sorted(span for span in spans if span[0] < span[1]):
        if joined and begins <= joined[-1][1]:
            if ends > joined[-1][1]:
                joined[-1] = (joined[-1][0], ends)
        else:
            joined.append((begins, ends))
    return tuple(joined)


def together(many: Iterable[Spans]) -> Spans:
    """All of the time that lies in any of them."""
    # Most that are asked about share their hours: one tuple, which is joined already.
    different = dict.fromkeys(spans for spans in many if spans)
    return next(iter(different)) if len(different) == 1 else union(chain.from_iterable(different))


def intersection(one: Spans, other: Spans) -> Spans:
    """The time that lies in both."""
    if len(other) == 1:
        return clipped(one, *other[0])
    if len(one) == 1:
        return clipped(other, *one[0])
    found: list[Span] = []
    at, there = 0, 0
    while at < len(one) and there < len(other):
        begins, ends = max(one[at][0], other[there][0]), min(one[at][1], other[there][1])
        if begins < ends:
            found.append((begins, ends))
        if one[at][1] <= other[there][1]:
            at += 1
        else:
            there += 1
    return tuple(found)


def difference(one: Spans, other: Spans) -> Spans:
    """The time that lies in one and not in the other."""
    if not one or not other:
        return one
    if len(other) * _FEW <= len(one):
        return _without(one, other)
    found: list[Span] = []
    there = 0
    for begins, ends in one:
        while there < len(other) and other[there][1] <= begins:
            there += 1
        at = there
        while at < len(other) and other[at][0] < ends:
            if begins < other[at][0]:
                found.append((begins, other[at][0]))
            begins = max(begins, other[at][1])
            at += 1
        if begins < ends:
            found.append((begins, ends))
    return tuple(found)


def _without(one: Spans, other: Spans) -> Spans:
    """As `difference`, by what lies between the few spans of the other."""
    found: list[Span] = []
    since = one[0][0]
    for begins, ends in other:
        found += clipped(one, since, begins)
        since = max(since, ends)
    return tuple(found) + clipped(one, since, one[-1][1])


def clipped(spans: Spans, begins: int, ends: int) -> Spans:
    """The time between two instants."""
    if len(spans) == 1:
        begins, ends = max(begins, spans[0][0]), min(ends, spans[0][1])
        return ((begins, ends),) if begins < ends else ()
    if begins >= ends:
        return ()
    inside = spans[bisect_right(spans, begins, key=_END) : bisect_left(spans, ends, key=_BEGIN)]
    if inside and inside[0][0] < begins:
        inside = ((begins, inside[0][1]), *inside[1:])
    if inside and inside[-1][1] > ends:
        inside = (*inside[:-1], (inside[-1][0], ends))
    return inside


def seconds(spans: Spans) -> float:
    """How long they are together."""
    return sum(ends - begins for begins, ends in spans) / 1_000_000
