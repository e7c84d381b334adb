"""Named SQL: each ``.sql`` file holds queries headed ``-- name: purpose`` for the module of the same name.

A query starts at a line ``-- name: some_name`` followed by one ``-- `` purpose line; it ends where the next begins.
Values are ``%(named)s`` placeholders.
"""

import re
from functools import cache
from pathlib import Path
from typing import LiteralString, cast

_HEADING = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


@cache
def named_queries(module_file: str) -> dict[str, LiteralString]:
    """Queries in the ``.sql`` sibling of a module, by name.

    Parameters
    ----------
    module_file
        The module's ``__file__``.

    Returns
    -------
    dict
        Name to SQL text. The texts ship with the code, so psycopg may treat them as literal strings.

    Raises
    ------
    ValueError
        A name stands twice, or a query has no purpose line.
    """
    path = Path(module_file).with_suffix(".sql")
    parts = _HEADING.split(path.read_text(encoding="utf-8"))
    found: dict[str, LiteralString] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        purpose, _, statement = body.strip().partition("\n")
        if not purpose.startswith("-- ") or not statement.strip():
            raise ValueError(f"{path.name}: query {name} needs a purpose line and a statement")
        if name in found:
            raise ValueError(f"{path.name}: query {name} stands twice")
        found[name] = cast("LiteralString", statement.strip())
    return found
