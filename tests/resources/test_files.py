"""Files, uploaded and downloaded in chunks; the token is sent to the API alone."""

import asyncio
import email.parser
import email.policy
import io
import os
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, strategies as st

from attio_async import RecordRef, RetryPolicy
from attio_async._limits.gate import SendPermit
from attio_async._resources import files
from attio_async._resources.files import MAX_FILE_BYTES, UploadSource, build_form
from attio_async._transport.messages import Content
from attio_async.errors import (
    ConfigurationError,
    ConnectionFailed,
    NotFound,
    OutcomeUnknown,
    RateLimited,
)
from attio_async.testing import FakeAttio
from tests.support import (
    TOKEN,
    Scripted,
    error,
    in_turn,
)

pytestmark = pytest.mark.anyio

ONE, TWO = (f"5f0e3b1c-0000-4000-8000-00000000000{number}" for number in (1, 2))
ADA = RecordRef("people", ONE)
DONE = httpx.Response(201, json={"data": {"id": {"file_id": TWO}, "name": "a.pdf"}})
PDF = b"%PDF" * 200_000
STORE = "https://files.example.com/secret-path?signature=s3cret"


def parts_of(request: httpx.Request) -> dict[str, tuple[str | None, str, bytes]]:
    """Return the parts of a form by name: the file name, the media type and the content."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parsed = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + request.content)
    found = {}
    for part in parsed.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        found[str(name)] = (part.get_filename(), part.get_content_type(), content)
    return found


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def chunks(*given: bytes) -> AsyncIterator[bytes]:
    for chunk in given:
        yield chunk


EMPTY = UploadSource(None, 0, chunks)


class Uploads(Scripted):
    """A client whose uploads succeed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.route = self.router.post("/v2/files/upload").mock(return_value=DONE)

    @property
    def parts(self) -> dict[str, tuple[str | None, str, bytes]]:
        return parts_of(self.route.calls.last.request)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(PDF)
    return path


async def test_the_content_of_a_path_is_sent_with_its_length(pdf: Path) -> None:
    http = Uploads()
    file = await http.attio.files.upload(ADA, pdf)
    assert (file.id, file.name) == (TWO, "a.pdf")
    assert http.parts == {
        "object": (None, "text/plain", b"people"),
        "record_id": (None, "text/plain", ONE.encode()),
        "file": ("a.pdf", "application/pdf", PDF),
    }
    request = http.route.calls.last.request
    assert request.headers["content-length"] == str(len(request.content))
    await http.attio.files.upload(
        ADA, str(pdf), name="b.txt", media_type="text/csv; charset=utf-8", parent_folder=TWO
    )
    assert http.parts["file"][:2] == ("b.txt", "text/csv")
    assert http.parts["parent_folder_id"][2] == TWO.encode()


async def test_bytes_are_sent_as_they_are() -> None:
    http = Uploads()
    for content in (b"", b"Hello", bytearray(b"Hello"), memoryview(b"Hello")):
        await http.attio.files.upload(ADA, content, name="hello")
        assert http.parts["file"] == ("hello", "application/octet-stream", bytes(content))


async def test_a_stream_is_sent_without_a_length() -> None:
    http = Uploads()
    for source in (chunks(b"Hel", b"lo"), lambda: chunks(b"Hel", b"lo")):
        await http.attio.files.upload(ADA, source, name="hello.txt")
        assert http.parts["file"] == ("hello.txt", "text/plain", b"Hello")
        assert "content-length" not in http.route.calls.last.request.headers


async def test_each_form_has_a_boundary_of_its_own() -> None:
    http = Uploads()
    for _ in range(2):
        await http.attio.files.upload(ADA, b"x", name="x")
    first, second = (call.request.headers["content-type"] for call in http.route.calls)
    assert first != second


async def test_a_rate_limited_upload_is_retried_from_the_beginning(pdf: Path) -> None:
    sources: list[Any] = [pdf, lambda: chunks(PDF)]
    for source in sources:
        http = Uploads()
        http.route.mock(side_effect=in_turn(http.refuse("1"), DONE))
        await http.attio.files.upload(ADA, source, name="a.pdf")
        assert http.route.call_count == 2
        assert http.parts["file"][2] == PDF


async def test_a_rate_limited_stream_cannot_be_retried() -> None:
    http = Uploads()
    http.route.mock(side_effect=in_turn(http.refuse("1"), DONE))
    with pytest.raises(ConfigurationError, match="opens the stream"):
        await http.attio.files.upload(ADA, chunks(b"x"), name="x")


async def test_an_upload_whose_response_was_lost_is_not_sent_again() -> None:
    http = Uploads()
    http.route.mock(side_effect=httpx.ReadTimeout("lost"))
    with pytest.raises(OutcomeUnknown):
        await http.attio.files.upload(ADA, b"x", name="x")
    assert http.route.call_count == 1


async def test_a_file_that_is_too_large_is_not_sent(tmp_path: Path) -> None:
    http = Uploads()
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    for source in (large, bytes(MAX_FILE_BYTES + 1)):
        with pytest.raises(ConfigurationError, match="50 MB"):
            await http.attio.files.upload(ADA, source, name="large")
    assert http.route.call_count == 0


async def test_a_stream_that_is_too_large_is_stopped_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    http = Uploads()
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    read = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            read.append(1)
            yield b"abcd"

    with pytest.raises(ConfigurationError, match="50 MB"):
        await http.attio.files.upload(ADA, endless, name="x")
    assert len(read) == 3
    assert http.attio.limiter.stats().requests == 1  # its permit is returned
    http.route.mock(return_value=DONE)
    await http.attio.files.upload(ADA, b"abcd", name="x")


@pytest.mark.parametrize("now", [b"of the", b"of the file, and more than it had"])
async def test_a_file_that_changes_while_it_is_read_is_not_uploaded(now: bytes) -> None:
    class Changing(io.BytesIO):
        name = "x.txt"
        left = now

        def read(self, _: int | None = -1, /) -> bytes:
            self.seek(0, os.SEEK_END)
            found, self.left = self.left, b""
            return found

    fake, source = FakeAttio(), Changing(b"of the file")
    async with fake.client() as attio:
        company = await attio.companies.create({"name": "Acme"})
        with pytest.raises(ConfigurationError, match="the file changed while it was read: it had 11 bytes"):
            await attio.files.upload(company, source)
        assert await attio.files.list(company) == []


async def test_the_error_of_a_stream_is_raised() -> None:
    http = Uploads()

    async def broken() -> AsyncIterator[bytes]:
        yield b"x"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await http.attio.files.upload(ADA, broken, name="x")


async def test_a_stream_of_something_else_than_bytes_is_refused() -> None:
    async def texts() -> AsyncIterator[Any]:
        yield b"x"
        yield "text"

    cases: list[tuple[Any, str]] = [
        (texts, "must have bytes, not 'text'"),
        (texts(), "must have bytes, not 'text'"),
        (lambda: b"x", "must return an async stream of bytes, not b'x'"),
    ]
    for source, problem in cases:
        with pytest.raises(ConfigurationError, match=problem):
            await Uploads().attio.files.upload(ADA, source, name="x")


async def test_an_invalid_upload_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cases: list[tuple[Any, dict[str, Any], str]] = [
        ("missing.txt", {}, "missing.txt cannot be read"),
        (".", {}, "not a regular file"),
        (b"x", {}, "the file has no name; give name="),
        (b"x", {"name": ".."}, "'..' is not a valid file name"),
        (b"x", {"name": "x", "media_type": "text/plain\r\nX: y"}, "not a valid media type"),
        (b"x", {"name": 5}, "name must be text, not 5"),
        (b"x", {"name": "x", "media_type": 5}, "media_type must be text, not 5"),
        (5, {"name": "x"}, "type int cannot be uploaded; give a path"),
    ]
    monkeypatch.chdir(tmp_path)
    http = Uploads()
    for source, options, problem in cases:
        with pytest.raises(ConfigurationError, match=problem):
            await http.attio.files.upload(ADA, source, **options)
    assert http.route.call_count == 0


async def test_a_file_without_read_permission_is_rejected(pdf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(ConfigurationError, match="cannot be read: Permission denied"):
        await Uploads().attio.files.upload(ADA, pdf)


def test_file_names_are_made_safe() -> None:
    cases = [
        ("a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.pdf", "a.pdf"),
        ('a"b\r\nX-Evil: 1.pdf', "a%22bX-Evil: 1.pdf"),
        ("report\u202efdp.exe", "reportfdp.exe"),
        ("Übersicht 日本.pdf", "Übersicht 日本.pdf"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ]
    found = []
    for name, _ in cases:
        form = whole(build_form({}, EMPTY, name=name, media_type=None)).decode()
        found.append((name, form.partition('filename="')[2].partition('"')[0]))
    assert found == cases


def whole(content: Content) -> bytes:
    """Return a form whose source never waits, and so needs no event loop."""

    async def joined() -> bytes:
        return b"".join([chunk async for chunk in content.open()])

    with pytest.raises(StopIteration) as done:
        joined().send(None)
    return bytes(done.value.value)


@given(st.text(), st.text(min_size=1))
def test_no_name_or_field_breaks_out_of_the_form(name: str, value: str) -> None:
    try:
        content = build_form({"object": value}, EMPTY, name=name, media_type="text/plain")
    except ConfigurationError:
        return

    body = whole(content)
    boundary = content.type.partition("boundary=")[2].encode()
    assert body.count(b"--" + boundary) == 3
    header = body.split(b"--" + boundary)[2].split(b"\r\n\r\n")[0]
    assert header.count(b"\r\n") == 2
    assert header.count(b'"') == 4


# Downloading


class Downloads(Scripted):
    """A client of a workspace with one file, and the storage that has its content."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.api = self.router.get(f"/v2/files/{TWO}/download")
        self.api.mock(return_value=httpx.Response(302, headers={"location": STORE}))
        self.store = self.router.get(url=STORE).mock(return_value=httpx.Response(200, content=b"content"))

    async def download(self, to: Path) -> Path:
        return await self.attio.files.download(TWO, to)


async def test_the_content_is_requested_without_the_token(tmp_path: Path) -> None:
    http = Downloads()
    to = tmp_path / "a.pdf"
    assert await http.download(to) == to
    assert to.read_bytes() == b"content"
    assert http.api.calls.last.request.headers["authorization"] == f"Bearer {TOKEN}"
    headers = http.store.calls.last.request.headers
    assert "authorization" not in headers
    assert TOKEN not in str(headers)
    assert names_in(tmp_path) == [to.name]
    if sys.platform != "win32":
        assert stat.S_IMODE(to.stat().st_mode) == 0o600


async def test_headers_of_an_http_client_are_not_sent_to_the_storage(tmp_path: Path) -> None:
    router = Downloads().router
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(router.async_handler),
        headers={"Authorization": "Bearer of-the-caller"},
        cookies={"session": "of-the-caller"},
        auth=("user", "password"),
    ) as client:
        http = Scripted()
        attio = http.attio.with_options(transport=None, http_client=client)
        await attio.files.download(TWO, tmp_path / "a")
    assert "of-the-caller" not in str(router.calls.last.request.headers)
    assert "authorization" not in router.calls.last.request.headers


async def test_an_existing_file_is_replaced_at_the_end(tmp_path: Path) -> None:
    http = Downloads()
    to = tmp_path / "a"
    to.write_bytes(b"old")

    async def content() -> AsyncIterator[bytes]:
        yield b"con"
        assert to.read_bytes() == b"old"
        yield b"tent"

    http.store.mock(side_effect=lambda _: httpx.Response(200, content=content()))
    await http.download(to)
    assert to.read_bytes() == b"content"


async def test_interrupted_content_is_requested_again(tmp_path: Path) -> None:
    http = Downloads()

    async def broken() -> AsyncIterator[bytes]:
        yield b"con"
        raise httpx.ReadError("broken")

    answers = [
        httpx.Response(200, content=broken()),
        httpx.Response(403),
        httpx.Response(200, content=b"content"),
    ]
    http.store.mock(side_effect=answers)
    await http.download(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"content"
    assert names_in(tmp_path) == ["a"]
    assert http.api.call_count == 3  # each address is valid only for a moment


async def test_an_error_of_the_storage_is_retried_and_leaves_the_old_file(tmp_path: Path) -> None:
    responses = [
        httpx.Response(403, content=b"<Error>expired</Error>"),
        httpx.Response(302, headers={"location": STORE}),
        httpx.Response(302, headers={"location": "http://files.example.com/plain"}),
        httpx.Response(302, headers={"location": "https://files.example.com:port/"}),
    ]
    to = tmp_path / "a"
    to.write_bytes(b"old")
    for response in responses:
        http = Downloads(retry=RetryPolicy(attempts=2))
        http.store.mock(return_value=response)
        with pytest.raises(ConnectionFailed) as caught:
            await http.download(to)
        assert "s3cret" not in str(caught.value)
        assert to.read_bytes() == b"old"
        assert names_in(tmp_path) == [to.name]
        assert http.api.call_count == 2


async def test_an_error_of_the_api_is_handled_as_for_any_request(tmp_path: Path) -> None:
    http = Downloads()
    http.api.mock(return_value=error(404, "invalid_request_error", "not_found", "Gone."))
    with pytest.raises(NotFound, match="Gone"):
        await http.download(tmp_path / "a")
    http.api.mock(side_effect=in_turn(http.refuse("1"), httpx.Response(302, headers={"location": STORE})))
    await http.download(tmp_path / "a")
    http.api.mock(return_value=http.refuse("3600"))
    with pytest.raises(RateLimited):
        await http.download(tmp_path / "b")


async def test_content_may_come_from_the_api_itself(tmp_path: Path) -> None:
    http = Downloads()
    http.api.mock(return_value=httpx.Response(200, content=b"direct"))
    await http.download(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"direct"


async def test_a_path_that_cannot_be_written_is_rejected_before_sending(tmp_path: Path) -> None:
    http = Downloads()
    for path in (tmp_path, tmp_path / "missing" / "a"):
        with pytest.raises(ConfigurationError):
            await http.download(path)
    assert http.api.call_count == 0


async def test_an_open_file_is_not_a_path() -> None:
    http = Scripted()
    with pytest.raises(ConfigurationError, match=r"must be the path of a file.*stream\(\)"):
        await http.attio.files.download("f", io.BytesIO())  # type: ignore[call-overload]


async def test_a_symbolic_link_is_followed(tmp_path: Path) -> None:
    http = Downloads()
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to(real)
    await http.download(link)
    assert link.is_symlink()
    assert real.read_bytes() == b"content"


async def test_a_cancelled_download_leaves_no_file(tmp_path: Path) -> None:
    http = Downloads()
    started = anyio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"con"
        started.set()
        await anyio.sleep_forever()

    http.store.mock(side_effect=lambda _: httpx.Response(200, content=endless()))
    async with anyio.create_task_group() as group:
        group.start_soon(http.download, tmp_path / "a")
        await started.wait()
        group.cancel_scope.cancel()
    assert not names_in(tmp_path)


async def test_transfers_of_files_do_not_count_as_the_latency_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[str] = []
    answered = SendPermit.answered
    monkeypatch.setattr(SendPermit, "answered", lambda grant: measured.append("response") or answered(grant))
    http, uploads = Downloads(), Uploads()
    await http.download(tmp_path / "a")
    await uploads.attio.files.upload(ADA, b"x", name="x")
    assert not measured
    http.router.get("/v2/self").mock(return_value=httpx.Response(200, json={"active": True}))
    await http.attio.identify()
    assert measured == ["response"]


# Open files and streams


async def test_an_open_file_is_sent_from_its_position_and_left_open(pdf: Path) -> None:
    http = Uploads()
    http.route.mock(side_effect=in_turn(http.refuse("1"), DONE))
    with pdf.open("rb") as file:
        file.seek(4)
        async with http.attio as attio:
            await attio.files.upload(ADA, file)
        assert not file.closed
    assert http.route.call_count == 2
    for call in http.route.calls:
        assert parts_of(call.request)["file"] == ("a.pdf", "application/pdf", PDF[4:])


async def test_a_file_in_memory_needs_a_name() -> None:
    http = Uploads()
    async with http.attio as attio:
        await attio.files.upload(ADA, io.BytesIO(b"hello"), name="a.txt")
        with pytest.raises(ConfigurationError, match="no name"):
            await attio.files.upload(ADA, io.BytesIO(b"hello"))
        with pytest.raises(ConfigurationError, match="binary mode"):
            await attio.files.upload(ADA, io.StringIO("hello"), name="a.txt")
    assert http.parts["file"] == ("a.txt", "text/plain", b"hello")


async def test_a_pipe_is_sent_without_a_length() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as pipe, os.fdopen(writing, "wb") as end:
        end.write(b"piped")
        end.close()
        http = Uploads()
        async with http.attio as attio:
            await attio.files.upload(ADA, pipe, name="a.txt")
    assert http.parts["file"][2] == b"piped"
    assert "content-length" not in http.route.calls.last.request.headers


async def test_content_comes_as_bytes_and_as_a_stream() -> None:
    fake = FakeAttio()
    async with fake.client() as attio:
        acme = await attio.companies.create({"name": "Acme"})
        file = await attio.files.upload(acme, PDF, name="a.pdf")
        assert await attio.files.download(file) == PDF
        async with attio.files.stream(file) as stream:
            assert b"".join([chunk async for chunk in stream]) == PDF
        async with attio.files.stream(file) as stream:
            async for _chunk in stream:
                break  # the rest is not wanted
        with pytest.raises(NotFound):
            async with attio.files.stream(TWO) as stream:
                assert [chunk async for chunk in stream] == []
        with pytest.raises(ZeroDivisionError):
            async with attio.files.stream(file):
                raise ZeroDivisionError


async def test_an_interrupted_stream_goes_on_where_it_was() -> None:
    http, contents = Scripted(), iter([broken(b"abc", b"de"), chunks(b"ab", b"cdef")])
    http.router.get(f"/v2/files/{ONE}/download").mock(
        side_effect=lambda _: httpx.Response(200, content=next(contents))
    )
    async with http.attio as attio, attio.files.stream(ONE) as stream:
        assert b"".join([chunk async for chunk in stream]) == b"abcdef"


async def broken(*given: bytes) -> AsyncIterator[bytes]:
    for chunk in given:
        yield chunk
    raise httpx.ReadError("connection lost")


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_download_that_was_cancelled_by_what_it_waits_for_is_not_taken_for_whole() -> None:
    async def cancelled(request: Any, send: Any) -> Any:
        waited_for: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waited_for.cancel()
        await waited_for

    async with FakeAttio() as fake, fake.client(middleware=[cancelled]) as attio:
        with pytest.raises(asyncio.CancelledError):
            async with attio.files.stream(ONE) as chunks:
                async for _ in chunks:
                    pass
