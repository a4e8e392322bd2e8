"""Checks that ask the network: the way to Attio, the token and its scopes, and the clock."""

import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import anyio

from attio_async_api import operations as api
from attio_async_api.operations import Operation

from ..._client import Attio
from ..._pipeline.retry import RetryPolicy
from ..._workspace.identity import Identity
from ...errors import (
    AttioError,
    AuthenticationFailed,
    DecodeError,
    TokenInactive,
    TransportError,
)
from .finding import (
    Finding,
    note,
    ok,
    problem,
    skipped,
)
from .local import address_of, check_proxies, proxies_for

_READING = "look at records and export them"


_JOBS: Mapping[str, Sequence[Operation]] = {
    _READING: (api.LIST_OBJECTS, api.QUERY_RECORDS, api.GET_RECORD),
    "import records": (api.ASSERT_RECORD,),
    "name members by e-mail address": (api.LIST_WORKSPACE_MEMBERS,),
    "work with lists": (api.LIST_LISTS, api.QUERY_ENTRIES, api.ASSERT_ENTRY),
    "work with notes": (api.LIST_NOTES, api.CREATE_NOTE),
    "work with tasks": (api.LIST_TASKS, api.CREATE_TASK),
    "set up webhooks": (api.LIST_WEBHOOKS, api.CREATE_WEBHOOK),
}


_ADVICE = "if that is wanted, add them to the token in Attio: workspace settings > Developers > Access tokens"


def check_scopes(granted: Iterable[str]) -> Sequence[Finding]:
    """What the token is enough for, and for each job that it is not enough for, what is missing."""
    scopes = frozenset(granted)
    missing = {job: lacking(operations, scopes) for job, operations in _JOBS.items()}
    findings = [
        (problem if job == _READING else note)(
            "scopes", f"not enough to {job}: without {', '.join(scopes)}", _ADVICE
        )
        for job, scopes in missing.items()
        if scopes
    ]
    able = [job for job, scopes in missing.items() if not scopes]
    return [ok("scopes", f"enough to {', '.join(able)}"), *findings] if able else findings


def lacking(operations: Iterable[Operation], granted: Iterable[str]) -> Sequence[str]:
    """The scopes that these operations need and the token does not have."""
    scopes = frozenset(granted)
    needed = dict.fromkeys(scope for operation in operations for scope in operation.scopes)
    return [scope for scope in needed if scope not in scopes and f"{scope}-write" not in scopes]


Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


_SECONDS = 10.0


_PLACEHOLDER = "not-a-token"


_TOLERATED_SKEW = 5.0


_MOST_ADDRESSES = 3


_PORTS = {"http": 80, "https": 443}


_WAY = ("name resolution", "TLS", "HTTP")


_ABOUT_TOKENS = ("token active", "workspace", "scopes")


CHECKS = ("proxy", *_WAY, *_ABOUT_TOKENS, "clock")


_ANOTHER = "make a new one in Attio: workspace settings > Developers > Access tokens"


_NAMES = "check the address, this machine's name server, and whether a VPN or a proxy is needed"


_NOT_ATTIO = "something else than Attio answered, such as a login page of the network: check ATTIO_BASE_URL"


_ODD = "try again in a minute; if it stays so, check ATTIO_BASE_URL"


_SET_THE_CLOCK = "set it, by NTP for example: certificates, signatures and times of webhooks depend on it"


_NETWORK = "check the network, firewalls and proxies between this machine and Attio"


_CERTIFICATES = "if a proxy here opens TLS, set SSL_CERT_FILE to the file with its certificate; else check this machine's clock"


async def resolve_name(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as this machine finds them."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _skipped(checks: Iterable[str], reason: str) -> list[Finding]:
    return [skipped(check, reason) for check in checks]


class Checkup:
    """The checks that ask the network."""

    def __init__(
        self,
        environment: Mapping[str, str],
        client: Callable[..., Attio],
        resolve: Resolve,
        *,
        has_token: bool,
    ) -> None:
        self._environment = environment
        self._client = client
        self._resolve = resolve
        self._has_token = has_token
        self._url = address_of(environment)
        self._parts = urlsplit(self._url)

    async def findings(self) -> list[Finding]:
        way = [check_proxies(self._environment, self._parts.scheme), await self._name()]
        if any(finding.verdict == "problem" for finding in way):
            return [*way, *_skipped((*_WAY[1:], *_ABOUT_TOKENS, "clock"), "there is no way to Attio")]
        return [*way, *await self._answered()]

    async def _name(self) -> Finding:
        if proxies_for(self._environment, self._parts.scheme):
            return skipped("name resolution", "the proxy does it")
        host = self._parts.hostname or ""
        try:
            found = await self._resolve(host, self._parts.port or _PORTS[self._parts.scheme])
        except OSError as error:
            return problem("name resolution", f"{host} has no address ({error.strerror or error})", _NAMES)
        more = f" and {len(found) - _MOST_ADDRESSES} more" if len(found) > _MOST_ADDRESSES else ""
        return ok("name resolution", f"{host} is {', '.join(found[:_MOST_ADDRESSES])}{more}")

    async def _answered(self) -> list[Finding]:
        token = self._environment["ATTIO_API_KEY"] if self._has_token else _PLACEHOLDER
        policy = RetryPolicy(attempts=1, rate_limit_attempts=3, deadline=_SECONDS)
        try:
            attio = self._client(token=token, base_url=self._url, timeout=_SECONDS, retry=policy)
        except (ImportError, OSError, ValueError) as error:  # certificates or a proxy that cannot be used
            where = self._environment.get("SSL_CERT_FILE") or self._environment.get("SSL_CERT_DIR")
            file = f"; certificates are in {where}" if where else ""
            failed = problem("TLS", f"connections cannot be prepared: {error}{file}", _CERTIFICATES)
            return [failed, *_skipped(("HTTP", *_ABOUT_TOKENS, "clock"), "there is no connection")]
        clock = attio.settings.clock
        async with attio:
            started = clock.monotonic()
            answer = await _identity(attio)
            seconds = clock.monotonic() - started
            return [*self._way(answer, seconds), *self._token(answer), _clock(attio)]

    def _way(self, answer: Identity | AttioError, seconds: float) -> Sequence[Finding]:
        if isinstance(answer, TransportError) and _is_about_tls(answer):
            return [problem("TLS", str(answer), _CERTIFICATES), skipped("HTTP", "TLS failed")]
        if isinstance(answer, TransportError):
            return [skipped("TLS", "there is no connection"), problem("HTTP", str(answer), _NETWORK)]
        is_encrypted = self._parts.scheme == "https"
        tls = ok(
            "TLS",
            "the certificate is accepted" if is_encrypted else "not used, since this stays on this machine",
        )
        if isinstance(answer, Identity | AuthenticationFailed):
            return [tls, ok("HTTP", f"answered in {seconds * 1000:,.0f} ms")]
        first, *_ = str(answer).splitlines()
        return [tls, problem("HTTP", first, _NOT_ATTIO if isinstance(answer, DecodeError) else _ODD)]

    def _token(self, answer: Identity | AttioError) -> Sequence[Finding]:
        if not self._has_token:
            return _skipped(_ABOUT_TOKENS, "there is no token")
        match answer:
            case Identity(active=True):
                workspace = ok("workspace", f"{answer.workspace_name} ({answer.workspace_slug})")
                return [ok("token active", "yes"), workspace, *check_scopes(answer.scopes)]
            case Identity():
                active = problem("token active", "the answer does not say so", _NOT_ATTIO)
            case TokenInactive():
                active = problem("token active", "no: Attio does not know it, or not any more", _ANOTHER)
            case AuthenticationFailed():
                active = problem("token active", f"no: {answer.message}", _ANOTHER)
            case _:
                active = skipped("token active", "Attio did not answer")
        return [active, *_skipped(_ABOUT_TOKENS[1:], "the token is not known to work")]


async def _identity(attio: Attio) -> Identity | AttioError:
    try:
        return await attio.identify()
    except AttioError as error:
        return error


def _is_about_tls(error: TransportError) -> bool:
    """Whether the connection failed at TLS: what raised the error first tells."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _clock(attio: Attio) -> Finding:
    clock, server = attio.settings.clock, attio.limiter.server_clock
    if not server.known:
        return skipped("clock", "no answer told the time")
    here = clock.time()
    skew = here - server.now(clock.monotonic(), here)
    if abs(skew) <= _TOLERATED_SKEW:
        return ok("clock", "agrees with the server's")
    side = "ahead of" if skew > 0 else "behind"
    return problem("clock", f"at least {abs(skew):,.0f} s {side} the server's", _SET_THE_CLOCK)
