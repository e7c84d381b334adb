"""The templates of pages, reports and files, read in one way: escaped, and a name that nobody gave is an error."""

from typing import Final

import jinja2

from service.maps.assets import FOLDER

TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
