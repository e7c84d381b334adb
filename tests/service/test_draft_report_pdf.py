"""What a meeting reads before it decides about a draft: one true sentence, maps before and after, every figure."""

import io
import re
from dataclasses import replace

import numpy as np
import pypdf
import shapely

from geodata.basemap import BaseShapes, BaseStreet
from geodata.drafts.balance import Band
from geodata.drafts.living import Living
from geodata.drafts.rules import findings_of_draft
from geodata.drafts.scene import Scene
from geodata.drafts.staff import Held, Staff
from geodata.drafts.state import DraftState
from geodata.drafts.surroundings import Surroundings
from geodata.drafts.walks import StraightTimes
from service.maps.assets import FOLDER
from service.maps.draft_report import headline, report_html, report_pdf
from service.maps.draft_report_records import DraftReport
from service.maps.draft_report_words import draft_report_words
from service.maps.draft_reporting import Telling, make_report
from service.maps.words import LANGUAGES, Language
from tests.drafted import drafted, homes_at, redrawn
from tests.support import corner

TELLING = Telling("样例草案", "第一稿", "综合网格", "2026-01-01", "open", None, False, "2026-11-22 23:00", "样例-规划")
HOSTILE = '<b>{{ 7*7 }}</b>\u202e\x07=1+1 & "x" <script>alert(1)</script>'
NOTHING = np.array([], dtype=object)
STATION = corner(0, 0)


def _base(drawing: str = "aabb\naabb") -> tuple[DraftState, Scene]:
    base = drafted(drawing, communities={"b": "K2"})
    width = len(drawing.splitlines()[0])
    homes = homes_at(*((*corner(x + 0.5, y + 0.5), 100 * (x % 4 + 1), 20) for x in range(width) for y in range(2)))
    axes = ([STATION[0]], [STATION[1]])
    held = Held("W1", "样例-甲", "worker", "网格员", "Grid worker", "primary")
    scene = Scene(
        Living.of(base, homes, stations=axes, times=StraightTimes(axes)),
        surroundings=Surroundings([("primary", "", shapely.LineString([corner(-1, -1), corner(9, -1)]))]),
        staff=Staff({"g1": (held,)}),
        bands={"urban": Band(300, 500, "the city's rule", "本市规定")},
    )
    return base, scene


def _redrawn() -> tuple[DraftState, Scene]:
    base, scene = _base()
    return redrawn(base, "abbb\ncabb"), scene


def _ground(bounds: tuple[float, float, float, float], detail: float) -> BaseShapes:
    assert bounds[0] < bounds[2]
    assert detail > 0
    street = BaseStreet(shapely.LineString([corner(-1, 1), corner(5, 1)]), "样园路", 2)
    return BaseShapes(NOTHING, NOTHING, NOTHING, NOTHING, [street], NOTHING, (), ())


def _report(state: DraftState, scene: Scene, telling: Telling = TELLING, lang: Language = "zh-CN") -> DraftReport:
    findings = findings_of_draft(state, scene)
    return make_report(state, scene, findings, telling, ground=_ground, stations=[STATION], lang=lang)


def _printed(report: DraftReport) -> tuple[str, list[str]]:
    pdf = pypdf.PdfReader(io.BytesIO(report_pdf(report)))
    assert all([round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297] for page in pdf.pages)
    pages = [page.extract_text() for page in pdf.pages]
    return "".join(pages), pages


def test_one_sentence_says_what_changes_and_for_whom() -> None:
    report = _report(*_redrawn())
    assert headline(report) == (
        "拟调整 3 个网格（新增 1 个），涉及 2 个社区；300 户（40 人）更换网格，200 户更换社区；"
        "户数达标的网格由 0 个变为 1 个。"
    )
    assert headline(replace(report, lang="en")) == (
        "3 grids would change (1 new), in 2 communities; 300 households (40 persons) would change grid, "
        "200 households would change community; grids in their band of households: 0 before, 1 after."
    )
    one_place = replace(report, standing=replace(report.standing, place="样例街道"))
    assert headline(one_place).startswith("样例街道拟调整 3 个网格")


def test_a_draft_that_changes_nothing_says_so_and_prints_no_empty_tables() -> None:
    report = _report(*_base())
    assert headline(report) == "草案“样例草案”尚未作任何调整。"
    _, pages = _printed(report)
    assert len(pages) == 1
    assert "<table" not in report_html(report)
    assert "<svg" not in report_html(report)


def test_the_report_prints_on_numbered_pages_with_maps_tables_and_what_figures_mean() -> None:
    report = _report(*_redrawn())
    text, pages = _printed(report)
    assert 1 < len(pages) <= 3
    assert all(f"{number} / {len(pages)}" in page for number, page in enumerate(pages, 1))
    assert "300 户" in pages[0]
    assert {"调整前", "调整后"} <= set(pages[0].split())
    assert "样园路" in pages[0]
    assert "1 :" in pages[0]
    for told in (
        "600 → 300",
        "偏多 → 达标",
        "新增 · 社区K1",
        "社区K2",
        "继承",
        "编制 样例-规划",
        "签字（盖章）",
        "样例-甲",
        "变异系数",
        "0.79",
        "本市规定",
    ):
        assert told in text, told
    assert "<table" in report_html(report)
    assert len(set(re.findall(r'clipPath id="([^"]+)"', report_html(report)))) == 2


def test_grids_have_the_same_number_on_both_maps_and_in_the_table() -> None:
    report = _report(*_redrawn())
    (drawn,) = report.maps
    numbers = [
        [str(n) for n in (1, 2, 3) if f'font-weight="bold" fill="#ffffff">{n}<' in svg]
        for svg in (drawn.before, drawn.after)
    ]
    assert numbers == [["1", "2"], ["1", "2", "3"]]
    assert [(one.after or one.before).code for one in report.impact.grids] == ["a", "b", "c"]  # type: ignore[union-attr]
    assert not drawn.unnumbered


def test_the_report_is_there_in_english_too() -> None:
    text = report_html(_report(*_redrawn(), lang="en")).replace("&#39;", "'")
    for told in (
        "Before and after",
        "too many</span> → <b>in band",
        "the city's rule",
        "Grid worker",
        "inherited",
        "square 0.79",
    ):
        assert told in text, told
    assert "调整前" not in text


def test_names_from_data_are_text_on_paper() -> None:
    state, scene = _redrawn()
    named = replace(state.grids["g1"], name=HOSTILE)
    state = state.changed({"g1": named}, {}, {"K1": replace(state.areas["K1"], name=HOSTILE)}, 2)
    telling = replace(TELLING, draft=HOSTILE * 4, note=HOSTILE, layer=HOSTILE)
    html = report_html(_report(state, scene, telling))
    text, pages = _printed(_report(state, scene, telling))
    assert "{{ 7*7 }}" in text
    assert "<script>" in text
    assert "<script" not in html
    assert "<b>{{" not in html
    assert "\u202e" not in html
    assert len(pages) <= 4


def test_who_changes_community_with_a_whole_grid_is_not_counted_among_those_who_change_grid() -> None:
    base, scene = _base()
    state = base.changed({"g1": replace(base.grids["g1"], community="K2")}, {}, {}, 1)
    report = _report(state, scene)
    assert headline(report).startswith("拟调整 1 个网格，涉及 2 个社区；600 户随网格更换社区；")
    assert "社区K1 → 社区K2" in report_html(report)


def test_places_far_from_each_other_are_drawn_each_by_itself() -> None:
    base, scene = _base("ab" + "." * 60 + "cd\n" + "ab" + "." * 60 + "cd")
    report = _report(redrawn(base, "ab" + "." * 60 + "cd\n" + "bb" + "." * 60 + "cc"), scene)
    assert len(report.maps) == 2
    assert report.places_left == 0
    assert "第 2 处（共 2 处）" in report_html(report)


def test_every_word_is_said_in_both_languages_and_asked_for() -> None:
    asked = (FOLDER / "templates" / "draft_report.html").read_text() + (FOLDER / "draft_report.py").read_text()
    chinese, english = (draft_report_words(lang) for lang in LANGUAGES)
    of_state = {"say_new", "say_ended", "open", "published", "discarded"}
    assert {name for name in english if not re.search(rf'words\.{name}\b|"{name}"', asked)} == of_state
    assert set(re.findall(r"\bwords\.(\w+)", asked)) <= english.keys()
    assert all(chinese[name] and chinese[name] != english[name] for name in chinese if name != "grids_unit")
