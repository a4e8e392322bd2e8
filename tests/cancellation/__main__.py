"""Cancel the operations of a group at all points: ``python -m tests.cancellation webhooks native [NAME]``."""

import faulthandler
import itertools
import logging
import sys
import tempfile
import warnings
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import cast

from .cases import GROUPS, Make
from .points import Case, Mode, cancel_everywhere, run

_STRIDES = {"feeds": 3, "mirrors": 5, "postgres": 7, "syncs": 7, "engine": 61}
"""Where a run takes long, as it waits for a lease that was left or opens databases, only every so many points are tried."""


def main(group: str, mode: Mode, only: str = "") -> None:
    faulthandler.enable()
    faulthandler.dump_traceback_later(900, exit=True)
    warnings.filterwarnings(
        "ignore", "coroutine .* was never awaited", RuntimeWarning
    )  # of tasks that never began
    logging.disable(logging.CRITICAL)
    numbers = itertools.count()
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:

        def new(make: Make) -> Case:
            number = next(numbers)
            own = Path(folder) / str(number)
            own.mkdir()
            return make(own, number)

        for name, make in GROUPS[group](stack).items():
            if only in name:
                points = range(1, 2_000, _STRIDES.get(group, 1))
                count = run(partial(cancel_everywhere, partial(new, make), mode, points), mode)
                print(f"{name}: {count} points", flush=True)  # noqa: T201 - its result


if __name__ == "__main__":
    main(sys.argv[1], cast("Mode", sys.argv[2]), *sys.argv[3:])
