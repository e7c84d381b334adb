"""What OpenStreetMap says of walking: one row per rule."""

import pytest
import shapely

from geodata.exchange.osm_walk import barrier_class, foot, is_around_a_plot, is_closed, is_way, way_class


def _tags(text: str) -> dict[str, str]:
    """``highway=trunk foot=yes`` as tags."""
    return dict(pair.split("=") for pair in text.split())


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("highway=residential", "yes"),
        ("highway=living_street", "yes"),
        ("highway=footway", "yes"),
        ("highway=footway footway=sidewalk", "yes"),
        ("highway=pedestrian area=yes", "yes"),
        ("highway=corridor indoor=yes", "yes"),
        ("highway=elevator", "yes"),
        ("highway=track", "yes"),
        ("highway=cycleway", "yes"),
        ("highway=cycleway foot=no", "no"),
        ("highway=cycleway foot=use_sidepath", "no"),
        ("highway=bridleway", "yes"),
        ("highway=bridleway foot=no", "no"),
        ("highway=service service=parking_aisle", "yes"),
        ("highway=service service=driveway", "yes"),
        ("highway=service service=driveway access=private", "private"),
        ("highway=service access=private foot=yes", "yes"),
        ("highway=service access=customers", "yes"),
        ("highway=service access=delivery", "yes"),
        ("highway=residential access=no", "no"),
        ("highway=residential access=no foot=designated", "yes"),
        ("highway=residential access=permit", "private"),
        ("highway=residential access=yes foot=private", "private"),
        ("highway=residential motor_vehicle=no", "yes"),
        ("highway=residential sidewalk=separate", "yes"),
        ("highway=residential oneway=yes oneway:foot=yes", "yes"),
        ("highway=path foot=destination;no", "yes"),
        ("highway=path foot=sometimes", "yes"),
        ("highway=path foot:conditional=no@(22:00-06:00)", "yes"),
        ("highway=path access=no access:conditional=yes@(08:00-18:00)", "no"),
        ("highway=steps", "steps"),
        ("highway=steps foot=designated", "steps"),
        ("highway=steps access=private", "private"),
        ("highway=steps ramp:wheelchair=yes", "yes"),
        ("highway=motorway", "no"),
        ("highway=motorway_link foot=yes", "no"),
        ("highway=trunk", "no"),
        ("highway=trunk sidewalk=both", "yes"),
        ("highway=trunk sidewalk:right=yes", "yes"),
        ("highway=trunk sidewalk=separate", "no"),
        ("highway=trunk_link foot=designated", "yes"),
        ("highway=trunk sidewalk=both access=private", "private"),
        ("highway=primary motorroad=yes", "no"),
        ("highway=primary motorroad=yes foot=yes", "yes"),
        ("highway=raceway", "no"),
        ("highway=bus_guideway", "no"),
        ("railway=platform", "yes"),
        ("man_made=pier", "yes"),
        ("man_made=pier access=private", "private"),
    ],
)
def test_who_walks_on_a_way(tags: str, expected: str) -> None:
    assert is_way(_tags(tags))
    assert foot(_tags(tags)) == expected


@pytest.mark.parametrize(
    "tags",
    [
        "route=ferry",
        "route=ferry foot=yes",
        "highway=construction construction=residential",
        "highway=proposed",
        "highway=rest_area area=yes",
        "highway=service area=yes",
        "highway=no",
        "railway=rail",
        "building=yes",
    ],
)
def test_what_is_not_built_a_site_or_a_ferry_is_no_street(tags: str) -> None:
    assert not is_way(_tags(tags))


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("highway=residential", "residential"),
        ("highway=motorway", "motorway"),
        ("highway=pedestrian", "pedestrian"),
        ("highway=pedestrian area=yes", "square"),
        ("railway=platform highway=platform", "platform"),
        ("railway=platform", "platform"),
        ("man_made=pier", "pier"),
    ],
)
def test_the_class_is_that_of_the_street_and_a_square_is_one_of_its_own(tags: str, expected: str) -> None:
    assert way_class(_tags(tags)) == expected


@pytest.mark.parametrize(
    ("tags", "closed"),
    [
        ("barrier=gate", False),
        ("barrier=gate locked=yes", True),
        ("barrier=gate locked=yes foot=yes", False),
        ("barrier=gate access=private", True),
        ("barrier=gate access=no", True),
        ("barrier=gate access=private foot=designated", False),
        ("barrier=gate foot=no", True),
        ("barrier=kissing_gate", False),
        ("barrier=turnstile", False),
        ("barrier=entrance", False),
        ("barrier=lift_gate", False),
        ("barrier=lift_gate locked=yes", False),
        ("barrier=lift_gate access=private", True),
        ("barrier=swing_gate locked=yes", False),
        ("barrier=bollard", False),
        ("barrier=bollard access=no", False),
        ("barrier=bollard locked=yes", False),
        ("barrier=bollard foot=no", True),
        ("barrier=stile", False),
        ("barrier=wall", True),
        ("barrier=wall access=yes", False),
        ("barrier=fence", True),
        ("barrier=hedge", True),
        ("barrier=something_new", False),
        ("barrier=no", False),
        ("highway=crossing access=private", False),
    ],
)
def test_which_nodes_close_their_ways(tags: str, closed: bool) -> None:
    assert is_closed(_tags(tags)) == closed


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("waterway=river", "water"),
        ("waterway=canal", "water"),
        ("waterway=river tunnel=yes", ""),
        ("waterway=canal tunnel=culvert", ""),
        ("waterway=stream", ""),
        ("waterway=riverbank", "water"),
        ("natural=water", "water"),
        ("landuse=reservoir", "water"),
        ("landuse=basin", "water"),
        ("natural=water covered=yes", ""),
        ("railway=rail", "railway"),
        ("railway=light_rail", "railway"),
        ("railway=subway tunnel=yes", ""),
        ("railway=subway", "railway"),
        ("railway=rail bridge=viaduct", ""),
        ("railway=tram", ""),
        ("railway=abandoned", ""),
        ("barrier=wall", "wall"),
        ("barrier=fence", "wall"),
        ("barrier=retaining_wall", "wall"),
        ("barrier=hedge", ""),
        ("barrier=gate", ""),
        ("highway=motorway", "motorway"),
        ("highway=motorway_link", "motorway"),
        ("highway=motorway tunnel=yes", ""),
        ("highway=motorway bridge=yes", ""),
        ("highway=trunk", ""),
    ],
)
def test_what_nobody_crosses(tags: str, expected: str) -> None:
    assert barrier_class(_tags(tags)) == expected


@pytest.mark.parametrize(("metres", "around"), [(90, True), (110, False)])
def test_a_wall_round_less_than_a_hectare_is_that_of_a_plot(metres: float, around: bool) -> None:
    square = shapely.box(117.0, 0.0, 117.0 + metres / 111_320, metres / 110_574).exterior
    ring = shapely.LineString(square.coords)
    assert is_around_a_plot({"barrier": "fence"}, ring) == around
    assert not is_around_a_plot({"natural": "water"}, ring)
    assert not is_around_a_plot({"barrier": "fence"}, shapely.LineString(ring.coords[:-1]))
