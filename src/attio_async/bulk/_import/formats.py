"""The forms of values in a file: how numbers, dates, phone numbers and the like are written there."""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Literal, Self, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from ..._schema import Attribute
from ..._storage.files import open_to_read
from ..._utils.checks import check_choice
from ..._utils.public import public
from ..._utils.text import folded, show, trimmed
from ...errors import ConfigurationError
from .amounts import parse_amount
from .dates import parse_date, strptime_format
from .settings import ImportSetting, UnclearCell

_ISO_WITH_ZONE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:[Zz]|[+-][0-9]{2}(?::?[0-9]{2})?)"
)
_ZONE = re.compile(r"(?:Z|UTC|GMT|:[0-9]{2}\s*[+-][0-9]{2}(?::?[0-9]{2})?)\s*\Z", re.IGNORECASE)
_ANGLE_ADDRESS = re.compile(r"[^<>@]*<\s*(?:mailto:)?([^<>\s@]+@[^<>\s]+)\s*>", re.IGNORECASE)
_REGION = re.compile(r"[A-Z]{2}")
_NOT_A_PHONE = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
_EXTENSION = re.compile(r"[0-9]\s*(?:x|ext\.?|extension|#)\s*[0-9]+\s*\Z", re.IGNORECASE)

NULL_WORDS = frozenset(
    [
        "n/a",
        "na",
        "#n/a",
        "n.a.",
        "none",
        "null",
        "nil",
        "-",
        "--",
        "\u2013",
        "\u2014",
        "?",
        "unknown",
        "tbd",
        "nan",
        # A formula of a spreadsheet without a value
        "#calc!",
        "#div/0!",
        "#name?",
        "#null!",
        "#num!",
        "#ref!",
        "#spill!",
        "#value!",
    ]
)
"""Words that often stand for no value. They are proposed, and never taken for it by themselves."""

_WORD_PAIRS = (
    ("yes", "no"),
    ("y", "n"),
    ("1", "0"),
    ("t", "f"),
    ("on", "off"),
    ("x", ""),
    ("\u2713", ""),
    ("ja", "nein"),
    ("oui", "non"),
    ("s\u00ed", "no"),
    ("si", "no"),
    ("wahr", "falsch"),
    ("vrai", "faux"),
)
_TRUE_WORDS = {true for true, _ in _WORD_PAIRS}
_FALSE_WORDS = {false for _, false in _WORD_PAIRS if false}

REGIONS = (
    *(
        "US",
        "GB",
        "DE",
        "FR",
        "ES",
        "IT",
        "NL",
        "BE",
        "CH",
        "AT",
        "SE",
        "NO",
        "DK",
        "FI",
        "IE",
        "PT",
        "PL",
        "AU",
        "NZ",
    ),
    *("IN", "BR", "MX", "JP", "SG", "ZA", "IL", "AE"),
)
"""Regions that are proposed for national phone numbers."""
_NUMBERS_IN_ALL_REGIONS, _LIKELY_REGIONS = 200, 3

_TOP_LEVEL = ("skip", "skip_unknown")
_TABLES = ("columns", "set", "formats")

_SCALARS = (str, bool, int, float, Decimal, date, time)
_AMOUNTS = frozenset({"number", "currency", "rating"})
_TEXTS = frozenset({"text", "select", "status", "personal-name", "location", "domain", "record-reference"})


def as_words(given: object) -> tuple[str, ...]:
    """Return several words, or a single one, as a tuple."""
    is_list = isinstance(given, Iterable) and not isinstance(given, str)
    return tuple(cast("Iterable[str]", given)) if is_list else (cast("str", given),)


def _upper(given: str | None) -> str | None:
    text = cast("object", given)  # a mapping file may give anything
    return text.upper() or None if isinstance(text, str) else given


def _zone(given: object) -> tzinfo | None:
    if given is None or isinstance(given, tzinfo):
        return given
    try:
        return ZoneInfo(str(given))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # the last for a folder of zones, such as "Europe"
        raise ConfigurationError(
            f"unknown time zone {given!r}; give one such as 'Europe/London' or 'UTC'"
        ) from None


@public
@attrs.frozen(kw_only=True)
class ValueFormats:
    """The forms of values in a file. What is certain is taken without any of these; what is not is refused.

    Attributes:
        separator: The text between several values in one cell.
        region: The country of phone numbers without one, such as "GB".
        dayfirst: True if "05/06/2024" is in June, False if it is in May.
        date_format: Formats of dates, such as "%d.%m.%y" or "DD.MM.YY"; "excel" is the number of days that
            spreadsheets keep.
        decimal: The mark before the decimals, "." or ",".
        true: Words for a checkbox that is set, beside "true".
        false: Words for one that is not, beside "false".
        null: Words that stand for no value.
        timezone: The zone of times that have none.
        percent: The meaning of "12 %": the "number" 12, or the "fraction" 0.12.
        formulas: "escape" removes the apostrophes that `export` puts before formulas, "keep" leaves cells as they are.
        ignore_currency: Take amounts that name another currency than the attribute's as they are.
    """

    separator: str = ";"
    region: str | None = attrs.field(default=None, converter=_upper)
    dayfirst: bool | None = None
    date_format: tuple[str, ...] = attrs.field(default=(), converter=as_words)
    decimal: Literal[".", ","] | None = None
    true: tuple[str, ...] = attrs.field(default=(), converter=as_words)
    false: tuple[str, ...] = attrs.field(default=(), converter=as_words)
    null: tuple[str, ...] = attrs.field(default=(), converter=as_words)
    timezone: tzinfo | None = attrs.field(default=None, converter=_zone)
    percent: Literal["number", "fraction"] | None = None
    formulas: Literal["escape", "keep"] = "escape"
    ignore_currency: bool = False
    _null: frozenset[str] = attrs.field(init=False, repr=False, eq=False)
    _true: frozenset[str] = attrs.field(init=False, repr=False, eq=False)
    _false: frozenset[str] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        check_texts(**{name: getattr(self, name) for name in ("date_format", "true", "false", "null")})
        check_flags(ignore_currency=self.ignore_currency)
        if self.dayfirst is not None:
            check_flags(dayfirst=self.dayfirst)
        if not is_text(self.separator) or not self.separator or '"' in self.separator:
            raise ConfigurationError(f"separator must be text without quotes, not {self.separator!r}")
        if self.decimal not in {None, ".", ","}:
            raise ConfigurationError(f"decimal must be '.' or ',', not {self.decimal!r}")
        if self.percent not in {None, "number", "fraction"}:
            raise ConfigurationError(f"percent must be 'number' or 'fraction', not {self.percent!r}")
        check_choice("formulas", self.formulas, ("escape", "keep"))
        for format in self.date_format:
            try:
                strptime_format(format)
            except ValueError as error:
                raise ConfigurationError(f"date_format {format!r} is not valid: {error}") from None
        if self.region is not None:
            _check_region(self.region)
        known = {name: frozenset(map(folded, getattr(self, name))) for name in ("null", "true", "false")}
        both = (known["true"] | {"true"}) & (known["false"] | {"false"})
        if both:
            raise ConfigurationError(f"{min(both)!r} is given as both true and false")
        for name, words in known.items():
            object.__setattr__(self, f"_{name}", words)  # the class is frozen

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Return the formats in a file that `ColumnMapping.save` wrote.

        Raises:
            ConfigurationError: The file cannot be read, or a format is wrong.
        """
        return cls.from_dict(read_mapping_file(path).get("formats", {}))

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """Return the formats that `to_dict` returned.

        Raises:
            ConfigurationError: A name or value is wrong.
        """
        known = {field.name for field in attrs.fields(cls) if field.init}
        unknown = sorted(given.keys() - known)
        if unknown:
            raise ConfigurationError(f"unknown format {unknown[0]!r}; known are {', '.join(sorted(known))}")
        return cls(**given)

    def to_dict(self) -> dict[str, Any]:
        """Return what is not the default, as plain data."""
        default = type(self)()
        fields = [field.name for field in attrs.fields(type(self)) if field.init]
        changed = {
            name: getattr(self, name) for name in fields if getattr(self, name) != getattr(default, name)
        }
        return {name: _plain(value) for name, value in changed.items()}

    def is_null(self, text: str) -> bool:
        """Return True if a text stands for no value."""
        return not text.strip() or (bool(self._null) and folded(text) in self._null)

    def value(self, attribute: Attribute, given: object) -> object:
        """Return a value that an attribute takes for what stands in a file; a list or an object is left as it is.

        Raises:
            UnclearCell: It is not certain which value it is.
        """
        if not isinstance(given, _SCALARS) or _is_native(attribute.type, given):
            return given
        if isinstance(given, time):
            raise UnclearCell("is a time without a day")
        return self._from_text(attribute, _written(given))

    def _from_text(self, attribute: Attribute, text: str) -> object:
        kind = attribute.type
        try:
            return self._parsed(attribute, text)
        except UnclearCell as error:
            if kind not in _TEXTS and folded(text) in NULL_WORDS:
                raise UnclearCell(error.cause, ImportSetting("null", text.strip()), *error.settings) from None
            raise

    def _parsed(self, attribute: Attribute, text: str) -> object:  # noqa: PLR0911 - a line per kind of value
        match attribute.type:
            case "number" | "currency" | "rating":
                return self._amount(attribute, text)
            case "date":
                return self._day(text)
            case "timestamp":
                return self._moment(text)
            case "checkbox":
                return self._is_true(text)
            case "phone-number":
                return self.phone(text)
            case "email-address":
                found = _ANGLE_ADDRESS.fullmatch(text.strip())
                return found[1] if found else re.sub(r"\Amailto:", "", text.strip(), flags=re.IGNORECASE)
            case _:
                return text

    def _amount(self, attribute: Attribute, text: str) -> Decimal:
        parse = partial(parse_amount, text, decimal=self.decimal, currency=currency_of(attribute))
        try:
            return parse(ignore_currency=self.ignore_currency, percent=self.percent)
        except UnclearCell as error:
            if any(setting.name in {"ignore_currency", "percent"} for setting in error.settings):
                try:
                    parse(ignore_currency=True, percent="number")
                except UnclearCell as other:
                    error.also = other  # so that one plan says both
            raise

    def _day(self, text: str) -> str | date:
        if _ISO_WITH_ZONE.fullmatch(text.strip()):
            return text
        found = parse_date(text, formats=self._date_formats, dayfirst=self.dayfirst)
        return found if isinstance(found, str) else found.moment.date()

    def _moment(self, text: str) -> str | datetime:
        if _ISO_WITH_ZONE.fullmatch(text.strip()):
            return text
        unzoned = UnclearCell("does not say its time zone", ImportSetting("timezone", "UTC"))
        try:
            found = parse_date(text, formats=self._date_formats, dayfirst=self.dayfirst)
        except UnclearCell as error:
            if error.settings and self.timezone is None and not _ZONE.search(text):
                error.also = unzoned  # so that one plan says both
            raise
        if isinstance(found, str):
            raise UnclearCell("is not a moment: it has no day")
        if found.moment.tzinfo is not None:
            return found.moment
        if self.timezone is None:
            raise unzoned
        moment = found.moment.replace(tzinfo=self.timezone)
        if moment.utcoffset() != moment.replace(fold=1).utcoffset():
            raise UnclearCell(
                f"does not exist or comes twice, as clocks change in {self.timezone}; write its offset"
            )
        return moment

    @property
    def _date_formats(self) -> list[str]:
        return [strptime_format(format) for format in self.date_format]

    def _is_true(self, text: str) -> bool:
        word = folded(text)
        if word == "true" or word in self._true:
            return True
        if word == "false" or word in self._false:
            return False
        settings = [
            ImportSetting(name, text.strip())
            for name, words in (("true", _TRUE_WORDS), ("false", _FALSE_WORDS))
            if word in words
        ]
        raise UnclearCell("is neither true nor false", *settings)

    def phone(self, text: str) -> str:
        """Return a phone number in E.164; one with a plus sign is left to be checked when it is encoded.

        Raises:
            UnclearCell: The number is national and its region is not known, or it is not valid there.
        """
        number = re.sub(r"\Atel:", "", trimmed(text), flags=re.IGNORECASE)
        if number.startswith("+"):
            if _EXTENSION.search(number):
                raise UnclearCell("has an extension, which Attio does not keep")
            return number
        if _NOT_A_PHONE.fullmatch(number):
            raise UnclearCell("was rounded by a spreadsheet; format the column as text there")
        if self.region is None:
            raise UnclearCell("does not say its country", national=number)
        found = national_number(number, self.region)
        if found is None:
            raise UnclearCell(f"is not a valid phone number of {self.region}")
        return found


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(cast("tuple[object, ...]", value))
    return str(value) if isinstance(value, tzinfo) else value


def _is_native(kind: str, given: object) -> bool:
    """Return True if a value that is not a text is one of an attribute of this type."""
    if isinstance(given, bool):
        return kind == "checkbox"
    if isinstance(given, datetime):
        return kind == "date" or (kind == "timestamp" and given.tzinfo is not None)
    if isinstance(given, date):
        return kind == "date"
    return kind in _AMOUNTS and isinstance(given, int | float | Decimal)


def is_text(value: object) -> bool:
    """Return True for a text: a mapping file, or a caller without types, may give anything."""
    return isinstance(value, str)


def check_texts(**given: Iterable[object]) -> None:
    """Check that each of these, given by its name, has only texts.

    Raises:
        ConfigurationError: One has something else.
    """
    for name, texts in given.items():
        for text in texts:
            if not is_text(text):
                raise ConfigurationError(f"{name} must be a text, or several, not {show(text)}")


def check_flags(**given: object) -> None:
    """Check that each of these, given by its name, is true or false.

    Raises:
        ConfigurationError: One is something else.
    """
    for name, flag in given.items():
        if not isinstance(flag, bool):
            raise ConfigurationError(f"{name} must be true or false, not {show(flag)}")


def read_mapping_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the tables of a mapping file, in TOML.

    Raises:
        ConfigurationError: The file cannot be read, or is not such a file.
    """
    name = os.fspath(path)
    with open_to_read(path) as file:
        content = file.read()
    try:
        document = tomllib.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{name} is not valid TOML: {error}") from None
    for key, value in document.items():
        if key not in (*_TOP_LEVEL, *_TABLES):
            raise ConfigurationError(
                f"{name}: unknown key {key!r}; known are {', '.join((*_TOP_LEVEL, *_TABLES))}"
            )
        if key in _TABLES and not isinstance(value, dict):
            raise ConfigurationError(f"{name}: {key} must be a table")
    columns: Mapping[str, object] = document.get("columns", {})
    if bad := [column for column, target in columns.items() if not isinstance(target, str)]:
        raise ConfigurationError(f"{name}: the attribute of the column {bad[0]!r} must be a text")
    return document


def currency_of(attribute: Attribute) -> str | None:
    """Return the ISO 4217 code of a currency attribute, as far as it is known."""
    found: object = attribute.raw
    for name in ("config", "currency", "default_currency_code"):
        found = cast("dict[str, object]", found).get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) else None


def _written(given: object) -> str:
    """Return a value as it is usually written."""
    if isinstance(given, str):
        return given
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, datetime):
        return given.isoformat(" ")
    if isinstance(given, date):
        return given.isoformat()
    if isinstance(given, float):
        return format(Decimal(repr(given)), "f")
    return format(given, "f") if isinstance(given, Decimal) else str(given)


def _phonenumbers() -> Any:
    try:
        import phonenumbers  # noqa: PLC0415 - an extra, needed for national numbers only
    except ImportError:
        raise ConfigurationError(
            "region needs the package phonenumbers; install attio-async[phone]"
        ) from None
    return phonenumbers


def _check_region(region: str) -> None:
    if (
        not is_text(region)
        or not _REGION.fullmatch(region)
        or region not in _phonenumbers().SUPPORTED_REGIONS
    ):
        raise ConfigurationError(f"unknown region {region!r}; give two letters of ISO 3166-1, such as 'GB'")


@lru_cache(maxsize=10_000)
def national_number(number: str, region: str) -> str | None:
    """Return a number in E.164 if it is valid in a region and has no extension; None otherwise."""
    library = _phonenumbers()
    try:
        parsed = library.parse(number, region)
    except library.NumberParseException:
        return None
    if parsed.extension or not library.is_valid_number(parsed):
        return None
    return str(library.format_number(parsed, library.PhoneNumberFormat.E164))


@attrs.define
class RegionGuess:
    """The regions in which the national numbers of a file are valid. After some numbers only the likeliest are tried."""

    _counts: Counter[str] = attrs.field(factory=Counter[str])
    _numbers: int = 0

    def regions_of(self, number: str) -> list[str]:
        """Return the regions in which a number is valid; none if the library is not installed."""
        self._numbers += 1
        likely = [region for region, _ in self._counts.most_common(_LIKELY_REGIONS)]
        tried = REGIONS if self._numbers <= _NUMBERS_IN_ALL_REGIONS or not likely else likely
        try:
            found = [region for region in tried if national_number(number, region) is not None]
        except ConfigurationError:
            return []
        self._counts.update(found)
        return found
