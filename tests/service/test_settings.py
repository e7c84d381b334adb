import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_described_and_has_a_default() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert not field.is_required(), name


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in Settings.model_fields if f"GRIDMAP_{name.upper()}" not in readme]
    assert missing == []


def test_settings_come_from_the_environment_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("GRIDMAP_ROOT_PATH=/a/\nGRIDMAP_PAGE_SIZE=7\nOTHER=1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRIDMAP_PAGE_SIZE", "9")
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "")
    settings = Settings()
    assert (settings.root_path, settings.page_size, settings.database_url) == ("/a", 9, None)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None).page_size = 5  # type: ignore[call-arg, misc]


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Mars/Olympus"},
        {"timezone": "../etc/passwd"},
        {"root_path": "gridmap"},
        {"max_body_megabytes": 0},
        {"public_counts": "events,households"},
    ],
)
def test_a_setting_that_cannot_work_is_refused_at_the_start(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Settings(_env_file=None, **wrong)  # type: ignore[arg-type, call-arg]


def test_importing_the_application_reads_no_environment_and_opens_nothing() -> None:
    environment = {**os.environ, "GRIDMAP_TIMEZONE": "nonsense", "GRIDMAP_DATABASE_URL": "nonsense"}
    subprocess.run([sys.executable, "-c", "import service.app"], env=environment, cwd=ROOT, check=True, timeout=60)
