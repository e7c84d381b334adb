"""Scripts, styles and pictures that pages need, served by the service itself under names that change with content."""

import gzip
import hashlib
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

import orjson
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from geodata.errors import SetupError
from service.maps.joining import joined_modules

FOLDER: Final = Path(__file__).parent
NODE_MODULES: Final = FOLDER / "frontend" / "node_modules"
OWN: Final = "app"

# Which files of an npm package pages may ask for: a script or style, and what that style refers to.
PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "leaflet": (
        "dist/leaflet.js",
        "dist/leaflet.css",
        "dist/images/layers.png",
        "dist/images/layers-2x.png",
        "dist/images/marker-icon.png",
        "dist/images/marker-icon-2x.png",
        "dist/images/marker-shadow.png",
    ),
    "@mapbox/vector-tile": ("index.js",),
    "@mapbox/point-geometry": ("index.js",),
    "pbf": ("index.js",),
}

# Scripts that pages get instead of many modules, and which modules each of them runs.
JOINED: Final[Mapping[str, tuple[str, ...]]] = {
    "map.js": ("app/map.js",),
    "embed.js": ("app/embed/frame.js", "app/map.js"),
    "coverage.js": ("app/coverage/coverage.js",),
    "plan.js": ("app/plan/plan.js",),
    "diff.js": ("app/plan/diff.js",),
}

# Names by which modules of packages import each other, and what they mean.
IMPORTED: Final[Mapping[str, str]] = {
    "@mapbox/vector-tile": "@mapbox/vector-tile/index.js",
    "@mapbox/point-geometry": "@mapbox/point-geometry/index.js",
    "pbf": "pbf/index.js",
}

# Addresses that Folium and branca write into a page's header → package and file that is served instead.
REPLACED: Final[Mapping[str, str]] = {
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.js": "leaflet/dist/leaflet.js",
    "https://cdn.jsdelivr.net/npm/leaflet@1.9.3/dist/leaflet.css": "leaflet/dist/leaflet.css",
}

_TYPES: Final = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".json": "application/json",
}
_FOREVER: Final = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent: its bytes, their type, and the same bytes in gzip where that is shorter."""

    content: bytes
    media_type: str
    etag: str
    gzipped: bytes | None = field(repr=False)


class Assets:
    """Every file that pages may ask for, read once, found by the path under ``/assets/``.

    Parameters
    ----------
    own
        Folder of our own modules and styles.
    node_modules
        Folder that ``make setup`` installs third-party files into.
    joined
        Modules that are also sent as one script: `JOINED`.

    Raises
    ------
    SetupError
        A third-party file is not installed, or modules can't be joined.

    Notes
    -----
    Nothing but the files named here or lying in ``own`` can be asked for: paths are looked up, never joined to a
    folder. The first part of a path carries a digest of the whole package, so that a file and what it refers to by
    relative names change together, and may be kept for ever.
    """

    def __init__(
        self,
        own: Path = FOLDER / "static",
        node_modules: Path = NODE_MODULES,
        joined: Mapping[str, tuple[str, ...]] = JOINED,
    ) -> None:
        packages = {OWN: {path.relative_to(own).as_posix(): path for path in sorted(own.rglob("*.*"))}}
        packages |= {name: {file: node_modules / name / file for file in files} for name, files in PACKAGES.items()}
        self._files: dict[str, Asset] = {}
        self._addresses: dict[str, str] = {}
        for name, files in packages.items():
            self._add_package(name, {file: _read(path) for file, path in files.items()})
        texts = {
            file: self._files[path].content.decode() for file, path in self._addresses.items() if file[-3:] == ".js"
        }
        scripts = {file: joined_modules(texts, IMPORTED, entries) for file, entries in joined.items()}
        self._add_package("joined", {file: script.encode() for file, script in scripts.items()})

    def _add_package(self, name: str, contents: Mapping[str, bytes]) -> None:
        digest = hashlib.sha256(b"".join(file.encode() + b"\0" + body for file, body in contents.items())).hexdigest()
        for file, body in contents.items():
            address = f"{name}-{digest[:12]}/{file}"
            self._addresses[f"{name}/{file}"] = address
            self._files[address] = _asset(file, body)

    def __getitem__(self, path: str) -> Asset:
        """One file by its path under ``/assets/``; KeyError where there is none."""
        return self._files[path]

    def url(self, file: str, root_path: str = "") -> str:
        """Address of ``app/map.js`` or ``leaflet/dist/leaflet.js``, below the path a proxy serves us under."""
        return f"{root_path}/assets/{self._addresses[file]}"

    def imported(self, root_path: str = "") -> dict[str, str]:
        """Addresses of other people's modules by the names that they are imported by."""
        return {name: self.url(file, root_path) for name, file in IMPORTED.items()}

    def import_map(self, root_path: str = "") -> Markup:
        """What names in other people's modules mean: the JSON of a page's import map, safe inside a script element."""
        text = orjson.dumps({"imports": self.imported(root_path)}).decode()
        return Markup(text.replace("<", "\\u003c"))  # noqa: S704 - without it, nothing ends the element

    def modules(self, root_path: str = "") -> dict[str, str]:
        """Addresses of our own files by their name, for pages that load some of them ahead."""
        prefix = f"{OWN}/"
        return {
            file.removeprefix(prefix): self.url(file, root_path) for file in self._addresses if file.startswith(prefix)
        }


@lru_cache(maxsize=1)
def installed_assets() -> Assets:
    """All files of this installation, read on first use.

    Raises
    ------
    SetupError
        The third-party files are not installed; the next call looks again.
    """
    return Assets()


def asset_response(request: Request, path: str) -> Response:
    """Answer a request for a file: for ever cacheable, compressed where that helps, 404 for anything unknown."""
    try:
        asset = installed_assets()[path]
    except KeyError:
        return Response("not found\n", status_code=404, media_type="text/plain")
    headers = {
        "Cache-Control": _FOREVER,
        "Content-Type": asset.media_type,
        "ETag": asset.etag,
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == asset.etag:
        return Response(status_code=304, headers=headers)
    if asset.gzipped is not None and accepts_gzip(request):
        return Response(asset.gzipped, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.content, headers=headers)


def accepts_gzip(request: Request) -> bool:
    """Whether the client takes gzip."""
    for offer in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, parameters = offer.partition(";")
        if name.strip() in ("gzip", "*"):
            return parameters.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(
            f"the page needs {path.name}, which is not installed; run `make setup`",
            f"页面所需的 {path.name} 尚未安装，请运行 make setup",
            file=path.name,
        ) from error


def _asset(file: str, body: bytes) -> Asset:
    suffix = Path(file).suffix
    media_type = _TYPES.get(suffix) or mimetypes.guess_type(file)[0] or "application/octet-stream"
    packed = None if suffix == ".png" else gzip.compress(body, 9, mtime=0)
    smaller = packed if packed is not None and len(packed) < len(body) else None
    return Asset(body, media_type, f'"{hashlib.sha256(body).hexdigest()[:20]}"', smaller)
