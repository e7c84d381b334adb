"""The OpenAPI document, made once in a process: making it takes a second."""

from copy import deepcopy
from functools import cache
from typing import Any

from service.app import create_app
from service.settings import Settings


def document() -> dict[str, Any]:
    """What the service promises; a copy, which may be changed."""
    return deepcopy(_made())


@cache
def _made() -> dict[str, Any]:
    return create_app(Settings(_env_file=None)).openapi()  # type: ignore[call-arg]
