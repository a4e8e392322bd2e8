"""Domains, e-mail addresses and phone numbers, split as the API stores them."""

import functools
import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .._errors import InvalidValue, invalid
from .codes import CALLING_CODES, COUNTRIES

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"
_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[^\s@,;:<>()\[\]\\\"]{1,64}(?<!\.)")
_COUNTRY_SUFFIX = re.compile(r"(?:ac|co|com|edu|gob|gov|gv|ltd|net|or|org|plc)\.[a-z]{2}")
"""Suffixes below two-letter country domains: enough for tests, not the public suffix list."""

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
    """Return the registered domain: the public suffix and one more label. A suffix itself is returned unchanged.

    The suffixes are those of the public suffix list if the package `publicsuffixlist` is installed (extra `testing`),
    and otherwise `com`, `co.uk` and the like.
    """
    suffixes = _public_suffixes()
    if suffixes is None:
        return _guessed_root(domain)
    return suffixes.privatesuffix(domain) or domain


@functools.cache
def _public_suffixes() -> "PublicSuffixList | None":
    try:
        from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        return None
    return PublicSuffixList()


def _guessed_root(domain: str) -> str:
    labels = domain.split(".")
    suffix = 2 if _COUNTRY_SUFFIX.fullmatch(".".join(labels[-2:])) and labels[:-2] else 1
    return ".".join(labels[-suffix - 1 :])


def read_domain(text: str) -> dict[str, Any]:
    """Return the host of a domain or URL in lower case, with its root domain."""
    bare = text.strip()
    try:
        host = urlsplit(bare if "://" in bare else f"//{bare}").hostname or ""
    except ValueError:
        host = ""
    domain = host.rstrip(".").lower()
    if not _HOST.fullmatch(domain):
        raise InvalidValue(invalid(["domain"], "Invalid domain"))
    return {"domain": domain, "root_domain": root_domain(domain)}


def read_email(text: str) -> dict[str, Any]:
    """Return an e-mail address in lower case, its parts, and the original."""
    local, at, domain = text.strip().lower().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not _HOST.fullmatch(domain):
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

    If the package `phonenumbers` is installed (extra `testing`), numbers are validated and all countries are known.
    Otherwise only numbers with `+` are accepted, and only the larger countries are known.
    """
    try:
        number, region = _parsed(text, country)
    except ImportError:
        number = _digits(text)
        region = country or _guessed_country(number)
    if region not in COUNTRIES:
        raise _invalid_phone()
    return {"original_phone_number": text, "phone_number": number, "country_code": region}


@functools.cache
def _parsed(text: str, country: str | None) -> tuple[str, str | None]:
    import phonenumbers  # noqa: PLC0415 - an extra

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


def _digits(text: str) -> str:
    digits = re.sub(r"[\s().\-/]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        raise _invalid_phone()
    return digits


def _guessed_country(number: str) -> str | None:
    prefixes = (number[1 : 1 + length] for length in (3, 2, 1))
    return next((CALLING_CODES[prefix] for prefix in prefixes if prefix in CALLING_CODES), None)


def _invalid_phone() -> InvalidValue:
    return InvalidValue(invalid(["original_phone_number"], "Invalid phone number"))
