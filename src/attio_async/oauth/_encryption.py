"""The keys that tokens are encrypted with."""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Self

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

_INSTALL = 'encrypting tokens needs the package cryptography: pip install "attio-async[cryptography]"'


class TokenKeys:
    """Keys for encrypting tokens: the first one encrypts, any of them decrypts.

    To replace a key, put a new one in front, let `SQLiteTokens.rotate` encrypt everything again, and leave the old
    one out afterwards. Needs the extra `cryptography`.

    Args:
        keys: What `generate` made: 32 bytes in base64, safe for URLs.

    Raises:
        ConfigurationError: There is none, one is no key, or the extra is not installed. No key is shown.
    """

    def __init__(self, *keys: str) -> None:
        fernet, many = _cryptography()
        if not keys:
            raise ConfigurationError(
                "tokens need at least one key to be encrypted with; see TokenKeys.generate"
            )
        try:
            self._fernet = many([fernet(key) for key in keys])
        except ValueError:
            raise ConfigurationError(
                "a key is 32 bytes in base64, as TokenKeys.generate makes them"
            ) from None
        self._count = len(keys)

    def __repr__(self) -> str:
        return f"<TokenKeys: {self._count}>"

    @staticmethod
    def generate() -> str:
        """A new key. Whoever has it reads every token, so keep it apart from the file of the tokens.

        Raises:
            ConfigurationError: The extra is not installed.
        """
        fernet, _ = _cryptography()
        return fernet.generate_key().decode("ascii")

    @classmethod
    def from_env(
        cls, name: str = "ATTIO_TOKEN_KEYS", *, environment: Mapping[str, str] | None = None
    ) -> Self:
        """The keys in an environment variable, with blanks between them.

        Args:
            name: Of the variable.
            environment: Where to look; by default that of the process.

        Raises:
            ConfigurationError: It is not set, or holds no keys.
        """
        keys = (os.environ if environment is None else environment).get(name, "").split()
        if not keys:
            raise ConfigurationError(f"{name} is not set; it holds the keys that tokens are encrypted with")
        return cls(*keys)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """The keys in a file, with blanks or ends of lines between them.

        Raises:
            ConfigurationError: It cannot be read, holds no keys, or others than its owner may read it.
        """
        file = Path(path)
        try:
            mode, content = file.stat().st_mode, file.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{file} cannot be read: {type(error).__name__}") from None
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise ConfigurationError(f"others may read the keys in {file}; make it private: chmod 600 {file}")
        return cls(*content.split())

    def seal(self, content: bytes) -> bytes:
        """The content, encrypted with the first key and protected from being changed."""
        return self._fernet.encrypt(content)

    def open(self, sealed: bytes) -> bytes | None:
        """What was sealed; None when it was with none of these keys, or was changed."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - an extra

        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None


def _cryptography() -> "tuple[type[Fernet], Callable[[Iterable[Fernet]], MultiFernet]]":
    try:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise ConfigurationError(_INSTALL) from error
    return Fernet, MultiFernet
