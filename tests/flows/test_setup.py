"""Set-up: what it installs, what it says where it can't, that a second run does nothing; the containers."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
BASE_PACKAGES = (
    "ca-certificates",
    "fonts-noto-cjk",
    "libharfbuzz-subset0",
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
)
DATABASE_PACKAGES = ("postgresql-15", "postgresql-15-postgis-3")


class Machine:
    """A folder with the project's set-up in it, on a machine whose package manager and Python are played.

    Every call of a played program is a line in ``calls``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "calls"
        self.played = folder / "played"
        self.played.mkdir()
        shutil.copytree(DOCKER, folder / "docker")
        packages = (f"geodata/{package}/__init__.py" for package in ("address", "grid", "station", "station/network"))
        for name in ("pyproject.toml", "geodata/errors.py", *packages):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
        frontend = folder / "service" / "maps" / "frontend"
        frontend.mkdir(parents=True)
        (frontend / "package-lock.json").write_text("{}")
        self.play("id", "echo 1000")
        self.play("sudo", "exit 1")
        self.play("node", "echo 20")
        self.play("npm", f'{self._note("npm")}; mkdir -p "$3/node_modules"')
        self.play("apt-get", self._note("apt-get"))
        self.play("python3", self._python())
        for name in ("chromium-headless-shell", "openssl", "shellcheck", "pdftotext"):
            self.play(name, "exit 0")
        self.installed("postgresql-common", *BASE_PACKAGES, *DATABASE_PACKAGES)

    def play(self, name: str, script: str) -> None:
        path = self.played / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def installed(self, *packages: str) -> None:
        """Only these Debian packages are here."""
        names = "|".join(packages)
        self.play("dpkg-query", f'for last; do :; done; case "$last" in {names}) echo installed ;; *) exit 1 ;; esac')
        found = (
            "echo /usr/share/postgresql/15/extension/postgis.control" if DATABASE_PACKAGES[1] in packages else "exit 1"
        )
        self.play("find", found)

    def setup(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.played}:/usr/bin:/bin", "HOME": str(self.folder), **environment}
        return subprocess.run(
            ["bash", str(self.folder / "docker" / "setup.sh"), *words],
            env=environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def calls(self) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        self.log.unlink(missing_ok=True)
        return lines

    def _note(self, name: str) -> str:
        return f'echo "{name} $*" >>{self.log}'

    def _python(self) -> str:
        return (
            f'case "$*" in *"-m venv"*) mkdir -p .venv/bin; cp {self.played}/python3 .venv/bin/python; '
            "touch .venv/bin/gridmap; chmod +x .venv/bin/gridmap ;; esac\n"
            f'case "$*" in *"-c import"*) ;; *) {self._note("python")} ;; esac'
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


# --- the set-up script -----------------------------------------------------------------------------------------------


def test_a_second_run_does_nothing(machine: Machine) -> None:
    first = machine.setup("runtime")
    assert first.returncode == 0, first.stderr
    calls = machine.calls()
    # The assets come beside the packages, parts of the compiling beside each other.
    (assets,) = (call for call in calls if call.startswith("npm"))
    assert assets.startswith("npm ci --prefix service/maps/frontend --ignore-scripts")
    calls.remove(assets)
    assert calls[0] == "python -m venv --clear .venv"
    assert calls[1].endswith("--require-hashes -r docker/requirements.txt")
    assert calls[2].endswith("--no-deps --no-build-isolation -e .")
    parts = ("address.warming", "grid.index", "station.warming", "lookup")
    warming = [f"python -c from geodata.{module} import warm; warm()" for module in parts]
    assert sorted(calls[3:]) == sorted(warming)
    second = machine.setup("runtime")
    assert (second.returncode, second.stdout, second.stderr, machine.calls()) == (0, "", "", [])


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ("docker/requirements.txt", "--require-hashes"),
        ("pyproject.toml", "-e ."),
        ("service/maps/frontend/package-lock.json", "npm ci"),
        ("geodata/grid/__init__.py", "warm()"),
        ("geodata/address/__init__.py", "warm()"),
        ("geodata/station/network/__init__.py", "warm()"),
    ],
)
def test_what_changed_is_set_up_again(machine: Machine, changed: str, expected: str) -> None:
    machine.setup("runtime")
    machine.calls()
    with (machine.folder / changed).open("a") as file:
        file.write("\n")
    assert machine.setup("runtime").returncode == 0
    assert any(expected in call for call in machine.calls())


def test_who_runs_it_compiles_nothing_later_and_what_only_tests_need_comes_beside_the_compiling(
    machine: Machine,
) -> None:
    machine.setup("runtime")
    assert not any("--no-compile" in call for call in machine.calls())
    machine.setup("dev")
    locks = [call.split("--require-hashes ")[1] for call in machine.calls() if "--require-hashes" in call]
    assert locks == ["--no-compile -r docker/requirements.txt", "--no-compile -r docker/requirements-dev.txt"]


def test_packages_for_tests_that_do_not_come_are_asked_for_again(machine: Machine) -> None:
    played = machine._python()
    machine.play("python3", f'case "$*" in *requirements-dev*) exit 5 ;; esac\n{played}')
    assert machine.setup("dev").returncode == 5
    machine.calls()
    for path in (machine.played / "python3", machine.folder / ".venv" / "bin" / "python"):
        path.write_text(f"#!/bin/sh\n{played}\n")
    assert machine.setup("dev").returncode == 0
    assert any("requirements-dev.txt" in call for call in machine.calls())


def test_the_lock_of_the_tests_is_enough_to_run(machine: Machine) -> None:
    assert machine.setup("dev").returncode == 0
    assert any("requirements-dev.txt" in call for call in machine.calls())
    assert machine.setup("runtime").returncode == 0
    assert machine.calls() == []


def test_an_installation_that_broke_off_is_done_again(machine: Machine) -> None:
    machine.play("npm", "exit 7")
    assert machine.setup("runtime").returncode == 7
    machine.calls()
    machine.play("npm", machine._note("npm") + '; mkdir -p "$3/node_modules"')
    assert machine.setup("runtime").returncode == 0
    assert [call.split()[0] for call in machine.calls()] == ["npm", *["python"] * 4]


def test_without_root_it_says_exactly_what_to_install_and_how_to_do_without(machine: Machine) -> None:
    machine.installed(*BASE_PACKAGES)
    done = machine.setup("runtime")
    assert done.returncode == 1
    assert f"apt-get install --no-install-recommends {' '.join(DATABASE_PACKAGES)}\n" in done.stderr
    assert "GRIDMAP_DATABASE_URL=postgresql://" in done.stderr
    assert "缺少软件包" in done.stderr
    assert machine.calls() == []


def test_with_a_postgis_elsewhere_no_postgresql_is_needed_to_run(machine: Machine) -> None:
    machine.installed(*BASE_PACKAGES)
    assert machine.setup("runtime", GRIDMAP_DATABASE_URL="postgresql://host/db").returncode == 0
    (machine.folder / ".env").write_text("GRIDMAP_DATABASE_URL=postgresql://host/db\n")
    assert machine.setup("runtime").returncode == 0
    # The tests make clusters of their own.
    assert machine.setup("dev", GRIDMAP_DATABASE_URL="postgresql://host/db").returncode == 1


def test_packages_for_tests_are_not_asked_of_those_who_run_it(machine: Machine) -> None:
    machine.installed(*BASE_PACKAGES, *DATABASE_PACKAGES)
    packages = machine.folder / "docker" / "apt.txt"
    assert packages.read_text().rpartition("[")[2].startswith("tests]")
    packages.write_text(packages.read_text() + "only-for-tests\n")
    assert machine.setup("runtime").returncode == 0
    assert "only-for-tests" in machine.setup("dev").stderr


@pytest.mark.parametrize("as_root", [True, False], ids=["root", "sudo"])
def test_root_or_sudo_installs_what_is_missing(machine: Machine, as_root: bool) -> None:
    machine.installed(*BASE_PACKAGES, "postgresql-common")
    if as_root:
        machine.play("id", "echo 0")
    else:
        machine.play("sudo", f'[ "$1" = -n ] || {{ echo sudo >>{machine.log}; exec env "$@"; }}')
    assert machine.setup("packages", "base", "database").returncode == 0
    calls = [call for call in machine.calls() if call != "sudo"]
    assert calls == [
        "apt-get update -q",
        "apt-get install -q -y --no-install-recommends postgresql-15 postgresql-15-postgis-3",
    ]


def test_any_node_from_18_on_will_do(machine: Machine) -> None:
    machine.play("node", "echo 16")
    assert "nodejs npm" in machine.setup("runtime").stderr


def test_a_missing_home_and_a_strict_umask_do_not_matter(machine: Machine) -> None:
    script = f"umask 077; HOME=/nonexistent exec bash {machine.folder}/docker/setup.sh runtime"
    path = f"{machine.played}:/usr/bin:/bin"
    done = subprocess.run(["bash", "-c", script], env={"PATH": path}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert (machine.folder / ".venv").stat().st_mode & 0o777 == 0o755


def test_wrong_words_print_the_usage(machine: Machine) -> None:
    done = machine.setup("everything")
    assert done.returncode == 2
    assert "docker/setup.sh runtime" in done.stderr


def test_the_package_list_names_one_package_per_line_in_known_sections() -> None:
    lines = [line for line in (DOCKER / "apt.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if line.startswith("[")] == ["[base]", "[assets]", "[database]", "[tests]"]
    assert all(re.fullmatch(r"\[[a-z]+\]|[a-z0-9][a-z0-9.+-]+", line) for line in lines)


# --- make ------------------------------------------------------------------------------------------------------------


def _make(*words: str) -> str:
    done = subprocess.run(["make", *words], cwd=ROOT, capture_output=True, text=True, check=True, env=_clean())
    return done.stdout


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}


def test_make_alone_explains_every_target() -> None:
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets is not None
    said = _make()
    assert all(f"make {name} " in said for name in targets[1].split() if name != "help")


def test_make_test_checks_before_it_tests_and_ci_calls_it() -> None:
    planned = _make("-n", "test")
    steps = ["setup.sh dev", "ruff check", "ruff format --check", "lint-imports", "shellcheck", "mypy", "pytest"]
    places = [planned.index(step) for step in steps]
    assert places == sorted(places)
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-1] == "make test"


def test_make_demo_installs_only_what_running_needs_and_passes_its_options_on() -> None:
    planned = _make("-n", "demo", "ARGS=--size street --reset")
    assert "setup.sh runtime" in planned
    assert "setup.sh dev" not in planned
    assert ".venv/bin/gridmap demo --size street --reset" in planned


def test_benchmarks_are_found_by_their_main() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks", "no-such-name"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    for path in (ROOT / "tests" / "benchmarks").glob("[!_]*.py"):
        assert (path.stem in done.stdout) == ("\ndef main(" in path.read_text(encoding="utf-8"))


# --- containers ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    """Instructions of the Dockerfile: word and rest, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (DOCKER / "Dockerfile").read_text(encoding="utf-8"))
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


@pytest.mark.parametrize(
    "command", [["hadolint", "docker/Dockerfile"], ["yamllint", "--strict", "docker/compose.yaml"]], ids=lambda c: c[0]
)
def test_container_files_are_lint_free(command: list[str]) -> None:
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_container_runs_as_root_and_images_have_fixed_tags(compose: Mapping[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["user"] not in ("", "0", "root"), name
        assert re.fullmatch(r"[\w./-]+:(?!latest)[\w.-]+", service["image"]), name
        assert "no-new-privileges:true" in service["security_opt"]
        assert not service.get("privileged")


def test_the_database_comes_first_then_the_schema_then_the_rest(compose: Mapping[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"db", "migrate", "service", "worker"}
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("service", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
    assert services["db"]["healthcheck"]["test"][1] == "pg_isready"
    assert services["worker"]["healthcheck"]["test"] == ["CMD", "gridmap", "check"]


def test_data_lies_in_named_volumes(compose: Mapping[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", [])}
    assert used == set(compose["volumes"]) == {"db", "state"}


def test_the_password_is_required_and_stands_nowhere(compose: Mapping[str, Any]) -> None:
    text = (DOCKER / "compose.yaml").read_text(encoding="utf-8")
    assert len(re.findall(r"\$\{GRIDMAP_DATABASE_PASSWORD:\?", text)) == text.count("GRIDMAP_DATABASE_PASSWORD") == 2
    example = (DOCKER / "compose.env.example").read_text(encoding="utf-8")
    assert re.search(r"^GRIDMAP_DATABASE_PASSWORD=$", example, re.MULTILINE)
    for name in re.findall(r"\$\{(\w+)", text):
        assert f"\n{name}=" in example, f"{name} is not in the example"
    assert "ports" not in compose["services"]["db"]


def test_containers_set_only_what_the_service_knows(
    compose: Mapping[str, Any], dockerfile: list[tuple[str, str]]
) -> None:
    known = {f"GRIDMAP_{name.upper()}" for name in Settings.model_fields}
    assert set(compose["services"]["service"]["environment"]) <= known
    set_in_image = re.findall(r"GRIDMAP_\w+", " ".join(rest for word, rest in dockerfile if word == "ENV"))
    assert set(set_in_image) <= known


def test_commands_of_the_containers_exist(compose: Mapping[str, Any], dockerfile: list[tuple[str, str]]) -> None:
    started = [service["command"][1] for service in compose["services"].values() if "command" in service]
    started += re.findall(r'^\["gridmap", "(\w+)"', dict(dockerfile)["CMD"])
    assert sorted(started) == ["migrate", "serve", "worker"]
    for command in [*started, "check"]:
        run = [sys.executable, "-m", "service.cli", command, "--help"]
        assert subprocess.run(run, cwd=ROOT, capture_output=True, check=False).returncode == 0, command


def test_the_image_is_made_by_the_same_script_list_and_lock(dockerfile: list[tuple[str, str]]) -> None:
    words = [word for word, _ in dockerfile]
    assert "ADD" not in words
    assert "HEALTHCHECK" in words
    copied = " ".join(rest for word, rest in dockerfile if word == "COPY")
    assert all(name in copied for name in ("docker/apt.txt", "docker/setup.sh", "docker/requirements.txt"))
    runs = [rest for word, rest in dockerfile if word == "RUN"]
    assert all(rest.startswith("docker/setup.sh ") for rest in runs)
    assert not re.search(r"pip |npm |apt-get (install|update)|curl|wget", " ".join(runs))
    bases = [rest for word, rest in dockerfile if word == "FROM"]
    assert all(re.match(r"[\w./-]+:(?!latest)[\w.-]+", rest) for rest in bases)
    assert words[len(words) - 1 - words[::-1].index("USER") :].count("RUN") == 0


def test_the_build_sees_neither_data_nor_secrets() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[0] == "**"
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    assert allowed == {"docker", "geodata", "service", "pyproject.toml", "README.md"}
    assert "docker/.env" in ignored
