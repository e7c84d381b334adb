"""Valhalla's pedestrian contours, for comparison: run by a Python that has ``pyvalhalla-weekly==3.5.1.post1.dev248``.

    PYTHON tests/benchmarks/valhalla_contours.py FILE.osm.pbf < '{"minutes": [5, 15], "points": [[8.69, 49.41]]}'

Prints JSON: seconds of the processor for the tiles and for all contours, and of each point the GeoJSON geometries for
each of the minutes, none where Valhalla has none. Everybody walks 5 km/h and nothing costs extra, as with us.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import valhalla

NEUTRAL = {
    "walking_speed": 5.0,
    "walkway_factor": 1,
    "sidewalk_factor": 1,
    "alley_factor": 1,
    "driveway_factor": 1,
    "service_factor": 1,
    "step_penalty": 0,
    "elevator_penalty": 0,
    "service_penalty": 0,
    "gate_cost": 0,
    "gate_penalty": 0,
    "private_access_penalty": 0,
}


def made_tiles(extract: str, folder: Path) -> str:
    """Build the tiles of an extract; gives the path of their configuration."""
    (folder / "tiles").mkdir()
    config = valhalla.get_config(tile_extract="", tile_dir=str(folder / "tiles"), verbose=False)
    config["mjolnir"]["concurrency"] = 1
    path = folder / "valhalla.json"
    path.write_text(json.dumps(config))
    program = Path(valhalla.PYVALHALLA_DIR) / "bin" / "valhalla_build_tiles"
    subprocess.run([program, "-c", path, Path(extract).resolve()], check=True, capture_output=True, cwd=folder)
    return str(path)


def contours(actor: "valhalla.Actor", lon: float, lat: float, minutes: list[float]) -> list[object]:
    """Geometries around a point, as many as there are for each of the minutes."""
    asked = {
        "locations": [{"lon": lon, "lat": lat}],
        "costing": "pedestrian",
        "costing_options": {"pedestrian": NEUTRAL},
        "contours": [{"time": one} for one in minutes],
        "polygons": True,
        "denoise": 0,
        "generalize": 0,
    }
    try:
        found = actor.isochrone(asked)["features"]
    except RuntimeError:
        return [[] for _ in minutes]
    return [[one["geometry"] for one in found if one["properties"]["contour"] == within] for within in minutes]


def main() -> None:
    """Answer what stands at the standard input."""
    asked = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        config = made_tiles(sys.argv[1], Path(folder))
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        actor = valhalla.Actor(config)
        contours(actor, *asked["points"][0], asked["minutes"])
        began = time.process_time()
        shapes = [contours(actor, lon, lat, asked["minutes"]) for lon, lat in asked["points"]]
        seconds = time.process_time() - began
    tiles = used.ru_utime + used.ru_stime
    # The library writes its log to the standard output before.
    print("\n" + json.dumps({"tiles_seconds": tiles, "seconds": seconds, "shapes": shapes}))


if __name__ == "__main__":
    main()
