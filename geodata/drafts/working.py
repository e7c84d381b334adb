"""Work on a draft: an operation done once, noted with what it changed, answered again when it is sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from geodata.access import record_audit
from geodata.drafts.answers import Applied, changed_between, finding_as_json, findings_from_json
from geodata.drafts.delta import Delta
from geodata.drafts.memory import DraftMemory
from geodata.drafts.named_places import NamedPlaces
from geodata.drafts.releases import state_of_release
from geodata.drafts.state import DraftState
from geodata.drafts.step import Around, Households, Step, codes_of, finding_by_code, nobody
from geodata.drafts.store import (
    LONGEST_NAME,
    Draft,
    DraftOperation,
    add_operation,
    one_draft,
    operation_of_id,
    refuse_unless_open,
    refuse_withdrawn_base,
    written_after,
)
from geodata.errors import ConflictError, InputError, StaleDraftError


@dataclass(frozen=True, slots=True)
class Bench:
    """A draft that is being worked on: nobody else changes it until the transaction ends.

    Parameters
    ----------
    connection
        In a transaction.
    draft
        As it is now.
    before
        Its state.
    memory
        What the process knows of drafts.
    actor
        Who works.
    """

    connection: Connection[Any]
    draft: Draft
    before: DraftState
    memory: DraftMemory
    actor: str

    def around(self, households: Households = nobody) -> Around:
        """What operations look things up in."""
        codes, area_codes = self.memory.codes(self.connection, self.draft.layer_id)
        places = NamedPlaces(self.connection, self.draft.areas_at)
        return Around(codes, area_codes, households, places, self._release)

    def _release(self, number: int) -> DraftState:
        return state_of_release(self.connection, self.draft.layer_id, self.draft.layer, number, full=self.draft.full)


def done_before(
    connection: Connection[Any], draft_id: int, body: Mapping[str, Any], memory: DraftMemory
) -> Applied | None:
    """What was answered when an operation was sent before; None where it was not.

    Raises
    ------
    ConflictError
        Something else was sent under its id.
    """
    one_draft(connection, draft_id, locked=True)
    done = operation_of_id(connection, draft_id, str(body["id"]))
    if done is None:
        return None
    if dict(done.body) != dict(body):
        raise ConflictError(
            f"The id {done.client_id!r} was used for another operation of this draft: give each its own.",
            f"编号“{done.client_id}”已用于本草案的另一操作：每个操作须使用不同的编号。",
            id=done.client_id,
            reason="id-taken",
        )
    draft = one_draft(connection, draft_id)
    before = memory.state(connection, draft, done.seq - 1)
    written = written_after(connection, draft, done.seq - 1, done.seq)
    if not written:
        raise ConflictError(
            f"The operation {done.client_id!r} was left out when the draft was taken to release {draft.base}.",
            f"草案转到第 {draft.base} 版时，操作“{done.client_id}”已被略去。",
            id=done.client_id,
            reason="left-out",
        )
    after = written[0].delta.applied(before, done.seq)
    changed = changed_between(before, after, written[0].delta)
    findings = findings_from_json(done.answer.get("notes", ()))
    return Applied(done.seq, done, changed, findings, before, after, repeated=True)


def open_bench(
    connection: Connection[Any], draft_id: int, memory: DraftMemory, actor: str, if_version: int | None
) -> Bench:
    """A draft to work on.

    Raises
    ------
    NotKnownError
        There is no such draft.
    ConflictError
        It was published or discarded, or its base was withdrawn.
    StaleDraftError
        It is of another version than it is thought to be.
    """
    draft = one_draft(connection, draft_id, locked=True)
    refuse_unless_open(draft)
    refuse_withdrawn_base(draft)
    state = memory.state(connection, draft)
    if if_version is not None and if_version != draft.version:
        raise _stale(connection, draft, state, if_version)
    return Bench(connection, draft, state, memory, actor)


def note_operation(
    bench: Bench, body: Mapping[str, Any], step: Step, after: DraftState, delta: Delta, undoes: int | None = None
) -> Applied:
    """What an operation did, noted in the draft and in the audit log."""
    notes = tuple(finding_by_code(finding, after, bench.before) for finding in step.notes)
    codes = sorted(
        {*codes_of((key for key in delta.keys if key in bench.before.grids), bench.before)}
        | {*codes_of((key for key in delta.keys if key in after.grids), after)}
    )
    answer = {
        "notes": [finding_as_json(finding) for finding in notes],
        "words": step.words,
        "words_zh": step.words_zh,
        "grids": codes[:100],
        "areas": sorted(delta.areas)[:100],
        "place": step.place(),
    }
    token = add_operation(
        bench.connection,
        bench.draft,
        after.version,
        str(body["id"]),
        body,
        delta,
        answer,
        actor=bench.actor,
        undoes=undoes,
    )
    bench.memory.remember(bench.draft, after, token)
    facts = {"draft": bench.draft.draft_id, "version": after.version, "kind": body["kind"], "grids": codes[:20]}
    target = str(bench.draft.draft_id)
    record_audit(bench.connection, actor=bench.actor, action="draft.operation", target=target, facts=facts)
    done = operation_of_id(bench.connection, bench.draft.draft_id, str(body["id"]))
    assert isinstance(done, DraftOperation)
    return Applied(after.version, done, changed_between(bench.before, after, delta), notes, bench.before, after)


def taken_back(bench: Bench, delta: Delta, since: Sequence[Delta]) -> DraftState:
    """The state after what is to be changed back.

    Parameters
    ----------
    delta
        What changes it back.
    since
        What was changed after it, in order.

    Raises
    ------
    ConflictError
        Somebody changed the same since, or stands on it: the facts name the ``grids`` and ``areas``.
    """
    clashes = delta.clashes(bench.before) or _areas_in_between(bench.before, delta, since)
    if not clashes:
        after = delta.applied(bench.before, bench.before.version + 1)
        clashes = _broken(after, delta)
    if clashes:
        keys = [key for key in clashes if key[0] != "@"]
        areas = [key[1:] for key in clashes if key[0] == "@"]
        codes = codes_of(keys, bench.before)
        named = "、".join([*codes, *areas][:5])
        raise ConflictError(
            f"Others have changed the same since: {named}. Nothing was taken back.",
            f"此后他人又修改了 {named}，未做任何撤销或重做。",
            reason="changed-since",
            grids=codes,
            areas=areas,
        )
    return after


def refuse_unless_version(draft: Draft, seen: int | None) -> None:
    """Do nothing where a draft is of the version that it is thought to be; None is any.

    Raises
    ------
    StaleDraftError
        It is not.
    """
    if seen is not None and seen != draft.version:
        raise StaleDraftError(
            f"Draft {draft.draft_id} is at version {draft.version}; version {seen} was seen. Look at it again.",
            f"草案 {draft.draft_id} 目前为第 {draft.version} 版（您看到的是第 {seen} 版）：请重新查看。",
            version=draft.version,
            changed=[],
            changed_by=draft.changed_by,
        )


def checked_text(field: str, given: str, least: int = 1) -> str:
    """A name or a word on something, without blanks around it; lines may be broken.

    Raises
    ------
    InputError
        It is too short or too long, or cannot be printed.
    """
    plain = given.strip()
    if not least <= len(plain) <= LONGEST_NAME or not all(line.isprintable() for line in plain.split("\n")):
        raise InputError(
            f"{field}: {least} to {LONGEST_NAME} characters that can be printed are needed.",
            f"{field}：应为 {least} 至 {LONGEST_NAME} 个可显示的字符。",
            field=field,
        )
    return plain


def _areas_in_between(state: DraftState, delta: Delta, since: Sequence[Delta]) -> list[str]:
    """Grids whose ground goes back though their community changed since, or the other way round.

    Notes
    -----
    Areas are the ground of their grids: neither of the two alone could be taken back without breaking that.
    """
    shapes: dict[str, Any] = {}
    communities: dict[str, Any] = {}
    for later in since:
        for key, (before, _) in later.shapes.items():
            shapes.setdefault(key, before)
        for key, (fields, _) in later.grids.items():
            if fields is not None and "community" in fields:
                communities.setdefault(key, fields["community"])
    found = [
        key
        for key in delta.shapes
        if key in communities and key in state.grids and state.grids[key].community != communities[key]
    ]
    moving = [key for key, (before, after) in delta.grids.items() if "community" in {**(before or {}), **(after or {})}]
    found += [key for key in moving if key in shapes and key in state.grids and state.shape(key) != shapes[key]]
    return sorted(set(found))


def _broken(after: DraftState, delta: Delta) -> list[str]:
    """Grids and areas of a change that the state after it has no room for."""
    broken = []
    for key in delta.grids:
        grid = after.grids.get(key)
        if grid is None:
            continue
        if after.codes.get(grid.code) != key or (grid.community is not None and grid.community not in after.areas):
            broken.append(key)
    gone = {code for code in delta.areas if code not in after.areas}
    if gone:
        broken += [f"@{area.code}" for area in after.areas.values() if area.parent in gone]
        broken += [grid.key for grid in after.grids.values() if grid.community in gone]
    if len(after.codes) != len(after.grids) and not broken:
        broken += [key for key in delta.keys if key in after.grids]
    return sorted(set(broken))


def _stale(connection: Connection[Any], draft: Draft, state: DraftState, seen: int) -> StaleDraftError:
    since = max(min(seen, draft.version), draft.base_version)
    keys = {key for written in written_after(connection, draft, since) for key in written.delta.keys}
    return StaleDraftError(
        f"Draft {draft.draft_id} is at version {draft.version}, changed by {draft.changed_by}; version {seen} was "
        "seen. Read what changed, then try again.",
        f"草案 {draft.draft_id} 已由 {draft.changed_by} 更新到第 {draft.version} 版（您看到的是第 {seen} 版）："
        "请先读取变更，再重试。",
        version=draft.version,
        changed=sorted(codes_of(keys, state)),
        changed_by=draft.changed_by,
    )
