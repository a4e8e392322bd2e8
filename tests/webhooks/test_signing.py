"""Signatures: one known from elsewhere, and everything that is none."""

import json

import pytest

from attio_async.errors import ConfigurationError
from attio_async.webhooks import sign, verify

from .support import SECRET, body_of, updated

BODY = body_of(updated())


def test_the_signature_is_hmac_sha256_in_hex() -> None:
    # The second test case of RFC 4231.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(b"what do ya want for nothing?", "Jefe") == expected


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_the_right_signature_is_right(kind: type) -> None:
    assert verify(kind(BODY), sign(BODY, SECRET), SECRET)


@pytest.mark.parametrize(
    "form", [str.upper, str.encode, lambda s: s.upper().encode(), lambda s: f" {s}\r\n", str.title]
)
def test_hex_digits_are_the_same_in_any_form(form) -> None:
    assert verify(BODY, form(sign(BODY, SECRET)), SECRET)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "0" * 64,
        "g" * 64,
        "\N{FULLWIDTH DIGIT ONE}" * 64,
        sign(BODY, SECRET)[:-1],
        sign(BODY, SECRET) + "0",
        "sha256=" + sign(BODY, SECRET),
        sign(BODY, "another"),
        b"\xff" * 64,
        "0" * 100_000,
    ],
)
def test_everything_else_is_wrong(signature: str | bytes | None) -> None:
    assert not verify(BODY, signature, SECRET)


@pytest.mark.parametrize(
    "other",
    [
        BODY + b" ",
        BODY[:-1],
        BODY.replace(b"updated", b"deleted"),
        json.dumps(json.loads(BODY), separators=(",", ":")).encode(),
        b"",
    ],
)
def test_other_bytes_have_another_signature_even_when_they_say_the_same(other: bytes) -> None:
    assert not verify(other, sign(BODY, SECRET), SECRET)


def test_an_empty_body_and_one_of_10_megabytes_are_signed_like_others() -> None:
    for body in (b"", b"x" * 10_000_000):
        assert verify(body, sign(body, SECRET), SECRET)


def test_while_a_secret_is_replaced_both_will_do() -> None:
    for secret in ("old", "new"):
        assert verify(BODY, sign(BODY, secret), ["old", "new"])
    assert not verify(BODY, sign(BODY, "older"), ("old", "new"))


@pytest.mark.parametrize("secret", ["", [], ["good", ""]])
def test_an_empty_secret_is_refused_since_anybody_could_sign_with_it(secret) -> None:
    with pytest.raises(ConfigurationError, match="must not be empty"):
        verify(BODY, sign(BODY, SECRET), secret)
    with pytest.raises(ConfigurationError):
        sign(BODY, "")


def test_text_is_refused_since_its_bytes_may_be_others() -> None:
    with pytest.raises(TypeError, match="as they arrived, not of a str"):
        verify(BODY.decode(), sign(BODY, SECRET), SECRET)  # type: ignore[arg-type]
