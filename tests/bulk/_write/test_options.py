"""The options of jobs."""

from collections.abc import Callable

import pytest

from attio_async.bulk import Guards, MatchOn, Progress
from attio_async.bulk._write.options import JobOptions
from attio_async.errors import ConfigurationError

INVALID: dict[str, Callable[[], object]] = {
    "max_change_ratio must be from 0 to 1, not 2": lambda: Guards(max_change_ratio=2),
    "max_deletes must be at least 0, not -1": lambda: Guards(max_deletes=-1),
    "max_failures must be at least 0, not -1": lambda: Guards(max_failures=-1),
    "on_ambiguous must be one of error, first, skip, not 'last'": lambda: MatchOn("x", "last"),
    "on_error must be one of collect, stop, not 'ignore'": lambda: JobOptions(on_error="ignore"),
    "duplicates must be one of refuse, first, last, merge, not 'x'": lambda: JobOptions(duplicates="x"),
    "workers must be at least 1, not 0": lambda: JobOptions(workers=0),
}


def test_invalid_options_are_rejected() -> None:
    for message, make in INVALID.items():
        with pytest.raises(ConfigurationError) as caught:
            make()
        assert str(caught.value) == message


def test_progress_in_words() -> None:
    progress = Progress(done=500, failed=2, total=90_500, seconds=20.0, rate=25.0, waited=3.0)
    assert str(progress) == "500 of 90,500 rows, 25.0/s, 1:00:00 left, 2 failed"
    assert Progress(done=1, failed=0, total=None, seconds=1, rate=1, waited=0).left is None
