"""Run the generator and puts the package together."""

import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from codegen import operations
from codegen.facts import BuildError, read_json, write_json
from codegen.normalise import normalise

GENERATOR = "openapi-python-client"
GENERATOR_VERSION = "0.29.1"
PACKAGE = "attio_async_api"
HERE = Path(__file__).resolve().parent
UNUSED = ("client.py", "errors.py")


def build_package(document: Path, package: Path) -> None:
    """Write the whole package anew from our document of the API.

    Raises:
        BuildError: Another version of the generator is installed, or a tool failed or warned; `package` is as it was.
    """
    check_generator()
    source = read_json(document)
    with tempfile.TemporaryDirectory() as scratch:
        lean = Path(scratch, "openapi.json")
        write_json(lean, normalise(source))
        fresh = Path(scratch, PACKAGE)
        run(
            GENERATOR.replace("-", "_"),
            *("generate", "--path", str(lean), "--output-path", str(fresh), "--meta", "none"),
            *("--config", str(HERE / "config.yml"), "--custom-template-path", str(HERE / "templates")),
            "--fail-on-warning",
        )
        for name in UNUSED:
            (fresh / name).unlink()
        (fresh / "operations.py").write_text(operations.render(source), encoding="utf-8")
        shutil.copyfile(HERE / "templates" / "json_data.py.jinja", fresh / "json_data.py")
        (fresh / "py.typed").touch()
        ruff = ("--config", str(HERE / "ruff.toml"), "--no-cache", "--quiet", str(fresh))
        run("ruff", "check", "--fix", *ruff)
        run("ruff", "format", *ruff)
        shutil.rmtree(package, ignore_errors=True)
        shutil.copytree(fresh, package)


def check_generator() -> None:
    """Stop unless exactly the known version of the generator is installed: its templates' contract changes in patches."""
    try:
        found = version(GENERATOR)
    except PackageNotFoundError:
        raise BuildError(f"{GENERATOR} {GENERATOR_VERSION} is not installed for {sys.executable}") from None
    if found != GENERATOR_VERSION:
        raise BuildError(f"{GENERATOR} is {found}, but the templates are written for {GENERATOR_VERSION}")


def run(module: str, *arguments: str) -> None:
    """Run a tool's module with this interpreter; its output is told only when it fails."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        raise BuildError(f"{module} failed:\n{done.stdout}{done.stderr}")


def differences(expected: Path, actual: Path) -> list[str]:
    """Return the files that differ, are missing or are too many, each with a word of what is wrong."""
    wanted, present = files_of(expected), files_of(actual)
    found = [f"missing: {name}" for name in sorted(wanted.keys() - present.keys())]
    found += [f"not generated: {name}" for name in sorted(present.keys() - wanted.keys())]
    found += [f"differs: {n}" for n in sorted(wanted.keys() & present.keys()) if wanted[n] != present[n]]
    return found


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its relative name, compiled ones left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
