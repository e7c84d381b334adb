"""Points as people write them into the search field."""

import json
import subprocess
from pathlib import Path

import pytest

MODULE = Path(__file__).parents[3] / "service" / "maps" / "static" / "coordinates.js"


def readings(*texts: str) -> list[list[dict[str, float | bool]]]:
    script = f"""import {{ parsePoint }} from {json.dumps(MODULE.as_uri())};
    console.log(JSON.stringify({json.dumps(texts)}.map((text) => parsePoint(text))));"""
    command = ["node", "--input-type=module", "--eval", script]
    run = subprocess.run(command, capture_output=True, check=True, text=True, timeout=30)
    found: list[list[dict[str, float | bool]]] = json.loads(run.stdout)
    return found


def test_a_point_is_read_however_it_is_written() -> None:
    written = (
        "117.02,36.67",
        "117.02，36.67",
        "117.02 36.67",
        "（117.02、36.67）",
        "117.02; 36.67",
        "东经117.02° 北纬36.67°",
        "北纬36.67°，东经117.02°",
        "经度：117.02 纬度：36.67",
        "117°1′12″, 36°40′12″",
        "117°1'12\" 36°40'12\"",
        "东经117°1′12″北纬36°40′12″",
        "东经117度1分12秒，北纬36度40分12秒",
        "36°40′12″N 117°1′12″E",
        "lon=117.02, lat=36.67",
    )
    for text, found in zip(written, readings(*written), strict=True):
        assert [reading["swapped"] for reading in found] == [False], text
        assert (found[0]["lon"], found[0]["lat"]) == pytest.approx((117.02, 36.67), abs=1e-9), text


def test_latitude_first_is_asked_about_and_what_is_no_point_is_none() -> None:
    (swapped,), *nothing = readings(
        "36.67, 117.02", "117.02", "117,36,5", "某某路12号", "东经117 东经36", "200,100", ""
    )
    assert (swapped["lon"], swapped["lat"], swapped["swapped"]) == (117.02, 36.67, True)
    assert nothing == [[]] * 6
