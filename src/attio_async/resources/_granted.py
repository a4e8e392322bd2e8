"""Which scopes a token has, asked once and only when something was refused."""

from collections.abc import Awaitable, Callable

import anyio
import attrs

from ..errors import AttioError

__all__ = ["GrantedScopes"]


@attrs.define
class GrantedScopes:
    """The scopes of one client's token, or None when they could not be asked. Whoever asks meanwhile waits."""

    _lock: anyio.Lock | None = None
    _asked: bool = False
    _scopes: tuple[str, ...] | None = None

    async def get(self, ask: Callable[[], Awaitable[tuple[str, ...]]]) -> tuple[str, ...] | None:
        self._lock = self._lock or anyio.Lock()
        async with self._lock:
            if not self._asked:
                try:
                    self._scopes = await ask()
                except AttioError:  # the refusal that was to be explained matters more
                    self._scopes = None
                self._asked = True
            return self._scopes
