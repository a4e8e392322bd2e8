"""No answer is ever given to another request, whatever the server does, and nothing but package errors is raised."""

import gc
import re
import ssl
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import anyio
import pytest

from attio_async import Attio, AttioError, RateLimiter, RetryPolicy
from attio_async._transport import http1
from attio_async_api.operations import OPERATIONS
from tests._transport import certificates
from tests._transport.hostile_server import GOOD, WAYS, HostileServer
from tests._transport.http_server import running

pytestmark = pytest.mark.anyio

UNLIMITED = 10**6
MODULES = {"httpx2": "httpx2", "aiohttp": "httpx_aiohttp"}
CALLS = [
    (operation.method, re.sub(r"\{\w+\}", "5f0e3b1c-0000-4000-8000-000000000001", operation.path))
    for operation in OPERATIONS.values()
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certificates.make(tmp_path_factory.mktemp("certificates"))


UNCLOSED = r"ignore:Exception ignored .*<function _(Selector|SSLProtocol)Transport\.__del__"
"""The lowest version of aiohttp leaves connections that the server has reset to the garbage collector."""
AIOHTTP = pytest.param(
    "aiohttp", marks=pytest.mark.filterwarnings(f"{UNCLOSED}:pytest.PytestUnraisableExceptionWarning")
)
UNREAD = r"ignore:Async generator 'httpx2?\._content\.ByteStream\.__aiter__':ResourceWarning"
"""On trio, httpx and httpx2 leave the body of a request to the garbage collector when sending it fails."""
STOCK, HTTPX2 = (
    pytest.param(name, marks=pytest.mark.filterwarnings(UNREAD)) for name in ("stock httpx", "httpx2")
)
FULL = [
    pytest.param(*each.values, marks=[*each.marks, pytest.mark.full]) for each in (STOCK, HTTPX2, AIOHTTP)
]
SECURE = pytest.mark.parametrize(
    "secure", [pytest.param(False, marks=pytest.mark.full), True], ids=["plain", "tls"]
)


OURS = ("h11", *(["llhttp"] if len(http1.SYNTAXES) > 1 else []))
"""The parsers of our own connections; llhttp belongs to the extra `speed`."""


@pytest.fixture(params=[*OURS, *FULL])
def options(
    request: pytest.FixtureRequest, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    name: str = request.param
    if name in MODULES and find_spec(MODULES[name]) is None:
        pytest.skip(f"{MODULES[name]} is not installed")
    if name == "aiohttp" and anyio_backend == "trio":
        pytest.skip("aiohttp is for asyncio")
    if name == "stock httpx":
        monkeypatch.setitem(sys.modules, "attio_async._transport.free_list", None)
    if name in OURS:
        monkeypatch.setattr(http1, "SYNTAXES", (http1.H11Syntax if name == "h11" else http1.LlhttpSyntax,))
    yield {"backend": name} if name in MODULES else {}
    if name == "aiohttp":
        gc.collect()  # while its warning is filtered


async def misfits_of(
    options: dict[str, Any],
    files: tuple[Path, Path],
    *,
    secure: bool,
    count: int,
    ways: Any = tuple(WAYS),
    seed: int = 0,
    tasks: int = 4,
    is_late: bool = False,
) -> tuple[list[object], int]:
    """Send numbered requests; return the answers that are wrong, and how many were right."""
    tls = None
    if secure:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(files[1])
    misfits: list[object] = []
    right = 0
    numbers = iter(range(count))

    async def ask(attio: Attio) -> None:
        nonlocal right
        for number in numbers:
            method, path = CALLS[number % len(CALLS)]
            try:
                found = await attio.request(
                    method,
                    path,
                    params={"number": number},
                    json={} if method in {"POST", "PUT", "PATCH"} else None,
                )
            except AttioError:
                continue
            except Exception as error:  # noqa: BLE001 - it is reported
                misfits.append((number, error))
                continue
            if found == {"data": {"number": number}}:
                right += 1
            elif found:  # a 204 has no body
                misfits.append((number, found))
            while is_late and server.unasked < server.answered:  # noqa: ASYNC110 - of another thread
                await anyio.sleep(0.001)  # what arrived after the next request could as well be its answer

    server = HostileServer(seed, tls, ways, is_late=is_late)
    with running(server):
        limiter = RateLimiter(reads=UNLIMITED, writes=UNLIMITED)
        verify = ssl.create_default_context(cafile=files[0]) if secure else None
        retry = RetryPolicy(attempts=1, rate_limit_attempts=1)
        async with (
            Attio(
                "x",
                base_url=server.url,
                verify=verify,
                limiter=limiter,
                retry=retry,
                timeout=2.0,
                max_connections=tasks,
                **options,
            ) as attio,
            anyio.create_task_group() as group,
        ):
            for _ in range(tasks):
                group.start_soon(ask, attio)
    return misfits, right


@SECURE
async def test_no_answer_goes_to_another_request(
    options: dict[str, Any], files: tuple[Path, Path], *, secure: bool
) -> None:
    misfits, right = await misfits_of(options, files, secure=secure, count=100)
    assert not misfits
    assert right > 20


@SECURE
@pytest.mark.parametrize("options", [*OURS, STOCK, HTTPX2, AIOHTTP], indirect=True)
@pytest.mark.parametrize(
    "way",
    [
        "a second answer",
        pytest.param("a second answer in the same write", marks=pytest.mark.full),
        pytest.param("a second answer after chunks", marks=pytest.mark.full),
    ],
)
async def test_an_answer_that_nobody_asked_for_goes_to_nobody(
    options: dict[str, Any], files: tuple[Path, Path], *, secure: bool, way: str
) -> None:
    misfits, right = await misfits_of(options, files, secure=secure, count=12, ways=(way,), tasks=1)
    assert not misfits
    assert right >= 4


@SECURE
async def test_what_arrives_between_two_requests_goes_to_nobody(
    options: dict[str, Any], files: tuple[Path, Path], *, secure: bool
) -> None:
    misfits, right = await misfits_of(
        options, files, secure=secure, count=10, ways=("honest",), tasks=1, is_late=True
    )
    assert (misfits, right) == ([], 10)


async def test_correct_answers_arrive(options: dict[str, Any], files: tuple[Path, Path]) -> None:
    misfits, right = await misfits_of(options, files, secure=True, count=40, ways=GOOD[:5])
    assert (misfits, right) == ([], 40)


@pytest.mark.full
@pytest.mark.at_length
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
async def test_ten_thousand_hostile_answers(
    options: dict[str, Any], files: tuple[Path, Path], *, secure: bool
) -> None:
    misfits, right = await misfits_of(options, files, secure=secure, count=1_500, seed=10**6)
    assert not misfits
    assert right > 100
