"""The keys that encrypt access tokens."""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from .._storage.files import shown_path
from .._utils.public import public
from .._utils.secret import guarded
from ..errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet


@public
class TokenKeys:
    """Keys that encrypt tokens: the first key encrypts, and every key decrypts.

    To replace a key, put the new one first, encrypt all tokens again with `SQLiteTokens.rotate`, and remove the old key.
    Needs the extra `cryptography`.

    Args:
        keys: Keys made by `generate`: 32 bytes in URL-safe base64.

    Raises:
        ConfigurationError: No key is given, one is invalid, or the extra is not installed. No key is shown.
    """

    @guarded
    def __init__(self, *keys: str) -> None:
        fernet, multi_fernet = _cryptography()
        if not keys:
            raise ConfigurationError("at least one key is required to encrypt tokens: see TokenKeys.generate")
        try:
            self._fernet = multi_fernet([fernet(key.strip()) for key in keys])
        except (ValueError, TypeError, AttributeError):  # the last two for what is not a text
            raise ConfigurationError("a key is not valid: use one that TokenKeys.generate made") from None
        self._count = len(keys)

    def __repr__(self) -> str:
        return f"<TokenKeys: {self._count}>"

    def __reduce__(self) -> str:
        raise TypeError("keys cannot be pickled")

    @staticmethod
    def generate() -> str:
        """Return a new key. It decrypts every token, so keep it away from the file of tokens.

        Raises:
            ConfigurationError: The extra is not installed.
        """
        fernet, _ = _cryptography()
        return fernet.generate_key().decode("ascii")

    @classmethod
    @guarded
    def from_env(
        cls, name: str = "ATTIO_TOKEN_KEYS", *, environment: Mapping[str, str] | None = None
    ) -> Self:
        """Read keys from an environment variable, where blanks separate them.

        Args:
            name: The name of the variable.
            environment: The variables; by default those of the process.

        Raises:
            ConfigurationError: The variable is not set, or has no valid keys.
        """
        keys = (os.environ if environment is None else environment).get(name, "").split()
        if not keys:
            raise ConfigurationError(f"{name} is not set: it must hold the keys that encrypt tokens")
        return cls(*keys)

    @classmethod
    @guarded
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Read keys from a file, where blanks or line breaks separate them.

        Raises:
            ConfigurationError: The file cannot be read, has no valid keys, or can be read by other users.
        """
        file = Path(path)
        try:
            mode, content = file.stat().st_mode, file.read_text(encoding="ascii")
        except (OSError, ValueError) as error:  # the latter for other than ASCII, in the file or its name
            raise ConfigurationError(f"{shown_path(file)} cannot be read: {type(error).__name__}") from None
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise ConfigurationError(f"other users can read the keys in {file}: run chmod 600 {file}")
        return cls(*content.split())

    def seal(self, content: bytes) -> bytes:
        """Encrypt content with the first key, and protect it from changes."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes | None:
        """Return the content that `seal` encrypted; None if no key fits, or it was changed."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - an extra

        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None


def _cryptography() -> "tuple[type[Fernet], Callable[[Iterable[Fernet]], MultiFernet]]":
    try:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(
            'encrypting tokens needs an extra: pip install "attio-async[cryptography]"'
        ) from error
    return Fernet, MultiFernet
