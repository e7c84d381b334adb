"""Page sessions: a key traded for a signed cookie that every worker process understands, the database away or not."""

import base64
import hashlib
import hmac
import os
import secrets
import tempfile
import time
from functools import cached_property
from pathlib import Path

from starlette.responses import Response

from geodata.errors import SetupError

COOKIE = "gridmap_session"
_SECRET_BYTES = 32
_EXPIRY_BYTES = 8
_HASH_BYTES = hashlib.sha256().digest_size


class Sessions:
    """Makes and reads the cookie: expiry and SHA-256 of the key, signed with a secret kept in the state folder.

    Parameters
    ----------
    state_folder
        Holds ``session.secret`` (readable by its owner alone), made at first use; all workers share it.
    hours
        How long a session lasts.

    Notes
    -----
    What the session may do is decided at each request by the key that it stands for, so revoking the key ends it. The
    key itself is not in the cookie, and its hash opens nothing.
    """

    def __init__(self, state_folder: Path, hours: float) -> None:
        self._folder = state_folder
        self.seconds = int(hours * 3600)

    def issue(self, key_sha256: bytes, *, now: float | None = None) -> str:
        """The cookie's value for a key."""
        expiry = int(time.time() if now is None else now) + self.seconds
        content = expiry.to_bytes(_EXPIRY_BYTES) + key_sha256
        return base64.urlsafe_b64encode(content + self._signature(content)).decode().rstrip("=")

    def read(self, value: str, *, now: float | None = None) -> bytes | None:
        """SHA-256 of the key that a cookie stands for; None where it is forged, damaged or has run out."""
        try:
            raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        except ValueError:
            return None
        content, signature = raw[: _EXPIRY_BYTES + _HASH_BYTES], raw[_EXPIRY_BYTES + _HASH_BYTES :]
        if not hmac.compare_digest(signature, self._signature(content)):
            return None
        expiry = int.from_bytes(content[:_EXPIRY_BYTES])
        return content[_EXPIRY_BYTES:] if expiry > (time.time() if now is None else now) else None

    def _signature(self, content: bytes) -> bytes:
        return hmac.digest(self._secret, content, "sha256")

    @cached_property
    def _secret(self) -> bytes:
        path = self._folder / "session.secret"
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes()
        if len(secret) < _SECRET_BYTES:
            # With an empty key anybody can sign; who emptied it, a full disk or a power cut, does not matter.
            raise SetupError(
                f"{path} is damaged: delete it and restart; pages must then sign in again",
                f"{path} 已损坏：请删除后重启，各页面需重新登录",
            )
        return secret


def forget_cookie(response: Response, root_path: str) -> None:
    """Let a response take the session cookie back."""
    response.delete_cookie(COOKIE, path=f"{root_path}/", httponly=True, samesite="lax")


def _make_secret(path: Path) -> None:
    """Write a fresh secret whole or not at all; of several processes the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, unfinished = tempfile.mkstemp(prefix="session-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_SECRET_BYTES))
            file.flush()
            os.fsync(descriptor)
        os.link(unfinished, path)
    except FileExistsError:
        return
    finally:
        Path(unfinished).unlink()
