"""Domains, e-mail addresses and phone numbers, split as the API stores them."""

import functools
import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from .._errors import InvalidValue, invalid, missing_extra
from .codes import COUNTRIES

_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_BARE_HOST = re.compile(r"[A-Za-z0-9._-]+")
"""A text that is a host alone: it needs no parsing, which takes five times as long."""
_LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[^\s@,;:<>()\[\]\\\"]{1,64}(?<!\.)")

_RESERVED = frozenset({"example", "invalid", "localhost", "test"})
"""The top-level domains of RFC 2606, which the API accepts in no e-mail address."""

FREEMAIL: Final = frozenset(
    {
        "aol.com",
        "fastmail.com",
        "gmail.com",
        "gmx.de",
        "gmx.net",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "web.de",
        "yahoo.co.uk",
        "yahoo.com",
        "yandex.ru",
    }
)
"""Domains of e-mail providers, which say nothing about an employer."""


@functools.lru_cache(maxsize=10_000)
def root_domain(domain: str) -> str:
    """Return the registered domain: the public suffix and one more label. A suffix itself is returned unchanged."""
    labels = domain.split(".")
    return ".".join(labels[-_suffix_length([_in_ascii(label) for label in labels]) - 1 :])


def _suffix_length(labels: Sequence[str]) -> int:
    """Return the number of labels of the public suffix.

    https://github.com/publicsuffix/list/wiki/Format
    """
    rules = _public_suffixes()
    for start in range(len(labels)):
        name, rest = ".".join(labels[start:]), ".".join(labels[start + 1 :])
        if f"!{name}" in rules:
            return len(labels) - start - 1
        if name in rules or f"*.{rest}" in rules:
            return len(labels) - start
    return 1


def _in_ascii(label: str) -> str:
    try:
        return label if label.isascii() else label.encode("idna").decode()
    except UnicodeError:
        return label


@functools.cache
def _public_suffixes() -> frozenset[str]:
    text = (files("attio_async") / "_data" / "public_suffixes.txt").read_text(encoding="ascii")
    return frozenset(line for line in text.splitlines() if not line.startswith("//"))


def read_domain(text: str) -> dict[str, Any]:
    """Return the host of a domain or URL in lower case, with its root domain."""
    bare = text.strip()
    host = bare if _BARE_HOST.fullmatch(bare) else _host_in(bare)
    domain = host.rstrip(".").lower()
    if not _HOST.fullmatch(domain):
        raise InvalidValue(invalid(["domain"], "Invalid domain"))
    return {"domain": domain, "root_domain": root_domain(domain)}


def _host_in(text: str) -> str:
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname or ""
    except ValueError:
        return ""


def read_email(text: str) -> dict[str, Any]:
    """Return an e-mail address in lower case, its parts, and the original."""
    local, at, domain = text.strip().lower().rpartition("@")
    is_reserved = domain.rpartition(".")[2] in _RESERVED
    if not at or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(domain) or is_reserved:
        raise InvalidValue(invalid(["email_address"], "Invalid email address"))
    return {
        "original_email_address": text,
        "email_address": f"{local}@{domain}",
        "email_domain": domain,
        "email_root_domain": root_domain(domain),
        "email_local_specifier": local,
    }


def read_phone(text: str, country: str | None) -> dict[str, Any]:
    """Return a phone number in E.164 form with its country. A number without `+` needs a country.

    Raises:
        ApiProblem: 501, the package `phonenumbers` is not installed (extra `testing`).
    """
    number, region = _parsed(text, country)
    if region not in COUNTRIES:
        raise _invalid_phone()
    return {"original_phone_number": text, "phone_number": number, "country_code": region}


@functools.cache
def _parsed(text: str, country: str | None) -> tuple[str, str | None]:
    try:
        import phonenumbers  # noqa: PLC0415 - an extra
    except ImportError:
        raise missing_extra("phone numbers", "phonenumbers") from None
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise _invalid_phone() from None
    if not phonenumbers.is_possible_number(number):
        raise _invalid_phone()
    region = phonenumbers.region_code_for_number(number)
    region = region if region in COUNTRIES else country
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), region


def _invalid_phone() -> InvalidValue:
    return InvalidValue(invalid(["original_phone_number"], "Invalid phone number"))
