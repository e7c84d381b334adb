"""What settings say of other sites, and what their pages may then frame, ask and see."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from service.portals import origins_of, verification_files
from service.settings import Settings
from tests.service.conftest import Service

PORTAL = "https://portal.example"
WORD = "c0ffee-例"


@pytest.fixture(scope="module")
def open_service(service: Service, serve_application: Callable[..., Service], tmp_path_factory: Any) -> Service:
    """The same data, below a path, for one portal and every host of another."""
    return serve_application(
        service.database_url,
        tmp_path_factory.mktemp("portals"),
        service.keys,
        root_path="/gridmap",
        frame_ancestors=f"{PORTAL}, https://*.city.example",
        cors_origins=PORTAL,
        attribution="© 样例测绘",
        map_approval_number="样例-1",
        verification_files=f"MP_verify_x.txt={WORD},site.html=<b>ours</b>",
    )


def config_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="gridmap-config">(.*?)</script>', text, re.DOTALL)
    assert found
    config: dict[str, Any] = json.loads(found[1])
    return config


def policy_of(answer: Any) -> dict[str, str]:
    return dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("https://a.example", ("https://a.example",)),
        ("https://A.Example:443/ , https://a.example", ("https://a.example",)),
        ("https://a.example:8443，https://*.b.example", ("https://a.example:8443", "https://*.b.example")),
        ("http://localhost:81 http://10.0.0.7", ("http://localhost:81", "http://10.0.0.7")),
        ("https://[2001:db8::1]:8443", ("https://[2001:db8::1]:8443",)),
    ],
)
def test_origins_are_read_as_browsers_write_them(text: str, origins: tuple[str, ...]) -> None:
    assert origins_of(text, wildcards=True) == origins


@pytest.mark.parametrize(
    "wrong",
    [
        "*",
        "portal.example",
        "http://portal.example",
        "https://portal.example/path",
        "https://portal.example?x",
        "https://user@portal.example",
        "https://*.example",
        "https://a.*.example",
        "https://portal.example:99999",
        "https://portal.example; script-src *",
        "javascript://portal.example",
        "null",
        "https://",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start(wrong: str) -> None:
    for name in ("frame_ancestors", "cors_origins"):
        with pytest.raises(ValidationError):
            Settings(_env_file=None, **{name: wrong})  # type: ignore[arg-type, call-arg]
    with pytest.raises(ValidationError):
        Settings(_env_file=None, cors_origins="https://*.portal.example")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    "wrong",
    ["name", "=x", "a.txt=", "a.exe=x", "../a.txt=x", "a/b.txt=x", ".txt=x", "a.txt=x,A.txt=y", "a.txt=\0", "a.txt.=x"],
)
def test_a_verification_file_that_cannot_be_one_is_refused_at_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, verification_files=wrong)  # type: ignore[call-arg]


def test_several_verification_files_are_read_and_content_may_hold_an_equals_sign() -> None:
    assert verification_files("a.txt=x=y\nb.html = z ,") == {"a.txt": "x=y", "b.html": "z"}


def test_verification_files_are_served_as_they_are_and_run_nothing(open_service: Service, service: Service) -> None:
    found = open_service.client.get("/MP_verify_x.txt")
    assert (found.status_code, found.text) == (200, WORD)
    assert found.headers["content-type"] == "text/plain; charset=utf-8"
    page = open_service.client.get("/site.html")
    assert page.text == "<b>ours</b>"
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert open_service.client.get("/other.txt").status_code == 404
    assert service.client.get("/MP_verify_x.txt").status_code == 404


def test_only_the_page_for_frames_may_be_framed_by_the_named_sites(open_service: Service, service: Service) -> None:
    framed = open_service.client.get("/embed/grids")
    assert framed.status_code == 200
    assert policy_of(framed)["frame-ancestors"] == f"'self' {PORTAL} https://*.city.example"
    assert "geolocation=(self)" in framed.headers["permissions-policy"]
    for path in ("/", "/maps/grids", "/dispatch", "/api/v1/areas", "/help"):
        assert policy_of(open_service.client.get(path))["frame-ancestors"] == "'self'"
    assert policy_of(service.client.get("/embed/grids"))["frame-ancestors"] == "'self'"


def test_the_page_for_frames_is_for_the_public_below_the_path_of_the_proxy(open_service: Service) -> None:
    answer = open_service.client.get(
        "/embed/grids?layer=general&grid=A1&lang=en", headers=open_service.headers("admin")
    )
    config = config_of(answer.text)
    assert config["public"] is True
    assert config["embed"] == {"origins": [PORTAL, "https://*.city.example"]}
    assert config["layer"] == "general"
    assert config["root"] == "/gridmap"
    assert 'href="/gridmap/maps/grids?layer=general&amp;grid=A1&amp;lang=en"' in answer.text
    assert "© 样例测绘 · Map approval no. 样例-1" in answer.text
    assert 'id="sign-in"' not in answer.text
    nonce = re.search(r"'nonce-([\w-]{22})'", policy_of(answer)["script-src"])
    assert nonce
    scripts = re.findall(r"<script(?! type=\"application/json\")[^>]*>", answer.text)
    assert all(f'nonce="{nonce[1]}"' in script for script in scripts)
    assert not re.search(r"""(src|href|action)="(https?:)?//""", answer.text)
    assert not re.search(r"<[^>]+\s(style|on\w+)=", answer.text)


@pytest.mark.parametrize(("query", "said"), [("as_of=soon", "“soon”"), ("as_of=soon&lang=en", "&#39;soon&#39;")])
def test_what_cannot_be_shown_in_a_frame_is_said_in_the_frame(open_service: Service, query: str, said: str) -> None:
    answer = open_service.client.get(f"/embed/grids?{query}", headers={"Accept": "text/html"})
    assert answer.status_code == 422
    assert said in answer.text
    assert PORTAL in policy_of(answer)["frame-ancestors"]
    assert "embed/frame.js" in answer.text


def test_a_frame_that_asks_for_no_layer_that_there_is_shows_the_default_and_says_so(open_service: Service) -> None:
    config = config_of(open_service.client.get("/embed/grids?layer=%3Cscript%3E&lang=en").text)
    assert config["layer"] == "general"
    assert config["layer_note"].startswith("There is no layer “<script>”; “")


def test_a_time_without_grids_is_an_empty_map(open_service: Service) -> None:
    answer = open_service.client.get("/embed/grids?as_of=1990-01-01")
    assert answer.status_code == 200
    assert config_of(answer.text)["empty"] is True
    assert "这张地图上还没有网格" in answer.text


def test_the_element_is_one_script_that_any_page_may_load_and_keeps_its_address(open_service: Service) -> None:
    answer = open_service.client.get("/embed/grid-map.js", headers={"Origin": "https://anybody.example"})
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "immutable" not in answer.headers["cache-control"]
    assert "import" not in re.findall(r"^\s*(\w+)", answer.text, re.MULTILINE)
    again = open_service.client.get("/embed/grid-map.js", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def allowed(answer: Any) -> str | None:
    value: str | None = answer.headers.get("access-control-allow-origin")
    return value


def test_pages_of_a_named_site_may_ask_what_is_public_and_never_with_a_session(open_service: Service) -> None:
    for path in ("/api/v1/areas", "/api/v1/layers/general/grids/A1", "/api/v1/workers", "/gridmap/api/v1/nothing"):
        answer = open_service.client.get(path, headers={"Origin": PORTAL})
        assert allowed(answer) == PORTAL, path
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]
    assert open_service.client.get("/api/v1/workers", headers={"Origin": PORTAL}).status_code == 401
    posted = open_service.client.post(
        "/api/v1/lookup", json={"lon": 117.005, "lat": 36.005}, headers={"Origin": PORTAL}
    )
    assert allowed(posted) == PORTAL
    assert posted.status_code == 200


def test_other_sites_and_other_routes_are_told_nothing_of_it(open_service: Service, service: Service) -> None:
    for origin in ("https://anybody.example", "https://a.city.example", "http://portal.example", "null"):
        answer = open_service.client.get("/api/v1/areas", headers={"Origin": origin})
        assert allowed(answer) is None
        assert "Origin" in answer.headers["vary"]
    for path in ("/", "/session", "/maps/grids", "/embed/grids"):
        assert allowed(open_service.client.get(path, headers={"Origin": PORTAL})) is None
    assert allowed(open_service.client.post("/session", json={"key": "x"}, headers={"Origin": PORTAL})) is None
    assert allowed(service.client.get("/api/v1/areas", headers={"Origin": PORTAL})) is None


@pytest.mark.parametrize(
    ("path", "method", "origin", "status"),
    [
        ("/api/v1/lookup", "POST", PORTAL, 204),
        ("/gridmap/api/v1/addresses/suggest", "POST", PORTAL, 204),
        ("/api/v1/areas", "GET", PORTAL, 204),
        ("/api/v1/lookup", "POST", "https://anybody.example", 403),
        ("/api/v1/workers", "POST", PORTAL, 405),
        ("/api/v1/areas", "DELETE", PORTAL, 405),
        ("/session", "POST", PORTAL, 405),
    ],
)
def test_a_browser_that_asks_first_is_answered_for_what_is_open_alone(
    open_service: Service, path: str, method: str, origin: str, status: int
) -> None:
    answer = open_service.client.request(
        "OPTIONS",
        path,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "content-type",
        },
    )
    assert answer.status_code == status
    assert (allowed(answer) == PORTAL) is (status == 204)
    assert "authorization" not in answer.headers.get("access-control-allow-headers", "").lower()
