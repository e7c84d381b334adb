"""Every file comes from the service, under a name that changes with it, and nothing else can be reached."""

import gzip
import json
import re
from pathlib import Path

import pytest
from starlette.requests import Request

from geodata.errors import SetupError
from service.maps.assets import FOLDER, PACKAGES, REPLACED, Assets, accepts_gzip, asset_response, installed_assets

FRONTEND = FOLDER / "frontend"


def request(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "GET", "path": "/", "headers": raw, "query_string": b""})


def test_every_replaced_address_leads_to_an_installed_file() -> None:
    assets = installed_assets()
    for file in REPLACED.values():
        assert assets[assets.url(file).removeprefix("/assets/")].content


def test_what_modules_of_packages_import_by_name_is_served_and_named_in_the_import_map() -> None:
    assets = installed_assets()
    imports = json.loads(assets.import_map("/sub"))["imports"]
    asked = {name for address in imports.values() for name in imported(assets, address.removeprefix("/sub/assets/"))}
    assert {"@mapbox/vector-tile", "pbf"} <= set(imports)
    assert asked <= set(imports)
    own = {name for path in (FOLDER / "static").rglob("*.js") for name in bare_names(path.read_text())}
    assert own <= set(imports)


def imported(assets: Assets, path: str) -> set[str]:
    return bare_names(assets[path].content.decode())


def bare_names(text: str) -> set[str]:
    """What a module imports neither by a relative nor by an absolute path."""
    return set(re.findall(r"""^import [^;]*?from ['"]([^./'"][^'"]*)['"]""", text, re.MULTILINE))


def test_a_name_changes_when_any_file_of_its_package_does(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "a.js").write_text("import './b.js'")
    (own / "b.js").write_text("1")
    before = Assets(own, joined={}).url("app/a.js")
    assert Assets(own, joined={}).url("app/a.js") == before
    (own / "b.js").write_text("2")
    assert Assets(own, joined={}).url("app/a.js") != before


def test_files_are_kept_for_ever_and_have_their_types() -> None:
    assets = installed_assets()
    for file, media_type in (
        ("leaflet/dist/leaflet.js", "text/javascript; charset=utf-8"),
        ("leaflet/dist/leaflet.css", "text/css; charset=utf-8"),
        ("leaflet/dist/images/layers.png", "image/png"),
        ("app/map.js", "text/javascript; charset=utf-8"),
        ("app/icon.svg", "image/svg+xml"),
    ):
        answer = asset_response(request(), assets.url(file).removeprefix("/assets/"))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_what_styles_refer_to_is_served_beside_them() -> None:
    assets = installed_assets()
    style = assets.url("leaflet/dist/leaflet.css").removeprefix("/assets/")
    referred = re.findall(r"url\(([^)#]+)\)", assets[style].content.decode())
    assert referred
    for name in referred:
        assert assets[f"{style.rsplit('/', 1)[0]}/{name}"].media_type == "image/png"


def test_compressed_bytes_are_the_same_file() -> None:
    path = installed_assets().url("leaflet/dist/leaflet.js").removeprefix("/assets/")
    plain = asset_response(request(), path)
    packed = asset_response(request(accept_encoding="br;q=1, gzip"), path)
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert "content-encoding" not in plain.headers
    assert not accepts_gzip(request(accept_encoding="gzip;q=0"))


def test_a_known_tag_is_answered_without_the_file() -> None:
    path = installed_assets().url("app/map.js").removeprefix("/assets/")
    tag = asset_response(request(), path).headers["etag"]
    again = asset_response(request(if_none_match=tag), path)
    assert (again.status_code, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "leaflet/dist/leaflet.js",
        "app-000000000000/map.js",
        "../assets.py",
        "{style}/../../../package.json",
        "{style}/..%2f..%2fpackage.json",
        "{style}\x00",
        "/etc/passwd",
    ],
)
def test_nothing_else_can_be_reached(path: str) -> None:
    style = installed_assets().url("leaflet/dist/leaflet.css").removeprefix("/assets/")
    assert asset_response(request(), path.format(style=style)).status_code == 404


def test_files_that_are_not_installed_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"leaflet\.js.*make setup"):
        Assets(node_modules=tmp_path)


def test_the_lock_pins_every_package_by_content_and_names_no_address() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text())
    wanted = json.loads((FRONTEND / "package.json").read_text())["dependencies"]
    assert set(wanted) == set(PACKAGES)
    for name, version in wanted.items():
        entry = lock["packages"][f"node_modules/{name}"]
        assert entry["version"] == version
        assert entry["integrity"].startswith("sha512-")
    assert "resolved" not in json.dumps(lock)
    assert "://" not in (FRONTEND / "package-lock.json").read_text()


def test_our_own_files_name_no_other_site() -> None:
    for path in {*(FOLDER / "static").rglob("*.*")} - {*(FOLDER / "static").rglob("*.png")}:
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text), path.name
        assert "innerHTML" not in text
