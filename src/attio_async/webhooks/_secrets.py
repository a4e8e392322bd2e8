"""Keep the secrets of webhooks, since the API shows each one only when the webhook is created.

https://docs.attio.com/rest-api/how-to/webhooks, "Authenticating"
"""

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from .._storage.executor import SerialExecutor
from .._storage.files import atomic_file, locked_file, naming_file, reason_of, resolve_target, shown_path
from .._utils.public import public
from .._utils.secret import guarded
from ..errors import ConfigurationError
from ._verify import secrets_of


@public
class SecretStore(Protocol):
    """Keeps the secret of each webhook."""

    async def get(self, webhook_id: str) -> str | None:
        """Return the secret of a webhook; None if it is unknown."""
        ...

    async def put(self, webhook_id: str, secret: str) -> None:
        """Keep the secret of a webhook. On return it must be durable."""
        ...


@public
class FileSecrets:
    """A `SecretStore` in a JSON file that only its owner may read, and that several processes may use at once.

    Args:
        path: The file. It is created with the first secret.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._executor = SerialExecutor()

    def __repr__(self) -> str:
        return f"FileSecrets({str(self._path)!r})"

    async def get(self, webhook_id: str) -> str | None:
        """Return the secret of a webhook; None if it is unknown.

        Raises:
            ConfigurationError: The file holds something else.
        """
        return (await self.known()).get(webhook_id)

    @guarded
    async def known(self) -> Mapping[str, str]:
        """Return all secrets by webhook id.

        Raises:
            ConfigurationError: The file holds something else.
        """
        return await self._executor.run(self._read)

    @guarded
    async def put(self, webhook_id: str, secret: str) -> None:
        """Keep the secret of a webhook.

        Raises:
            ConfigurationError: The secret is empty, or the file holds something else. It was not changed.
            StorageError: The file cannot be written. It was not changed.
        """
        (checked,) = secrets_of(secret)
        await self._executor.run(partial(self._write, webhook_id, checked))

    def _read(self) -> Mapping[str, str]:
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{shown_path(self._path)} cannot be read: {reason_of(error)}") from None
        try:
            return msgspec.json.decode(content, type=dict[str, str]) if content.strip() else {}
        except (ValueError, RecursionError):  # with the errors of msgspec
            raise ConfigurationError(f"{self._path} is not a valid file of webhook secrets") from None

    def _write(self, webhook_id: str, secret: str) -> None:
        """Replace the file atomically, so that a crash leaves the old one or the new one."""
        target = resolve_target(self._path)
        with naming_file(self._path), locked_file(target):
            content = msgspec.json.encode({**self._read(), webhook_id: secret})
            with atomic_file(target) as file:
                file.write(msgspec.json.format(content, indent=1))
