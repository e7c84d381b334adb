import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from geodata.embedded.cluster import EmbeddedCluster
from geodata.intake.kinds import KINDS
from service.settings import Settings
from tests.conftest import FAST
from tests.forked import put_program

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.mark.cluster
def test_every_command_of_the_readme_runs_in_its_order(make_short_folder: Callable[[], Path]) -> None:
    folder = make_short_folder()
    # Nearly fifty commands, and each of them imports for longer than it works.
    programs = make_short_folder()
    put_program(programs, "gridmap", "service.cli:main")
    script = "set -euo pipefail\n" + "\n".join(BLOCKS)
    environment = {
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", ""),
    }
    # One server for all commands, which is theirs as well: none of them starts and stops it for itself.
    with EmbeddedCluster(folder / ".gridmap", settings=FAST):
        # A session of its own, so that whatever a failed command leaves running ends with it.
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env={name: value for name, value in environment.items() if value},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
        )
        try:
            said, _ = process.communicate(timeout=480)
        finally:
            if process.poll() is None or process.returncode:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGTERM)
    assert process.returncode == 0, said
    assert '"status":"found"' in said
    assert (folder / "summary.csv").read_text(encoding="utf-8-sig").startswith("level,code,name,rows")


def test_every_setting_stands_in_the_readme() -> None:
    for name, field in Settings.model_fields.items():
        assert f"| `GRIDMAP_{name.upper()}` |" in README, field.description


def test_every_kind_that_can_be_loaded_stands_in_the_readme_with_its_fields() -> None:
    for kind in KINDS.values():
        row = re.search(rf"^\| `{kind.name}` \| (.*) \|$", README, re.MULTILINE)
        assert row is not None, kind.name
        fields = {part for field in kind.fields for part in field.name.split(".")} - {"wkt"}
        assert fields <= set(re.findall(r"\w+", row[1])), kind.name
