"""Access tokens, OAuth clients and their authorization, as a part of the fake."""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from ..._utils.public import public
from .._response import FakeResponse
from .._workspace.find import find_member
from .._workspace.state import WorkspaceState
from .oauth import OAuthApps, OAuthClient
from .oauth_pages import OAuthPages, RedirectedProblem
from .tokens import Tokens, check_scopes


@public
class FakeAuth:
    """The access tokens of a fake workspace, and the apps that can be connected to it by OAuth."""

    def __init__(
        self,
        state: WorkspaceState,
        tokens: Tokens,
        *,
        own_token: str,
        seed: int,
        introspect: Callable[[Mapping[str, str]], FakeResponse],
    ) -> None:
        self._state = state
        self._tokens = tokens
        self._own_token = own_token
        self._apps = OAuthApps(seed=seed, clock=state.clock, issue=self._issue)
        self._pages = OAuthPages(self._apps, workspace=lambda: state.workspace.data, introspect=introspect)

    def add_token(
        self,
        token: str,
        scopes: Iterable[str] | None = None,
        *,
        client_id: str | None = None,
        member: str | None = None,
    ) -> str:
        """Accept one more access token, with an actor of its own, and return it.

        A token that is already accepted gets the new scopes; a revoked one is accepted again.

        Args:
            token: The token: not empty, without whitespace.
            scopes: What it may do, such as "note:read-write", which includes reading. Default: everything.
            client_id: The client id that `/v2/self` shows. Default: a new one.
            member: Id or e-mail address of a workspace member: the token is at the user level, and acts as that member.
                Default: the token is at the workspace level.

        Raises:
            ApiProblem: The member is unknown.
            ValueError: The token is invalid, or a scope is unknown.
        """
        with self._state.lock:
            self._tokens.add(
                token,
                scopes,
                issued_at=self._state.clock.time(),
                client_id=client_id,
                member_id=None if member is None else find_member(self._state.workspace, member).id,
                actor_type="api-token" if member is None else "workspace-member",
            )
        return token

    def revoke_token(self, token: str | None = None) -> None:
        """Accept a token no longer: 401 everywhere, and `{"active": false}` from `/v2/self`.

        Args:
            token: The token to revoke. Default: the one the fake was created with.
        """
        with self._state.lock:
            self._tokens.revoke(self._own_token if token is None else token)

    def add_oauth_client(
        self,
        client_id: str,
        client_secret: str,
        redirect_uris: str | Iterable[str],
        scopes: Iterable[str] | None = None,
        *,
        name: str = "",
    ) -> OAuthClient:
        """Register an app that can be connected to this workspace by OAuth.

        The endpoints have Attio's paths, `/authorize`, `/oauth/token` and `/oauth/introspect`: at any host in process,
        and beside the API of a served fake. Any member of the workspace can log in there.

        Args:
            client_id: The public id of the app.
            client_secret: The secret that the app exchanges codes with.
            redirect_uris: The exact URIs that browsers may be sent back to.
            scopes: What its tokens may do, such as "task:read-write". Default: everything.
            name: The name that people see. Default: the client id.

        Raises:
            ValueError: An argument is empty, a scope is unknown, or the client id is already registered.
        """
        addresses = (redirect_uris,) if isinstance(redirect_uris, str) else tuple(redirect_uris)
        if not (client_id and client_secret and addresses and all(addresses)):
            raise ValueError("an OAuth client needs a client id, a client secret and a redirect URI")
        if client_id in self._apps.clients:
            raise ValueError(f"an OAuth client with the id {client_id!r} is already registered")
        client = OAuthClient(
            client_id=client_id,
            client_secret=client_secret,
            redirect_uris=addresses,
            scopes=None if scopes is None else tuple(scopes),
            name=name,
        )
        check_scopes(client.scopes or ())
        self._apps.clients[client_id] = client
        return client

    def authorize(self, url: str, *, allow: bool = True, member: str | None = None) -> str:
        """Decide as a person would on the page at `url`, and return the URL that the browser is sent back to.

        ::

            back = fake.auth.authorize(oauth.authorize_url(await oauth.new_state(session)))
            grant = await oauth.callback(urlsplit(back).query, session=session)

        Args:
            url: The URL of the authorize page, as the app built it.
            allow: Allow the connection, or deny it.
            member: Id or e-mail address of the member who decides. Default: the first member.

        Raises:
            ApiProblem: The member is unknown.
            LookupError: The page shows an error, since the app or its redirect URI is not registered.
        """
        with self._state.lock:
            workspace = self._state.workspace
            who = find_member(workspace, member or workspace.data.members[0].id)
            try:
                asked = self._pages.read(urlsplit(url).query)
            except RedirectedProblem as problem:
                return problem.location
            return self._pages.decide(asked, allow=allow, member_id=who.id)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> FakeResponse:
        """Answer a request to one of the OAuth endpoints."""
        return self._pages.answer(method, target, headers, body)

    def _issue(self, token: str, client: OAuthClient, member_id: str) -> None:
        self._tokens.add(
            token,
            client.scopes,
            issued_at=self._state.clock.time(),
            client_id=client.client_id,
            member_id=member_id,
            actor_type="app",
        )
