"""Connecting workspaces by OAuth: the way there, the way back, and where the tokens are kept.

::

    oauth = OAuth(client_id, client_secret, "https://example.com/attio/callback")
    tokens = SQLiteTokens("tokens.db", keys=TokenKeys.from_env())

    state = await oauth.new_state(session)              # session: a secret value in the browser's cookie
    redirect_to(oauth.authorize_url(state))
    ...                                                 # the browser comes back to the redirect URI
    grant = await oauth.callback(query_string, session=session)
    await tokens.put(tenant, grant.access_token)

Attio's tokens do not expire, and there is nothing to refresh. Keep them encrypted: each opens a whole workspace.
"""

from ..resources.meta import Identity
from .flow import Grant, OAuth
from .keys import TokenKeys
from .states import MemoryStates, PendingState, StateStore
from .tokens import SQLiteTokens, TokenStore

__all__ = [
    "Grant",
    "Identity",
    "MemoryStates",
    "OAuth",
    "PendingState",
    "SQLiteTokens",
    "StateStore",
    "TokenKeys",
    "TokenStore",
]
