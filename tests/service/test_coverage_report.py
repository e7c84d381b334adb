"""What a leader reads: one true sentence, the ranking, the map, and what the figures rest on."""

import io
from dataclasses import replace

import pypdf
import pytest
import shapely

from service.maps.coverage_report import (
    CoverageReport,
    Gap,
    Ranked,
    Reached,
    ReportMap,
    Site,
    change,
    headline,
    percent,
    report_html,
    report_pdf,
)

WEST, EAST = shapely.box(117.0, 36.6, 117.05, 36.65), shapely.box(117.05, 36.6, 117.1, 36.65)
REPORT = CoverageReport(
    place="样例区",
    minutes=15,
    kmh=5,
    profile="成年人",
    count="households",
    total=Reached(30_000, 26_190),
    as_of="2026-11-22",
    made_on="2026-11-22",
    network_on="2026-11-20",
    level="街道",
    ranking=[
        Ranked("2", "乙街道<b>", Reached(10_000, 7_000), Reached(10_000, 8_000)),
        Ranked("1", "甲街道", Reached(20_000, 19_190), Reached(20_000, 18_000)),
    ],
    gaps=[Gap(117.02, 36.62, 1_200, "和平路附近", "样例站", 22.4), Gap(117.08, 36.62, 300, "河心岛", "", None)],
    sites=[Site(117.02, 36.62, "和平路 × 胜利街附近", 900, 0.903), Site(117.08, 36.63, "样例路附近", 200, 0.91)],
    stations=14,
    map=ReportMap((117.0, 36.6, 117.1, 36.65), [WEST, EAST], [0.7, None], [("甲街道", WEST)], [], [(117.03, 36.61)]),
    before=Reached(30_000, 26_000),
    before_on="2025-11-22",
    stations_off=["样例离网站"],
    stations_cut=[f"样例边缘站{place}" for place in range(12)],
    off_network=120,
    estimated_share=0.12,
    releases="第 3 版",
    attribution="道路 © OpenStreetMap 贡献者",
    approval_number="审图号样例",
)


def test_one_sentence_can_be_quoted() -> None:
    assert headline(REPORT) == (
        "样例区 30,000 户中，步行 15 分钟内可达服务站点的占 87.3 %，尚有 3,810 户在服务圈外；"
        "再设 2 个站点，可新增覆盖 1,100 户。"
    )
    assert headline(replace(REPORT, lang="en", sites=REPORT.sites[:1])) == (
        "Of 30,000 households in 样例区, 87.3 % reach a service station within 15 minutes' walk; 3,810 do not; "
        "one more station would reach 900 of them."
    )


def test_nothing_is_promised_where_nobody_is_outside_or_nobody_lives() -> None:
    assert headline(replace(REPORT, total=Reached(10, 10))) == "样例区全部 10 户步行 15 分钟内都可达服务站点。"
    assert "再设" not in headline(replace(REPORT, sites=[]))
    assert headline(replace(REPORT, total=Reached(0, 0))) == "样例区没有登记的户，无法计算覆盖率。"


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, "–"), (1.0, "100.0 %"), (0.99999, "99.9 %"), (0.0, "0.0 %"), (0.00001, "0.1 %"), (0.873, "87.3 %")],
)
def test_only_all_is_shown_as_all_and_only_nothing_as_nothing(share: float | None, shown: str) -> None:
    assert percent(share) == shown


def test_a_change_is_told_in_points_with_its_sign() -> None:
    assert [change(0.9, 0.85), change(0.8, 0.85), change(None, 0.5), change(0.5, None)] == ["+5.0", "-5.0", "–", "–"]


def test_the_report_prints_on_paper_with_its_fonts_in_it() -> None:
    pdf = pypdf.PdfReader(io.BytesIO(report_pdf(REPORT)))
    assert len(pdf.pages) == 2
    assert [round(float(side) / 72 * 25.4) for side in pdf.pages[0].mediabox[2:]] == [210, 297]
    text = "".join(page.extract_text() for page in pdf.pages)
    first = pdf.pages[0].extract_text()
    assert "87.3 %" in first
    assert "3,810" in first
    assert "乙街道<b>" in text
    assert "步行不可达" in text
    assert "等 12 个" in text
    assert "审图号样例" in text
    assert text.index("乙街道<b>") < text.rindex("甲街道")
    fonts = [
        font["/BaseFont"]
        for page in pdf.pages
        for font in (one.get_object() for one in page["/Resources"]["/Font"].values())
    ]
    assert fonts
    assert all("+" in name and "CJK" in name for name in fonts)


def test_without_comparison_gaps_or_sites_nothing_empty_is_printed() -> None:
    html = report_html(
        replace(REPORT, before=None, before_on="", gaps=[], sites=[], ranking=[], stations_off=[], stations_cut=[])
    )
    assert "没有缺口" in html
    assert "建议新增站点" not in html
    assert "排名" not in html
    assert "相比" not in html
    assert "未计入的站点" not in html
    assert "<b>" not in report_html(REPORT).replace("<b>网格内", "")
