"""Runs the benchmarks of this folder, each in a process of its own: its peak memory is then its own.

python -m tests.benchmarks [NAME…]      all, or those whose module names contain one of the words
"""

import ast
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def benchmarks() -> list[str]:
    """Names of the modules here that have a function ``main``."""
    return sorted(
        path.stem
        for path in FOLDER.glob("*.py")
        if not path.stem.startswith("_")
        and any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in ast.parse(path.read_text()).body)
    )


def main(words: list[str]) -> int:
    """Run what was asked for; the number of those that failed."""
    chosen = [name for name in benchmarks() if not words or any(word in name for word in words)]
    if not chosen:
        print(f"no benchmark is called that; there are: {', '.join(benchmarks())}")
        return 1
    failed = 0
    for name in chosen:
        print(f"\n== {name}", flush=True)
        failed += subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False).returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
