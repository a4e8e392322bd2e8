from attio_async._cli.app import Window
from attio_async.testing._limits.windows import WINDOWS


def test_every_way_to_count_can_be_asked_for() -> None:
    assert [window.value for window in Window] == list(WINDOWS)
