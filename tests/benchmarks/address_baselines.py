"""What anybody has at hand to find an address by: trigrams in PostgreSQL, and rapidfuzz over all texts."""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster


@dataclass(frozen=True, slots=True)
class Nearest:
    """Position of the nearest text, -1 for none, and the milliseconds that it took."""

    position: int
    milliseconds: float


@contextlib.contextmanager
def fuzzy(texts: Sequence[str]) -> Iterator[Callable[[str], Nearest]]:
    """The text with the highest ratio; milliseconds of processor time."""

    def nearest(query: str) -> Nearest:
        began = time.thread_time()
        found = process.extractOne(query, texts, scorer=fuzz.ratio)
        return Nearest(found[2] if found and found[1] > 0 else -1, (time.thread_time() - began) * 1e3)

    yield nearest


@contextlib.contextmanager
def trigrams(texts: Sequence[str]) -> Iterator[Callable[[str], Nearest]]:
    """The text that `pg_trgm` finds nearest by its GiST index, in a cluster of its own; milliseconds on the clock."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "cluster") as url, contextlib.closing(connect(url)) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            connection.execute("CREATE TABLE texts (position int, text text)")
            with connection.cursor() as cursor, cursor.copy("COPY texts FROM STDIN") as copy:
                for row in enumerate(texts):
                    copy.write_row(row)
            connection.execute("CREATE INDEX texts_near ON texts USING gist (text gist_trgm_ops)")
            connection.execute("ANALYZE texts")

            def nearest(query: str) -> Nearest:
                began = time.perf_counter()
                row = connection.execute(
                    "SELECT position FROM texts ORDER BY text <-> %(query)s LIMIT 1",
                    {"query": query.replace("\x00", "")},
                ).fetchone()
                return Nearest(row[0] if row else -1, (time.perf_counter() - began) * 1e3)

            yield nearest
