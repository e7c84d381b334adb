"""A register of a million addresses: compiled, opened by two processes, asked, changed.

    python -m tests.benchmarks.register_size [--addresses 1000000] [--queries 10]

Made cities in eight ways of writing, a half with columns and a half with one text, straight into PostGIS; queries are
made from them by each kind of noise, and there are texts that ask for much work. CPU time, because the machine may be
shared. Wanted: a million compiled in less than two minutes of two processors, 95 of 100 queries answered within 10 ms,
a change of an address or of an area seen within seconds.
"""

import argparse
import contextlib
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from geodata.address.store import RegisterStore
from geodata.database import connect
from geodata.embedded.cluster import EmbeddedCluster
from geodata.lookup import warm
from geodata.migrate import migrate
from tests.mainland import STYLES, Register, make_register
from tests.noise import KINDS, Noise

CITY_DOORS = 125_000
FEWEST_DOORS = 5_000
PARTS = ("road", "number", "compound", "building", "unit")
SQUARES = 40
PATIENCE_SECONDS = 120.0
TRIED = 40
HOSTILE = (
    "路" * 200, "小区" * 100, "中山路" * 66, "1号" * 100, "1-" * 100, "a1" * 100, "z" * 200, "zhshzh" * 30, "shi" * 60,
    "xian" * 40, "中山路1号" * 40, "一二三四五六七八九十" * 20, "号楼单元室" * 40, "安" * 120, "路", "小区1号楼", "1",
    "1号楼1单元101",
)  # fmt: skip
"""Texts that ask for much work."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=10, help="of each kind")
    asked = parser.parse_args()
    warm()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        with EmbeddedCluster(folder / "cluster") as url:
            migrate(url)
            queries = _fill(url, asked.addresses, asked.queries)
            home = folder / "register"
            _compile(url, home)
            _ask(url, home, queries)
            _change(url, home)
            _move_border(url, home)


def _cities(addresses: int) -> Iterator[Register]:
    made = 0
    seed = 1
    while addresses - made >= FEWEST_DOORS:
        for style in STYLES:
            if addresses - made < FEWEST_DOORS:
                return
            register = make_register(style, doors=min(CITY_DOORS, addresses - made), seed=seed)
            made += len(register.doors)
            yield register
        seed += 1


def _fill(url: str, addresses: int, queries: int) -> dict[str, list[str]]:
    """Put addresses and areas into the database; texts of each kind that ask for some of them."""
    rng = np.random.default_rng(1)
    texts: dict[str, list[str]] = {kind: [] for kind in KINDS}
    with connect(url) as connection:
        for number, register in enumerate(_cities(addresses)):
            with connection.cursor().copy(
                "COPY addresses (code, text, road, number, compound, building, unit, areas, geom) FROM STDIN"
            ) as copy:
                for door in register.doors:
                    parts = [door.parts.get(part, "") if number % 2 else "" for part in PARTS]
                    point = f"SRID=4326;POINT({door.lon} {door.lat})"
                    copy.write_row((f"{number}-{door.code}", door.text, *parts, list(door.areas), point))
            _areas(connection, register, number)
            doors = register.doors
            noise = Noise([door.text for door in doors], register.grid_of.tolist(), [door.areas for door in doors],
                          [door.aliases for door in doors])  # fmt: skip
            for kind in KINDS:
                tried = (noise.query(kind, int(rng.integers(len(doors))), rng) for _ in range(TRIED))
                texts[kind] += islice((text for text in tried if text), queries)
            print(f"{register.name}: {len(doors):,} addresses", flush=True)
    chosen = {kind: [made[place] for place in rng.permutation(len(made))[:queries]] for kind, made in texts.items()}
    return {kind: made for kind, made in chosen.items() if made} | {"hostile": list(HOSTILE)}


def _areas(connection: Any, register: Register, number: int) -> None:
    """A chequerboard of communities over a city."""
    points = np.array([(door.lon, door.lat) for door in register.doors])
    low, high = points.min(axis=0), points.max(axis=0)
    step = (high - low) / SQUARES
    connection.execute(
        """WITH square AS (
            SELECT x, y, nextval(pg_get_serial_sequence('areas', 'area_id')) AS area_id
            FROM generate_series(0, %(n)s - 1) AS x, generate_series(0, %(n)s - 1) AS y),
        made AS (INSERT INTO areas OVERRIDING SYSTEM VALUE SELECT area_id FROM square RETURNING area_id)
        INSERT INTO area_versions (area_id, code, name, level, geom, period)
        SELECT area_id, %(city)s || '-' || area_id, '示例' || area_id || '社区', 'community', ST_Multi(ST_MakeEnvelope(
            %(west)s + x * %(east)s, %(south)s + y * %(north)s,
            %(west)s + (x + 1) * %(east)s, %(south)s + (y + 1) * %(north)s, 4326)), tstzrange(now(), NULL)
        FROM square WHERE EXISTS (SELECT FROM made)""",
        {"n": SQUARES, "city": number, "west": low[0], "south": low[1], "east": step[0], "north": step[1]},
    )


def _compile(url: str, home: Path) -> None:
    began = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "geodata.address.base", str(home)], input=f"{url}\n", text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    size = sum(path.stat().st_size for path in home.rglob("*.npy")) / 2**20
    wall = time.monotonic() - began
    print(f"compiled in {cpu:.0f} s of CPU time, {wall:.0f} s by the clock; largest process "
          f"{after.ru_maxrss / 2**10:.0f} MiB; {size:.0f} MiB of files")  # fmt: skip


def _ask(url: str, home: Path, queries: dict[str, list[str]]) -> None:
    """Two processes ask the same register at once."""
    context = multiprocessing.get_context("spawn")
    inbox, outbox = context.Queue(), context.Queue()
    processes = [context.Process(target=_asker, args=(url, home, queries, inbox, outbox)) for _ in range(2)]
    for process in processes:
        process.start()
    which = np.array([kind for kind, texts in queries.items() for _ in texts])
    for entries, opened, times in [outbox.get() for _ in processes]:
        print(f"{entries:,} entries opened in {opened:.2f} s; queries, CPU, the slowest kinds first:")
        spent = {kind: np.array(times)[which == kind] * 1000 for kind in queries}
        spent["IN THE REGISTER"] = np.array(times)[which != "hostile"] * 1000
        for kind, own in sorted(spent.items(), key=lambda item: -float(np.percentile(item[1], 95))):
            p50, p95, p99, most = np.percentile(own, [50, 95, 99, 100])
            print(f"  {kind:16}{len(own):6} p50 {p50:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, most {most:.1f} ms")
    shares = [psutil.Process(process.pid).memory_full_info().pss / 2**20 for process in processes]
    print("proportional set size of the two processes:", " + ".join(f"{share:.0f} MiB" for share in shares))
    for _ in processes:
        inbox.put(None)
    for process in processes:
        process.join()


def _asker(url: str, home: Path, queries: dict[str, list[str]], inbox: Any, outbox: Any) -> None:
    began = time.process_time()
    book = RegisterStore(home, url).refresh()
    opened = time.process_time() - began
    texts = [text for made in queries.values() for text in made]
    book.find(texts[0])
    times = []
    for text in texts:
        began = time.process_time()
        book.find(text)
        times.append(time.process_time() - began)
    outbox.put((len(book), opened, times))
    inbox.get()


def _change(url: str, home: Path) -> None:
    """How long a new door takes to be found by a process that follows the database."""
    store = RegisterStore(home, url)
    store.refresh()
    store.start()
    with contextlib.closing(connect(url)) as connection:
        for number in range(3):
            text = f"示例省示例市新辟东大街{number + 8}号"
            connection.execute(
                "INSERT INTO addresses (code, text, geom) VALUES (%s, %s, ST_SetSRID(ST_Point(117, 36), 4326))",
                (f"new-{number}", text),
            )
            connection.commit()
            began = time.monotonic()
            while not _found(store, text) and time.monotonic() - began < PATIENCE_SECONDS:
                time.sleep(0.02)
            print(f"a new door was found after {time.monotonic() - began:.1f} s")
    store.stop()


def _move_border(url: str, home: Path) -> None:
    """How long a community takes to be known by another name where its addresses lie."""
    store = RegisterStore(home, url)
    before = store.refresh()
    with contextlib.closing(connect(url)) as connection:
        connection.execute(
            """WITH old AS (UPDATE area_versions SET withdrawn_at = now()
                WHERE area_version_id = (SELECT v.area_version_id FROM area_versions AS v JOIN addresses AS a
                    ON ST_Covers(v.geom, a.geom) ORDER BY a.address_id LIMIT 1) RETURNING *)
            INSERT INTO area_versions (area_id, code, name, level, parent_id, geom, period)
            SELECT area_id, code, '新名社区', level, parent_id, geom, period FROM old"""
        )
        connection.commit()
    began, began_cpu = time.monotonic(), time.process_time()
    after = store.refresh()
    print(f"a community of {after.changes - before.changes:,} changes got another name: known after "
          f"{time.monotonic() - began:.1f} s, {time.process_time() - began_cpu:.1f} s of CPU time")  # fmt: skip


def _found(store: RegisterStore, text: str) -> bool:
    candidates = store.current().find(text).candidates
    return bool(candidates) and candidates[0].text == text and candidates[0].exact


if __name__ == "__main__":
    main()
