"""Commands as a user types them, in this process, and what they print."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from geodata.errors import GeodataError
from service.cli import app
from service.commands import screen

WIDE = 10_000


@dataclass(frozen=True)
class Ended:
    """How a process of ``gridmap`` ended and what it printed."""

    status: int
    said: str
    complained: str


Run = Callable[..., Ended]


@dataclass(frozen=True)
class Said:
    """What a command said, on a terminal so wide that no line is broken, and its exit status."""

    status: int
    text: str


@dataclass(frozen=True)
class Terminal:
    """Where commands are typed: the PostGIS and the folder of the settings, the language."""

    url: str
    state: Path
    language: str = "C.UTF-8"

    def run(self, *words: str | Path) -> Said:
        """Run ``gridmap`` with these words. An error that no user could act on is raised here."""
        environment = {
            "GRIDMAP_DATABASE_URL": self.url,
            "GRIDMAP_STATE_FOLDER": str(self.state),
            "LC_ALL": self.language,
        }
        with _wide():
            result = CliRunner().invoke(app, [str(word) for word in words], env=environment)
        if isinstance(result.exception, GeodataError):
            # As `service.cli.main` tells it.
            error = result.exception
            chinese = self.language.startswith("zh")
            told = f"{error.title_zh}: {error.detail_zh}" if chinese else f"{error.title}: {error.detail}"
            return Said(2, result.output + told)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Said(result.exit_code, result.output)


@contextmanager
def _wide() -> Iterator[None]:
    consoles = (screen.output, screen.errors)
    widths = [console.width for console in consoles]
    for console in consoles:
        console.width = WIDE
    yield
    for console, width in zip(consoles, widths, strict=True):
        console.width = width
