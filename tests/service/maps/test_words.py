"""Pages speak two languages, say nothing twice and nothing that no page asks for; colours can be told apart."""

import re
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from service.maps.assets import FOLDER
from service.maps.coverage_classes import SHARE_CLASSES
from service.maps.coverage_words import coverage_words
from service.maps.coverage_words import own_words as own_coverage_words
from service.maps.desk_words import desk_words
from service.maps.dispatch_words import dispatch_words
from service.maps.dispatch_words import own_words as own_dispatch_words
from service.maps.palette import FILLS, THEME_FILLS
from service.maps.plan_words import own_words as own_plan_words
from service.maps.plan_words import plan_page_words, plan_words
from service.maps.roster_words import own_words, roster_words
from service.maps.standalone_words import standalone_words
from service.maps.words import LANGUAGES, language, map_words, page_words

# Dichromats' sight after Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "trichromat": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "protanope": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranope": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanope": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour: str) -> NDArray[np.float64]:
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(rgb, 0, 1) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    light, dark = sorted((float(weights @ linear(colour)) for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("sight", SIGHT)
def test_fills_are_told_apart_by_every_kind_of_sight(sight: str) -> None:
    seen = [lab(np.array(SIGHT[sight]) @ linear(fill)) for fill in FILLS]
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) > 10


def test_fills_are_told_apart_on_a_black_and_white_print() -> None:
    lightness = [float(lab(linear(fill))[0]) for fill in FILLS]
    assert min(one - other for one, other in pairwise(lightness)) > 4


def test_classes_of_coverage_get_darker_with_need_for_every_eye_and_in_grey() -> None:
    for sight in SIGHT.values():
        lightness = [float(lab(np.array(sight) @ linear(one.colour))[0]) for one in SHARE_CLASSES]
        assert min(better - worse for worse, better in pairwise(lightness)) > 6


def test_classes_of_a_figure_get_darker_for_every_eye_and_in_grey() -> None:
    for sight in SIGHT.values():
        lightness = [float(lab(np.array(sight) @ linear(fill))[0]) for fill in THEME_FILLS]
        assert min(less - more for less, more in pairwise(lightness)) > 5


def test_names_and_borders_stand_out_on_every_fill() -> None:
    assert min(contrast("#1d252c", fill) for fill in (*FILLS, *THEME_FILLS)) > 5.9
    assert min(contrast("#124aa3", fill) for fill in (*FILLS, *THEME_FILLS)) > 3


def test_text_colours_of_the_style_have_contrast_aa() -> None:
    style = (FOLDER / "static" / "page.css").read_text()
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", style))
    for text in ("ink", "ink-soft", "accent", "failure"):
        for ground in ("paper", "ground", "accent-pale"):
            assert contrast(colours[text], colours[ground]) > 4.5, (text, ground)
    assert contrast(colours["caution"], colours["caution-pale"]) > 4.5


@pytest.mark.parametrize(
    ("asked", "given"), [(None, "zh-CN"), ("", "zh-CN"), ("en", "en"), ("en-GB", "en"), ("<x>", "zh-CN")]
)
def test_english_is_spoken_on_request_alone(asked: str | None, given: str) -> None:
    assert language(asked) == given


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    pages = (page_words, map_words, desk_words, roster_words, dispatch_words, coverage_words)
    for words in (*pages, plan_words, plan_page_words):
        chinese, english = (words(lang) for lang in LANGUAGES)
        assert chinese.keys() == english.keys()
        for name, text in chinese.items():
            if isinstance(text, str):
                assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", english[name])), name
            else:
                assert text.keys() == english[name].keys()


def test_no_word_is_said_by_nobody() -> None:
    pages = "".join(path.read_text() for path in (FOLDER / "templates").iterdir())
    python = (
        "pages.py",
        "home_pages.py",
        "coverage_pages.py",
        "desk_pages.py",
        "dispatch_pages.py",
        "embed_pages.py",
        "plan_pages.py",
        "roster_pages.py",
        "blank_sheets.py",
    )
    pages += "".join((FOLDER / name).read_text() for name in python)
    modules = "".join(path.read_text() for path in (FOLDER / "static").rglob("*.js"))
    built = ("not_found_title", "not_known_title", "unavailable_title", "refused_title")
    unsaid = [name for name in page_words("en") if name not in built and not re.search(rf"\b{name}\b", pages)]
    unsaid += [name for name in map_words("en") if not re.search(rf"words\.{name}\b", modules)]
    # Those whose name says what is counted, such as `count_new`, are asked for by what it is.
    kinds_of = [name for name in desk_words("en") if not name.startswith(("count_", "figure_", "shape_"))]
    unsaid += [name for name in kinds_of if not re.search(rf"(words\.|[{{,] ){name}\b", modules)]
    roster = "".join(path.read_text() for path in (FOLDER / "static").rglob("*.js") if path.parent.name != "desk")
    unsaid += [name for name in own_words("en") if not re.search(rf"words\.{name}\b", roster)]
    unsaid += [name for name in own_dispatch_words("en") if not re.search(rf"words\.{name}\b", modules)]
    # Tabs and layers of the map are asked for by their names.
    chosen = [name for name in own_coverage_words("en") if not name.startswith(("tab_", "layer_"))]
    unsaid += [name for name in chosen if not re.search(rf"words\.{name}\b", modules)]
    unsaid += [name for name in own_plan_words("en") if not re.search(rf"words\.{name}\b", modules)]
    unsaid += [name for name in plan_page_words("en") if not re.search(rf"own(\.|\[\"){name}\b", pages)]
    assert unsaid == []


def test_every_word_that_is_asked_for_exists() -> None:
    # Printed reports and the map as a file have words of their own.
    own = ("coverage_report", "draft_report", "standalone")
    pages = (path for path in (FOLDER / "templates").iterdir() if not path.name.startswith(own))
    templates = "".join(path.read_text() for path in pages)
    modules = {path: path.read_text() for path in (FOLDER / "static").rglob("*.js")}
    shared = {path for path in modules if path.name == "session.js"}
    desk = {path for path in modules if path.parent.name in ("desk", "kit")}
    assert set(re.findall(r"\bwords\.(\w+)", templates)) <= page_words("en").keys()
    roster = {path for path in modules if path.parent.name in ("roster", "kit")}
    people = {path for path in modules if path.name == "people.js"}
    dispatch = {path for path in modules if path.parent.name == "dispatch"}
    coverage = {path for path in modules if path.parent.name == "coverage"}
    alone = {path for path in modules if path.parent.name == "standalone"}
    plan = {path for path in modules if path.parent.name == "plan" or path.parent.parent.name == "plan"}
    tools = {path for path in modules if path.name in ("form.js", "notices.js", "session.js")}
    parts = {path for path in modules if path.name in ("card.js", "people.js", "session.js", "form.js", "notices.js")}
    for paths, words in (
        (modules.keys() - desk - roster - dispatch - coverage - alone - plan, map_words("en")),
        (plan | tools, plan_words("en")),
        (coverage | tools, coverage_words("en")),
        (dispatch | parts, dispatch_words("en")),
        (desk | shared, desk_words("en")),
        (roster | shared | people, roster_words("en")),
    ):
        asked = set(re.findall(r"\bwords\.(\w+)", "".join(modules[path] for path in paths)))
        assert asked <= words.keys()


def test_the_map_as_a_file_has_each_word_that_it_asks_for_and_no_other() -> None:
    paths = [*(FOLDER / "static" / "standalone").glob("*.js"), FOLDER / "templates" / "standalone.html"]
    asked = set(re.findall(r"\bwords\.(\w+)", "".join(path.read_text() for path in paths)))
    written = set(re.findall(r"words\[\"(\w+)\"\]", (FOLDER / "standalone.py").read_text()))
    written |= {"title", "title_of_grids"}
    # A kind of grid is named by its own word.
    assert asked | written | {"urban", "rural"} == standalone_words("en").keys()
