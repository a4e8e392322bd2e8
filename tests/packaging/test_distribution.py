"""The wheel and the source distribution, which work where nothing else is installed."""

import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SMOKE = """
import attio_async, attio_async.errors, attio_async_api.operations as operations
from attio_async import Attio, Record, RetryPolicy
for name in attio_async.__all__:
    getattr(attio_async, name)
assert len(operations.OPERATIONS) == 97
assert repr(Attio("token")) == "<Attio https://api.attio.com>"
import importlib.util
assert importlib.util.find_spec("rich") is None, "the core must not need the command line's libraries"
from attio_async.testing import FakeAttio
from attio_async.bulk import SQLiteJournal
assert SQLiteJournal(None).lease is None
assert FakeAttio().handle("GET", "/v2/self", {"authorization": "Bearer test-token"}, b"").status == 200
"""

DATA_FILES = tuple(
    path.relative_to(ROOT / "src").as_posix()
    for path in (ROOT / "src").rglob("*")
    if path.suffix in {".html", ".json", ".lua", ".sql"} and "sample" not in path.parts
)


def run(*command: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "--directory", out, cwd=ROOT)
    return out


def test_the_wheel_holds_both_packages_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "attio_async",
        "attio_async_api",
    }
    assert "attio_async/py.typed" in names
    assert "attio_async_api/py.typed" in names
    assert any(name.startswith("attio_async/_cli/sample/") for name in names)
    assert set(DATA_FILES) <= set(names)


def test_the_source_distribution_builds_the_same_package(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames() if "/" in name]
    for needed in (
        "pyproject.toml",
        "LICENSE",
        "README.md",
        "openapi/attio.json",
        "src/attio_async/__init__.py",
        *(f"src/{name}" for name in DATA_FILES),
    ):
        assert needed in names


@pytest.mark.full
@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"], ids=["wheel", "sdist"])
def test_it_works_in_an_empty_environment(built: Path, tmp_path: Path, kind: str) -> None:
    (distribution,) = built.glob(kind)
    place = tmp_path / "an empty environment"
    venv.create(place, with_pip=True)
    python = place / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "-c", ROOT / "constraints.txt", distribution)
    run(python, "-W", "error", "-c", SMOKE, cwd=tmp_path)
