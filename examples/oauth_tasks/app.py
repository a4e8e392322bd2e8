"""The app: who may see what, and the way to Attio and back."""

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from urllib.parse import parse_qsl

import attrs
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from attio_async import AttioPool
from attio_async.errors import (
    AccessDenied,
    AttioError,
    AuthenticationFailed,
    NotFound,
    StateMismatch,
)
from attio_async.oauth import OAuth, TokenStore
from attio_async.values import is_uuid

from . import pages
from .sessions import BrowserSession, Sessions
from .users import NameTaken, Users

_log = logging.getLogger(__name__)
_LONGEST_FORM = 10_000
_SHORTEST_PASSWORD = 8
_ENDED = "The connection to Attio has ended. Connect again."


@attrs.frozen
class TasksApp:
    """Everything that the pages need."""

    oauth: OAuth
    tokens: TokenStore
    pool: AttioPool
    users: Users
    sessions: Sessions

    def starlette(self) -> Starlette:
        """The ASGI application."""
        routes = [
            Route("/", self.home),
            Route("/signup", self.sign_up, methods=["GET", "POST"]),
            Route("/login", self.sign_in, methods=["GET", "POST"]),
            Route("/logout", self.sign_out, methods=["POST"]),
            Route("/integrations/attio/connect", self.connect),
            Route("/integrations/attio/callback", self.callback),
            Route("/integrations/attio/disconnect", self.disconnect, methods=["POST"]),
            Route("/tasks/{task_id}/complete", self.complete, methods=["POST"]),
        ]
        return Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncGenerator[None]:
        try:
            yield
        finally:
            await self.pool.aclose()
            await self.oauth.aclose()

    # Signing up and in

    async def sign_up(self, request: Request) -> Response:
        """A new user."""
        if request.method == "GET":
            return pages.page(pages.sign("Sign up"))
        form = await _form(request)
        name, password = form.get("name", ""), form.get("password", "")
        if not name or len(password) < _SHORTEST_PASSWORD:
            note = f"A name is needed, and a password of {_SHORTEST_PASSWORD} characters or more."
            return pages.page(pages.sign("Sign up"), note=note, status=400)
        try:
            user = await run_sync(self.users.sign_up, name, password)
        except NameTaken:
            return pages.page(pages.sign("Sign up"), note="That name is taken.", status=409)
        return self._signed_in(request, user)

    async def sign_in(self, request: Request) -> Response:
        """A user who has come back."""
        if request.method == "GET":
            return pages.page(pages.sign("Sign in"))
        form = await _form(request)
        user = await run_sync(self.users.sign_in, form.get("name", ""), form.get("password", ""))
        if user is None:
            return pages.page(pages.sign("Sign in"), note="Wrong name or password.", status=403)
        return self._signed_in(request, user)

    async def sign_out(self, request: Request) -> Response:
        """Whoever it was is gone."""
        return self._home(request, BrowserSession())

    def _signed_in(self, request: Request, user: int) -> Response:
        return self._home(
            request, BrowserSession(user=user)
        )  # another id than before, which somebody else may have known

    def _home(self, request: Request, session: BrowserSession) -> Response:
        response = RedirectResponse("/", 303)
        self.sessions.write(request, response, session)
        return response

    # Attio

    async def home(self, request: Request) -> Response:
        """The tasks, as far as there is somebody who may see them."""
        user = self.sessions.read(request).user
        name = await run_sync(self.users.name, user) if user is not None else None
        if user is None or name is None:
            return pages.page(pages.welcome())
        if not await self._is_connected(user):
            return pages.page(pages.home(name, pages.connect()))
        try:
            async with self.pool.client(str(user)) as attio:
                found = await attio.tasks.list(is_completed=False).collect(limit=50)
        except AuthenticationFailed:
            await self._forget(user)
            return pages.page(pages.home(name, pages.connect()), note=_ENDED)
        except AttioError:
            _log.exception("the tasks could not be read")
            return pages.page(pages.home(name, ""), note="Attio did not answer. Try again.", status=502)
        return pages.page(pages.home(name, pages.tasks(found)))

    async def connect(self, request: Request) -> Response:
        """Off to Attio, with a state that only this browser can come back with."""
        session = self.sessions.read(request)
        if session.user is None:
            return RedirectResponse("/signup", 303)
        return RedirectResponse(self.oauth.authorize_url(await self.oauth.new_state(session.id)), 303)

    async def callback(self, request: Request) -> Response:
        """Back from Attio, with a code or without."""
        session = self.sessions.read(request)
        if session.user is None:
            return RedirectResponse("/signup", 303)
        try:
            grant = await self.oauth.callback(request.url.query, session=session.id)
        except StateMismatch:
            return pages.page(
                pages.connect(), note="This did not begin in this browser. Start again.", status=403
            )
        except AccessDenied:
            return pages.page(pages.connect(), note="Attio was not connected, as you did not allow it.")
        except AttioError:
            _log.exception("Attio could not be connected")
            return pages.page(pages.connect(), note="Attio could not be connected. Start again.", status=502)
        await self.tokens.put(str(session.user), grant.access_token)
        await self.pool.forget(str(session.user))
        return RedirectResponse("/", 303)

    async def disconnect(self, request: Request) -> Response:
        """Forget the token."""
        user = self.sessions.read(request).user
        if user is not None:
            await self._forget(user)
        return RedirectResponse("/", 303)

    async def complete(self, request: Request) -> Response:
        """Mark a task as done. Failures show on the page that comes then."""
        user, task_id = self.sessions.read(request).user, request.path_params["task_id"]
        if user is not None and is_uuid(task_id) and await self._is_connected(user):
            try:
                async with self.pool.client(str(user)) as attio:
                    await attio.tasks.update(task_id, is_completed=True)
            except AuthenticationFailed:
                pass  # the page of the tasks finds out, too, and says what to do
            except AttioError as error:
                _log.warning("a task could not be completed: %s", error)
                note = (
                    "That task is gone." if isinstance(error, NotFound) else "Attio did not do it. Try again."
                )
                return pages.page('<p><a href="/">Back</a></p>', note=note, status=502)
        return RedirectResponse("/", 303)

    async def _is_connected(self, user: int) -> bool:
        try:
            await self.tokens.get(str(user))
        except LookupError:
            return False
        return True

    async def _forget(self, user: int) -> None:
        await self.tokens.delete(str(user))
        await self.pool.forget(str(user))


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async with aclosing(request.stream()) as pieces:
        async for piece in pieces:
            body += piece
            if len(body) > _LONGEST_FORM:
                return {}
    return dict(parse_qsl(body.decode("ascii", "replace")))
