"""The OAuth endpoints: the page on which a person decides, the exchange of codes, and introspection."""

import functools
from collections.abc import Callable, Mapping
from html import escape
from importlib.resources import files
from string import Template
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from .._response import FakeResponse
from .._workspace.workspace import WorkspaceData
from .oauth import AuthorizationRequest, OAuthApps, OAuthProblem

_FORM = "application/x-www-form-urlencoded"


class Html(str):
    """Markup, which a template takes as it is."""

    __slots__ = ()


class RedirectedProblem(OAuthProblem):
    """An error that is reported to an app by redirecting the browser to `location`."""

    def __init__(self, request: AuthorizationRequest, error: str, description: str) -> None:
        super().__init__(error, description)
        self.location = _back(request, {"error": error, "error_description": description})


class OAuthPages:
    """Answers requests to the OAuth endpoints of one fake.

    Args:
        apps: The apps, and what they were granted.
        workspace: Returns the workspace that apps are connected to; any of its members can log in.
        introspect: Describes the token that a request with these headers carries.
    """

    def __init__(
        self,
        apps: OAuthApps,
        *,
        workspace: Callable[[], WorkspaceData],
        introspect: Callable[[Mapping[str, str]], FakeResponse],
    ) -> None:
        self._apps = apps
        self._workspace = workspace
        self._introspect = introspect

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        """Answer a request to one of the OAuth endpoints.

        Args:
            method: In capital letters.
            target: Path and query, as they were sent.
            headers: With names in lower case.
            body: As it was sent.
        """
        path, _, query = target.partition("?")
        match method, path:
            case "GET", "/authorize":
                return self._show(query)
            case "POST", "/authorize":
                return self._submit(headers, body)
            case "POST", "/oauth/token":
                return self._token(headers, body)
            case "POST", "/oauth/introspect":
                return self._introspect(headers)
            case _:
                allowed = "GET, POST" if path == "/authorize" else "POST"
                return _notice(
                    405, "Method not allowed", f"This address takes {allowed}.", {"Allow": allowed}
                )

    # For people

    def read(self, query: str) -> AuthorizationRequest:
        """Read the query of the authorize page.

        Raises:
            LookupError: The app or its redirect URI is unknown, so the browser must not be sent there.
            RedirectedProblem: Something else is wrong; the browser is redirected to report it to the app.
        """
        pairs = parse_qsl(query, keep_blank_values=True)
        given = dict(pairs)
        client = self._apps.clients.get(given.get("client_id", ""))
        if client is None:
            raise LookupError("No app with this client id is registered.")
        redirect_uri = given.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise LookupError("This redirect URI is not registered with the app; it must match exactly.")
        request = AuthorizationRequest(client=client, redirect_uri=redirect_uri, state=given.get("state"))
        response_type = given.get("response_type")
        if len(given) < len(pairs):
            raise RedirectedProblem(request, "invalid_request", "A parameter is given twice.")
        if not response_type:
            raise RedirectedProblem(request, "invalid_request", "The parameter response_type is missing.")
        if response_type != "code":
            raise RedirectedProblem(request, "unsupported_response_type", "The response_type is not 'code'.")
        return request

    def decide(self, request: AuthorizationRequest, *, allow: bool, member_id: str) -> str:
        """Return the URL that the browser is sent to once a person has decided."""
        if not allow:
            denied = {"error": "access_denied", "error_description": "The request was denied."}
            return _back(request, denied)
        return _back(request, {"code": self._apps.grant(request, member_id)})

    def _show(self, query: str) -> FakeResponse:
        try:
            request = self.read(query)
        except LookupError as error:
            return _notice(400, "This app cannot be connected", str(error.args[0]))
        except RedirectedProblem as problem:
            return _redirect(problem.location)
        workspace, client = self._workspace(), request.client
        members = "".join(
            _render("member", id=member.id, name=f"{member.first_name} {member.last_name}")
            for member in workspace.members
        )
        app = client.name or client.client_id
        form = _render(
            "authorize",
            app=app,
            workspace=workspace.name,
            scopes=", ".join(client.scopes) if client.scopes is not None else "do everything",
            ticket=self._apps.ticket(request),
            members=Html(members),
        )
        return _page(200, f"Connect {app}", form)

    def _submit(self, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        given = _form(headers, body) or {}
        request = self._apps.redeem(given.get("ticket", ""))
        members = {member.id for member in self._workspace().members}
        decision, member_id = given.get("decision"), given.get("member", "")
        if request is None or decision not in {"allow", "deny"} or member_id not in members:
            return _notice(400, "This page has expired", "Go back to the app, and start again.")
        return _redirect(self.decide(request, allow=decision == "allow", member_id=member_id))

    # For apps

    def _token(self, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        try:
            token = self._exchange(_form(headers, body))
        except OAuthProblem as problem:
            return _json(problem.status, {"error": problem.error, "error_description": problem.description})
        return _json(200, {"access_token": token, "token_type": "Bearer"})

    def _exchange(self, given: Mapping[str, str] | None) -> str:
        if given is None:
            raise OAuthProblem("invalid_request", f"The body is not {_FORM}, or gives a parameter twice.")
        client = self._apps.authenticate(given.get("client_id", ""), given.get("client_secret", ""))
        for name in ("grant_type", "code", "redirect_uri"):
            if not given.get(name):
                raise OAuthProblem("invalid_request", f"The parameter {name} is missing.")
        if given["grant_type"] != "authorization_code":
            raise OAuthProblem("unsupported_grant_type", "The grant_type is not 'authorization_code'.")
        return self._apps.exchange(client, given["code"], given["redirect_uri"])


def _form(headers: Mapping[str, str], body: bytes) -> dict[str, str] | None:
    """Return the fields of a form; None if the body is not one, or a field is given twice."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _back(request: AuthorizationRequest, answer: Mapping[str, str]) -> str:
    """Return the redirect URI with the answer and the state appended to its query."""
    state = {} if request.state is None else {"state": request.state}
    parts = urlsplit(request.redirect_uri)
    more = urlencode({**answer, **state}, quote_via=quote)
    return parts._replace(query=f"{parts.query}&{more}" if parts.query else more).geturl()


def _redirect(location: str) -> FakeResponse:
    return FakeResponse(303, {"Location": location, "Cache-Control": "no-store"}, b"")


def _notice(status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> FakeResponse:
    return _page(status, title, _render("notice", text=text), headers)


def _page(status: int, title: str, body: Html, headers: Mapping[str, str] | None = None) -> FakeResponse:
    usual = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    page = _render("page", title=title, body=body)
    return FakeResponse(status, {**usual, **(headers or {})}, page.encode())


def _render(template: str, /, **values: str) -> Html:
    """Fill a template of the folder `templates`. Values are escaped unless they are `Html`."""
    escaped = {key: value if isinstance(value, Html) else escape(value) for key, value in values.items()}
    return Html(_template(template).substitute(escaped))


@functools.cache
def _template(name: str) -> Template:
    folder = files("attio_async.testing._auth") / "templates"
    return Template((folder / f"{name}.html").read_text(encoding="utf-8"))


def _json(status: int, body: Mapping[str, str]) -> FakeResponse:
    headers = {"Cache-Control": "no-store", "Pragma": "no-cache"}
    return FakeResponse(status, headers, msgspec.json.encode(body))
