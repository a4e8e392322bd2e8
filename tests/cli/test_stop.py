"""Ctrl-C: the first one asks a job to stop, the second one cancels it."""

import signal

import anyio
import pytest

from attio_async._cli.runner import run_stoppable

pytestmark = pytest.mark.anyio


async def test_an_undisturbed_job_runs_to_its_end() -> None:
    ended: list[bool] = []

    async def job() -> None:
        await anyio.lowlevel.checkpoint()
        ended.append(True)

    await run_stoppable(job, on_stop=pytest.fail)
    assert ended == [True]


async def test_the_first_signal_lets_the_job_end_by_itself() -> None:
    told: list[str] = []

    async def job() -> None:
        signal.raise_signal(signal.SIGINT)
        while not told:
            await anyio.lowlevel.checkpoint()
        told.append("ended")

    await run_stoppable(job, on_stop=lambda: told.append("stop"))
    assert told == ["stop", "ended"]


async def test_the_second_signal_cancels_the_job() -> None:
    told: list[str] = []

    async def job() -> None:
        signal.raise_signal(signal.SIGINT)
        while not told:
            await anyio.lowlevel.checkpoint()
        signal.raise_signal(signal.SIGINT)
        await anyio.sleep_forever()

    await run_stoppable(job, on_stop=lambda: told.append("stop"))
    assert told == ["stop"]


async def test_an_error_of_the_job_is_raised_as_it_is() -> None:
    async def job() -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        await run_stoppable(job, on_stop=pytest.fail)


async def test_afterwards_the_signal_has_its_earlier_handler() -> None:
    before = signal.getsignal(signal.SIGINT)
    await run_stoppable(anyio.lowlevel.checkpoint, on_stop=pytest.fail)
    assert signal.getsignal(signal.SIGINT) is before
