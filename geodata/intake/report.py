"""What a load is asked to do, and what it says it did or would do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from geodata.records import Finding, Mend

Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How a file is to be understood and what is to be done with it.

    Parameters
    ----------
    source_layer
        Layer of a GeoPackage or other file that holds several; the first when None.
    sheet
        Sheet of a workbook; the one that suits the kind best when None.
    header_rows
        First and last row of the header in sheets and delimited text, as the user counts; guessed when None.
    layer
        Code of the grid layer that grids go to, or that duties on grids mean where a row names none; the default
        layer when None.
    crs
        Datum of the coordinates; None takes what the file says, EPSG:4326 where it says nothing.
    mapping
        Field to column, before any guess. ``*`` for ``code`` makes codes from the rows' contents; an empty column
        leaves the field out.
    profile
        Name of a saved mapping to start from.
    save_profile
        Name under which the mapping and datum of this load are kept, on a dry run too.
    within
        Code of an area: a load of grids replaces the grids of this area alone, streets and barriers are cut at it.
    box
        West, south, east and north, degrees EPSG:4326, at which streets and barriers are cut.
    effective
        When the change takes effect, microseconds since 1970-01-01 UTC; now when None.
    retire_missing
        End what is in force but not in the file; for grids, agree to end more than a tenth of the layer.
    retire
        Codes to end besides, for kinds that are known by their code; one that is not in force is an error.
    repair
        Mend geometry before it is checked, and report every mend.
    base
        Number of the release that the grids were made from; a later one refuses the load.
    commit
        Write; a dry run otherwise.
    actor
        Who does it, for the audit log and the release.
    note
        A word on the release.
    recorded
        Whether the audit log is told: an edit of several steps records itself, once.
    codes_only
        References are codes, as programs give them: names are not looked up for those that are none.
    part
        Of addresses: which part of a file this is. Codes of the parts before, in the same transaction, are not taken
        again, and only with the last one is it known what is missing.
    """

    source_layer: str | None = None
    sheet: str | None = None
    header_rows: tuple[int, int] | None = None
    layer: str | None = None
    crs: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    profile: str | None = None
    save_profile: str | None = None
    within: str | None = None
    box: tuple[float, float, float, float] | None = None
    effective: int | None = None
    retire_missing: bool = False
    retire: tuple[str, ...] = ()
    repair: bool = False
    base: int | None = None
    commit: bool = False
    actor: str = "command"
    note: str = ""
    recorded: bool = True
    codes_only: bool = False
    part: Literal["only", "more", "last"] = "only"


@dataclass(frozen=True, slots=True)
class Change:
    """One record that a load adds, changes or ends.

    Parameters
    ----------
    what
        ``new``, ``changed`` or ``ended``.
    code
        As in the plan.
    label
        What people call it.
    before, after
        Its fields, named as in its kind, of values that JSON can hold; None where there is none. A shape is not
        written out: ``shape`` is ``drawn``, and ``redrawn`` after a change that moved it.
    row
        Row in the source; None for what ends because the source leaves it out.
    """

    what: Literal["new", "changed", "ended"]
    code: str
    label: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a load adds, changes, ends and leaves alone, by code; a duty's code is its parts joined by `` · ``.

    ``changes`` says the same record by record, with the fields before and after.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    ended: tuple[str, ...] = ()
    same: int = 0
    changes: tuple[Change, ...] = ()

    @property
    def changes_anything(self) -> bool:
        """Whether a commit would write anything."""
        return bool(self.new or self.changed or self.ended)


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What was read, what is wrong with it and what came or would come of it.

    Parameters
    ----------
    kind, file
        What was loaded and the name of its source.
    rows_read
        Number of records in the source.
    mapping
        Field to the column that it was read from.
    unused_columns
        Columns that no field was read from.
    findings
        Errors first, then warnings, each in the order of the source.
    mends
        Repairs made because they were asked for.
    plan
        What is new, changed, ended, the same.
    effective
        When it takes effect, microseconds since 1970-01-01 UTC; None where the load was not understood so far.
    layer
        Code of the layer that grids went to.
    release
        Number of the release that was published; None on a dry run, for other kinds, or where nothing changed.
    committed
        Whether anything was written; False too where there was nothing to write. It lasts once the caller commits.
    needs_retire_missing
        The load would end more than a tenth of the layer and was not told to.
    change_id
        The change under which it stands in the log, and by which it is undone; None where nothing was written.
    """

    kind: str
    file: str
    rows_read: int
    mapping: Mapping[str, str]
    unused_columns: tuple[str, ...]
    findings: tuple[Finding, ...] = ()
    mends: tuple[Mend, ...] = ()
    plan: Plan = Plan()
    effective: int | None = None
    layer: str | None = None
    release: int | None = None
    committed: bool = False
    needs_retire_missing: bool = False
    change_id: int | None = None

    @property
    def errors(self) -> tuple[Finding, ...]:
        """Findings that refuse a commit."""
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that do not refuse a commit."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")
