"""The command ``gridmap``."""

import logging
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from geodata.errors import GeodataError
from service.commands import (
    boards_command,
    coverage,
    coverage_circles,
    coverage_network,
    coverage_propose,
    coverage_report,
    drafting_command,
    export_command,
    releases_command,
    wall_map_command,
)
from service.commands.arguments import actor, field_and_column, operator_settings, row_range
from service.commands.screen import print_anywhere, show_error

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="City governance grids, the people on duty and the service stations: who covers this, who answers now.\n\n"
    "Begin with `gridmap demo`. Without GRIDMAP_DATABASE_URL every command uses a PostGIS of its own under .gridmap/."
    "\n\nExit status: 0 done, 1 answered with no (errors in a file, nobody covers the point), 2 could not be done.",
)
keys = typer.Typer(no_args_is_help=True, help="Keys for the API and the pages: create, list, revoke.")
app.add_typer(keys, name="key")
app.add_typer(drafting_command.group, name="draft")
app.add_typer(releases_command.group, name="release")
changes = typer.Typer(no_args_is_help=True, help="Changes: what loads and edits did, by whom; undo one.")
app.add_typer(changes, name="change")
app.add_typer(coverage.group, name="coverage")
coverage.group.command("circles")(coverage_circles.circles)
coverage.group.command("network")(coverage_network.network)
coverage.group.command("propose")(coverage_propose.propose)
coverage.group.command("report")(coverage_report.report)
app.command("export")(export_command.export)
app.command("boards")(boards_command.boards)
app.command("wall-map")(wall_map_command.wall_map)

Size = Literal["street", "district", "city"]
Layer = Annotated[str | None, typer.Option(help="Code of the layer; the default layer where left out.")]
AsOf = Annotated[str | None, typer.Option(help="The day or time that is asked about, local time; now if left out.")]
Crs = Annotated[
    str | None, typer.Option(help="Datum of coordinates: EPSG:4326 if left out, EPSG:4490, GCJ-02, BD-09, EPSG:….")
]
CrsOption = Annotated[str, typer.Option(help="Datum of the coordinates: EPSG:4326, EPSG:4490, GCJ-02, BD-09, EPSG:….")]


@app.command()
def demo(
    size: Annotated[
        Size | None, typer.Option(help="83 (street), 896 (district) or 10,000 grids (city); district if left out.")
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The first port to try.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    reset: Annotated[bool, typer.Option("--reset", help="Throw the demo's data away first.")] = False,
) -> None:
    """Serve the generated sample district, with a key for each role and what to try."""
    from service.commands import demo as command

    raise typer.Exit(command.demo(operator_settings(), size=size, host=host, port=port, reset=reset))


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Web processes.")] = 1,
) -> None:
    """Serve the API and the maps, with one worker for jobs. An empty database is migrated first."""
    from service.commands import running

    running.serve(operator_settings(), host, port, workers)


@app.command()
def worker(
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """Run jobs until stopped. `gridmap serve` starts one; more may run, on other machines too."""
    from service.commands import running

    running.run_worker(operator_settings(), with_parent=with_parent)


@app.command()
def migrate() -> None:
    """Bring the database to this version's schema. Safe to repeat, and from two places at once."""
    from service.commands import checking

    checking.migrate_now(operator_settings())


@app.command()
def check() -> None:
    """Look at everything that can be wrong and print OK or what to do. Exit status 1 where something is."""
    from service.commands import checking

    raise typer.Exit(0 if checking.check(operator_settings()) else 1)


@app.command()
def load(
    kind: Annotated[
        str, typer.Argument(help="What it holds: areas, grids, workers, duties, roster …; a wrong one lists them all.")
    ],
    file: Annotated[Path, typer.Argument(help="GeoPackage, Shapefile (zipped too), GeoJSON, OSM PBF, CSV or Excel.")],
    source_layer: Annotated[str | None, typer.Option(help="Layer inside the file, where it holds several.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook, by name or number from 1.")] = None,
    header_rows: Annotated[str | None, typer.Option(help="Rows of the header: 3, or 3-5 for several levels.")] = None,
    layer: Layer = None,
    crs: Annotated[str | None, typer.Option(help="Datum of the coordinates, over what the file says.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="field=COLUMN, over what was guessed. May stand several times.")
    ] = None,
    profile: Annotated[str | None, typer.Option(help="Use the mapping kept under this name.")] = None,
    save_profile: Annotated[str | None, typer.Option(help="Keep this mapping under a name.")] = None,
    within: Annotated[
        str | None, typer.Option(help="Replace only the grids of this area; cut streets and barriers at its outline.")
    ] = None,
    box: Annotated[str | None, typer.Option(help="Cut streets and barriers at W,S,E,N, in degrees.")] = None,
    effective: Annotated[str | None, typer.Option(help="When it takes effect; now if left out.")] = None,
    retire_missing: Annotated[bool, typer.Option("--retire-missing", help="End what the file does not hold.")] = False,
    repair: Annotated[bool, typer.Option("--repair", help="Mend geometry, and say each mend.")] = False,
    commit: Annotated[bool, typer.Option("--commit", help="Write. Without it nothing is changed.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="File for all findings and mends, with places: .csv, .xlsx, .geojson or .gpkg.")
    ] = None,
) -> None:
    """Load a file: shows what is wrong and what would change; writes only with --commit, all or nothing.

    Examples: `gridmap load grids grids.gpkg --map code=网格编码 --crs GCJ-02 --commit`,
    `gridmap load streets city.osm.pbf --box 116.30,39.98,116.34,40.02 --commit`
    """
    from geodata.intake.extent import parse_box
    from geodata.intake.report import LoadOptions
    from geodata.times import parse_time
    from service.commands import loading

    settings = operator_settings()
    options = LoadOptions(
        source_layer=source_layer,
        sheet=sheet,
        header_rows=row_range(header_rows) if header_rows else None,
        layer=layer,
        crs=crs,
        mapping=dict(field_and_column(text) for text in mapping or ()),
        profile=profile,
        save_profile=save_profile,
        within=within,
        box=parse_box(box) if box else None,
        effective=parse_time(effective, zone=settings.zone) if effective else None,
        retire_missing=retire_missing,
        repair=repair,
        commit=commit,
        actor=actor(),
    )
    raise typer.Exit(0 if loading.load_file(settings, kind, file, options, report) else 1)


@app.command()
def lookup(
    text: Annotated[
        str | None,
        typer.Argument(metavar="TEXT|LON,LAT", help="An address as somebody said it, or a point such as 117.0,36.65."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="Instead of an address: building:CODE, unit:CODE#LABEL, compound:, place: or station:CODE."),
    ] = None,
    matter: Annotated[
        str | None, typer.Option(help="Code of the kind of work: who is responsible comes first.")
    ] = None,
    layer: Annotated[str | None, typer.Option(help="Only this layer; all where left out.")] = None,
    near: Annotated[str | None, typer.Option(help="LON,LAT that the address is probably about.")] = None,
    within: Annotated[str | None, typer.Option(help="Code of the area that the address lies in.")] = None,
    as_of: AsOf = None,
    crs: Crs = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Who covers an address or point: the grid, whom to call first, who else is on duty or back when, stations.

    Where an address is not sure: what it may mean and what to ask the caller. Exit status 1 unless a grid surely
    covers it. Example: `gridmap lookup 示例路12号3单元`
    """
    from service.commands import asking

    asked = asking.Asked(text, crs, target, near, within, layer, matter)
    raise typer.Exit(0 if asking.lookup(operator_settings(), asked, as_of=as_of, as_json=as_json) else 1)


@app.command()
def assign(
    source: Annotated[Path, typer.Argument(help="CSV with an address or a point per row, of any size.")],
    target: Annotated[Path, typer.Argument(help="CSV to write: every input column, and the grid.")],
    mapping: Annotated[
        list[str] | None, typer.Option("--map", help="address=COLUMN, or lon=COLUMN and lat=COLUMN.")
    ] = None,
    crs: CrsOption = "EPSG:4326",
    layer: Layer = None,
    as_of: AsOf = None,
    summary: Annotated[Path | None, typer.Option(help="CSV of rows per grid, community and street.")] = None,
    within: Annotated[str | None, typer.Option(help="Code of the area that the addresses lie in.")] = None,
) -> None:
    """Give each row of a file its grid, in bounded memory: 30,000 events become a table per grid and street.

    Each address gets status, score and reasons; only what is sure gets a grid, the rest is counted by what a person
    must find out. Of a row with both the point counts. Example: `gridmap assign in.csv out.csv --map address=事发地址`
    """
    from service.commands import assigning

    columns = dict(field_and_column(text) for text in mapping or ())
    assigning.assign(operator_settings(), source, target, columns, crs, layer, as_of, summary, within)


@app.command()
def staffing(
    within: Annotated[str | None, typer.Option(help="Only what lies in the area of this code.")] = None,
    layer: Annotated[str | None, typer.Option(help="Only grids of this layer, and who has one of them.")] = None,
    days: Annotated[int, typer.Option(min=1, max=400, help="How far ahead holes are looked for.")] = 14,
    as_of: AsOf = None,
    format: Annotated[  # noqa: A002
        Literal["table", "csv", "json"], typer.Option(help="table for people; csv and json hold every row.")
    ] = "table",
    rows: Annotated[int, typer.Option(min=0, help="Most rows of each table; 0 for all.")] = 15,
    masked: Annotated[bool, typer.Option("--masked", help="Hide names that are not public.")] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit status 1 where there are holes or unmet norms.")
    ] = False,
) -> None:
    """Who is on duty, when nobody will be, which staffing norms are not met, and who looks after how much.

    A *hole* is a time in which somebody is needed and nobody is there: on leave without a stand-in, or gone without a
    successor. With an area or a layer everybody is named. Phones are not shown: `gridmap lookup` has them.

    `gridmap staffing`: posts of each role now, holes of the next 14 days

    `gridmap staffing --within 370102001 --days 56`: a street, everybody by name, eight weeks ahead

    `gridmap staffing --as-of 2026-10-01T22:00`: the night of a holiday

    `gridmap staffing --strict --format csv > staffing.csv || mail …`: every night, told where something is wrong
    """
    from service.commands import staffing as command

    question = command.Question(within, layer, as_of, days, masked)
    sound = command.staffing(operator_settings(), question, format=format, rows=rows, actor=actor())
    raise typer.Exit(1 if strict and not sound else 0)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made where missing.")],
    size: Annotated[Size, typer.Option(help="83 (street), 896 (district) or 10,000 grids (city).")] = "street",
    seed: Annotated[int, typer.Option(min=0, help="Another seed, another city; the same seed, the same bytes.")] = 1,
) -> None:
    """Write the generated sample as files that `gridmap load` reads, with the streets and buildings around them."""
    from service.commands import sampling

    sampling.write_sample(folder, size, seed)


@keys.command("create")
def create_key(
    role: Annotated[str, typer.Option(help="dispatcher, planner, clerk or admin.")],
    name: Annotated[str, typer.Option(help="The person or system that will hold it.")],
    expires: Annotated[str | None, typer.Option(help="Last day on which it is valid.")] = None,
) -> None:
    """Make a key and print it, once."""
    from service.commands import keys as command

    command.create(operator_settings(), role, name, expires, actor())


@keys.command("list")
def list_keys() -> None:
    """List keys, without the keys themselves."""
    from service.commands import keys as command

    command.show(operator_settings())


@keys.command("revoke")
def revoke_key(
    key_id: Annotated[int, typer.Argument(help="Number of the key, as `gridmap key list` shows it.")],
) -> None:
    """End a key at once."""
    from service.commands import keys as command

    command.revoke(operator_settings(), key_id, actor())


@changes.command("list")
def list_of_changes(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of the last ones.")] = 20,
) -> None:
    """List what loads and edits changed, by whom, and what was undone."""
    from service.commands import changing

    changing.show(operator_settings(), limit)


@changes.command("undo")
def undo_change(
    change_id: Annotated[int, typer.Argument(min=1, help="Number of the change, as `gridmap change list` shows it.")],
    commit: Annotated[bool, typer.Option("--commit", help="Undo it. Without it nothing is changed.")] = False,
) -> None:
    """Take a change back: what it added is withdrawn, what it ended goes on. Refused where something stands on it."""
    from service.commands import changing

    changing.undo(operator_settings(), change_id, actor(), commit=commit)


def _leave(number: int, _: object) -> None:
    """Unwind when told to end, so that servers and the embedded database that this command started end with it."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command; errors that a user can act on are told in a line, with exit status 2."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # what nohup asked for
            signal.signal(number, _leave)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    print_anywhere()
    try:
        app(prog_name="gridmap")
    except GeodataError as error:
        show_error(error)
        sys.exit(2)
    except BrokenPipeError:
        # Who read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except OSError as error:
        what = f"{error.strerror or error}" + (f": {error.filename}" if error.filename else "")
        show_error(GeodataError(what))
        sys.exit(2)


if __name__ == "__main__":
    main()
