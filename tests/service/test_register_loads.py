"""Registers of addresses by the clerk's desk: contradictions shown, committed and undone; extracts layer by layer."""

import osmium
import pytest

from tests.service.conftest import Service, problem_of
from tests.service.desks import Desk

ADDRESSES = (
    "标准地址,经度,纬度\n示例市建设路1号,117.0,36.65\n示例市建设路1号,117.02,36.65\n示例市建设路3号,117.001,36.65\n"
).encode()


@pytest.fixture
def clerk(own_service: Service) -> Desk:
    return Desk(own_service)


def _extract(path) -> bytes:
    with osmium.SimpleWriter(str(path)) as writer:
        corners = ((1, 117.0, 36.0), (2, 117.01, 36.0), (3, 117.01, 36.01), (4, 117.0, 36.01))
        for node_id, lon, lat in corners:
            writer.add_node(osmium.osm.mutable.Node(id=node_id, location=(lon, lat)))
        shop = {"name": "示例便利店", "shop": "convenience"}
        writer.add_node(osmium.osm.mutable.Node(id=9, location=(117.005, 36.005), tags=shop))
        tags = {"landuse": "residential", "name": "示例花园"}
        writer.add_way(osmium.osm.mutable.Way(id=30, nodes=[1, 2, 3, 4, 1], tags=tags))
        writer.add_way(osmium.osm.mutable.Way(id=31, nodes=[1, 2, 3], tags={"highway": "residential"}))
    return path.read_bytes()


def test_contradictions_of_a_register_are_shown_and_do_not_hinder_it(clerk: Desk) -> None:
    load = clerk.checked(ADDRESSES, file="地址.csv")
    assert (load["kind"], load["counts"]["errors"], load["can_commit"]) == ("addresses", 0, True)
    found = clerk.get(f"/{load['id']}/findings")["items"]
    assert {(one["kind"], one["row"]) for one in found} >= {("door-at-two-points", 3)}
    plan = clerk.get(f"/{load['id']}/plan", what="new")["items"]
    assert {one["label"] for one in plan} == {"示例市建设路1号", "示例市建设路3号"}
    committed = clerk.step(load, "commit")
    assert committed["state"] == "committed"
    assert clerk.checked(ADDRESSES, file="地址.csv")["counts"]["same"] == 3
    clerk.step(committed, "undo")
    assert clerk.checked(ADDRESSES, file="地址.csv")["counts"]["new"] == 3


def test_an_extract_is_read_layer_by_layer(clerk: Desk, tmp_path) -> None:
    content = _extract(tmp_path / "town.osm.pbf")
    load = clerk.checked(content, file="town.osm.pbf", kind="compounds")
    assert (load["sheet"], load["counts"]["new"], load["can_commit"]) == ("compounds", 1, True)
    assert load["sheets"] == ["places", "streets", "barriers", "backdrop", "compounds", "buildings", "addresses"]
    streets = clerk.checked(content, file="town.osm.pbf", kind="streets")
    problem_of(clerk.ask("PATCH", f"/{streets['id']}", json={"box": "here"}), 422, "invalid-input")
    clerk.ask("PATCH", f"/{streets['id']}", json={"box": "8,49,9,50"})
    clerk.work()
    beside = clerk.get(f"/{streets['id']}")
    assert (streets["counts"]["new"], beside["can_commit"], beside["options"]["box"]) == (1, False, "8,49,9,50")
    marked = clerk.ask("GET", f"/{load['id']}/marked")
    assert marked.status_code == 200
    places = clerk.checked(content, file="town.osm.pbf", kind="places")
    assert (places["sheet"], places["counts"]["new"]) == ("places", 1)
