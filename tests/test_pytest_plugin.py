"""The fixtures, in test runs of their own: with each way of running asynchronous tests that is installed."""

import subprocess
import sys
from pathlib import Path

USE = """
import pytest

{setup}

{mark}
async def test_a_workspace_of_its_own(attio, fake_attio, number):
    assert fake_attio.records("companies") == []
    await attio.companies.create({{"name": "Acme"}})
    assert len(fake_attio.records("companies")) == 1


@pytest.fixture(params=[1, 2])
def number(request):
    return request.param
"""
OPTIONS = """
import pytest


@pytest.fixture
def fake_attio_options():
    return {"token": "mine", "seed": 5}


def test_options(fake_attio):
    assert fake_attio.token == "mine"
    assert fake_attio.clock.time() == 1_767_225_600.0
"""
LIGHT = """
import sys


def test_nothing_is_loaded_for_tests_that_do_not_use_it():
    assert "attio_async.pytest_plugin" in sys.modules
    assert not {"attio_async.testing", "attio_async._client", "httpx", "msgspec"} & set(sys.modules)
"""


def run(folder: Path, *arguments: str) -> str:
    """Run pytest there as a project of its own, with the plugins that it names and no others."""
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


PLUGIN = ("-p", "attio_async.pytest_plugin")


def test_with_anyio_on_asyncio_and_trio(tmp_path: Path) -> None:
    setup = (
        '@pytest.fixture(params=["asyncio", "trio"])\ndef anyio_backend(request):\n    return request.param\n'
    )
    (tmp_path / "test_use.py").write_text(USE.format(setup=setup, mark="@pytest.mark.anyio"))
    assert "4 passed" in run(tmp_path, "-p", "anyio", *PLUGIN)


def test_without_any_plugin_for_asynchronous_tests_and_with_options(tmp_path: Path) -> None:
    code = USE.format(
        setup="import asyncio\nimport functools\n\n\ndef whole(test):\n"
        "    @functools.wraps(test)\n    def run(**given):\n        asyncio.run(test(**given))\n    return run\n",
        mark="@whole",
    )
    (tmp_path / "test_use.py").write_text(code)
    (tmp_path / "test_options.py").write_text(OPTIONS)
    assert "3 passed" in run(tmp_path, *PLUGIN)


def test_loading_it_loads_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "test_light.py").write_text(LIGHT)
    assert "1 passed" in run(tmp_path, *PLUGIN)


def test_pytest_finds_it_by_itself(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--fixtures", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "fake_attio" in done.stdout
    assert "Return a new, empty workspace, in process." in done.stdout
