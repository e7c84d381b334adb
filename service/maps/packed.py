"""Bodies of answers that are kept: compressed once, with the mark by which a browser asks whether they changed."""

import gzip
import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from service.maps.assets import accepts_gzip

FOREVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
_LEVEL: Final = 5


@dataclass(frozen=True, slots=True)
class Packed:
    """A body in gzip, and its mark."""

    gzipped: bytes = field(repr=False)
    etag: str

    @property
    def body(self) -> bytes:
        """What was compressed."""
        return gzip.decompress(self.gzipped)


def packed(content: Any) -> Packed:
    """JSON of something, marked by what it says."""
    body = orjson.dumps(content)
    return Packed(gzip.compress(body, _LEVEL, mtime=0), f'"{hashlib.sha256(body).hexdigest()[:24]}"')


def packed_bytes(body: bytes, etag: str) -> Packed:
    """Bytes with a mark that somebody else made; no bytes stay none."""
    return Packed(gzip.compress(body, _LEVEL, mtime=0) if body else b"", etag)


def unchanged(request: Request, etag: str, *, for_ever: bool = False) -> Response | None:
    """The answer that nothing changed, where the asker knows what has this mark."""
    if etag not in (tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")):
        return None
    return Response(status_code=304, headers=_headers(etag, for_ever))


def answer(request: Request, found: Packed, media_type: str, *, for_ever: bool = False) -> Response:
    """A kept body, compressed for those who take that; 204 where there is none, 304 for one who has it."""
    known = unchanged(request, found.etag, for_ever=for_ever)
    if known is not None:
        return known
    headers = _headers(found.etag, for_ever)
    if not found.gzipped:
        return Response(status_code=204, headers=headers)
    if accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(found.gzipped, headers=headers, media_type=media_type)
    return Response(found.body, headers=headers, media_type=media_type)


def _headers(etag: str, for_ever: bool) -> dict[str, str]:
    return {"ETag": etag, "Cache-Control": FOREVER if for_ever else ASK_AGAIN, "Vary": "Accept-Encoding"}
