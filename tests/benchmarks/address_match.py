"""How well addresses are matched: queries made from a register by each kind of noise, seeded, beside two baselines.

    python -m tests.benchmarks.address_match [--mainland STYLE] [--sample SIZE] [--taipei] [--register FILE.csv]
        [--doors 25000] [--queries 300] [--seed 1] [--kinds WORD…] [--baselines] [--only-baselines] [--threshold 0.95]
        [--list wrong|unsure|all]

For each kind: the right grid first, `found`, `found` but wrong, ambiguous (and the right grid among them), not found,
and milliseconds of processor time. A grid's score is the sum over its entries; it is `found` from the threshold on,
where the whole decision gives it too.
A calibration table sets scores beside the truth. ``absent`` asks for doors that the register lacks, ``unknown`` for
those of roads and compounds that it knows not even by name, ``twins`` for what two grids explain equally,
``elsewhere`` and ``nothing`` for what is not there: of these three only `found` is wrong.
The baselines answer with the nearest text: trigrams in PostgreSQL, and rapidfuzz's ratio.
"""

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.address_baselines import fuzzy, trigrams
from tests.benchmarks.address_registers import Source, elsewhere, sources
from tests.noise import KINDS, Noise

NOTHING_TEXTS = (
    "", "王", "13800000000", "138 0000 0001", "王女士", "张师傅", "123456", "12-3-456", "你好", "有人打架",
    "楼道灯坏了", "谢谢", "1600 Pennsylvania Avenue", "221B Baker Street London", "东京都千代田区丸之内1丁目1",
    "' OR 1=1 --", "<script>alert(1)</script>", "\x00\x07\u200b", "。。。", "110101199001010000", "快递放门口",
    "麻烦来一下", "aaaaaaaaaaaaaaaaaaaaaa", "？？？", "号楼单元室",
)  # fmt: skip
SPECIAL = ("absent", "absent heard", "unknown", "unknown heard", "place name", "twins", "elsewhere", "nothing")
ABSENT = ("absent", "absent heard", "unknown", "unknown heard")
UNANSWERABLE = ("twins", "elsewhere", "nothing")
ASKED_AGAIN = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and the grid that it means; -1 where none is meant or two are."""

    kind: str
    text: str
    grid: int
    truth: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Grids with their scores, the likeliest first, and milliseconds of processor time.

    ``decided`` is whether the whole decision, borders and neighbours among it, gives a grid: never below its threshold.
    """

    grids: tuple[tuple[int, float], ...]
    label: str
    milliseconds: float
    reasons: str = ""
    decided: bool = True

    @property
    def first(self) -> int:
        """The likeliest grid, -2 for none."""
        return self.grids[0][0] if self.grids else -2

    @property
    def score(self) -> float:
        """How likely it is."""
        return self.grids[0][1] if self.grids else 0.0


def ask_for(source: Source, kinds: Sequence[str], count: int, seed: int) -> Iterator[Asked]:
    """Queries of each kind, about as many as asked for where the kind fits so many doors."""
    doors = [source.entries[i] for i in source.doors]
    everything = [*doors, *source.absent, *source.unknown]
    noise = Noise(
        [door.text for door in everything],
        [*source.grid_of[source.doors].tolist(), *source.absent_grids.tolist(), *source.unknown_grids.tolist()],
        [door.areas for door in everything] if any(door.areas for door in doors) else None,
        [*source.other_names, *([()] * (len(everything) - len(doors)))],
    )
    for kind in kinds:
        rng = np.random.default_rng([seed, *kind.encode()])
        if kind in SPECIAL:
            yield from _special(kind, source, noise, count, rng)
            continue
        made = 0
        for position in rng.integers(len(doors), size=count * ASKED_AGAIN).tolist():
            text = noise.query(kind, position, rng) if made < count else None
            if text is not None:
                made += 1
                yield Asked(kind, text, noise.grids[position], doors[position].text)


def _special(kind: str, source: Source, noise: Noise, count: int, rng: np.random.Generator) -> Iterator[Asked]:
    if kind in ABSENT:
        first = len(source.doors)
        second = first + len(source.absent)
        left_out = np.arange(first, second) if kind.startswith("absent") else np.arange(second, len(noise.said))
        for i in rng.permutation(left_out)[:count].tolist():
            text = noise.query("heard" if kind.endswith("heard") else "exact", i, rng)
            if text is not None:
                yield Asked(kind, text, noise.grids[i], noise.said[i].text)
    elif kind == "place name":
        names = [source.entries[i].text for i in source.names]
        for i in rng.permutation(source.names)[:count].tolist():
            if names.count(source.entries[i].text) == 1:
                yield Asked(kind, source.entries[i].text, int(source.grid_of[i]), source.entries[i].text)
    elif kind == "twins":
        twins = noise.twins(len(source.doors))
        for i in rng.permutation(np.array(twins, dtype=np.int64))[:count].tolist():
            yield Asked(kind, noise.twin_query(i), -1, noise.said[i].text)
    else:
        texts = elsewhere(source.name, count, rng) if kind == "elsewhere" else list(NOTHING_TEXTS)
        yield from (Asked(kind, text, -1, "") for text in texts)


@dataclass(frozen=True, slots=True)
class Once:
    """A register that was asked already."""

    found: Any

    def find(self, *_: Any, **__: Any) -> Any:
        """What was found."""
        return self.found


def engine(source: Source, folder: Path) -> Callable[[str], Answer]:
    """The project's own matching over a register that is compiled here."""
    from geodata.address.compile import compile_entries
    from geodata.address.index import AddressIndex
    from geodata.decision.decide import decide
    from tests.benchmarks.address_ground import moment_of

    began = time.process_time()
    compile_entries(source.entries, folder)
    grid_at = {
        (entry.lon, entry.lat): grid for entry, grid in zip(source.entries, source.grid_of.tolist(), strict=True)
    }
    built = time.process_time() - began
    index = AddressIndex(folder)
    moment = moment_of(source.layers)
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    print(f"  compiled in {built:.1f} s, {size:.1f} MB of files")

    def answer(text: str) -> Answer:
        began = time.thread_time()
        found = index.find(text)
        spent = (time.thread_time() - began) * 1e3
        grids = np.array([grid_at[lon, lat] for lon, lat in found.points.tolist()], dtype=np.int64)
        scores = np.bincount(grids[grids >= 0], found.weights[grids >= 0]) if len(grids) else np.zeros(0)
        order = np.argsort(-scores, kind="stable")[:8]
        ranked = tuple((int(grid), float(scores[grid])) for grid in order if scores[grid] > 1e-6)
        best = found.candidates[0] if found.candidates else None
        said = [f"{reason.code} {reason.facts.get('typed', '')}" for reason in best.reasons] if best else []
        decided = decide(moment, Once(found), text, layer=moment.default_layer.code).status == "found"
        return Answer(ranked, best.label if best else "", spent, ", ".join(said), decided)

    return answer


def report(asked: Sequence[Asked], answers: Sequence[Answer], threshold: float, kinds: Sequence[str]) -> None:
    """Print the table: a line for each kind, one for all that the register holds, two for the rest; a calibration."""
    print(
        f"  {'kind':17}{'asked':>6}{'first %':>9}{'found %':>9}{'wrong %':>9}{'unsure %':>10}{'of it in':>9}"
        f"{'none %':>8}{'p50 ms':>8}{'p95 ms':>8}"
    )
    truth = np.array([one.grid for one in asked])
    which = np.array([one.kind for one in asked])
    known = ~np.isin(which, ABSENT + UNANSWERABLE)
    for kind in kinds:
        _line(kind, which == kind, truth, answers, threshold)
    _line("IN THE REGISTER", known, truth, answers, threshold)
    _line("not in it", np.isin(which, ABSENT), truth, answers, threshold)
    _line("no answer", np.isin(which, UNANSWERABLE), truth, answers, threshold)
    calibration([a for a, one in zip(answers, known, strict=True) if one], truth[known])
    absent = np.isin(which, ABSENT)
    if absent.any():
        print("  of what is not in the register")
        calibration([a for a, one in zip(answers, absent, strict=True) if one], truth[absent])


def _line(
    name: str, chosen: NDArray[np.bool_], truth: NDArray[np.int64], answers: Sequence[Answer], threshold: float
) -> None:
    mine = [answers[i] for i in np.flatnonzero(chosen).tolist()]
    if not mine:
        return
    grids = truth[chosen]
    first = np.array([one.first for one in mine])
    score = np.array([one.score for one in mine])
    total = np.array([sum(value for _, value in one.grids) for one in mine])
    found = (score >= threshold) & np.array([one.decided for one in mine])
    none = ~found & (total < 0.5)
    unsure = ~found & ~none
    within = np.array([any(grid == wanted for grid, _ in one.grids) for one, wanted in zip(mine, grids, strict=True)])
    times = np.array([one.milliseconds for one in mine])
    share = [float(part.mean() * 100) for part in (first == grids, found, found & (first != grids), unsure, none)]
    print(
        f"  {name:17}{len(mine):6,}{share[0]:9.2f}{share[1]:9.2f}{share[2]:9.3f}{share[3]:10.2f}"
        f"{within[unsure].mean() * 100 if unsure.any() else 0:9.1f}{share[4]:8.2f}"
        f"{np.percentile(times, 50):8.2f}{np.percentile(times, 95):8.2f}",
        flush=True,
    )


def calibration(answers: Sequence[Answer], truth: NDArray[np.int64]) -> None:
    """Print, for bins of the score, its mean and how often the first grid is the right one."""
    score = np.array([one.score for one in answers])
    right = np.array([one.first for one in answers]) == truth
    print("  score       answers   mean score   right")
    edges = [*np.arange(0, 1.0, 0.1).tolist(), 0.99, 1.0 + 1e-9]
    for low, high in itertools.pairwise(edges):
        chosen = (score >= low) & (score < high)
        if chosen.any():
            low_high, mean = f"{low:.2f}–{min(high, 1):.2f}", score[chosen].mean()
            print(f"  {low_high}{chosen.sum():11,}{mean:13.4f}{right[chosen].mean():8.4f}")


def study(asked: Sequence[Asked], answers: Sequence[Answer], threshold: float, what: str) -> None:
    """Print the queries whose answers are wrong, or not sure, with what was answered and why."""
    for one, answer in zip(asked, answers, strict=True):
        wrong = answer.first != one.grid
        unsure = answer.score < threshold
        unsure = unsure or not answer.decided
        mark = "WRONG" if wrong and not unsure else "unsure" if unsure else "right"
        if what == "all" or mark == "WRONG" or (what == "unsure" and mark == "unsure" and one.kind not in UNANSWERABLE):
            mark += "" if not wrong or mark == "WRONG" else ", another first"
            print(f"  [{one.kind}] {mark} {answer.score:.3f}: {one.text!r}\n      meant    {one.truth}")
            print(f"      answered {answer.label} {answer.reasons}")


def compare(asked: Sequence[Asked], ways: dict[str, Sequence[Answer]], kinds: Sequence[str]) -> None:
    """Print how often each way has the right grid first, and its milliseconds."""
    truth = np.array([one.grid for one in asked])
    which = np.array([one.kind for one in asked])
    known = ~np.isin(which, ABSENT + UNANSWERABLE)
    right = {name: np.array([answer.first for answer in answers]) == truth for name, answers in ways.items()}
    print("-- right grid first, %\n  " + f"{'kind':17}{'asked':>6}" + "".join(f"{name:>14}" for name in ways))
    for kind, chosen in [
        *((kind, which == kind) for kind in kinds if kind not in UNANSWERABLE),
        ("IN THE REGISTER", known),
    ]:
        if chosen.any():
            shares = "".join(f"{right[name][chosen].mean() * 100:14.2f}" for name in ways)
            print(f"  {kind:17}{chosen.sum():6,}{shares}")
    for share in (50, 95):
        times = (np.percentile([answer.milliseconds for answer in answers], share) for answers in ways.values())
        print(f"  {f'p{share} ms':23}" + "".join(f"{spent:14.2f}" for spent in times))


def measure(source: Source, arguments: argparse.Namespace) -> None:
    """Print all figures of one register."""
    print(f"\n== {source.heading}", flush=True)
    words = arguments.kinds or ("",)
    kinds = [kind for kind in (*KINDS, *SPECIAL) if any(word in kind for word in words)]
    asked = list(ask_for(source, kinds, arguments.queries, arguments.seed))
    ways: dict[str, Sequence[Answer]] = {}
    if not arguments.only_baselines:
        with tempfile.TemporaryDirectory() as folder:
            answer = engine(source, Path(folder))
            answer("预热一下")
            ways["this project"] = answers = [answer(one.text) for one in asked]
            report(asked, answers, arguments.threshold, kinds)
            if arguments.list:
                study(asked, answers, arguments.threshold, arguments.list)
    if arguments.baselines or arguments.only_baselines:
        ways |= {name: baseline(way, source, asked) for name, way in (("pg_trgm", trigrams), ("rapidfuzz", fuzzy))}
        compare(asked, ways, kinds)


def baseline(way: Callable[..., Any], source: Source, asked: Sequence[Asked]) -> list[Answer]:
    """The grids of the nearest texts."""
    with way([entry.text for entry in source.entries]) as nearest:
        near = [nearest(one.text) for one in asked]
    grids = [int(source.grid_of[one.position]) if one.position >= 0 else -2 for one in near]
    return [Answer(((grid, 1.0),), "", one.milliseconds) for grid, one in zip(grids, near, strict=True)]


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mainland", action="append", metavar="STYLE", help="a city of tests/mainland.py, or several")
    parser.add_argument("--sample", metavar="SIZE", help="street or district")
    parser.add_argument("--taipei", action="store_true", help="543 real facilities, against villages")
    parser.add_argument("--register", type=Path, metavar="FILE.csv", help="text lon lat, and what else is known")
    parser.add_argument("--doors", type=int, default=25_000, help="of a mainland register")
    parser.add_argument("--queries", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", metavar="WORD", help="kinds whose names contain a word")
    parser.add_argument("--baselines", action="store_true")
    parser.add_argument("--only-baselines", action="store_true")
    parser.add_argument("--threshold", type=float, default=0.95, help="of the score from which a grid is found")
    parser.add_argument("--list", choices=("wrong", "unsure", "all"), help="the queries too")
    arguments = parser.parse_args()
    for source in sources(arguments):
        measure(source, arguments)


if __name__ == "__main__":
    main()
