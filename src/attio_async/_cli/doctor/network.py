"""Checks that use the network: the path to Attio, the token and its scopes, and the clock."""

import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from urllib.parse import urlsplit

import anyio

from attio_async_api import operations as api
from attio_async_api.operations import Operation

from ..._client import Attio
from ..._limits.limiter import limits_of
from ..._pipeline.retry import RetryPolicy
from ..._workspace.identity import Identity
from ...errors import AttioError, AuthenticationFailed, DecodeError, TokenInactive, TransportError
from .local import Finding, address_of, check_proxies, note, ok, problem, proxies_for, skipped

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_TIMEOUT_S = 10.0
_TOLERATED_SKEW_S = 5.0
_MAX_ADDRESSES = 3
_PLACEHOLDER_TOKEN = "not-a-token"  # noqa: S105 - for a request that only checks the path
_PORTS = {"http": 80, "https": 443}

_PATH_CHECKS = ("name resolution", "TLS", "HTTP")
_TOKEN_CHECKS = ("token active", "workspace", "scopes")
CHECKS = ("proxy", *_PATH_CHECKS, *_TOKEN_CHECKS, "clock")

_READ = "read and export records"
_TASKS: Mapping[str, Sequence[Operation]] = {
    _READ: (api.LIST_OBJECTS, api.QUERY_RECORDS, api.GET_RECORD),
    "import records": (api.ASSERT_RECORD,),
    "refer to workspace members by e-mail address": (api.LIST_WORKSPACE_MEMBERS,),
    "use lists": (api.LIST_LISTS, api.QUERY_ENTRIES, api.ASSERT_ENTRY),
    "use notes": (api.LIST_NOTES, api.CREATE_NOTE),
    "use tasks": (api.LIST_TASKS, api.CREATE_TASK),
    "manage webhooks": (api.LIST_WEBHOOKS, api.CREATE_WEBHOOK),
}

_ADD_SCOPES = (
    "to allow it, add the scopes to the token in Attio: workspace settings > Developers > Access tokens"
)
_HOW_TO_RENEW = "create a new one in Attio: workspace settings > Developers > Access tokens"
_CHECK_NAME = "check the address, the DNS settings of this machine, and whether a VPN or proxy is needed"
_CHECK_URL = "something other than Attio answered, such as the login page of a network: check ATTIO_BASE_URL"
_RETRY_LATER = "try again in a minute; if it stays so, check ATTIO_BASE_URL"
_SET_CLOCK = "set it, for example by NTP: certificates and signatures of webhooks depend on it"
_CHECK_NETWORK = "check the network, firewalls and proxies between this machine and Attio"
_CHECK_CERTIFICATES = (
    "if a proxy here decrypts TLS, set SSL_CERT_FILE to the file with its certificate; else check the clock"
)


def check_scopes(granted: Iterable[str]) -> Sequence[Finding]:
    """Check which tasks the token is sufficient for, and which scopes the others lack."""
    scopes = frozenset(granted)
    missing = {task: missing_scopes(operations, scopes) for task, operations in _TASKS.items()}
    findings = [
        (problem if task == _READ else note)(
            "scopes", f"not sufficient to {task}: missing {', '.join(scopes)}", _ADD_SCOPES
        )
        for task, scopes in missing.items()
        if scopes
    ]
    able = [task for task, scopes in missing.items() if not scopes]
    return [ok("scopes", f"sufficient to {', '.join(able)}"), *findings] if able else findings


def missing_scopes(operations: Iterable[Operation], granted: Iterable[str]) -> Sequence[str]:
    """Return the scopes that these operations need and the token does not have."""
    scopes = frozenset(granted)
    needed = dict.fromkeys(scope for operation in operations for scope in operation.scopes)
    return [scope for scope in needed if scope not in scopes and f"{scope}-write" not in scopes]


async def resolve_name(host: str, port: int) -> Sequence[str]:
    """Return the addresses of a host, as this machine resolves them."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _all_skipped(checks: Iterable[str], reason: str) -> list[Finding]:
    return [skipped(check, reason) for check in checks]


class NetworkChecks:
    """The checks that use the network."""

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
        """Run the checks, and skip those that cannot succeed."""
        path = [check_proxies(self._environment, self._parts.scheme), await self._name()]
        if any(finding.verdict == "problem" for finding in path):
            return [
                *path,
                *_all_skipped((*_PATH_CHECKS[1:], *_TOKEN_CHECKS, "clock"), "Attio is unreachable"),
            ]
        return [*path, *await self._answered()]

    async def _name(self) -> Finding:
        if proxies_for(self._environment, self._parts.scheme):
            return skipped("name resolution", "the proxy does it")
        host = self._parts.hostname or ""
        try:
            found = await self._resolve(host, self._parts.port or _PORTS[self._parts.scheme])
        except OSError as error:
            return problem(
                "name resolution", f"{host} cannot be resolved: {error.strerror or error}", _CHECK_NAME
            )
        more = f" and {len(found) - _MAX_ADDRESSES} more" if len(found) > _MAX_ADDRESSES else ""
        return ok("name resolution", f"{host} is {', '.join(found[:_MAX_ADDRESSES])}{more}")

    async def _answered(self) -> list[Finding]:
        token = self._environment["ATTIO_API_KEY"] if self._has_token else _PLACEHOLDER_TOKEN
        policy = RetryPolicy(attempts=1, rate_limit_attempts=3, deadline=_TIMEOUT_S)
        try:
            attio = self._client(token=token, base_url=self._url, timeout=_TIMEOUT_S, retry=policy)
        except (ImportError, OSError, ValueError) as error:  # unusable certificates, or an unusable proxy
            where = self._environment.get("SSL_CERT_FILE") or self._environment.get("SSL_CERT_DIR")
            file = f"; certificates are read from {where}" if where else ""
            failed = problem("TLS", f"connections cannot be set up: {error}{file}", _CHECK_CERTIFICATES)
            return [failed, *_all_skipped(("HTTP", *_TOKEN_CHECKS, "clock"), "connections cannot be set up")]
        clock = attio.settings.clock
        async with attio:
            started = clock.monotonic()
            answer = await _identity(attio)
            seconds = clock.monotonic() - started
            return [*self._path(answer, seconds), *self._token(answer), _clock(attio)]

    def _path(self, answer: Identity | AttioError, seconds: float) -> Sequence[Finding]:
        if isinstance(answer, TransportError) and _is_about_tls(answer):
            return [problem("TLS", str(answer), _CHECK_CERTIFICATES), skipped("HTTP", "TLS failed")]
        if isinstance(answer, TransportError):
            return [skipped("TLS", "Attio cannot be reached"), problem("HTTP", str(answer), _CHECK_NETWORK)]
        encrypted = self._parts.scheme == "https"
        tls = ok("TLS", "the certificate is valid" if encrypted else "not used on this machine")
        if isinstance(answer, Identity | AuthenticationFailed):
            return [tls, ok("HTTP", f"answered in {seconds * 1000:,.0f} ms")]
        first, *_ = str(answer).splitlines()
        return [tls, problem("HTTP", first, _CHECK_URL if isinstance(answer, DecodeError) else _RETRY_LATER)]

    def _token(self, answer: Identity | AttioError) -> Sequence[Finding]:
        if not self._has_token:
            return _all_skipped(_TOKEN_CHECKS, "the token is missing or not valid")
        match answer:
            case Identity(active=True):
                workspace = ok("workspace", f"{answer.workspace_name} ({answer.workspace_slug})")
                return [ok("token active", "yes"), workspace, *check_scopes(answer.scopes)]
            case Identity():
                active = problem("token active", "the answer does not say so", _CHECK_URL)
            case TokenInactive():
                active = problem("token active", "no: the token is unknown or was revoked", _HOW_TO_RENEW)
            case AuthenticationFailed():
                active = problem("token active", f"no: {answer.message}", _HOW_TO_RENEW)
            case _:
                active = skipped("token active", "Attio did not answer")
        return [active, *_all_skipped(_TOKEN_CHECKS[1:], "the token is not known to be active")]


async def _identity(attio: Attio) -> Identity | AttioError:
    try:
        return await attio.identify()
    except AttioError as error:
        return error


def _is_about_tls(error: TransportError) -> bool:
    """Return True if TLS failed: the first error in the chain tells."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _clock(attio: Attio) -> Finding:
    clock, server = attio.settings.clock, limits_of(attio.limiter).server_clock
    if not server.known:
        return skipped("clock", "no answer told the time")
    here = clock.time()
    skew = here - server.now(clock.monotonic(), here)
    if abs(skew) <= _TOLERATED_SKEW_S:
        return ok("clock", "agrees with the server's")
    side = "ahead of" if skew > 0 else "behind"
    return problem("clock", f"at least {abs(skew):,.0f} s {side} the server's", _SET_CLOCK)
