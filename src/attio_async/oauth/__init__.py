"""Connect workspaces by OAuth, and keep their access tokens.

::

    oauth = OAuth(client_id, client_secret, "https://example.com/attio/callback")
    tokens = SQLiteTokens("tokens.db", keys=TokenKeys.from_env())

    state = await oauth.new_state(session)              # session: a secret value in the browser's cookie
    redirect_to(oauth.authorize_url(state))
    ...                                                 # the browser returns to the redirect URI
    grant = await oauth.callback(query_string, session=session)
    await tokens.put(tenant, grant.access_token)

Attio's tokens do not expire and cannot be refreshed. Keep them encrypted: each gives access to a whole workspace.
"""

from .._lazy import lazy_names

TYPE_CHECKING = False
if TYPE_CHECKING or not lazy_names(__name__):
    from .._workspace.identity import Identity as Identity
    from ._encryption import TokenKeys as TokenKeys
    from ._flow import (
        Grant as Grant,
        OAuth as OAuth,
    )
    from ._states import (
        MemoryStates as MemoryStates,
        PendingState as PendingState,
        StateStore as StateStore,
    )
    from ._tokens import (
        SQLiteTokens as SQLiteTokens,
        TokenStore as TokenStore,
    )
