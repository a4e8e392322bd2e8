"""A small backend that sends people to a service that checks leads, and marks them when the service calls back.

    POST   /connection          register a callback with the service
    DELETE /connection          unregister it
    POST   /leads               {"record_id": ...}: have a person checked, and mark them as pending
    POST   /callbacks/<token>   {"record_id": ...}: called by the service after a check; marks the person as complete

All but the last need `Authorization: Bearer <app secret>`; only the service knows the URL of the last. It is plain ASGI:

    lead_checker = LeadChecker(Attio(), AcmeLeads(...), app_secret=..., public_url="https://example.com")
    app = lead_checker.asgi
"""
# ruff: noqa: INP001 - a program, not a package

import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Protocol

from attio_async import Attio, F
from attio_async.errors import AttioError, NotFound
from attio_async.values import is_uuid

_MAX_BODY_BYTES = 10_000


class LeadService(Protocol):
    """The service that checks leads."""

    async def register(self, url: str) -> str:
        """Have a URL called after each check, and return the id of this registration."""
        ...

    async def unregister(self, registration: str) -> None:
        """Remove a registration."""
        ...

    async def check(self, record_id: str, name: str, phone: str) -> None:
        """Start the check of a lead."""
        ...


class RequestRejected(Exception):
    """A request that gets an error as its response."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        self.status = status
        super().__init__(message)


class LeadChecker:
    """The backend. `attribute` is a text attribute of people that holds the state of the check."""

    def __init__(
        self,
        attio: Attio,
        service: LeadService,
        *,
        app_secret: str,
        public_url: str,
        attribute: str = "lead_status",
    ) -> None:
        self._attio = attio
        self._service = service
        self._secret = app_secret
        self._public_url = public_url.rstrip("/")
        self._attribute = attribute
        self._token: str | None = None
        self._registration: str | None = None

    async def connect(self) -> None:
        """Register a callback with a URL that cannot be guessed, unless there is one."""
        if self._registration is None:
            self._token = secrets.token_urlsafe(32)
            self._registration = await self._service.register(f"{self._public_url}/callbacks/{self._token}")

    async def disconnect(self) -> None:
        """Unregister the callback, and reject it from now on."""
        registration, self._registration, self._token = self._registration, None, None
        if registration is not None:
            await self._service.unregister(registration)

    async def start_check(self, record_id: str) -> None:
        """Mark a person as pending, and have them checked."""
        person = await self._attio.people.get(record_id)
        phone = person.first("phone_numbers")
        if phone is None:
            raise RequestRejected(HTTPStatus.UNPROCESSABLE_ENTITY, "this person has no phone number")
        # Marked first, since the service may call back before it responds.
        await self._mark(record_id, "Pending")
        await self._service.check(record_id, str(person.first("name") or "Unknown"), phone)

    async def finish_check(self, token: str, record_id: str) -> None:
        """Mark a pending person as complete. Calling it twice does no harm."""
        if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise RequestRejected(HTTPStatus.NOT_FOUND, "unknown callback")
        is_pending = (F.record_id == record_id) & (F[self._attribute] == "Pending")
        if await self._attio.people.first(is_pending) is not None:
            await self._mark(record_id, "Complete")

    async def _mark(self, record_id: str, status: str) -> None:
        await self._attio.people.update(record_id, {self._attribute: status})

    async def asgi(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            return
        status, message = HTTPStatus.OK, "done"
        try:
            await self._route(scope, await _read_body(receive))
        except RequestRejected as rejected:
            status, message = rejected.status, str(rejected)
        except NotFound:
            status, message = HTTPStatus.NOT_FOUND, "unknown person"
        except AttioError:
            status, message = HTTPStatus.BAD_GATEWAY, "Attio could not do it; try again"
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps({"message": message}).encode()})

    async def _route(self, scope: Mapping[str, Any], body: bytes) -> None:
        method, path = scope["method"], scope["path"]
        if method == "POST" and path.startswith("/callbacks/"):
            await self.finish_check(path.removeprefix("/callbacks/"), _record_id(body))
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self._secret}".encode()):
            raise RequestRejected(HTTPStatus.UNAUTHORIZED, "the app secret is missing or wrong")
        match method, path:
            case "POST", "/connection":
                await self.connect()
            case "DELETE", "/connection":
                await self.disconnect()
            case "POST", "/leads":
                await self.start_check(_record_id(body))
            case _:
                raise RequestRejected(HTTPStatus.NOT_FOUND, "unknown path")


async def _read_body(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _MAX_BODY_BYTES:
            raise RequestRejected(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the body is too large")
        if not message.get("more_body", False):
            return body


def _record_id(body: bytes) -> str:
    try:
        record_id = json.loads(body)["record_id"]
    except (ValueError, TypeError, KeyError):
        record_id = None
    if not (isinstance(record_id, str) and is_uuid(record_id)):
        raise RequestRejected(HTTPStatus.BAD_REQUEST, 'the body must be {"record_id": "..."}')
    return record_id
