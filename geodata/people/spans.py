"""Stretches of time: sorted tuples of half-open ``(from, to)`` in microseconds that neither meet nor overlap."""

from collections.abc import Iterable

Span = tuple[int, int]
Spans = tuple[Span, ...]


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


def intersection(one: Spans, other: Spans) -> Spans:
    """The time that lies in both."""
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


def clipped(spans: Spans, begins: int, ends: int) -> Spans:
    """The time between two instants."""
    return intersection(spans, ((begins, ends),)) if begins < ends else ()


def seconds(spans: Spans) -> float:
    """How long they are together."""
    return sum(ends - begins for begins, ends in spans) / 1_000_000
