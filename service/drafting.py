"""Where drafts are worked on: in two threads beside the loop, with what this process knows of drafts."""

from dataclasses import dataclass, field
from typing import ClassVar

from geodata.drafts.scenes import SceneMemory
from geodata.redraw import DraftMemory
from service.matching import Turns


@dataclass(frozen=True, slots=True)
class Redrawing(Turns):
    """Where operations are done and judged, which takes up to a second in a city; others keep the other threads.

    Parameters
    ----------
    memory
        States of drafts.
    scenes
        What drafts are judged by.
    """

    refusal: ClassVar[tuple[str, str]] = (
        "too many people work on drafts at once; try again in a moment",
        "同时编辑草案的请求过多，请稍后重试",
    )

    memory: DraftMemory = field(default_factory=DraftMemory)
    scenes: SceneMemory = field(default_factory=SceneMemory)
