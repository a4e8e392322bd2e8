"""The codes of countries, by their names in all languages that CLDR has, and by usual abbreviations."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from ..._utils.text import folded
from .settings import UnclearCell

_CODE = re.compile(r"[A-Za-z]{2}")
_ACCENT = re.compile("[\u0300-\u036f]")
_SCRIPT_LETTERS = 4

_OTHER_NAMES = {
    "congo": "CD CG",
    "great britain": "GB",
    "korea": "KP KR",
    "korea republic of": "KR",
    "macedonia": "MK",
    "northern ireland": "GB",
    "palestine": "PS",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "russian federation": "RU",
    "scotland": "GB",
    "uae": "AE",
    "uk": "GB",
    "united states of america": "US",
    "us": "US",
    "wales": "GB",
}
"""Usual names and abbreviations that CLDR lacks, or gives to one of several countries."""

_NO_COUNTRIES = frozenset(["CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
"""Territories of CLDR that are not countries of ISO 3166-1, and that Attio does not know."""


def country_code(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country, by its code or name.

    Raises:
        UnclearCell: It is not a code, and not the name of exactly one country.
    """
    name, given = _bare(text), text.strip()
    if name in _OTHER_NAMES:
        codes = frozenset(_OTHER_NAMES[name].split())
    elif _CODE.fullmatch(given):
        return given.upper()
    elif _babel() is None:
        raise UnclearCell("is not a country code; install attio-async[countries] to read names of countries")
    else:
        three: Mapping[str, frozenset[str]] = _three_letters() if given.isupper() else {}
        codes = three.get(given) or _english_names().get(name) or _names().get(name, frozenset())
    if len(codes) > 1:
        raise UnclearCell(f"is a name of several countries: {', '.join(sorted(codes))}")
    if not codes:
        raise UnclearCell("is not a country that is known; give its code, such as FR")
    (code,) = codes
    return code


def _bare(name: str) -> str:
    """Return a name without case, accents, signs and its article."""
    letters = unicodedata.normalize("NFKD", folded(name).replace("&", " and ").replace(".", ""))
    kept = "".join(
        " " if unicodedata.category(each)[0] in "PS" else each for each in _ACCENT.sub("", letters)
    )
    words = kept.split()
    return " ".join(words[1:] if words[:1] == ["the"] else words)


def _babel() -> Any:
    try:
        import babel.core  # noqa: PLC0415 - an extra, needed for names of countries only
    except ImportError:
        return None
    return babel.core


@cache
def _three_letters() -> Mapping[str, frozenset[str]]:
    """Return the codes by code of three letters."""
    aliases: Mapping[str, list[str]] = _babel().get_global("territory_aliases")
    return {alias: frozenset(codes) for alias, codes in aliases.items()}


@cache
def _english_names() -> Mapping[str, frozenset[str]]:
    """Return the codes by name in English, which is read at once."""
    return _names_in(["en"])


@cache
def _names() -> Mapping[str, frozenset[str]]:
    """Return the codes by name in all languages, which takes seconds to read."""
    languages = _babel().localedata.locale_identifiers()
    return _names_in(
        each for each in languages if all(len(part) == _SCRIPT_LETTERS for part in each.split("_")[1:])
    )


def _names_in(languages: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for language in languages:
        for code, name in _babel().Locale.parse(language).territories.items():
            if _CODE.fullmatch(code) and code not in _NO_COUNTRIES and not _CODE.fullmatch(name):
                found.setdefault(_bare(name), set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}
