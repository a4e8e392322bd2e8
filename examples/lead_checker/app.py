"""A small backend: people are sent to a service that checks leads, which calls back when it knows more.

    POST   /connection          register our callback with the service
    DELETE /connection          remove it again
    POST   /leads               {"record_id": ...}: send a person to be checked, and mark them as pending
    POST   /callbacks/<token>   {"record_id": ...}: what the service calls when it is done; marks them as complete

All but the last ask for `Authorization: Bearer <app secret>`; the last is known to the service only. It is plain ASGI:

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

_LONGEST_BODY = 10_000


class LeadService(Protocol):
    """The service that checks leads."""

    async def register(self, url: str) -> str:
        """Have `url` called when a lead is checked; the id of this registration."""
        ...

    async def unregister(self, registration: str) -> None:
        """End a registration."""
        ...

    async def check(self, record_id: str, name: str, phone: str) -> None:
        """Have a lead checked."""
        ...


class LeadRefused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        self.status = status
        super().__init__(message)


class LeadChecker:
    """The backend. `attribute` is the text attribute of people that says how far a check is."""

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

    async def connected(self) -> None:
        """Register a callback that nobody can guess, once."""
        if self._registration is None:
            self._token = secrets.token_urlsafe(32)
            self._registration = await self._service.register(f"{self._public_url}/callbacks/{self._token}")

    async def disconnected(self) -> None:
        """Remove the callback; from now on it is not answered."""
        registration, self._registration, self._token = self._registration, None, None
        if registration is not None:
            await self._service.unregister(registration)

    async def send(self, record_id: str) -> None:
        """Send a person to be checked, and mark them as pending."""
        person = await self._attio.people.get(record_id)
        phone = person.first("phone_numbers")
        if phone is None:
            raise LeadRefused(HTTPStatus.UNPROCESSABLE_ENTITY, "this person has no phone number")
        # Marked first: the service may call back before it answers.
        await self._mark(record_id, "Pending")
        await self._service.check(record_id, str(person.first("name") or "Unknown"), phone)

    async def checked(self, token: str, record_id: str) -> None:
        """Mark a person as complete, if they are waiting for it; to be told twice does no harm."""
        if self._token is None or not hmac.compare_digest(token.encode(), self._token.encode()):
            raise LeadRefused(HTTPStatus.NOT_FOUND, "no such callback")
        waiting = (F.record_id == record_id) & (F[self._attribute] == "Pending")
        if await self._attio.people.first(waiting) is not None:
            await self._mark(record_id, "Complete")

    async def _mark(self, record_id: str, status: str) -> None:
        await self._attio.people.update(record_id, {self._attribute: status})

    async def asgi(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The HTTP side."""
        if scope["type"] != "http":
            return
        status, message = HTTPStatus.OK, "done"
        try:
            await self._route(scope, await _body(receive))
        except LeadRefused as refused:
            status, message = refused.status, str(refused)
        except NotFound:
            status, message = HTTPStatus.NOT_FOUND, "no such person"
        except AttioError:
            status, message = HTTPStatus.BAD_GATEWAY, "Attio did not do it; try again"
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": int(status), "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps({"message": message}).encode()})

    async def _route(self, scope: Mapping[str, Any], body: bytes) -> None:
        method, path = scope["method"], scope["path"]
        if method == "POST" and path.startswith("/callbacks/"):
            await self.checked(path.removeprefix("/callbacks/"), _record_id(body))
            return
        given = dict(scope["headers"]).get(b"authorization", b"")
        if not hmac.compare_digest(given, f"Bearer {self._secret}".encode()):
            raise LeadRefused(HTTPStatus.UNAUTHORIZED, "the app secret is missing or wrong")
        match method, path:
            case "POST", "/connection":
                await self.connected()
            case "DELETE", "/connection":
                await self.disconnected()
            case "POST", "/leads":
                await self.send(_record_id(body))
            case _:
                raise LeadRefused(HTTPStatus.NOT_FOUND, "there is no such thing here")


async def _body(receive: Any) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > _LONGEST_BODY:
            raise LeadRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too long")
        if not message.get("more_body", False):
            return body


def _record_id(body: bytes) -> str:
    try:
        record_id = json.loads(body)["record_id"]
    except (ValueError, TypeError, KeyError):
        record_id = None
    if not (isinstance(record_id, str) and is_uuid(record_id)):
        raise LeadRefused(HTTPStatus.BAD_REQUEST, 'say which person: {"record_id": "..."}')
    return record_id
