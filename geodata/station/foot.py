"""Who may walk on a street: as its own column says, else as its class does."""

from typing import Final, Literal

Foot = Literal["yes", "steps", "no", "private"]

FOOT: Final[tuple[Foot, ...]] = ("yes", "steps", "no", "private")
"""Walked, walked as steps, a street that nobody walks, and one that only those walk whose it is."""

WALKED: Final[frozenset[Foot]] = frozenset({"yes", "steps"})

_BY_CLASS: Final[dict[str, Foot]] = {
    "steps": "steps",
    **dict.fromkeys(("台阶", "梯道", "阶梯", "步梯"), "steps"),
    **dict.fromkeys(("motorway", "motorway_link", "trunk", "trunk_link"), "no"),
    **dict.fromkeys(("高速公路", "高速", "高速路", "城市快速路", "快速路"), "no"),
    **dict.fromkeys(("construction", "proposed", "planned", "raceway", "bus_guideway", "busway", "ferry"), "no"),
    **dict.fromkeys(("在建", "规划", "轮渡", "航线"), "no"),
}


def foot_of(foot: str, street_class: str) -> Foot:
    """Who may walk on a street.

    Parameters
    ----------
    foot
        The column ``foot`` of a street: one of `FOOT`, or empty where its class decides.
    street_class
        Its class in the words of OpenStreetMap or of Chinese road registers.

    Notes
    -----
    By class motorways and trunk roads, urban expressways among them, are not walked, nor is what is not built; steps
    are steps; whatever else has a class, a class that nobody knows, or none is walked.
    """
    return next((known for known in FOOT if known == foot), None) or _BY_CLASS.get(street_class.strip(), "yes")
