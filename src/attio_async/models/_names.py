"""Identifiers for slugs and titles that people chose: readable where that can be, and never two alike."""

import builtins
import keyword
import re
import unicodedata
from collections.abc import Collection

_WORDS = {
    "+": " plus ",
    "&": " and ",
    "%": " percent ",
    "@": " at ",
    "#": " number ",
    "<": " under ",
    ">": " over ",
}
_LONGEST_MEMBER = 60
_BUILTINS = frozenset(dir(builtins))


def attribute_name(slug: str, taken: Collection[str]) -> str:
    """Return the name of an attribute in Python: the slug itself where that is possible."""
    name = slug if slug.isascii() and slug.isidentifier() else "_".join(_words(slug)).lower()
    return _free(_beginning(name.strip("_"), "attribute"), taken)


def class_name(title: str, taken: Collection[str], *, longest: int = 40) -> str:
    """Return the name of a class for a title, such as "SalesPipeline"."""
    words = _words(title)
    name = "".join(word[:1].upper() + word[1:] for word in words)[:longest]
    return _free(name if name.isidentifier() else f"Model{name}", taken)


def member_name(title: str, taken: Collection[str]) -> str:
    """Return the name of an enum's member for a title, such as "IN_PROGRESS"."""
    name = "_".join(_words(title)).upper()[:_LONGEST_MEMBER].strip("_")
    return _free(_beginning(name, "OPTION"), taken)


def _beginning(name: str, prefix: str) -> str:
    return name if name.isidentifier() else f"{prefix}_{name}".rstrip("_")


def _free(name: str, taken: Collection[str]) -> str:
    """Return the name, with _ or a number after it if it means something else in Python or is taken."""
    if keyword.iskeyword(name) or name in taken:
        name += "_"
    number = 2
    free = name
    while free in taken:
        free, number = f"{name.rstrip('_')}_{number}", number + 1
    return free


def is_keyword_argument(slug: str) -> bool:
    """Return True if a call can name the slug: ``create(slug=...)``."""
    return (
        slug.isascii() and slug.isidentifier() and not keyword.iskeyword(slug) and not slug.startswith("__")
    )


def _words(text: str) -> list[str]:
    """Return the words of a text whose letters run from left to right, without accents."""
    for symbol, word in _WORDS.items():
        text = text.replace(symbol, word)
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if unicodedata.combining(each) == 0)
    kept = "".join(each if _is_kept(each) else " " for each in unicodedata.normalize("NFKC", plain))
    return re.findall(r"[^\s_]+", kept)


def _is_kept(char: str) -> bool:
    # Letters that run from right to left would turn a line of code around.
    return f"a{char}".isidentifier() and unicodedata.bidirectional(char) in {"L", "EN"}


RESERVED_CLASSES = _BUILTINS | {"models", "WORKSPACE"}
