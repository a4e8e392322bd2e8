"""Write contact details: domains, e-mail addresses and phone numbers."""

import re
from urllib.parse import urlsplit

from ..._utils.text import show
from .._spec import AttributeSpec, CoercionRules, EncodeError, contact_text, fields_of, text_of, unwrapped
from .._types import Phone

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_BARE_HOST = re.compile(r"[A-Za-z0-9._-]+")
"""A text that is a host alone. Most domains are one, and need no parsing, which takes five times as long."""
_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//")
_MAX_DOMAIN_LENGTH = 253
_MAX_LOCAL_PART_LENGTH = 64
_QUOTED = re.compile(r'"[^"\\\x00-\x1f\x7f]+"')
_NOT_IN_LOCAL_PART = re.compile(r'[\s\x00-\x20\x7f"(),:;<>@\[\]\\]')
_CHANGED_BY_IDNA_2003 = frozenset("ßς\u200c\u200d")
"""The standard library knows only the older rules for international names, which turn these into other letters."""

_SECOND_LEVEL = frozenset(
    [
        "ac",
        "asso",
        "co",
        "com",
        "edu",
        "gob",
        "gouv",
        "gov",
        "govt",
        "go",
        "mil",
        "ne",
        "net",
        "nic",
        "nom",
        "or",
        "org",
    ]
)
"""Labels below a country's domain that are nobody's own: www.gov.uk is not on the domain gov.uk."""

_SUFFIX_LABELS = _COUNTRY_LETTERS = 2

_PUNCTUATION = re.compile(r"\(0\)|[\s().\-/\u2010-\u2015\u2212]")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_NOT_ISO = {"UK": "GB", "EL": "GR"}
"""Codes that organisations use and ISO 3166-1 does not, and the right ones."""


def encode_domain(value: object, _spec: AttributeSpec, rules: CoercionRules) -> str:
    """Return a domain in lower case and ASCII; the address of a web page is accepted, too.

    A leading ``www.`` is the name of a web server, and no part of a company's domain.

    https://docs.attio.com/docs/attribute-types/attribute-types-domain
    """
    host = host_of(unwrapped(value, "domain"))
    domain = _without_www(host)
    if domain != host:
        rules.noted("www. left out of domains")
    return domain


def encode_email(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> str:
    """Return an e-mail address as it is written.

    https://docs.attio.com/docs/attribute-types/attribute-types-email-address
    """
    return email_of(unwrapped(value, "email_address"))


def encode_phone(value: object, _spec: AttributeSpec, _rules: CoercionRules) -> str | dict[str, str]:
    """Return a phone number in E.164, or an object if it is given as one with its country.

    https://docs.attio.com/docs/attribute-types/attribute-types-phone-number
    """
    return phone_json(value)


def phone_json(value: object) -> str | dict[str, str]:
    """Return the number in E.164, or an object of number and country if it is given as one."""
    fields = fields_of(value, "original_phone_number", "country_code")
    if fields is None:
        return _phone_of(value)
    number = contact_text(fields.get("original_phone_number"), "the number as original_phone_number")
    if fields.get("country_code") is None:
        return _phone_of(number)
    if number.startswith("+"):
        number = _phone_of(number)
    return {"original_phone_number": number, "country_code": country_code(fields["country_code"])}


def domain_of(value: object) -> str:
    """Return the domain of a text that is a domain or the address of a web page, without a leading ``www.``."""
    return _without_www(host_of(value))


def email_domain_of(value: object) -> str:
    """Return the domain of e-mail addresses; the ``www.`` of a web address is left out, and that of a bare one kept."""
    return domain_of(value) if isinstance(value, str) and _SCHEME.match(value.strip()) else host_of(value)


def _without_www(host: str) -> str:
    rest = host.removeprefix("www.")
    labels = rest.split(".")
    is_suffix = len(labels) == 1 or (
        len(labels) == _SUFFIX_LABELS and len(labels[1]) == _COUNTRY_LETTERS and labels[0] in _SECOND_LEVEL
    )
    return host if is_suffix else rest


def host_of(value: object) -> str:
    """Return the whole host of a text that is a domain or the address of a web page."""
    text = contact_text(value, "a domain such as 'example.com'")
    host = text if _BARE_HOST.fullmatch(text) else _host_in(text)
    host = host.removesuffix(".")
    if not host.isascii() and _CHANGED_BY_IDNA_2003.intersection(host):
        raise EncodeError(
            f"{show(text)} has letters whose ASCII form is ambiguous", "give the form that begins with xn--"
        )
    host = _ascii(host)
    if not _is_domain(host):
        raise EncodeError(
            f"{show(text)} is not a valid domain",
            "give one such as 'example.com', or the address of a page on it",
        )
    return host


def _host_in(text: str) -> str:
    if "@" in text.partition("/")[0]:
        raise EncodeError(f"{show(text)} is an e-mail address", "give the part after the @")
    try:
        return urlsplit(text if _SCHEME.match(text) else f"//{text}").hostname or ""
    except ValueError:
        return ""


def _ascii(host: str) -> str:
    if host.isascii():
        return host.lower()
    if len(host) > _MAX_DOMAIN_LENGTH:  # the codec takes seconds for a long text
        return ""
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return ""


def _is_domain(host: str) -> bool:
    return (
        len(host) <= _MAX_DOMAIN_LENGTH
        and _DOMAIN.fullmatch(host) is not None
        and not host.rpartition(".")[2].isdigit()
    )


def email_of(value: object) -> str:
    """Return the e-mail address as it is written if it has the form of one."""
    text = contact_text(value, "an e-mail address")
    local, _, domain = text.rpartition("@")
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if (
        not local
        or len(local) > _MAX_LOCAL_PART_LENGTH
        or (not _QUOTED.fullmatch(local) and (dots or _NOT_IN_LOCAL_PART.search(local)))
        or not _is_domain(_ascii(domain))
    ):
        hint = (
            "give the address alone" if "<" in text or ":" in text else "give one such as 'ada@example.com'"
        )
        raise EncodeError(f"{show(text)} is not a valid e-mail address", hint)
    return text


def country_code(code: object) -> str:
    """Return an ISO 3166-1 alpha-2 code in capitals."""
    text = text_of(code, "a two-letter country code such as 'FR'").upper()
    if text in _NOT_ISO:
        raise EncodeError(f"{show(code)} is not an ISO 3166-1 code", f"give {_NOT_ISO[text]!r}")
    if not _COUNTRY.fullmatch(text):
        raise EncodeError(
            f"{show(code)} is not a valid country code", "give the two letters of ISO 3166-1, such as 'FR'"
        )
    return text


def _phone_of(value: object) -> str:
    region = value.region if isinstance(value, Phone) else None
    given = value.number if isinstance(value, Phone) else value
    possible = "a number such as '+442079460000', or Phone(number, region='GB')"
    text = contact_text(given, possible).removeprefix("tel:")
    if not text.startswith("+"):
        if region is not None:
            return _international(text, country_code(region))
        raise EncodeError(
            f"{show(text)} does not say which country it belongs to",
            "write + and the country's prefix, or give Phone(number, region='GB')",
        )
    number = "+" + _PUNCTUATION.sub("", text[1:])
    if not _E164.fullmatch(number):
        raise EncodeError(
            f"{show(text)} is not a valid phone number", "give + and 7 to 15 digits, without an extension"
        )
    return number


def _international(number: str, region: str) -> str:
    try:
        import phonenumbers  # noqa: PLC0415 - an extra, needed for national numbers only
    except ImportError:
        raise EncodeError(
            f"{show(number)} is in national form, which needs the package phonenumbers",
            "install attio-async[phone], write + and the country's prefix, or let Attio read it: "
            f"{{'original_phone_number': {number!r}, 'country_code': {region!r}}}",
        ) from None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or parsed.extension or not phonenumbers.is_possible_number(parsed):
        raise EncodeError(
            f"{show(number)} is not a valid phone number of {region}",
            "check the digits, and leave out an extension",
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
