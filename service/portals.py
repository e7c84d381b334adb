"""What an operator says of other sites: which may frame the map or ask the API, and how our domain proves itself."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

LONGEST_CONTENT: Final = 2000
MOST_FILES: Final = 20

_HOST: Final = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\.(txt|html)", re.ASCII)


def origins_of(text: str, *, wildcards: bool) -> tuple[str, ...]:
    """Origins of other sites, such as ``https://portal.example``, each once, as browsers write them.

    Parameters
    ----------
    text
        Separated by commas or white space; empty for none.
    wildcards
        Whether ``https://*.portal.example`` may stand for every host below one.

    Raises
    ------
    ValueError
        One is no origin, or is plain http on a host that is neither this machine nor in a private network: whoever
        sits between could put any page there.
    """
    return tuple(dict.fromkeys(_origin(one, wildcards=wildcards) for one in re.split(r"[\s,，]+", text.strip()) if one))


def _origin(text: str, *, wildcards: bool) -> str:
    wrong = f"{text[:100]!r} is no origin such as https://portal.example: scheme and host, without a path"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(wrong) from None
    host = (parts.hostname or "").lower()
    bare = parts.username is None and parts.path in ("", "/") and not parts.query and not parts.fragment
    if parts.scheme not in ("http", "https") or not bare or not (_HOST.fullmatch(host) or _address(host)):
        raise ValueError(wrong)
    if host.startswith("*.") and (not wildcards or host.count(".") < 2):
        raise ValueError(f"{text[:100]!r}: name each host" + (", or *.NAME.TLD for all below one" if wildcards else ""))
    if parts.scheme == "http" and not _is_near(host):
        raise ValueError(f"{text[:100]!r} must be https; http is for this machine and private addresses")
    usual = {"http": 80, "https": 443}[parts.scheme]
    written = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{written}" + ("" if port in (None, usual) else f":{port}")


def _address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_near(host: str) -> bool:
    """Whether a host is this machine, or an address that only a private network knows."""
    return host == "localhost" or (_address(host) and ip_address(host).is_private)


def verification_files(text: str) -> Mapping[str, str]:
    """Content of each file by which other systems see that a domain is ours, by its name.

    Parameters
    ----------
    text
        ``NAME=CONTENT``, several separated by commas or line breaks; empty for none.

    Raises
    ------
    ValueError
        A name is no plain name that ends in .txt or .html, stands twice, or has no content, or more than is ever asked
        for.
    """
    files: dict[str, str] = {}
    for one in re.split(r"[,\r\n]+", text):
        if not one.strip():
            continue
        name, equals, content = (part.strip() for part in one.partition("="))
        if not equals or not _NAME.fullmatch(name):
            raise ValueError(f"{one.strip()[:100]!r}: write NAME=CONTENT, the name plain and ending in .txt or .html")
        if not content or len(content) > LONGEST_CONTENT or not content.isprintable():
            raise ValueError(f"{name}: the content must be 1 to {LONGEST_CONTENT} printable characters")
        if name.lower() in (other.lower() for other in files):
            raise ValueError(f"{name} stands there twice")
        files[name] = content
    if len(files) > MOST_FILES:
        raise ValueError(f"at most {MOST_FILES} files")
    return files
