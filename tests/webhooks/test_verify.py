"""Signatures: one from an RFC, and everything that is not a valid one."""

import json
from typing import Any

import pytest

from attio_async.errors import ConfigurationError
from attio_async.webhooks import sign, verify

from .support import SECRET, body_of, raw_update

BODY = body_of(raw_update())
SIGNATURE = sign(BODY, SECRET)


def test_the_signature_is_hmac_sha256_in_hex() -> None:
    # The second test case of RFC 4231.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == expected


def test_a_right_signature_is_accepted_in_any_form() -> None:
    rejected = [
        (kind, given)
        for kind in (bytes, bytearray, memoryview)
        for given in (
            SIGNATURE,
            SIGNATURE.upper(),
            SIGNATURE.title(),
            SIGNATURE.encode(),
            SIGNATURE.upper().encode(),
            f" {SIGNATURE}\r\n",
        )
        if not verify(kind(BODY), given, SECRET)
    ]
    assert rejected == []


def test_a_wrong_signature_is_rejected() -> None:
    accepted = [
        given
        for given in (
            None,
            "",
            "0" * 64,
            "g" * 64,
            "\N{FULLWIDTH DIGIT ONE}" * 64,
            SIGNATURE[:-1],
            SIGNATURE + "0",
            "sha256=" + SIGNATURE,
            sign(BODY, "another"),
            b"\xff" * 64,
            "0" * 100_000,
        )
        if verify(BODY, given, SECRET)
    ]
    assert accepted == []


def test_other_bytes_have_another_signature_even_if_they_mean_the_same() -> None:
    accepted = [
        other
        for other in (
            BODY + b" ",
            BODY[:-1],
            BODY.replace(b"updated", b"deleted"),
            json.dumps(json.loads(BODY), separators=(",", ":")).encode(),
            b"",
        )
        if verify(other, SIGNATURE, SECRET)
    ]
    assert accepted == []


def test_an_empty_body_and_one_of_10_megabytes_can_be_verified() -> None:
    for body in (b"", b"x" * 10_000_000):
        assert verify(body, sign(body, SECRET), SECRET), len(body)


def test_any_of_several_secrets_matches_while_one_replaces_another() -> None:
    for secret in ("old", "new"):
        assert verify(BODY, sign(BODY, secret), ["old", "new"]), secret
    assert not verify(BODY, sign(BODY, "older"), ("old", "new"))


def test_blanks_around_a_secret_are_ignored() -> None:
    assert sign(BODY, f" {SECRET}\n") == SIGNATURE
    assert verify(BODY, SIGNATURE, ["other ", f"\t{SECRET}\r\n"])


def test_a_secret_that_is_not_a_text_is_refused() -> None:
    secrets: list[Any] = [None, 5, b"secret", [None], ["good", b"bad"]]
    for secret in secrets:
        with pytest.raises(ConfigurationError, match="must be a text"):
            verify(BODY, SIGNATURE, secret)


def test_an_empty_secret_is_refused_since_anybody_could_sign_with_it() -> None:
    for secrets in ("", " \n", [], ["good", ""]):
        with pytest.raises(ConfigurationError, match="must not be empty"):
            verify(BODY, SIGNATURE, secrets)
    with pytest.raises(ConfigurationError, match="must not be empty"):
        sign(BODY, "")


def test_text_is_refused_since_its_bytes_may_differ() -> None:
    with pytest.raises(TypeError, match="bytes as they arrived, not str"):
        verify(BODY.decode(), SIGNATURE, SECRET)  # type: ignore[arg-type]
