"""The link by which a look-up hands a case to another system: a template of the operator's, filled in for each grid."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

FIELDS = ("layer", "grid", "release", "lon", "lat", "matter")
LONGEST = 2000

_FIELD = re.compile(r"\{([^{}]*)\}")


def checked_template(text: str) -> str:
    """The template, if links made from it are safe to follow; empty for none.

    Raises
    ------
    ValueError
        It is no http or https address, names a field that there is not, or has a field where the host stands.
    """
    template = text.strip()
    if not template:
        return ""
    unknown = [name for name in _FIELD.findall(template) if name not in FIELDS]
    if unknown or len(template) > LONGEST or re.search(r"[{}]", _FIELD.sub("", template)):
        raise ValueError(f"the report address may name {', '.join(f'{{{name}}}' for name in FIELDS)} and nothing else")
    parts = urlsplit(template)
    if parts.scheme not in ("http", "https") or not parts.hostname or re.search(r"[\s<>\"'\\]", template):
        raise ValueError("the report address must be like https://cases.example/new?grid={grid}")
    if "{" in parts.netloc:
        raise ValueError("the report address may not take its host from a grid")
    return template


def report_link(template: str, values: Mapping[str, object]) -> str:
    """The link for one grid and point, every value percent-encoded; what is not known is left empty.

    Parameters
    ----------
    template
        As `checked_template` gives it.
    values
        Of some of `FIELDS`.
    """

    def value(found: re.Match[str]) -> str:
        known = values.get(found[1])
        return "" if known is None else quote(str(known), safe="")

    return _FIELD.sub(value, template)
