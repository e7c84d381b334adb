"""Counts of grids as a whole are never divided: whose ground is to be another is told."""

from dataclasses import replace

import shapely

from geodata.drafts.living import Living
from geodata.drafts.miscounted import findings_of_counts, miscounted_grids
from geodata.drafts.rules import findings_of, findings_of_draft
from geodata.drafts.scene import Scene
from tests.drafted import drafted, homes_at

COUNTED = {"a": ("events", "patrols"), "b": ("events",), "c": ("events",), "d": ("events",), "z": ("events",)}


def test_grids_that_were_counted_and_get_other_ground_or_end_are_told():
    base = drafted("aabbcd")
    whole = shapely.union_all([base.shape("g1"), base.shape("g2")])
    # The third only gets a vertex, the fourth another code.
    more = shapely.segmentize(base.shape("g3"), base.shape("g3").length / 5)
    renamed = replace(base.grids["g4"], code="e")
    merged = base.changed({"g2": None}, {"g1": whole, "g2": None, "g3": more}, {}, 1)
    last = merged.changed({"g4": renamed}, {}, {}, 2)
    assert miscounted_grids(last, COUNTED) == ["a", "b", "d"]
    found = list(findings_of_counts(base, last, COUNTED))
    assert [(one.code, one.facts["counts"]) for one in found] == [
        ("a", ["events", "patrols"]),
        ("b", ["events"]),
        ("d", ["events"]),
    ]
    assert "events、patrols" in found[0].message_zh
    assert "Its code ends" in found[1].message
    scene = Scene(Living.of(base, homes_at([])), counted=COUNTED)
    assert [one.code for one in findings_of(merged, last, scene) if one.kind == "counts-left"] == ["d"]
    assert [one.code for one in findings_of_draft(last, scene) if one.kind == "counts-left"] == ["a", "b", "d"]
    assert not list(findings_of_counts(base, last, {}))
