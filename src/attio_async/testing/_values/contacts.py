"""Domains, e-mail addresses and phone numbers, taken apart the way the API stores them."""

import functools
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._errors import InvalidValue, invalid

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_COUNTRIES = """
AC AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR
BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN
HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK
LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF
NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD
SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""


_CURRENCIES = """
AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR FJD GBP GHS HKD HUF IDR ILS INR ISK JPY KES
KRW MXN MYR NGN NOK NTD NZD OMR PEN PHP PLN QAR RWF SAR SEK SGD THB TRY USD UYU XPF ZAR
"""


_CALLING_CODES = """
1 US 7 RU 20 EG 27 ZA 30 GR 31 NL 32 BE 33 FR 34 ES 36 HU 39 IT 40 RO 41 CH 43 AT 44 GB 45 DK 46 SE 47 NO
48 PL 49 DE 52 MX 54 AR 55 BR 56 CL 57 CO 60 MY 61 AU 62 ID 63 PH 64 NZ 65 SG 66 TH 81 JP 82 KR 84 VN 86 CN
90 TR 91 IN 92 PK 234 NG 254 KE 351 PT 352 LU 353 IE 354 IS 358 FI 359 BG 370 LT 371 LV 372 EE 380 UA 420 CZ
421 SK 852 HK 886 TW 966 SA 971 AE 972 IL
"""


COUNTRIES = frozenset(_COUNTRIES.split())


"""ISO 3166-1 alpha-2 codes, and the few more that the API takes."""


CURRENCIES = frozenset(_CURRENCIES.split())


"""ISO 4217 codes, with the API's own spelling of the Taiwan dollar."""


CALLING_CODES = dict(zip(_CALLING_CODES.split()[::2], _CALLING_CODES.split()[1::2], strict=True))


"""Calling codes of the larger countries; where several share one, the largest."""


_LABEL = r"(?!-)[\w-]{1,63}(?<!-)"


_HOST = re.compile(rf"(?=.{{1,253}}$)(?:{_LABEL}\.)+(?!\d+$){_LABEL}")


_LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[^\s@,;:<>()\[\]\\\"]{1,64}(?<!\.)")


_COUNTRY_SUFFIX = re.compile(r"(?:ac|co|com|edu|gob|gov|gv|ltd|net|or|org|plc)\.[a-z]{2}")


"""Labels below which a two-letter country domain registers names: enough for tests, not the public suffix list."""


FREEMAIL = frozenset(
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


"""Domains that say nothing about where somebody works."""


@functools.lru_cache(maxsize=10_000)
def root_domain(domain: str) -> str:
    """The registered name: the public suffix and one label more; of a suffix itself, that.

    Suffixes are those of the public suffix list where the package `publicsuffixlist` is installed (extra `testing`);
    else `com`, `co.uk` and their like.
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
    """The host of a domain or URL, lower case, with its root domain."""
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
    """The address in lower case, its parts, and what was written."""
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
    """The number in E.164 form with its country; without `+` a country is needed.

    Numbers are checked, and their countries known, where the package `phonenumbers` is installed (extra `testing`);
    else only numbers with `+` are taken, and of countries only the larger ones are known.
    """
    try:
        number, region = _parsed(text, country)
    except ImportError:
        number = _digits(text)
        region = country or _guessed_country(number)
    if region not in COUNTRIES:
        raise _bad_phone()
    return {"original_phone_number": text, "phone_number": number, "country_code": region}


@functools.cache
def _parsed(text: str, country: str | None) -> tuple[str, str | None]:
    import phonenumbers  # noqa: PLC0415 - an extra

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        raise _bad_phone() from None
    if not phonenumbers.is_possible_number(number):
        raise _bad_phone()
    region = phonenumbers.region_code_for_number(number)
    region = region if region in COUNTRIES else country
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), region


def _digits(text: str) -> str:
    digits = re.sub(r"[\s().\-/]", "", text)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", digits):
        raise _bad_phone()
    return digits


def _guessed_country(number: str) -> str | None:
    prefixes = (number[1 : 1 + length] for length in (3, 2, 1))
    return next((CALLING_CODES[prefix] for prefix in prefixes if prefix in CALLING_CODES), None)


def _bad_phone() -> InvalidValue:
    return InvalidValue(invalid(["original_phone_number"], "Invalid phone number"))
