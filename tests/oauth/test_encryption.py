"""Keys that encrypt tokens."""

import os
import sys
from pathlib import Path
from typing import cast

import pytest

from attio_async.errors import ConfigurationError
from attio_async.oauth import TokenKeys

OLD, NEW = TokenKeys.generate(), TokenKeys.generate()


def test_keys_are_read_from_the_environment_or_a_private_file(tmp_path: Path) -> None:
    sealed = TokenKeys(OLD).seal(b"x")
    assert TokenKeys.from_env(environment={"ATTIO_TOKEN_KEYS": f"{NEW} {OLD}\n"}).open(sealed) == b"x"
    file = tmp_path / "keys"
    file.write_text(f"{NEW}\n{OLD}\n")
    file.chmod(0o600)
    assert TokenKeys.from_file(file).open(sealed) == b"x"
    with pytest.raises(ConfigurationError, match="KEYS is not set"):
        TokenKeys.from_env("KEYS", environment={"KEYS": " "})
    with pytest.raises(ConfigurationError, match="cannot be read: FileNotFoundError"):
        TokenKeys.from_file(tmp_path / "none")


def test_blanks_around_a_key_are_ignored() -> None:
    assert TokenKeys(f" {OLD}\n").open(TokenKeys(OLD).seal(b"x")) == b"x"


@pytest.mark.skipif(os.name != "posix", reason="other systems store permissions elsewhere")
def test_a_file_of_keys_that_other_users_can_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(OLD)
    file.chmod(0o640)
    with pytest.raises(ConfigurationError, match="chmod 600"):
        TokenKeys.from_file(file)


def test_an_invalid_key_is_refused_and_not_shown() -> None:
    for keys in ((), ("short",), (OLD, "")):
        with pytest.raises(ConfigurationError) as caught:
            TokenKeys(*keys)
        assert "short" not in str(caught.value)
        assert caught.value.__cause__ is None


def test_a_key_that_is_not_a_text_is_refused() -> None:
    for key in cast("list[str]", [None, 5]):
        with pytest.raises(ConfigurationError, match="a key is not valid"):
            TokenKeys(key)


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(ConfigurationError, match=r"attio-async\[cryptography\]"):
        TokenKeys(OLD)
