"""Exceptions that leave a public call hold no secret: not in the locals of a frame, a cause, an attribute or a pickle.

Error reporters show the locals of every frame of a traceback, and of each exception behind it. Here they are walked as
deeply as `repr` and containers go. The frames of this file are the caller's own.
"""

import asyncio
import gzip
import json
import pickle
import socket
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from attio_async import (
    Attio,
    AttioError,
    AttioPool,
    ConfigurationError,
    EnsuredWebhook,
    Request,
    RetryPolicy,
    Secret,
    blocking,
)
from attio_async._utils.secret import cleaned
from attio_async.oauth import Grant, OAuth, SQLiteTokens, TokenKeys
from attio_async.webhooks import Delivery, FileSecrets, MemoryStore, WebhookReceiver, replay, sign, verify
from attio_async_api.models.created_webhook import CreatedWebhook
from tests._transport.http_server import RESPONSES, Listener, Server, running
from tests.support import error_of, trio_when_full

pytestmark = [
    pytest.mark.anyio,
    # The lowest version of aiohttp leaves connections that the server has reset to the garbage collector.
    pytest.mark.filterwarnings("ignore:Exception ignored in:pytest.PytestUnraisableExceptionWarning"),
]
anyio_backend = trio_when_full

TOKEN = "very-secret-access-token-0123456789"
CLIENT_SECRET = "very-secret-client-secret-0123456789"
CODE = "very-secret-code-0123456789"
WEBHOOK_SECRET = "very-secret-webhook-secret-0123456789"
KEY = "very-secret-key-0123456789"
SECRETS = (TOKEN, CLIENT_SECRET, CODE, WEBHOOK_SECRET, KEY)
MODULES = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}
WIRE = ("_transport", "httpx", "httpcore", "aiohttp", "h11")


def shown(error: BaseException) -> list[str]:
    """Return where an exception, or one behind it, shows a secret or keeps a frame of the wire."""
    found = [place for each in _chain(error) for place in _shown_by(each)]
    with suppress(Exception):
        if any(secret.encode() in pickle.dumps(error) for secret in SECRETS):
            found.append("pickle")
    return found


def _chain(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and each not in chain:
            chain.append(each)
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
    return chain


def _shown_by(error: BaseException) -> Iterator[str]:
    kind = f"{type(error).__module__}.{type(error).__name__}"
    for what, text in [("str", str(error)), ("repr", repr(error)), ("attributes", repr(vars(error)))]:
        if any(secret in text for secret in SECRETS):
            yield f"{what} of {kind}"
    if kind.startswith(("httpx", "httpcore", "aiohttp.", "h11.")):
        yield f"kept {kind}"
    for frame, line in traceback.walk_tb(error.__traceback__):
        place = f"{frame.f_code.co_filename}:{line}"
        if frame.f_code.co_filename == __file__:
            continue
        if any(part in place for part in WIRE) and frame.f_code.co_name != "send":
            yield f"{kind}: frame of {place}"
        for name, value in frame.f_locals.items():
            text = _deep(value)
            if any(secret in text for secret in SECRETS):
                yield f"{kind}: {name} in {place}"


def _deep(value: object, depth: int = 4) -> str:
    """Return the repr of a value and of what it contains, its attributes included."""
    try:
        texts = [repr(value)]
    except AttributeError:  # an object whose options were rejected
        texts = []
    if depth and isinstance(value, dict):
        texts += [_deep(inner, depth - 1) for pair in value.items() for inner in pair]
    elif depth and isinstance(value, list | tuple | set):
        texts += [_deep(inner, depth - 1) for inner in value]
    elif depth and hasattr(value, "__dict__") and type(value).__module__.startswith("attio_async"):
        texts += [_deep(inner, depth - 1) for inner in vars(value).values()]
    return "\n".join(texts)


async def raised_by(call: Callable[[], Awaitable[object]]) -> BaseException:
    try:
        await call()
    except BaseException as error:  # noqa: BLE001 - it is looked at
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture(params=["httpx", "stock httpx", "httpx2", "aiohttp"])
def options(
    request: pytest.FixtureRequest, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    name: str = request.param
    if name in MODULES and find_spec(MODULES[name]) is None:
        pytest.skip(f"{MODULES[name]} is not installed")
    if name == "aiohttp" and anyio_backend == "trio":
        pytest.skip("aiohttp is for asyncio")
    if name == "stock httpx":
        monkeypatch.setitem(__import__("sys").modules, "attio_async._transport.free_list", None)
        return {}
    return {"backend": name}


MORE = {
    "404": b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
    "500": b"HTTP/1.1 500 Broken\r\nContent-Length: 2\r\n\r\n{}",
    "401": b"HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\n{}",
    "odd-header": b"HTTP/1.1 200 OK\r\nA\x00: b\r\n\r\n",
    "odd-length": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "odd-json": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{{{",
    "deep-json": b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"[" * 2000,
    "cut-429": b"HTTP/1.1 429 No\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"
    + gzip.compress(b"x")[:9],
    "ftp": b"HTTP/1.1 302 Found\r\nLocation: ftp://example.com/\r\nContent-Length: 0\r\n\r\n",
    "odd-location": b"HTTP/1.1 302 Found\r\nLocation: http://[::1/\r\nContent-Length: 0\r\n\r\n",
    "nowhere": b"HTTP/1.1 302 Found\r\nLocation: https://\r\nContent-Length: 0\r\n\r\n",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        for name, response in MORE.items():
            patch.setitem(RESPONSES, name, response)
        with running(server := Server()):
            yield server


def client(url: str, options: dict[str, Any], **more: Any) -> Attio:
    retry = RetryPolicy(attempts=1, rate_limit_attempts=1)
    return Attio(TOKEN, **{"base_url": url, "retry": retry, "timeout": 0.2, **options, **more})


async def test_failed_requests_show_no_token(server: Server, options: dict[str, Any]) -> None:
    misfits: dict[str, object] = {}
    async with client(server.url, options) as attio:
        for name in (*MORE, "cut-gzip", "odd", "gone", "cut", "garbage", "slow"):
            for call in (
                lambda name=name: attio.request("GET", f"/v2/things/{name}"),
                lambda name=name: attio.request("POST", f"/v2/things/{name}", json={"a": 1}),
                lambda name=name: _download(attio, name),
            ):
                try:
                    await call()
                except Exception as error:  # noqa: BLE001 - it is looked at
                    if found := shown(error):
                        misfits[name] = found
                    if not isinstance(error, AttioError):
                        misfits[f"{name}, not ours"] = repr(error)
    assert not misfits


async def _download(attio: Attio, name: str) -> None:
    async def sink(pieces: Any) -> None:
        async for _ in pieces:
            pass

    async def through(request: Request, send: Any) -> Any:
        return await send(Request(method="GET", path=request.path, sink=sink))

    await attio.with_options(middleware=(through,)).request("GET", f"/v2/things/{name}")


async def test_refused_connections_show_no_token(options: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with client(f"http://127.0.0.1:{port}", options) as attio:
        assert shown(await raised_by(attio.identify)) == []
        assert shown(await raised_by(attio.people.query().collect)) == []


async def test_cancelled_requests_show_no_token(server: Server, options: dict[str, Any]) -> None:
    caught: list[BaseException] = []

    async def wait(attio: Attio) -> None:
        try:
            await attio.request("GET", "/v2/things/slow")
        except BaseException as error:
            caught.append(error)
            raise

    async with client(server.url, options, timeout=30.0) as attio:
        with anyio.move_on_after(0.1):
            await wait(attio)
    assert [shown(error) for error in caught] == [[]]


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_natively_cancelled_requests_show_no_token(server: Server, options: dict[str, Any]) -> None:
    async with client(server.url, options, timeout=30.0) as attio:
        task = asyncio.ensure_future(attio.request("GET", "/v2/things/slow"))
        await asyncio.sleep(0.1)
        task.cancel()
        error = await raised_by(lambda: task)
    assert isinstance(error, asyncio.CancelledError)
    assert shown(error) == []


async def test_an_interrupt_shows_no_token() -> None:
    def interrupted(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    async with Attio(TOKEN, transport=httpx.MockTransport(interrupted)) as attio:
        error = await raised_by(attio.identify)
    assert isinstance(error, KeyboardInterrupt)
    assert shown(error) == []


async def test_failures_of_the_callers_functions_keep_the_callers_frames() -> None:
    def failing(request: httpx.Request) -> httpx.Response:
        raise ZeroDivisionError("of the caller")

    async def token() -> str:
        raise LookupError("no token")

    async with Attio(TOKEN, transport=httpx.MockTransport(failing)) as attio:
        error = await raised_by(attio.identify)
    assert shown(error) == []
    assert "failing" in "".join(traceback.format_exception(error))
    async with Attio(token, transport=httpx.MockTransport(failing)) as attio:
        error = await raised_by(attio.identify)
    assert "no token" in "".join(traceback.format_exception(error))


async def test_a_token_of_a_function_is_checked_before_a_library_shows_it() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request.headers["Authorization"])
        return httpx.Response(200, json={"active": True, "scope": ""})

    for given, accepted in ((f" {TOKEN} ", True), (f"{TOKEN} x", False), (" ", False), ("", False)):

        async def token(given: str = given) -> str:
            return given

        async with Attio(token, transport=httpx.MockTransport(answer)) as attio:
            error = await raised_by(attio.identify) if not accepted else await attio.identify()
        assert accepted or (isinstance(error, ConfigurationError) and shown(error) == [])
    assert sent == [f"Bearer {TOKEN}"]


async def test_invalid_options_show_no_token() -> None:
    async def tokens(tenant: str) -> str:
        return f"{TOKEN} with blanks"

    async def from_pool() -> None:
        async with AttioPool(tokens).client("acme"):
            pass

    cases: list[Callable[[], object]] = [
        lambda: Attio(TOKEN, base_url="ftp://example.com"),
        lambda: Attio(f"{TOKEN} with blanks"),
        lambda: Attio(TOKEN, timeout=-1),
        lambda: Attio(TOKEN).with_options(token=f"{TOKEN} with blanks"),
        lambda: Attio(TOKEN).with_options(timeout=-1),
        lambda: OAuth("id", CLIENT_SECRET, "ftp://example.com"),
        lambda: OAuth("", CLIENT_SECRET, "https://example.com"),
    ]
    errors = [error_of(case) for case in cases]
    assert all(isinstance(error, ConfigurationError) for error in errors), errors
    assert [shown(error) for error in errors if error] == [[]] * len(cases)
    error = await raised_by(from_pool)
    assert isinstance(error, ConfigurationError)
    assert shown(error) == []


class _TokenEndpoint(Listener):
    """Answers each request with the same bytes, and closes the connection."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        super().__init__(self._talk_once)

    def _talk_once(self, connection: socket.socket) -> None:
        received = b""
        while b"\r\n\r\n" not in received:
            received += connection.recv(65536)
        connection.sendall(self._answer)


async def test_a_failed_oauth_exchange_shows_no_secret() -> None:
    rejected = b'{"error": "invalid_grant", "error_uri": "%b", "error_description": "%b"}' % (
        CODE.encode(),
        f"{CODE} {CLIENT_SECRET}".encode(),
    )
    answers = [
        b"HTTP/1.1 400 No\r\nContent-Length: %d\r\n\r\n" % len(rejected) + rejected,
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{{",
        b'HTTP/1.1 200 OK\r\n\r\n{"access_token": ["%b"]}' % TOKEN.encode(),
        b"",
        b"garbage",
    ]
    misfits = {}
    for answer in answers:
        with running(endpoint := _TokenEndpoint(answer)):
            url = f"http://127.0.0.1:{endpoint.port}"
            async with OAuth("id", CLIENT_SECRET, "https://example.com", base_url=url) as oauth:
                state = await oauth.new_state("s")
                for call in (
                    lambda state=state: oauth.exchange(CODE, state=state, session="s"),
                    lambda: oauth.exchange(CODE, state="unknown", session="s"),
                    lambda: oauth.exchange(None, state="unknown", session="s"),  # type: ignore[arg-type]
                    lambda: oauth.callback([CODE], session="s"),  # type: ignore[arg-type]
                    lambda: oauth.callback(f"code={CODE}&state=unknown", session="s"),
                    lambda: oauth.callback({"code": CODE, "state": "unknown"}, session="s"),
                    lambda answer=answer: oauth.introspect(CODE if b"400" in answer else TOKEN),
                ):
                    try:
                        await call()
                    except Exception as error:  # noqa: BLE001 - it is looked at
                        if found := shown(error):
                            misfits[answer] = found
    assert not misfits


async def test_stores_of_secrets_show_none(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_bytes(b"something else" * 100)
    keys = TokenKeys(TokenKeys.generate())

    async def tokens() -> None:
        async with SQLiteTokens(blocked, keys=keys) as store:
            await store.put("acme", TOKEN)

    async def empty() -> None:
        async with SQLiteTokens(tmp_path / "tokens.db", keys=keys) as store:
            await store.put(TOKEN, " ")

    cases: list[Callable[[], Awaitable[object]]] = [
        tokens,
        lambda: FileSecrets(blocked).put("id", WEBHOOK_SECRET),
        lambda: FileSecrets(tmp_path / "missing" / "file").put("id", WEBHOOK_SECRET),
    ]
    misfits = [found for case in cases if (found := shown(await raised_by(case)))]
    assert not misfits
    assert "must not be empty" in str(await raised_by(empty))


class _OneSecret:
    """A store that has one secret, and takes no other."""

    def __init__(self, secret: str | None = None) -> None:
        self._secret = secret

    async def get(self, webhook_id: str) -> str | None:
        return self._secret

    async def put(self, webhook_id: str, secret: str) -> None:
        del secret
        raise LookupError("the store is full")


CREATED = {"id": {"webhook_id": "5f0e3b1c-0000-4000-8000-000000000001"}, "secret": WEBHOOK_SECRET}
KNOWN = {"id": CREATED["id"], "target_url": "https://example.com/hook", "subscriptions": []}


@pytest.mark.parametrize(
    ("status", "body", "store"),
    [
        (200, json.dumps({"dat": CREATED}), None),
        (200, json.dumps({"data": CREATED})[:-2], None),
        (200, json.dumps([CREATED]), None),
        (500, json.dumps({"message": "broken", "data": CREATED}), None),
        (200, json.dumps({"data": CREATED}), _OneSecret()),
        (403, json.dumps({"data": CREATED}), _OneSecret(WEBHOOK_SECRET)),
    ],
    ids=["another shape", "cut short", "a list", "500", "not stored", "not updated"],
)
async def test_a_webhook_that_cannot_be_created_or_kept_shows_no_secret(
    status: int, body: str, store: _OneSecret | None
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            found = [KNOWN] if status == 403 else []
            return httpx.Response(200, json={"data": found})
        return httpx.Response(status, content=body)

    url, types = "https://example.com/hook", ["record.created"]
    async with client("https://example.com", {}, transport=httpx.MockTransport(answer)) as attio:
        if store is None:
            error = await raised_by(lambda: attio.webhooks.create(url, types))
        else:
            error = await raised_by(lambda: attio.webhooks.ensure(url, types, secrets=store))
    assert isinstance(error, AttioError | LookupError)
    assert shown(error) == []


async def test_a_failed_replay_shows_no_secret(anyio_backend: Any) -> None:
    deliveries = [Delivery(key="a", body=b'{"events": []}', received_at=0.0)]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        raise LookupError("after the response")

    async def cancelled(scope: Any, receive: Any, send: Any) -> None:
        raise asyncio.CancelledError

    cases: list[Callable[[], Awaitable[object]]] = [
        lambda: replay(deliveries, secret=WEBHOOK_SECRET, app=app),
        lambda: replay(deliveries, secret=WEBHOOK_SECRET, to="ftp://example.com"),
        lambda: replay(deliveries, secret={"w": WEBHOOK_SECRET}, app=app),
        lambda: replay(deliveries, secret={"w": WEBHOOK_SECRET}),
    ]
    if anyio_backend == "asyncio":
        cases.append(lambda: replay(deliveries, secret=WEBHOOK_SECRET, app=cancelled))
    assert [shown(await raised_by(case)) for case in cases] == [[]] * len(cases)


async def test_a_receiver_whose_store_fails_shows_no_secret() -> None:
    class Failing(MemoryStore):
        async def dead_letters(self) -> Any:
            raise LookupError("lost")

        async def pending(self) -> Any:
            raise KeyboardInterrupt

    receiver = WebhookReceiver(secret=WEBHOOK_SECRET, store=Failing())
    signed = {"Attio-Signature": sign(b"{}", WEBHOOK_SECRET)}
    for call in (receiver.dead_letters, receiver.drain, lambda: receiver.receive(signed, b"{}")):
        assert shown(await raised_by(call)) == []


def test_a_blocking_client_shows_no_token() -> None:
    with blocking.Attio("x") as attio:
        cases: list[Callable[[], object]] = [
            lambda: blocking.Attio(TOKEN, timeout=-1),
            lambda: blocking.Attio(f"{TOKEN} with blanks"),
            lambda: attio.with_options(token=TOKEN, timeout=-1),
        ]
        errors = [error_of(case) for case in cases]
        assert all(isinstance(error, ConfigurationError) for error in errors), errors
        assert [shown(error) for error in errors if error] == [[]] * len(cases)


def test_what_holds_a_secret_is_in_no_pickle() -> None:
    webhook = CreatedWebhook.from_dict(CREATED)
    for each in (
        Secret(TOKEN),
        TokenKeys(TokenKeys.generate()),
        Grant(access_token=TOKEN, raw={"access_token": TOKEN}),
        webhook,
        EnsuredWebhook(webhook=webhook, action="created", secret=WEBHOOK_SECRET),
        Attio(TOKEN),
        OAuth("id", CLIENT_SECRET, "https://example.com"),
        WebhookReceiver(secret=WEBHOOK_SECRET),
    ):
        with pytest.raises(TypeError, match=r"secret|keys"):
            pickle.dumps(each)


def test_invalid_secrets_and_keys_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.touch(0o600)
    file.write_text(KEY)
    cases: list[Callable[[], object]] = [
        lambda: TokenKeys(KEY),
        lambda: TokenKeys.from_env("KEYS", environment={"KEYS": KEY}),
        lambda: TokenKeys.from_file(file),
        lambda: verify(b"", None, [WEBHOOK_SECRET, ""]),
        lambda: verify("text", None, WEBHOOK_SECRET),
        lambda: sign("text", WEBHOOK_SECRET),
        lambda: WebhookReceiver(secret=[WEBHOOK_SECRET, " "]),
        lambda: WebhookReceiver(secret=WEBHOOK_SECRET, concurrency=0),
    ]
    errors = [error_of(case) for case in cases]
    assert None not in errors
    assert [shown(error) for error in errors if error] == [[]] * len(cases)


def test_a_secret_is_not_shown() -> None:
    secret = Secret(TOKEN)
    assert secret.reveal() == TOKEN
    assert TOKEN not in f"{secret!r} {secret}"
    assert (secret == Secret(TOKEN), secret == Secret("other"), secret == TOKEN) == (True, False, False)
    assert hash(secret) == hash(Secret(TOKEN))
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(secret)
    assert TOKEN not in repr(Attio(TOKEN).settings)


def test_a_cycle_of_causes_is_cleaned_once() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__context__ = second, first
    assert cleaned(first) is first
    assert first.__cause__ is second
