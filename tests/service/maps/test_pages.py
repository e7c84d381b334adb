"""Pages over a small territory: what they say, which policy they carry, what they refuse and how."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from service.maps.pages import script_json
from tests.territory import committed

PAGES = [
    "/",
    "/help",
    "/maps/grids",
    "/maps/grids?layer=general&as_of=2025-06-01",
    "/maps/grids?lang=en",
    "/load",
    "/load?lang=en",
    "/maps/coverage",
    "/maps/coverage?lang=en",
    "/dispatch",
    "/dispatch?lang=en",
    "/roster",
    "/roster?lang=en",
    "/maps/plan",
    "/maps/plan?lang=en",
    "/maps/plan/1",
    "/maps/plan/999999?lang=en",
    "/maps/diff/general/1/2",
    "/maps/diff/nosuch/7/8?lang=en",
    "/grids/general/A2",
    "/grids/general/A2?lang=en&as_of=2026-02-01",
]
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def config_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="gridmap-config">(.*?)</script>', text, re.DOTALL)
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


@pytest.mark.parametrize("path", PAGES)
def test_a_page_lets_run_only_what_comes_from_the_service(service: Any, path: str) -> None:
    answer = service.client.get(path)
    assert answer.status_code == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    nonce = re.fullmatch(r"'self' 'nonce-([\w-]{22})'", policy["script-src"])
    assert nonce
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    scripts = re.findall(r"<script(?! type=\"application/json\")[^>]*>", answer.text)
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert not re.search(r"""(src|href|action)="(https?:)?//""", answer.text)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", answer.text)
    assert answer.headers["cache-control"] == "no-cache"


def test_every_page_has_a_nonce_of_its_own(service: Any) -> None:
    policies = {service.client.get("/").headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_every_asset_that_a_page_names_is_there(service: Any) -> None:
    for path in PAGES:
        addresses = re.findall(r'(?:src|href)="(/assets/[^"]+)"', service.client.get(path).text)
        assert addresses
        for address in addresses:
            answer = service.client.get(address)
            assert answer.status_code == 200
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "immutable" in answer.headers["cache-control"]


def test_the_home_page_counts_what_is_in_force(service: Any) -> None:
    text = service.client.get("/").text
    assert re.findall(r"<dd>([\d,]+)</dd>", text) == ["3", "2", "3", "2"]
    assert "综合网格 第 2 版，自 2026-01-01 起施行" in text


def test_the_map_starts_where_the_grids_are(service: Any) -> None:
    config = config_of(service.client.get("/maps/grids").text)
    assert config["bounds"] == pytest.approx([87, 36.65, 87.03, 36.66])
    assert config["layer"] == "general"
    assert config["as_of"] is None
    then = config_of(service.client.get("/maps/grids?as_of=2025-06-01").text)
    assert then["as_of"] == "2025-06-01T00:00:00+08:00"


def test_links_keep_the_language_and_offer_the_other(service: Any) -> None:
    text = service.client.get("/maps/grids?lang=en&layer=general").text
    assert '<html lang="en">' in text
    assert 'href="/?lang=en"' in text
    assert 'href="/maps/grids?layer=general"' in text
    assert 'href="/help?lang=en"' in service.client.get("/?lang=en").text


def test_below_a_proxy_every_address_has_its_path(
    service: Any, serve_application: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    below = serve_application(service.database_url, tmp_path_factory.mktemp("state"), {}, root_path="/city")
    for path in ("/", "/help", "/maps/grids"):
        text = below.client.get(f"/city{path}").text
        addresses = re.findall(r'(?:src|href|action)="([^"]+)"', text)
        assert addresses
        assert all(address.startswith(("/city/", "#")) for address in addresses), addresses
    assert config_of(below.client.get("/city/maps/grids").text)["root"] == "/city"


def test_a_map_says_whose_data_it_shows_and_its_approval_number(
    database_url: str, tmp_path: Path, serve_application: Callable[..., Any]
) -> None:
    committed(database_url)
    with psycopg.connect(database_url, options="-c search_path=gridmap,public") as connection:
        connection.execute("INSERT INTO layers (code, name, tiling) VALUES ('police', '警务', 'partial')")
    settings = {"attribution": "© <b>示例测绘</b>", "map_approval_number": "审S(2026)001号"}
    shown = serve_application(database_url, tmp_path, {}, **settings)
    text = shown.client.get("/maps/grids").text
    assert "© &lt;b&gt;示例测绘&lt;/b&gt; · 审图号：审S(2026)001号" in text
    # A link to a layer that has nothing yet opens what there is, and says so.
    config = config_of(shown.client.get("/maps/grids?layer=police").text)
    assert config["layer"] == "general"
    assert config["layer_note"].startswith("“警务”此时没有网格")
    assert "layer_note" not in config_of(text)
    config = config_of(shown.client.get("/maps/grids?layer=%3Cb%3E" + "x" * 99).text)
    assert config["layer"] == "general"
    assert config["layer_note"] == f"没有网格类型“<b>{'x' * 37}…”，显示的是“综合网格”。现有：综合网格 (general)。"


def test_what_stands_in_a_script_cannot_end_it() -> None:
    hostile = {"name": "</script><!--<script>&amp;\u2028", "more": ["<"]}
    text = str(script_json(hostile))
    assert not re.search("[<>&]", text)
    assert json.loads(text) == hostile


def test_data_is_sent_again_only_when_it_changed(service: Any) -> None:
    first = service.client.get("/maps/grids/data")
    assert first.headers["content-type"] == "application/json"
    assert first.headers["vary"] == "Accept-Encoding"
    tag = first.headers["etag"]
    again = service.client.get("/maps/grids/data", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    then = service.client.get("/maps/grids/data?as_of=2025-06-01")
    assert then.headers["etag"] != tag
    plain = service.client.get("/maps/grids/data", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.json() == first.json()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nowhere", 404),
        ("/maps/print?layer=nothing", 404),
        ("/maps/grids?as_of=soon", 422),
        ("/maps/grids/nothing?lang=en", 404),
    ],
)
def test_a_browser_is_refused_with_a_page_a_program_with_a_problem(service: Any, path: str, status: int) -> None:
    page = service.client.get(path, headers=BROWSER)
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "script-src 'self' 'nonce-" in page.headers["content-security-policy"]
    assert re.search(r"<h1>\S+", page.text)
    problem = service.client.get(path, headers={"Accept": "application/json"})
    assert problem.status_code == status
    assert problem.headers["content-type"] == "application/problem+json"


def test_what_a_browser_asked_for_is_escaped_in_the_refusal(service: Any) -> None:
    page = service.client.get("/maps/grids?as_of=%3Cscript%3Ealert(1)%3C/script%3E", headers=BROWSER)
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_the_api_never_answers_with_a_page(service: Any) -> None:
    answer = service.client.get("/api/v1/layers/nothing/grids", headers=BROWSER)
    assert answer.headers["content-type"] == "application/problem+json"


def test_files_that_are_missing_are_a_503_that_says_so(own_service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_installed() -> None:
        from geodata.errors import SetupError

        raise SetupError("run `make setup`")

    monkeypatch.setattr("service.maps.pages.installed_assets", nothing_installed)
    for headers in (BROWSER, {}):
        answer = own_service.client.get("/maps/grids", headers=headers)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers


def test_before_anything_was_loaded_pages_say_which_command_to_run(
    database_url: str, tmp_path: Path, serve_application: Callable[..., Any]
) -> None:
    bare = serve_application(database_url, tmp_path, {})
    for path in ("/", "/maps/grids"):
        answer = bare.client.get(path)
        assert answer.status_code == 200
        assert "gridmap load grids" in answer.text
    assert config_of(bare.client.get("/maps/grids").text)["empty"] is True
    assert bare.client.get("/maps/grids/data").json()["grids"] == []
    assert "{&#34;lon&#34;" not in bare.client.get("/help").text


def test_the_page_of_a_draft_does_not_tell_whether_there_is_one(service: Any) -> None:
    one, other = (service.client.get(f"/maps/plan/{draft}") for draft in ("1", "987654321"))
    assert one.status_code == other.status_code == 200
    told = [config_of(answer.text) for answer in (one, other)]
    assert [config.pop("draft") for config in told] == [1, 987654321]
    assert told[0] == told[1]
    for wrong, status in (("0", 422), ("9" * 30, 422), ("x", 404), ("-1", 404)):
        assert service.client.get(f"/maps/plan/{wrong}", headers=BROWSER).status_code == status
