"""The app: signing in, connecting Attio, and showing tasks."""

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
_MAX_FORM_BYTES = 10_000
_MIN_PASSWORD_CHARS = 8
_MAX_TASKS = 50
_FOREIGN = pages.page(
    '<p><a href="/">Back</a></p>', note="This form is not of this session. Open the page again.", status=403
)
_ENDED = "The connection to Attio has ended. Connect again."


@attrs.frozen
class TasksApp:
    """The app, with the services that its pages use."""

    oauth: OAuth
    tokens: TokenStore
    pool: AttioPool
    users: Users
    sessions: Sessions

    def starlette(self) -> Starlette:
        """Create the ASGI application."""
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

    # Users

    async def sign_up(self, request: Request) -> Response:
        """Create a user."""
        if request.method == "GET":
            return await self._sign_page(request, "Sign up")
        form = await self._own_form(request)
        if form is None:
            return _FOREIGN
        name, password = form.get("name", ""), form.get("password", "")
        if not name or len(password) < _MIN_PASSWORD_CHARS:
            note = f"A name and a password of at least {_MIN_PASSWORD_CHARS} characters are required."
            return await self._sign_page(request, "Sign up", note=note, status=400)
        try:
            user = await run_sync(self.users.sign_up, name, password)
        except NameTaken:
            return await self._sign_page(request, "Sign up", note="That name is taken.", status=409)
        return await self._signed_in(request, user)

    async def sign_in(self, request: Request) -> Response:
        """Sign a user in."""
        if request.method == "GET":
            return await self._sign_page(request, "Sign in")
        form = await self._own_form(request)
        if form is None:
            return _FOREIGN
        user = await run_sync(self.users.sign_in, form.get("name", ""), form.get("password", ""))
        if user is None:
            return await self._sign_page(request, "Sign in", note="Wrong name or password.", status=403)
        return await self._signed_in(request, user)

    async def sign_out(self, request: Request) -> Response:
        """Sign the user out, in copies of the cookie too."""
        if await self._own_form(request) is None:
            return _FOREIGN
        await run_sync(self.sessions.end, await self._session(request))
        return self._home(request, BrowserSession())

    async def _signed_in(self, request: Request, user: int) -> Response:
        # With a new session id, since an attacker may know the one before.
        await run_sync(self.sessions.end, await self._session(request))
        return self._home(request, BrowserSession(user=user))

    async def _sign_page(
        self, request: Request, button: str, *, note: str = "", status: int = 200
    ) -> Response:
        """Return a form that only this browser can submit, so that no site can sign its visitors in as somebody else."""
        session = await self._session(request)
        response = pages.page(
            pages.sign(button, pages.form_field(session.form_token)), note=note, status=status
        )
        self.sessions.write(request, response, session)
        return response

    async def _session(self, request: Request) -> BrowserSession:
        return await run_sync(self.sessions.read, request)

    async def _own_form(self, request: Request) -> dict[str, str] | None:
        """Return the fields of a form; None unless it was on a page of this session."""
        form = await _form(request)
        session = await self._session(request)
        return form if session.has_form_token(form.get("form_token", "")) else None

    def _home(self, request: Request, session: BrowserSession) -> Response:
        response = RedirectResponse("/", 303)
        self.sessions.write(request, response, session)
        return response

    # Attio

    async def home(self, request: Request) -> Response:
        """Show the user's tasks, or the next step towards them."""
        session = await self._session(request)
        user, field = session.user, pages.form_field(session.form_token)
        name = await run_sync(self.users.name, user) if user is not None else None
        if user is None or name is None:
            return pages.page(pages.welcome())
        if not await self._is_connected(user):
            return pages.page(pages.home(name, pages.connect(), field))
        try:
            async with self.pool.client(str(user)) as attio:
                found = await attio.tasks.list(is_completed=False).collect(limit=_MAX_TASKS)
        except AuthenticationFailed:
            await self._forget(user)
            return pages.page(pages.home(name, pages.connect(), field), note=_ENDED)
        except AttioError:
            _log.exception("tasks could not be read")
            return pages.page(
                pages.home(name, "", field), note="Attio did not answer. Try again.", status=502
            )
        return pages.page(pages.home(name, pages.tasks(found, field), field))

    async def connect(self, request: Request) -> Response:
        """Send the browser to Attio, with a state that only this browser can return with."""
        session = await self._session(request)
        if session.user is None:
            return RedirectResponse("/signup", 303)
        return RedirectResponse(self.oauth.authorize_url(await self.oauth.new_state(session.id)), 303)

    async def callback(self, request: Request) -> Response:
        """Take the browser's return from Attio, with a code or an error."""
        session = await self._session(request)
        if session.user is None:
            return RedirectResponse("/signup", 303)
        try:
            grant = await self.oauth.callback(request.url.query, session=session.id)
        except StateMismatch:
            return pages.page(
                pages.connect(),
                note="This connection was not started in this browser. Start again.",
                status=403,
            )
        except AccessDenied:
            return pages.page(pages.connect(), note="Attio was not connected, because you denied access.")
        except AttioError:
            _log.exception("Attio could not be connected")
            return pages.page(pages.connect(), note="Attio could not be connected. Start again.", status=502)
        await self.tokens.put(str(session.user), grant.access_token)
        await self.pool.forget(str(session.user))
        return RedirectResponse("/", 303)

    async def disconnect(self, request: Request) -> Response:
        """Delete the user's token."""
        if await self._own_form(request) is None:
            return _FOREIGN
        user = (await self._session(request)).user
        if user is not None:
            await self._forget(user)
        return RedirectResponse("/", 303)

    async def complete(self, request: Request) -> Response:
        """Mark a task as completed."""
        if await self._own_form(request) is None:
            return _FOREIGN
        user, task_id = (await self._session(request)).user, request.path_params["task_id"]
        if user is not None and is_uuid(task_id) and await self._is_connected(user):
            try:
                async with self.pool.client(str(user)) as attio:
                    await attio.tasks.update(task_id, is_completed=True)
            except AuthenticationFailed:
                pass  # the home page gets the same error, and says what to do
            except AttioError as error:
                _log.warning("task %s could not be completed: %s", task_id, error)
                is_gone = isinstance(error, NotFound)
                note = "That task no longer exists." if is_gone else "Attio did not answer. Try again."
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
    """Return the fields of a form; none if it is too large."""
    body = b""
    async with aclosing(request.stream()) as chunks:
        async for chunk in chunks:
            body += chunk
            if len(body) > _MAX_FORM_BYTES:
                return {}
    return dict(parse_qsl(body.decode("ascii", "replace")))
