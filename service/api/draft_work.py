"""Work of a planner on a draft: who asks, where it runs, which state was seen, and what it is judged by."""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import Header, Path, Request, Response
from psycopg import Connection
from starlette.exceptions import HTTPException

from geodata.errors import InputError, StaleDraftError
from geodata.records import Finding
from geodata.redraw import Draft, DraftState, Scene
from service.api.edits import IF_MATCH_NEEDED
from service.api.keys import LARGEST_ID
from service.dependencies import PLANNERS, current_snapshot, now_micros, require, serving

_Made = TypeVar("_Made")

DraftId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="Identity of the draft", examples=[12])]
IfMatch = Annotated[
    str | None,
    Header(
        max_length=1000,
        description="ETag of the draft as it was read, or its version in quotes; * for whatever it is. Without it: "
        "428; changed since: 412",
        examples=['"17"'],
    ),
]


class DraftWork:
    """A request of a planner about drafts.

    Raises
    ------
    AccessError
        The key is missing, or its role may not plan: nobody else learns that a draft exists.
    UnavailableError
        No data was ever read.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.caller = require(request, PLANNERS)
        self.held = serving(request)
        self.zone = self.held.zone
        self.memory = self.held.redrawing.memory

    @property
    def actor(self) -> str:
        """Name of the key that asks: whose operations are taken back by an undo."""
        return self.caller.name

    async def run(self, work: Callable[[Connection[Any]], _Made]) -> _Made:
        """What a function gives, run in one transaction in the thread for drafts, one after the other.

        Raises
        ------
        BusyError
            Too many are waiting already.
        """

        def transaction() -> _Made:
            with self.held.redrawing.turn, self.held.database() as connection:
                return work(connection)

        return await self.held.redrawing.run(transaction, known=True, gone=self.request.is_disconnected)

    def scene(self, connection: Connection[Any], draft: Draft) -> Scene:
        """What a draft is judged by now.

        Raises
        ------
        ConflictError
            The release that it begins from was withdrawn.
        """
        return self.held.redrawing.scenes.scene(
            connection, draft, self.memory, current_snapshot(self.request), self.held.network, now_micros()
        )

    def scene_if_any(self, connection: Connection[Any], draft: Draft) -> Scene | None:
        """The same; None where the release that the draft begins from was withdrawn."""
        return None if draft.base_withdrawn else self.scene(connection, draft)

    def findings(self, state: DraftState, scene: Scene) -> list[Finding]:
        """What is worth a look in a state of a draft, errors first."""
        return self.held.redrawing.scenes.findings(state, scene)

    def judged_tag(self, draft: Draft) -> str:
        """Tag of what is thought of a draft: another one where it, or the data, is otherwise."""
        network = self.held.network.standing.version
        data = current_snapshot(self.request).version
        return f'W/"{draft.version}.{draft.generation}.{draft.areas_at}.{data}.{network}"'


def version_of(if_match: str | None) -> int | None:
    """Version of a draft that was seen; None for any.

    Parameters
    ----------
    if_match
        A version or a tag, ``"17"`` or ``"17.5f0c…"``: only the version counts.

    Raises
    ------
    HTTPException
        428: none was sent.
    InputError
        It is no tag of a draft.
    """
    if if_match is None or not if_match.strip():
        raise HTTPException(IF_MATCH_NEEDED)
    tag = if_match.strip().removeprefix("W/").strip('"')
    if tag == "*":
        return None
    number = tag.partition(".")[0]
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        raise InputError(
            'If-Match: the ETag of the draft is needed, such as "17".',
            'If-Match：应为草案的 ETag，例如 "17"。',
            header="If-Match",
        )
    return int(number)


def known_already(request: Request, tag: str) -> Response | None:
    """304 where the asker holds what the tag names already."""
    known = request.headers.get("if-none-match", "")
    tags = {one.strip().removeprefix("W/") for one in known.split(",")}
    if tag.removeprefix("W/") in tags or known.strip() == "*":
        return Response(status_code=304, headers=private_tag(tag))
    return None


def private_tag(tag: str) -> dict[str, str]:
    """Headers of an answer that only its asker may keep, and asks about again each time."""
    return {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}


def stale_draft(draft: Draft) -> StaleDraftError:
    """The refusal of work on a draft that is not as it was seen."""
    return StaleDraftError(
        f"Draft {draft.draft_id} was changed by {draft.changed_by} since it was read. Look at it again.",
        f"草案 {draft.draft_id} 已被 {draft.changed_by} 修改：请重新查看。",
        version=draft.version,
        changed=[],
        changed_by=draft.changed_by,
    )
