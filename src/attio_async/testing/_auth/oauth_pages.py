"""The OAuth endpoints: the page where a person decides, the exchange of codes, and introspection."""

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec

from .._response import FakeResponse
from .._workspace.workspace import WorkspaceData
from .oauth import AuthorizationRequest, OAuthApps, OAuthProblem

ENDPOINTS: Mapping[str, str] = {
    "/authorize": "oauth_authorize",
    "/oauth/token": "oauth_token",
    "/oauth/introspect": "oauth_introspect",
}
"""What the calls of these paths are named in the log."""

_FORM = "application/x-www-form-urlencoded"
_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem; }}
button, select {{ font: inherit; padding: .4rem 1rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
_FORM_BODY = """\
<p><strong>{app}</strong> asks for access to the workspace <strong>{workspace}</strong>.</p>
<p>It may: {scopes}.</p>
<form method="post" action="/authorize">
<input type="hidden" name="ticket" value="{ticket}">
<p><label>Log in as <select name="member">{members}</select></label></p>
<p><button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></p>
</form>
<p><small>This is a fake workspace, for tests.</small></p>"""


class OAuthPages:
    """Answers requests to the OAuth endpoints of one fake.

    Args:
        apps: The apps, and what they were granted.
        workspace: The workspace that apps are connected to; any of its members can be logged in as.
        introspect: What is said of the token that a request with these headers carries.
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
        """The answer to a request to one of `ENDPOINTS`.

        Args:
            method: In capital letters.
            target: Path and query, as they were sent.
            headers: With names in lower case.
            body: As it was sent.
        """
        path, _, query = target.partition("?")
        match method, path:
            case "GET", "/authorize":
                return self._authorize(query)
            case "POST", "/authorize":
                return self._decide(headers, body)
            case "POST", "/oauth/token":
                return self._token(headers, body)
            case "POST", "/oauth/introspect":
                return self._introspect(headers)
            case _:
                allowed = "GET, POST" if path == "/authorize" else "POST"
                return _notice(405, "Not allowed", "This cannot be done here.", {"Allow": allowed})

    # What a person sees

    def read(self, query: str) -> AuthorizationRequest:
        """What an app asks for with the query of the authorize page.

        Raises:
            LookupError: The app or the address to come back to is unknown, so that the browser must not be sent there.
            OAuthProblem: Something else is wrong, which the app is told by sending the browser back.
        """
        pairs = parse_qsl(query, keep_blank_values=True)
        given = dict(pairs)
        client = self._apps.clients.get(given.get("client_id", ""))
        if client is None:
            raise LookupError("There is no app with this client id.")
        redirect_uri = given.get("redirect_uri", "")
        if redirect_uri not in client.redirect_uris:
            raise LookupError("This redirect URI is not one that is registered with the app, exactly.")
        asked = AuthorizationRequest(client=client, redirect_uri=redirect_uri, state=given.get("state"))
        kind = given.get("response_type")
        if len(given) < len(pairs):
            raise RedirectedError(asked, "invalid_request", "A parameter is given twice.")
        if not kind:
            raise RedirectedError(asked, "invalid_request", "The parameter response_type is missing.")
        if kind != "code":
            raise RedirectedError(asked, "unsupported_response_type", "The response_type is not 'code'.")
        return asked

    def decide(self, asked: AuthorizationRequest, *, allow: bool, member_id: str) -> str:
        """Where the browser is sent once a person has decided."""
        if not allow:
            return _back(asked, {"error": "access_denied", "error_description": "The request was denied."})
        return _back(asked, {"code": self._apps.grant(asked, member_id)})

    def _authorize(self, query: str) -> FakeResponse:
        try:
            asked = self.read(query)
        except LookupError as error:
            return _notice(400, "This cannot be connected", str(error.args[0]))
        except RedirectedError as error:
            return _redirect(error.location)
        workspace = self._workspace()
        options = "".join(
            f'<option value="{escape(member.id)}">{escape(f"{member.first_name} {member.last_name}")}</option>'
            for member in workspace.members
        )
        app = asked.client.name or asked.client.client_id
        scopes = ", ".join(asked.client.scopes) if asked.client.scopes is not None else "do everything"
        form = _FORM_BODY.format(
            app=escape(app),
            workspace=escape(workspace.name),
            scopes=escape(scopes),
            ticket=escape(self._apps.ask(asked)),
            members=options,
        )
        return _page(200, escape(f"Connect {app}"), form)

    def _decide(self, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        given = _form(headers, body) or {}
        asked = self._apps.asked(given.get("ticket", ""))
        members = {member.id for member in self._workspace().members}
        decision, member_id = given.get("decision"), given.get("member", "")
        if asked is None or decision not in {"allow", "deny"} or member_id not in members:
            return _notice(400, "This page is too old", "Go back to the app, and start again.")
        return _redirect(self.decide(asked, allow=decision == "allow", member_id=member_id))

    # What an app asks

    def _token(self, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        try:
            token = self._exchanged(_form(headers, body))
        except OAuthProblem as problem:
            told = {"error": problem.error, "error_description": problem.description}
            return _json(problem.status, told)
        return _json(200, {"access_token": token, "token_type": "Bearer"})

    def _exchanged(self, given: Mapping[str, str] | None) -> str:
        if given is None:
            raise OAuthProblem("invalid_request", f"The body is no {_FORM}, or says something twice.")
        client = self._apps.authenticated(given.get("client_id", ""), given.get("client_secret", ""))
        for name in ("grant_type", "code", "redirect_uri"):
            if not given.get(name):
                raise OAuthProblem("invalid_request", f"The parameter {name} is missing.")
        if given["grant_type"] != "authorization_code":
            raise OAuthProblem("unsupported_grant_type", "The grant_type is not 'authorization_code'.")
        return self._apps.exchange(client, given["code"], given["redirect_uri"])


class RedirectedError(OAuthProblem):
    """What an app is told by sending the browser back to it."""

    def __init__(self, asked: AuthorizationRequest, error: str, description: str) -> None:
        super().__init__(error, description)
        self.location = _back(asked, {"error": error, "error_description": description})


def _form(headers: Mapping[str, str], body: bytes) -> dict[str, str] | None:
    """The fields of a form; None when it is none, or one of them comes twice."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        return None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True)
    except ValueError:
        return None
    fields = dict(pairs)
    return fields if len(fields) == len(pairs) else None


def _back(asked: AuthorizationRequest, answer: Mapping[str, str]) -> str:
    """The address of the app with the answer, and the state as it was sent, after whatever query it has."""
    state = {} if asked.state is None else {"state": asked.state}
    parts = urlsplit(asked.redirect_uri)
    more = urlencode({**answer, **state}, quote_via=quote)
    return parts._replace(query=f"{parts.query}&{more}" if parts.query else more).geturl()


def _redirect(location: str) -> FakeResponse:
    return FakeResponse(303, {"Location": location, "Cache-Control": "no-store"}, b"")


def _notice(status: int, title: str, text: str, headers: Mapping[str, str] | None = None) -> FakeResponse:
    return _page(status, escape(title), f"<p>{escape(text)}</p>", headers)


def _page(status: int, title: str, body: str, headers: Mapping[str, str] | None = None) -> FakeResponse:
    """A page of these pieces of HTML."""
    usual = {
        "Content-Type": "text/html; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Frame-Options": "DENY",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    }
    return FakeResponse(status, {**usual, **(headers or {})}, _PAGE.format(title=title, body=body).encode())


def _json(status: int, body: Mapping[str, str]) -> FakeResponse:
    return FakeResponse(
        status, {"Cache-Control": "no-store", "Pragma": "no-cache"}, msgspec.json.encode(body)
    )
