"""Where the secrets of webhooks are kept: Attio shows each once."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, cast

import anyio
import anyio.to_thread

from ..errors import ConfigurationError


class SecretStore(Protocol):
    """Keeps the secret of each webhook."""

    async def get(self, webhook_id: str) -> str | None:
        """The secret of a webhook; None when it is not known."""
        ...

    async def put(self, webhook_id: str, secret: str) -> None:
        """Keep the secret of a webhook, so that it is found again whatever happens next."""
        ...


class FileSecrets:
    """Keeps secrets in a JSON file that only this user can read.

    Args:
        path: The file. It is made when there is something to keep.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._turn = anyio.Lock()

    def __repr__(self) -> str:
        return f"FileSecrets({str(self._path)!r})"

    async def get(self, webhook_id: str) -> str | None:
        """See `SecretStore`.

        Raises:
            ConfigurationError: The file holds something else.
        """
        return (await self.known()).get(webhook_id)

    async def known(self) -> Mapping[str, str]:
        """All secrets, by the ids of their webhooks.

        Raises:
            ConfigurationError: The file holds something else.
        """
        return await anyio.to_thread.run_sync(self._read)

    async def put(self, webhook_id: str, secret: str) -> None:
        """See `SecretStore`.

        Raises:
            ConfigurationError: The file holds something else, and is left as it is.
        """
        async with self._turn:
            await anyio.to_thread.run_sync(self._write, webhook_id, secret)

    def _read(self) -> Mapping[str, str]:
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError:
            known = None
        if not isinstance(known, dict) or not all(
            isinstance(each, str) for each in cast("dict[str, Any]", known).values()
        ):
            raise ConfigurationError(f"{self._path} does not hold secrets of webhooks")
        return cast("dict[str, str]", known)

    def _write(self, webhook_id: str, secret: str) -> None:
        """Replace the file in one step, so that a crash leaves the old one or the new one."""
        content = json.dumps({**self._read(), webhook_id: secret}, indent=1)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
