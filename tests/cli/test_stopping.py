"""Ctrl-C: the first one asks, the second one cuts off."""

import signal

import anyio
import pytest

from attio_async._cli.signals import Stop, run_stoppable

pytestmark = pytest.mark.anyio


async def test_a_job_that_nobody_stops() -> None:
    async def job(stop: Stop) -> None:
        assert not stop.requested

    assert await run_stoppable(job, on_request=pytest.fail) == Stop(requested=False, cut_off=False)


async def test_the_first_signal_lets_the_job_end_by_itself() -> None:
    told: list[bool] = []

    async def job(stop: Stop) -> None:
        signal.raise_signal(signal.SIGINT)
        while not stop.requested:
            await anyio.lowlevel.checkpoint()
        told.append(True)

    stop = await run_stoppable(job, on_request=lambda: told.append(False))
    assert told == [False, True]
    assert stop == Stop(requested=True, cut_off=False)


async def test_the_second_signal_cuts_it_off() -> None:
    async def job(stop: Stop) -> None:
        signal.raise_signal(signal.SIGINT)
        while not stop.requested:
            await anyio.lowlevel.checkpoint()
        signal.raise_signal(signal.SIGINT)
        await anyio.sleep_forever()

    stop = await run_stoppable(job, on_request=lambda: None)
    assert stop == Stop(requested=True, cut_off=True)


async def test_a_failure_of_the_job_comes_out_as_it_is() -> None:
    async def job(_: Stop) -> None:
        raise LookupError("as it is")

    with pytest.raises(LookupError, match="as it is"):
        await run_stoppable(job, on_request=pytest.fail)


async def test_afterwards_a_signal_means_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)

    async def job(_: Stop) -> None:
        await anyio.lowlevel.checkpoint()

    await run_stoppable(job, on_request=pytest.fail)
    assert signal.getsignal(signal.SIGINT) is before
