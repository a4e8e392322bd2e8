"""Labels in place of a workspace's names, and messages without its texts: all that a report may show. Pure."""

import re
from collections import Counter
from collections.abc import Iterable

from ..._schema import standard_schema
from .shapes import VALUES, elements_of, fields_of

TEXT, ID, NUMBER = "<text>", "<id>", "<number>"

_QUOTED = re.compile(
    r'"[^"]*"|`[^`]*`|\N{LEFT DOUBLE QUOTATION MARK}[^\N{RIGHT DOUBLE QUOTATION MARK}]*\N{RIGHT DOUBLE QUOTATION MARK}'
    r"|(?<!\w)'[^']*'(?!\w)"
)
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
_ADDRESS = re.compile(r"\S+@\S+|\b\w+://\S+")
_LONG_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"\w+(?:[-.]\w+)*")
_PLAIN_NAME = re.compile(r"[A-Za-z$_][\w$-]{0,60}")
_TYPES = [
    "text",
    "number",
    "checkbox",
    "currency",
    "date",
    "timestamp",
    "rating",
    "status",
    "select",
    "record-reference",
    "actor-reference",
    "location",
    "domain",
    "email-address",
    "phone-number",
    "interaction",
    "personal-name",
    "historic",
]
_OF_EVERYTHING = frozenset(
    {"record_id", "entry_id", "created_at", "created_by", "parent_record", "parent_object"}
)


class Disguise:
    """Names and texts of one workspace, and what is shown in their place.

    Whatever is learned to be the workspace's own is shown nowhere, unless it is a word that the fake says too.

    Args:
        public: Words that belong to the API.
    """

    def __init__(self, public: Iterable[str] = ()) -> None:
        self._labels: dict[tuple[str, str], str] = {}
        self._numbers = Counter[str]()
        self._own = set[str]()
        self._public = words_of((*_TYPES, *public))

    def add_kind(self, noun: str, slug: str) -> str:
        """Learn the slug of an object or list, and return its label: the slug itself of a standard object."""
        if noun == "object" and standard_schema(slug) is not None:
            return slug
        return self._label((noun, slug), noun)

    def add_attribute(self, kind: str, slug: str, type: str) -> str:
        """Learn an attribute of an object or list, and return its label: the slug itself of a standard attribute.

        Args:
            kind: The slug of the object or list.
            slug: The slug of the attribute.
            type: The type of the attribute.
        """
        standard = standard_schema(kind)
        if slug in _OF_EVERYTHING or (standard is not None and slug in standard.attributes):
            return slug
        return self._label((f"attribute of {kind}", slug), type)

    def _label(self, key: tuple[str, str], what: str) -> str:
        if key not in self._labels:
            what = self.name(what)
            self._numbers[what] += 1
            self._labels[key] = f"{what}#{self._numbers[what]}"
            self._learn_text(key[1])
        return self._labels[key]

    def learn(self, body: object) -> None:
        """Learn every text of an answer, and the slugs that its values have as keys."""
        if isinstance(body, str):
            self._learn_text(body)
        for item in elements_of(body):
            self.learn(item)
        for key, part in fields_of(body).items():
            for slug in fields_of(part) if key in VALUES else ():
                self._learn_text(slug)
            self.learn(part)

    def _learn_text(self, text: str) -> None:
        self._own.add(text.casefold())
        for word in _WORD.findall(text.casefold()):
            self._own.update((word, *re.split(r"[-._]", word)))

    def publish_names(self, names: Iterable[str]) -> None:
        """Learn keys and headers that the fake has as well."""
        self._public |= words_of(names)

    def publish(self, message: str) -> None:
        """Learn the words that the fake says outside of quotes."""
        words = {word.casefold() for word in _WORD.findall(normalised(message))}
        self._public |= words - {slug.casefold() for _, slug in self._labels}

    def _is_own(self, word: str) -> bool:
        folded = word.casefold()
        return folded in self._own and folded not in self._public

    def name(self, name: str) -> str:
        """Return the name of a key, header, type or code; another text in its place if it may be the workspace's."""
        plain = _PLAIN_NAME.fullmatch(name)
        parts = {name, *re.split(r"[-_]", name)} if name.casefold() not in self._public else set[str]()
        return name if plain and not any(map(self._is_own, parts)) else TEXT

    def path(self, path: str) -> str:
        """Return a path through an answer, with every part that may be the workspace's replaced."""
        return re.sub(r"[^.\[\]<>]+", lambda found: self.name(found[0]), path).replace(f"<{TEXT}>", TEXT)

    def message(self, message: str) -> str:
        """Return a message without quotes, ids, addresses, long numbers and words of the workspace."""

        def shown(found: re.Match[str]) -> str:
            word = found[0]
            if word.casefold() in self._public:
                return word
            return TEXT if any(map(self._is_own, (word, *re.split(r"[-._]", word)))) else word

        kept = re.split(f"({TEXT}|{ID}|{NUMBER})", normalised(message))
        return "".join(part if part in {TEXT, ID, NUMBER} else _WORD.sub(shown, part) for part in kept)


def normalised(message: str) -> str:
    """Return a message with quotes, ids, addresses and long numbers replaced."""
    for pattern, stand_in in ((_QUOTED, TEXT), (_UUID, ID), (_ADDRESS, TEXT), (_LONG_NUMBER, NUMBER)):
        message = pattern.sub(stand_in, message)
    return message


def words_of(names: Iterable[str]) -> set[str]:
    """Return names and their parts, in lower case."""
    return {part.casefold() for name in names for part in (name, *re.split(r"[-_]", name))}
