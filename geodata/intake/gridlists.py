"""Stage 5 for grids as lists: what the lists name → places → a whole tiling of each community → the tiling's stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from psycopg import Connection

from geodata.address.register import addresses_near
from geodata.area import areas_in_force
from geodata.grid.barriers import barrier_rank
from geodata.grid.blocks import LATTICE_METRES, Lines, in_degrees, on_lattice
from geodata.grid.communities import valid_areas
from geodata.grid.layers import layer
from geodata.grid.lists import Ground, build
from geodata.grid.plane import LocalPlane, Shapes
from geodata.grid.publish import grids_in_force, lock_layer
from geodata.intake.claimed import claimed_places, unlisted
from geodata.intake.communities import Territory, territory
from geodata.intake.directory import make_directory
from geodata.intake.doubts import doubt_findings
from geodata.intake.draft import Draft
from geodata.intake.list_rows import join_rows
from geodata.intake.listed import GridList, read_lists
from geodata.intake.references import now
from geodata.intake.report import LoadOptions, Plan, Progress
from geodata.intake.rows import Records
from geodata.intake.tilings import draft_tiling
from geodata.place.buildings import BUILDINGS
from geodata.place.compounds import COMPOUNDS
from geodata.records import Finding
from geodata.station.streets import streets_near

_REACH_METRES = 1.0


@dataclass(frozen=True, slots=True)
class _Site:
    """The communities of the lists: codes in order, names, shapes in degrees and in metres."""

    codes: list[str]
    names: list[str]
    degrees: Shapes
    metres: Shapes
    plane: LocalPlane


def draft_gridlists(connection: Connection[Any], records: Records, options: LoadOptions, progress: Progress) -> Draft:
    """The release that gives each community of the lists the grids that they describe.

    Parameters
    ----------
    records
        One grid each, or several rows of one: ``code name kind community households persons`` and what it lists,
        ``compounds buildings roads scope``.
    options
        As for grids. Without ``within`` the grids of the communities that the lists name are replaced, all others
        stay; with it those of the whole area.

    Notes
    -----
    Compounds and buildings are those in force at the time of the load; streets and addresses are current only. Grids
    that stay keep their ground: what they reach into a community is left to them, and said.
    """
    target = layer(connection, options.layer)
    if options.commit:
        lock_layer(connection, target["layer_id"])
    effective = now(connection) if options.effective is None else options.effective
    known = territory(areas_in_force(connection, effective))
    existing = grids_in_force(connection, target["layer_id"], effective)
    joined = join_rows(records, known, existing, options.within)
    grids, findings = joined.records, list(joined.findings)
    findings += _undrawn(known, grids)
    if target["tiling"] != "full":
        findings.append(_partial(target["code"]))
    drawn, codes, named = set(known.communities["code"]), grids.column("code"), grids.column("community")
    # In code order: what is decided by the lower grid must not depend on the order of rows.
    usable = [at for at, code in enumerate(named) if code in drawn and grids.sound[at]]
    usable.sort(key=lambda at: str(codes[at]))
    if not usable:
        return Draft(Plan(), findings, _nothing, effective, layer=target["code"])
    site = _site(known, {str(named[at]) for at in usable})
    areas = set(site.codes) if options.within is None else known.below(options.within)
    staying = [row for row in existing if row["community"] not in areas]
    lists = [
        GridList(int(grids.rows[at]), str(codes[at]), site.codes.index(str(named[at])), joined.parts[at])
        for at in usable
    ]
    shapes, more = _built(connection, site, lists, staying, effective, progress)
    told = replace(options, effective=effective)
    draft = draft_tiling(connection, _drawn_records(grids, usable, shapes), told, progress, areas=areas)
    return replace(draft, findings=[*findings, *more, *_once(draft.findings, findings)])


def _drawn_records(records: Records, usable: Sequence[int], shapes: Shapes) -> Records:
    """The grids with their shapes; one to which no ground came is no longer sound."""
    geometry = np.full(len(records), None, dtype=object)
    geometry[usable] = [None if shape.is_empty else shape for shape in shapes]
    sound = records.sound & ~np.array([shape is None for shape in geometry])
    return replace(records, geometry=geometry, sound=sound)


def _nothing() -> None:
    """Nothing to write."""


def _once(later: Sequence[Finding], before: Sequence[Finding]) -> list[Finding]:
    """Findings of the tiling's stage that were not made here already, borders that agree to a millimetre in one."""
    said = {(finding.kind, finding.row, finding.message) for finding in before}
    new = [finding for finding in later if (finding.kind, finding.row, finding.message) not in said]
    fine = [finding for finding in new if _is_fine(finding)]
    return new if len(fine) < 2 else [finding for finding in new if not _is_fine(finding)] + [_fine_borders(fine)]


def _is_fine(finding: Finding) -> bool:
    return finding.kind == "edge-mismatch" and bool(finding.facts["apart_metres"] < LATTICE_METRES)


def _fine_borders(fine: Sequence[Finding]) -> Finding:
    """What grids that were drawn here share with those that stay has corners of its own: nobody needs to see each."""
    return Finding(
        "warning",
        "edge-mismatch",
        f"{len(fine)} borders with grids that stay agree to a millimetre, but not corner by corner. They work as they "
        "are; --repair makes the borders one.",
        f"与保持不变的网格有 {len(fine)} 处公共边界相差不到 1 毫米，顶点未逐一重合。可以使用；--repair 可使边界一致。",
        None,
        None,
        fine[0].lon,
        fine[0].lat,
        {"places": len(fine), "apart_metres": max(one.facts["apart_metres"] for one in fine)},
    )


def _site(known: Territory, codes: set[str]) -> _Site:
    frame = known.communities[known.communities["code"].isin(codes)].sort_values("code", kind="stable")
    shapes = valid_areas(frame.geometry.to_numpy())
    plane = LocalPlane.around(shapes)
    ordered = frame["code"].tolist()
    names = [str(known.areas[code]["name"]) for code in ordered]
    return _Site(ordered, names, shapes, _in_metres(shapes, plane), plane)


def _in_metres(shapes: Shapes, plane: LocalPlane) -> Shapes:
    """Valid shapes on the lattice of the plane."""
    snapped = on_lattice(plane.forward(shapes))
    bad = np.flatnonzero(~shapely.is_valid(snapped))
    snapped[bad] = valid_areas(snapped[bad])
    return snapped


def _built(
    connection: Connection[Any],
    site: _Site,
    lists: Sequence[GridList],
    staying: Sequence[Mapping[str, Any]],
    effective: int,
    progress: Progress,
) -> tuple[Shapes, list[Finding]]:
    """Shapes of the listed grids in degrees, empty where nothing came to one, and all that is to be said of them."""
    progress("reading what the lists name", 0, len(lists))
    around = shapely.box(*shapely.total_bounds(site.degrees))
    streets = streets_near(connection, around)
    compounds = COMPOUNDS.in_force(connection, effective)
    buildings, addresses = BUILDINGS.in_force(connection, effective), addresses_near(connection, around)
    directory = make_directory(
        site.metres, site.plane, compounds, buildings, addresses, [row["name"] for row in streets]
    )
    listing, findings = read_lists(lists, directory, site.names)
    claimed, missing = claimed_places(lists, listing, directory)
    walls = np.array(
        [one.outline for one in directory.compounds if one.outline is not None and one.places], dtype=object
    )
    beside, taken = _staying(site, staying)
    progress("drawing grids", 0, len(lists))
    ground = Ground(site.metres, taken, _lines(site, streets), walls)
    grid_ground = np.array([one.place for one in lists], dtype=np.int64)
    built = build(ground, grid_ground, claimed.claims, claimed.weights)
    findings += missing + _taken_ground(site, taken)
    if not len(ground.streets.shapes):
        findings.append(_no_streets())
    findings += doubt_findings(built, lists, claimed, unlisted(listing, directory), site.names, site.plane)
    return in_degrees(built.shapes, site.plane, np.array([*site.degrees, *beside], dtype=object)), findings


def _lines(site: _Site, streets: Sequence[Mapping[str, Any]]) -> Lines:
    """Streets that a border may follow, as far as they touch the communities."""
    ranks = np.array([barrier_rank(row["class"]) for row in streets], dtype=np.int64)
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in streets], dtype=object))
    kept = ranks > 0
    metres = on_lattice(site.plane.forward(shapes[kept])) if kept.any() else np.array([], dtype=object)
    touching = np.unique(shapely.STRtree(site.metres).query(metres, predicate="intersects")[0])
    return Lines(metres[touching], ranks[kept][touching])


def _staying(site: _Site, staying: Sequence[Mapping[str, Any]]) -> tuple[Shapes, Shapes]:
    """Grids that stay and touch the communities, in degrees and in metres."""
    shapes = shapely.from_wkb(np.array([row["wkb"] for row in staying], dtype=object))
    near = np.unique(shapely.STRtree(site.degrees).query(shapes, predicate="intersects")[0])
    beside = valid_areas(shapes[near])
    return beside, _in_metres(beside, site.plane)


def _undrawn(known: Territory, records: Records) -> list[Finding]:
    """Errors for communities that are known but have no outline to build in."""
    drawn = set(known.communities["code"])
    findings = []
    for at, code in enumerate(records.column("community")):
        if code is not None and code not in drawn:
            name = known.areas[code]["name"]
            findings.append(
                Finding(
                    "error",
                    "community-without-shape",
                    f"{name} ({code}) has no outline, or is no community: load its polygon with the areas first.",
                    f"“{name}”（{code}）没有范围图形，或不是社区：请先在区划中导入其范围。",
                    int(records.rows[at]),
                    records.column("code")[at],
                    facts={"field": "community", "value": code},
                )
            )
    return findings


def _taken_ground(site: _Site, taken: Shapes) -> list[Finding]:
    """A warning for each community that grids of others reach into by more than a hairline."""
    findings = []
    for at, shape in enumerate(site.metres):
        here = shapely.union_all(shapely.intersection(taken, shape)) if len(taken) else shapely.Polygon()
        if shapely.is_empty(shapely.buffer(here, -_REACH_METRES)):
            continue
        name, area = site.names[at], site.plane.square_metres(here)
        findings.append(
            Finding(
                "warning",
                "ground-taken",
                f"{area:,.0f} m² of {name} belong to grids of other communities and stay with them.",
                f"{name}有 {area:,.0f} 平方米属于其他社区的网格，保持不变。",
                None,
                None,
                *site.plane.inside(here),
                {"community": name, "square_metres": round(area)},
            )
        )
    return findings


def _no_streets() -> Finding:
    return Finding(
        "warning",
        "no-streets",
        "No streets are known in these communities, so borders follow none: load streets first.",
        "这些社区内没有道路数据，边界无法沿道路划分：请先导入道路。",
    )


def _partial(code: str) -> Finding:
    return Finding(
        "error",
        "partial-layer",
        f"Lists build a whole tiling, and layer {code} is partial: choose a full one with --layer.",
        f"清单生成的是全覆盖网格，而“{code}”是部分覆盖类型：请用 --layer 选择全覆盖类型。",
        facts={"layer": code},
    )
