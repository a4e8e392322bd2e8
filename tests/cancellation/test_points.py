"""Nothing is lost, doubled or stuck when an operation is cancelled, wherever that is: see `points`.

A sample is tried here in this process; all points of all groups in processes of their own, which may crash.
"""

import gc
import itertools
import logging
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from .cases import GROUPS
from .points import MODES, Case, Mode, cancel_everywhere, run

_SAMPLE = (2, 5, 9)
_QUICK = {
    "requests": ["upsert", "download"],
    "scans": ["scan-ordered"],
    "journals": ["upsert-many-path"],
    "exports": ["export-jsonl-resume"],
    "changes": ["changes-kept-open"],
    "webhooks": ["running-sqlite", "drain-saving"],
    "tokens": ["tokens", "pool"],
}


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("group", "name"), [(group, name) for group in _QUICK for name in _QUICK[group]])
def test_a_sample_of_points(
    group: str, name: str, mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("attio_async"), "disabled", True)
    numbers = itertools.count()
    with ExitStack() as stack:
        make = GROUPS[group](stack)[name]

        def new() -> Case:
            number = next(numbers)
            folder = tmp_path / str(number)
            folder.mkdir()
            return make(folder, number)

        run(partial(cancel_everywhere, new, mode, _SAMPLE), mode)
    if group == "webhooks":
        gc.collect()  # handlers that never began would warn in a later test, where the warning is not filtered


@pytest.mark.full
@pytest.mark.at_length
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("group", GROUPS)
def test_all_points(group: str, mode: Mode) -> None:
    command = [
        sys.executable,
        "-X",
        "faulthandler",
        "-W",
        "error::ResourceWarning",
        "-m",
        "tests.cancellation",
    ]
    done = subprocess.run([*command, group, mode], check=False, capture_output=True, text=True, timeout=900)
    if "Skipped" in done.stderr:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr[-3000:]}"
    assert " points" in done.stdout
