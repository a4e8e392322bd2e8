"""The blocking client: the methods of the async one, in code without async."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.lowlevel import checkpoint

import attio_async
from attio_async import ConfigurationError, F, NotFound, Outcome, Request, Response, Send
from attio_async.blocking import Attio, Created, Records
from attio_async.blocking._facade import LoopThread
from attio_async.models import Person
from attio_async.testing import FakeAttio, SystemClock, people


@pytest.fixture
def fake() -> FakeAttio:
    return FakeAttio(clock=SystemClock())


@pytest.fixture
def attio(fake: FakeAttio) -> Iterator[Attio]:
    with Attio.of_async(fake.client()) as attio:
        yield attio


def test_results_are_returned(attio: Attio) -> None:
    ada = attio.people.create({"name": "Ada Lovelace", "email_addresses": "ada@example.com"})
    assert attio.people.get(ada.id)["name"].full_name == "Ada Lovelace"
    found = attio.people.first(F.email_addresses == "ada@example.com")
    assert found is not None
    assert found.id == ada.id
    assert attio.identify().workspace_name
    assert isinstance(attio.people, Records)
    assert repr(attio.people) == "<blocking Records of people>"


def test_queries_are_walked_page_by_page(attio: Attio, fake: FakeAttio) -> None:
    fake.load({"people": people(25)})
    query = attio.people.query(page_size=10)
    assert len(list(query)) == query.count() == len(query.collect()) == 25
    assert next(iter(attio.people.scan())).id
    with attio.people.scan(parallel=4, page_size=10) as scan:
        assert len({person.id for person in scan}) == 25
    with attio.people.scan(parallel=4, page_size=10) as scan:
        assert sum(len(page) for page in scan.pages()) == 25
        assert scan.token
    with attio.people.query(page_size=10).pages(prefetch=2) as pages:
        assert [len(page.items) for page in pages] == [10, 10, 5]


def test_a_callback_cannot_call_the_client(attio: Attio, fake: FakeAttio) -> None:
    fake.load({"people": people(3)})
    calls = (
        attio.people.first,
        lambda: list(attio.people.query()),
        lambda: attio.people.query().count(),
        lambda: attio.people.scan().__enter__(),
        attio.close,
    )
    for call in calls:
        job = attio.companies.create_many([{"name": "A"}], on_outcome=lambda _, call=call: call())
        with pytest.raises(ConfigurationError, match="call the client once the job has ended"):
            job.run()
    assert attio.people.first() is not None


def test_jobs_run_and_plan(attio: Attio) -> None:
    rows = [{"name": f"Company {n}", "domains": f"c{n}.example.com"} for n in range(3)]
    with attio.companies.upsert_many(rows, match="domains").plan() as plan:
        assert [row.label for row in plan.rows()] == [0, 1, 2]
        assert plan.apply().created == 3
    seen: list[Outcome] = []
    report = attio.companies.upsert_many(rows, match="domains", on_outcome=seen.append).run()
    assert (report.unchanged, len(seen)) == (3, 3)


def test_files_stream_and_changes_are_followed(attio: Attio, tmp_path: Path) -> None:
    acme = attio.companies.create({"name": "Acme"})
    file = attio.files.upload(acme, b"Hello", name="hello.txt")
    with attio.files.stream(file) as chunks:
        assert b"".join(chunks) == b"Hello"
    with attio.feed(tmp_path / "state.db", objects=["companies"]) as feed:
        for change in feed:
            assert isinstance(change, Created)
            assert change.record["name"] == "Acme"
            change.ack()


def test_models_are_read(attio: Attio) -> None:
    attio.people.create({"name": "Ada Lovelace", "job_title": "Engineer"})
    (ada,) = attio.of(Person).query(Person.job_title == "Engineer")
    assert ada.job_title == "Engineer"


def test_requests_are_counted_and_shown(attio: Attio) -> None:
    with attio.meter() as meter, attio.priority("bulk"):
        answer = attio.with_response(attio.identify)
    assert (answer.status, meter.requests) == (200, 1)


def test_errors_are_raised(attio: Attio) -> None:
    with pytest.raises(NotFound):
        attio.people.get("bf071e1f-6035-429d-b874-d83ea64ea13b")


def test_threads_share_a_client(attio: Attio, fake: FakeAttio) -> None:
    threads = [threading.Thread(target=attio.companies.create, args=({"name": f"C{n}"},)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(fake.records("companies")) == 8


def test_closing_ends_the_thread_and_a_copy_keeps_it(fake: FakeAttio) -> None:
    with Attio.of_async(fake.client()) as attio:
        attio.with_options(timeout=5).identify()
        names = [thread.name for thread in threading.enumerate()]
        assert "attio-async" in names
    assert "attio-async" not in [thread.name for thread in threading.enumerate()]


def test_an_interruption_cancels_the_request(fake: FakeAttio) -> None:
    fake.latency = 60
    timer = threading.Timer(0.2, os.kill, args=(os.getpid(), signal.SIGINT))
    with Attio.of_async(fake.client()) as attio:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            attio.people.create({"name": "Ada"})
    assert not fake.records("people")  # and closing did not wait for it


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals of threads are of POSIX")
def test_a_signal_that_does_not_wake_the_thread_cancels_the_request(fake: FakeAttio) -> None:
    # As if it came just before the thread blocks: Python's handler notes it, and no system call is interrupted.
    fake.latency = 60
    timer = threading.Timer(0.2, os.kill, args=(os.getpid(), signal.SIGINT))
    with Attio.of_async(fake.client()) as attio:
        timer.start()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # only the timer is given it
        try:
            with pytest.raises(KeyboardInterrupt):
                attio.people.create({"name": "Ada"})
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert not fake.records("people")


def test_an_interruption_is_told_when_the_call_has_ended(fake: FakeAttio) -> None:
    fake.latency = 60
    ended: list[str] = []

    async def slowly(request: Request, send: Send) -> Response:
        try:
            return await send(request)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.3)
                ended.append(request.path)

    timer = threading.Timer(0.2, os.kill, args=(os.getpid(), signal.SIGINT))
    with Attio.of_async(fake.client(middleware=[slowly])) as attio:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            attio.request("GET", "/v2/tasks")
        assert ended == ["/v2/tasks"]  # so that a journal, say, is free when the caller goes on


def test_an_interruption_before_a_call_has_begun_cancels_it() -> None:
    thread = LoopThread()
    written: list[str] = []

    async def write() -> None:
        await checkpoint()
        written.append("Ada")

    try:
        thread.portal().start_task_soon(time.sleep, 0.6)  # as a callback that takes long
        threading.Timer(0.2, os.kill, args=(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt):
            thread.call(write)
        thread.call(anyio.sleep, 0.05)
        assert not written
    finally:
        thread.stop()


@pytest.mark.parametrize("pauses", [(60, 0), (0, 60)], ids=["entering", "leaving"])
def test_an_interruption_of_a_block_ends_it(pauses: tuple[float, float]) -> None:
    ended: list[str] = []

    @asynccontextmanager
    async def block() -> AsyncGenerator[None]:
        try:
            await anyio.sleep(pauses[0])
            yield
            await anyio.sleep(pauses[1])
        finally:
            ended.append("block")

    thread = LoopThread()
    threading.Timer(0.2, os.kill, args=(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt), thread.enter(block()):
        pass
    assert ended == ["block"]
    thread.stop()  # which waits for nothing


def test_an_interruption_while_the_thread_starts_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly() -> asyncio.AbstractEventLoop:
        time.sleep(0.5)
        return asyncio.SelectorEventLoop()

    monkeypatch.setattr("asyncio.events.new_event_loop", slowly)
    before = threading.active_count()
    thread = LoopThread()
    timers = [threading.Timer(after, os.kill, args=(os.getpid(), signal.SIGINT)) for after in (0.2, 5)]
    for timer in timers:
        timer.start()
    with pytest.raises(KeyboardInterrupt):
        thread.call(anyio.sleep, 0)
    timers[-1].cancel()
    thread.stop()
    timers[-1].join()
    timers[0].join()
    assert threading.active_count() == before


def test_every_async_method_has_its_form(attio: Attio) -> None:
    missing = [name for name in dir(attio_async.Attio) if not name.startswith("_") and name != "aclose"]
    assert all(hasattr(attio, name) for name in missing)
    from attio_async import blocking

    for name in blocking.__all__:
        assert getattr(blocking, name).__module__ == "attio_async.blocking"
    with pytest.raises(AttributeError):
        _ = blocking.Nothing
