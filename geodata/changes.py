"""Changes: each commit notes what it did to which rows, so that it can be listed and undone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, errors, sql
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from geodata.access import record_audit
from geodata.errors import ConflictError, NotKnownError
from geodata.grid.publish import GridState, last_release, lock_layer, publish_release, withdraw_pending
from geodata.queries import named_queries
from geodata.relations import REFERENCES, RELATIONS, Relation
from geodata.times import LOCAL_ZONE

UNDO = "change.undo"
PUBLISH_DRAFT = "draft.publish"

_SQL = named_queries(__file__)


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One change: who did what to which kind, what it undid, and what undid it.

    ``target`` is the kind of record; ``facts`` are those of the audit log, without personal data.
    """

    change_id: int
    at: datetime
    actor: str
    action: str
    target: str
    facts: dict[str, Any]
    undoes: int | None
    undone_by: int | None

    @property
    def can_undo(self) -> bool:
        """Whether it was not undone before; what came later may still forbid it."""
        return self.undone_by is None


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo did: its own change, rows that are no more and rows that are as they were, releases that it made.

    ``releases`` are layer identity and number of what was published; empty where none was, or one was withdrawn.
    """

    change_id: int
    undoes: int
    withdrawn: int
    restored: int
    releases: tuple[tuple[int, int], ...]


def begin_change(
    connection: Connection[Any],
    actor: str,
    action: str,
    target: str = "",
    *,
    facts: Mapping[str, Any] | None = None,
    undoes: int | None = None,
) -> int:
    """Identity of a change: what happens to rows from here to the end of the transaction is noted under it.

    Parameters
    ----------
    actor, action, target, facts
        As in `record_audit`.
    undoes
        The change that it undoes.
    """
    values = {
        "actor": actor,
        "action": action,
        "target": target,
        "facts": Jsonb(dict(facts or {})),
        "undoes": undoes,
    }
    row = connection.execute(_SQL["begin_change"], values).fetchone()
    assert row is not None
    return int(row[0])


def join_changes(connection: Connection[Any]) -> None:
    """Let no undo begin until the transaction ends, and wait for one that is under way.

    Notes
    -----
    Whoever writes asks for this before locking any register: an undo takes its locks in the same order.
    """
    connection.execute(_SQL["join_changes"])


@contextmanager
def noted_change(
    connection: Connection[Any], actor: str, action: str, target: str = "", facts: Mapping[str, Any] | None = None
) -> Iterator[int]:
    """The change under which everything in the block is noted: the one that is being made, else a new one.

    Notes
    -----
    An edit of several steps opens it around them, so that they are undone together.
    """
    present = connection.execute(_SQL["present_change"]).fetchone()
    if present is not None and present[0] is not None:
        yield int(present[0])
        return
    change_id = begin_change(connection, actor, action, target, facts=facts)
    # After an error in the block the transaction is rolled back, and the setting with it.
    yield change_id
    connection.execute(_SQL["end_change"])


def change(connection: Connection[Any], change_id: int) -> ChangeEntry:
    """One change.

    Raises
    ------
    NotKnownError
        There is none of this identity.
    """
    with connection.cursor(row_factory=class_row(ChangeEntry)) as cursor:
        found = cursor.execute(_SQL["change"], {"change_id": change_id}).fetchone()
    if found is None:
        raise NotKnownError(f"There is no change {change_id}.", f"没有编号为 {change_id} 的变更。", change=change_id)
    return found


def list_changes(
    connection: Connection[Any],
    *,
    actor: str | None = None,
    target: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[ChangeEntry]:
    """Changes, the newest first.

    Parameters
    ----------
    actor, target
        Only by this actor, only of this kind.
    before
        Only changes made before the one of this identity.
    limit
        At most so many.
    """
    values = {"actor": actor, "target": target, "before": before, "limit": limit}
    with connection.cursor(row_factory=class_row(ChangeEntry)) as cursor:
        return cursor.execute(_SQL["changes"], values).fetchall()


def undo_change(connection: Connection[Any], change_id: int, actor: str) -> Undone:
    """Undo a change: what it added is withdrawn, what it ended or withdrew is as it was; this is a change of its own.

    Parameters
    ----------
    connection
        Nothing is committed here. Where an error is raised the transaction is as it was before.
    actor
        Who undoes it.

    Raises
    ------
    NotKnownError
        There is no such change.
    ConflictError
        It was undone before; what it left has been changed since, or is used by what came later; a withdrawn release
        whose date has passed. The facts ``change`` and ``actor`` say what is in the way and whose it is.

    Notes
    -----
    Undoing an undo does the change again. Grids that were in force stay published: undoing their release publishes
    the former grids as the next one. A release whose date is still to come is withdrawn.
    """
    with connection.transaction():
        connection.execute(_SQL["lock_changes"])
        entry = change(connection, change_id)
        if entry.undone_by is not None:
            by = change(connection, entry.undone_by)
            raise ConflictError(
                f"{by.actor} has undone change {change_id} already (change {by.change_id}, {_local(by.at)}).",
                f"{by.actor} 已于 {_local(by.at)} 撤销变更 {change_id}（变更 {by.change_id}）。",
                change=by.change_id,
                actor=by.actor,
            )
        undo = begin_change(connection, actor, UNDO, entry.target, facts={"undoes": change_id}, undoes=change_id)
        done = _Undoing(connection, entry, undo, actor).run()
        facts = {"undo": undo, "target": entry.target, "withdrawn": done.withdrawn, "restored": done.restored}
        record_audit(connection, actor=actor, action=UNDO, target=str(change_id), facts=facts)
        connection.execute(_SQL["end_change"])
        return done


class _Undoing:
    """One undo in the making."""

    def __init__(self, connection: Connection[Any], entry: ChangeEntry, undo: int, actor: str) -> None:
        self.connection = connection
        self.change_id = entry.change_id
        self.of_draft = entry.action == PUBLISH_DRAFT
        self.undo = undo
        self.actor = actor
        self.relation = ""

    def run(self) -> Undone:
        """Undo it, relation by relation."""
        touched = self.connection.execute(_SQL["touched"], {"change_id": self.change_id}).fetchall()
        names = [name for name, _, _ in touched]
        self.of_draft = self.of_draft and not {"area_versions", "duties", "text_versions"}.isdisjoint(names)
        for name in names:
            self._execute("lock_relation", name)
        releases: list[tuple[int, int]] = []
        try:
            # A savepoint: what is in the way is looked up after the refusal.
            with self.connection.transaction():
                for name in names:
                    releases += self._undo_relation(name, with_releases="releases" in names)
                self.connection.execute(_SQL["check_now"])
                self.connection.execute(_SQL["check_later"])
        except (errors.IntegrityError, errors.DeadlockDetected, errors.SerializationFailure) as error:
            raise self._in_the_way(error) from error
        for name in names:
            self._refuse_dangling(name)
        withdrawn, restored = (sum(counts[at] for counts in touched) for at in (1, 2))
        return Undone(self.undo, self.change_id, withdrawn, restored, tuple(releases))

    def _undo_relation(self, name: str, *, with_releases: bool) -> list[tuple[int, int]]:
        """Undo what happened to one relation; layer and number of each release that it took."""
        self.relation = name
        if name == "releases":
            return self._undo_releases()
        if name == "layers":
            self._undo_layers()
        elif name != "grid_versions" or not with_releases:
            self._undo_rows(name)
        return []

    def _execute(self, query: str, relation: str, **others: str) -> Any:
        """Run a query about one relation; names of tables and columns come from the list above alone."""
        known = RELATIONS.get(relation, Relation("release_id", "release_id", "", "", dated=False))
        parts = {"relation": relation, "key": known.key, "entity": known.entity, **others}
        named = {name: sql.Identifier(part) for name, part in parts.items()}
        period = sql.SQL("v.period") if known.dated else sql.SQL("NULL")
        values = {"change_id": self.change_id, "undo": self.undo, "relation": relation, **others}
        return self.connection.execute(sql.SQL(_SQL[query]).format(period=period, **named), values)

    def _undo_rows(self, name: str) -> None:
        moved, later = self._execute("moved_on", name).fetchone()
        if moved:
            raise self._changed_since(name, moved, later)
        self._execute("withdraw_added", name)
        self._execute("restore_periods" if RELATIONS[name].dated else "restore_undated", name)

    def _undo_layers(self) -> None:
        values = {"change_id": self.change_id}
        row = self.connection.execute(_SQL["layers_moved_on"], values).fetchone()
        if row is not None and row[0]:
            raise self._refused(
                row[1], f"{row[0]} layers were changed since", f"此后有 {row[0]} 个网格类型又被修改", "layers"
            )
        for query in ("layers_yield_default", "remove_layers", "bring_back_layers", "restore_layers"):
            self.connection.execute(_SQL[query], values)

    def _undo_releases(self) -> list[tuple[int, int]]:
        with self.connection.cursor(row_factory=dict_row) as cursor:
            found = cursor.execute(_SQL["touched_releases"], {"change_id": self.change_id}).fetchall()
        return [made for release in found if (made := self._undo_release(release)) is not None]

    def _undo_release(self, release: dict[str, Any]) -> tuple[int, int] | None:
        """Layer and number of what was published in place of a release; None where it was only withdrawn."""
        layer_id, number = release["layer_id"], release["number"]
        lock_layer(self.connection, layer_id)
        last = last_release(self.connection, layer_id)
        if release["made"]:
            if number not in self._alike(layer_id, last.number):
                raise self._release_follows(release, layer_id, last.number)
            if release["pending"]:
                withdraw_pending(self.connection, layer_id, number, actor=self.actor)
                return None
            if self.of_draft:
                # Taken back as rows, the areas and duties of its time would never have been.
                raise ConflictError(
                    f"Release {number} is in force, with areas and duties: go back by a draft that restores another.",
                    f"版本 {number} 已生效，区划和职责已随之变更：请新建恢复其他版本的草案。",
                    release=number,
                )
            effective = self._now()
        else:
            if last.number > number:
                raise self._release_follows(release, layer_id, last.number)
            if not release["pending"]:
                raise ConflictError(
                    f"Release {number} was withdrawn and its date has passed: load the grids again.",
                    f"版本 {number} 已被撤回，且生效时间已过：请重新导入网格。",
                    release=number,
                )
            effective = release["effective"]
        states = self._former_grids(layer_id)
        values = {"change_id": self.change_id, "layer_id": layer_id}
        going = {grid_id for (grid_id,) in self.connection.execute(_SQL["touched_grids"], values)}
        made = publish_release(
            self.connection,
            layer_id,
            states,
            sorted(going - {state.grid_id for state in states}),
            effective=effective,
            actor=self.actor,
            note=f"↶ {number}",
        )
        return layer_id, made

    def _now(self) -> int:
        row = self.connection.execute(_SQL["now"]).fetchone()
        assert row is not None
        return int(row[0])

    def _alike(self, layer_id: int, number: int) -> set[int]:
        """Releases after which the grids were as they are after this one: itself, and what it went back to."""
        found = set()
        at: int | None = number
        while at is not None:
            found.add(at)
            row = self.connection.execute(_SQL["undone_release"], {"layer_id": layer_id, "number": at}).fetchone()
            at = None if row is None else row[0]
        return found

    def _former_grids(self, layer_id: int) -> list[GridState]:
        values = {"change_id": self.change_id, "layer_id": layer_id}
        with self.connection.cursor(row_factory=class_row(GridState), binary=True) as cursor:
            return cursor.execute(_SQL["former_grids"], values).fetchall()

    def _refuse_dangling(self, name: str) -> None:
        """Raise where later rows name something that is no more."""
        for relation, column, named in REFERENCES:
            if name not in named:
                continue
            others = {"used_relation": relation, "used_key": RELATIONS[relation].key, "column": column}
            count, later = self._execute("left_dangling", name, **others).fetchone()
            if count:
                words, used = RELATIONS[name], RELATIONS[relation]
                raise self._refused(
                    later,
                    f"{count} {used.words} made since stand on {words.words} that would be gone",
                    f"此后新增的 {count} 条{used.words_zh}使用了将被撤销的{words.words_zh}",
                    used.words,
                )

    def _changed_since(self, name: str, moved: int, later: int | None) -> ConflictError:
        words = RELATIONS[name]
        return self._refused(
            later,
            f"{moved} of the {words.words} that it touched were changed since",
            f"此后有 {moved} 条相关的{words.words_zh}又被修改",
            words.words,
        )

    def _release_follows(self, release: dict[str, Any], layer_id: int, last: int) -> ConflictError:
        if release["made"] and release["withdrawn"]:
            number = release["number"]
            return ConflictError(f"Release {number} is withdrawn already.", f"版本 {number} 已经撤回。", release=number)
        row = self.connection.execute(_SQL["release_change"], {"layer_id": layer_id, "number": last}).fetchone()
        return self._refused(
            row[0] if row else None, f"release {last} was published since", f"此后已发布版本 {last}", "grids"
        )

    def _in_the_way(self, error: Exception) -> ConflictError:
        if isinstance(error, errors.DeadlockDetected | errors.SerializationFailure):
            return ConflictError(
                "Somebody else changed the same data at the same time; nothing was undone. Try again.",
                "有人同时修改了相同的数据，未撤销任何内容，请重试。",
            )
        if self.relation == "layers":
            return self._refused(None, "a layer that it added is in use", "其新增的网格类型已被使用", "layers")
        named = error.diag.table_name if isinstance(error, errors.Error) else None
        relation = named if named in RELATIONS else self.relation
        words = RELATIONS[relation]
        same = "holder_id" if relation in ("duties", "leaves") else words.entity
        (later,) = self._execute("taken_place", relation, same=same).fetchone() if words.dated else (None,)
        return self._refused(
            later,
            f"other {words.words} made since hold at the same time as those it ended",
            f"此后新增的{words.words_zh}与其结束的记录时间重叠",
            words.words,
        )

    def _refused(self, later: int | None, why: str, why_zh: str, what: str) -> ConflictError:
        """The error that says what is in the way, when it was changed and by whom."""
        if later is None:
            return ConflictError(
                f"Change {self.change_id} cannot be undone: {why}. Load or edit the data anew.",
                f"变更 {self.change_id} 无法撤销：{why_zh}。请重新导入或编辑数据。",
                what=what,
            )
        by = change(self.connection, later)
        return ConflictError(
            f"Change {self.change_id} cannot be undone: {why}, by {by.actor} on {_local(by.at)} (change {later}). "
            "Undo that first, or load or edit the data anew.",
            f"变更 {self.change_id} 无法撤销：{why_zh}（{by.actor}，{_local(by.at)}，变更 {later}）。"
            "请先撤销该变更，或重新导入、编辑数据。",
            what=what,
            change=later,
            actor=by.actor,
        )


def _local(at: datetime) -> str:
    return f"{at.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M}"
