"""The answer to a shell that asks how a line may go on."""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .commands import Table, command_table
from .names import Names, chosen_names_file, profile_names, read_names

COMPLETES_FILES = 3
"""The exit code that has the shell complete the name of a file."""

_SHELL_CHARACTERS = re.compile(r"[\s\"'\\$`!&|;<>(){}\[\]*?#~]")
"""The characters that mean something to a shell."""

_UNSAFE_IN_DOUBLE_QUOTES = frozenset('"$`!\\')
_FIELD = re.compile(r"(?s)(.*(?:^|[^\w.])F\.)(\w*)")


class Candidate(NamedTuple):
    """A text that may stand in place of the word that is being typed, and its explanation."""

    text: str
    help: str = ""


class CommandLine(NamedTuple):
    """A line of the shell up to the cursor.

    Attributes:
        words: The complete words.
        current: The word that is being typed.
        quote: The quote that it is in; empty without.
    """

    words: tuple[str, ...]
    current: str
    quote: str


def answer(arguments: list[str]) -> int:
    """Print how a line may go on, one candidate per line, and return the exit code.

    Args:
        arguments: The shell, the line up to the cursor and, for bash, the part of the word that is replaced.
    """
    shell, text, *part = (*arguments, "", "")[:3] if len(arguments) < 3 else arguments[:3]  # noqa: PLR2004
    line = split_line(text)
    found = complete(line)
    if found is None:
        return COMPLETES_FILES
    lines = [_written(each, shell, line, part[0]) for each in found if each.text.isprintable()]
    sys.stdout.write("".join(f"{each}\n" for each in lines if each))
    return 0


def _written(candidate: Candidate, shell: str, line: CommandLine, part: str) -> str:
    text = candidate.text
    if shell != "bash":
        return f"{text}\t{candidate.help}" if candidate.help.isprintable() else text
    if line.quote:
        unsafe = _UNSAFE_IN_DOUBLE_QUOTES if line.quote == '"' else {line.quote}
        return "" if unsafe & set(text) else text
    # Bash replaces only what follows the last = or : of the word.
    replaced = split_line(part).current
    kept = len(line.current) - len(replaced) if line.current.endswith(replaced) else 0
    return _SHELL_CHARACTERS.sub(r"\\\g<0>", text[kept:])


def split_line(text: str) -> CommandLine:
    """Return the words of a line, as a shell splits it."""
    words: list[str] = []
    word, quote, is_open = "", "", False
    characters = iter(text)
    for char in characters:
        if quote:
            if char == quote:
                quote = ""
            else:
                word += next(characters, "") if char == "\\" and quote == '"' else char
        elif char.isspace():
            if is_open:
                words.append(word)
            word, is_open = "", False
            continue
        elif char in "\"'":
            quote = char
        else:
            word += next(characters, "") if char == "\\" else char
        is_open = True
    return CommandLine(tuple(words), word, quote)


def complete(line: CommandLine) -> list[Candidate] | None:
    """Return the texts that may stand in place of the current word; None if it is the name of a file."""
    return _Completion(command_table(_root), line).run()


def _root() -> Any:
    """Return the group of all commands, which takes long to load."""
    from typer.main import get_command

    from ..app import app

    return get_command(app)


class _Position:
    """The place of the current word: its command, and what is given before it."""

    def __init__(self, command: Table) -> None:
        self.command = command
        self.given: dict[str, list[str]] = {}
        self.arguments: list[str] = []
        self.awaited: Mapping[str, Any] | None = None
        self.has_only_arguments = False


class _Completion:
    def __init__(self, table: Table, line: CommandLine) -> None:
        self._line = line
        self._place = self._walk(table)
        self._names: Names | None = None

    @property
    def names(self) -> Names:
        """The names of the workspace that the line is about."""
        if self._names is None:
            given = self._place.given
            profile = given.get("--profile", [None])[-1] if given.get("--profile") else None
            embedded = "--embedded" in given
            self._names = read_names(None if embedded else chosen_names_file(profile, os.environ))
        return self._names

    def run(self) -> list[Candidate] | None:
        place, current = self._place, self._line.current
        if place.awaited is not None:
            return self._values(place.awaited, current)
        if current.startswith("-") and not place.has_only_arguments:
            name, equals, value = current.partition("=")
            option = place.command["options"].get(name)
            if not equals:
                return self._options(current)
            found = self._values(option, value) if option is not None and option["takes_value"] else []
            return None if found is None else [Candidate(f"{name}={text}", help_) for text, help_ in found]
        if "commands" in place.command:
            commands: Mapping[str, Table] = place.command["commands"]
            return _beginning(current, ((name, each["help"]) for name, each in commands.items()))
        arguments = place.command["arguments"]
        at = len(place.arguments)
        if at >= len(arguments) and not (arguments and arguments[-1]["is_repeatable"]):
            return []
        return self._values(arguments[min(at, len(arguments) - 1)], current)

    def _walk(self, table: Table) -> _Position:
        """Follow the complete words to the command and the place that the current word is at."""
        place = _Position(table)
        for word in self._line.words[1:]:
            if place.awaited is not None:
                place.awaited = None
                place.given[list(place.given)[-1]].append(word)
            elif word == "--":
                place.has_only_arguments = True
            elif word.startswith("-") and len(word) > 1 and not place.has_only_arguments:
                name, equals, value = word.partition("=")
                option = place.command["options"].get(name)
                values = place.given.pop(name, [])
                place.given[name] = [*values, value] if equals else values  # the last one given is at the end
                if option is not None and option["takes_value"] and not equals:
                    place.awaited = option
            elif "commands" in place.command:
                place.command = place.command["commands"].get(word, {"options": {}, "arguments": []})
            else:
                place.arguments.append(word)
        return place

    def _options(self, current: str) -> list[Candidate]:
        options: Mapping[str, Mapping[str, Any]] = self._place.command["options"]
        return _beginning(
            current,
            (
                (name, each["help"])
                for name, each in options.items()
                if each["is_repeatable"] or name not in self._place.given
            ),
        )

    def _values(self, parameter: Mapping[str, Any], current: str) -> list[Candidate] | None:
        """Return the values of an option or argument that begin like the current word; None if they are files."""
        kind = parameter["kind"]
        if kind == "file":
            return None
        if kind == "choice":
            return _beginning(current, ((each, "") for each in parameter["choices"]))
        found: Mapping[str, Callable[[str], list[Candidate]]] = {
            "profile": lambda current: _beginning(current, ((each, "") for each in profile_names())),
            "target": lambda current: _beginning(current, self._owners("objects", "lists")),
            "object": lambda current: _beginning(current, self._owners("objects")),
            "list": lambda current: _beginning(current, self._owners("lists")),
            "reference": self._reference,
            "columns": self._columns,
            "unique": self._unique,
            "sort": self._sort,
            "assignment": self._assignment,
            "filter": self._field,
        }
        return found[kind](current) if kind in found else []

    def _reference(self, current: str) -> list[Candidate]:
        owners = ((f"{slug}/", title) for slug, title in self._owners("objects", "lists"))
        return [] if "/" in current else _beginning(current, owners)

    def _owners(self, *kinds: str) -> Iterator[tuple[str, str]]:
        for kind in kinds:
            for slug, each in self.names[kind].items():
                yield slug, str(each.get("title", ""))

    def _columns(self, current: str) -> list[Candidate]:
        before, comma, last = current.rpartition(",")
        used = set(before.split(","))
        found = ((slug, title) for slug, title in _titles(self._attributes()) if slug not in used)
        return _prefixed(before + comma, last, found)

    def _unique(self, current: str) -> list[Candidate]:
        """Complete a unique attribute of the target or, for a list, of its parents."""
        name, equals, last = current.rpartition("=")
        owners = [name] if equals else self._targets()
        lists = self.names["lists"]
        parents = [parent for owner in owners for parent in lists.get(owner, {}).get("parents", ())]
        unique = {
            slug: each
            for slug, each in self._attributes(*owners, *parents).items()
            if each.get("is_unique") and each.get("is_writable")
        }
        return _prefixed(name + equals, last, _titles(unique))

    def _sort(self, current: str) -> list[Candidate]:
        slug, colon, last = current.partition(":")
        if colon:
            return _prefixed(slug + colon, last, (("asc", ""), ("desc", "")))
        return _beginning(current, _titles(self._attributes()))

    def _assignment(self, current: str) -> list[Candidate]:
        """Complete the slug of an attribute with its =, or one of its options."""
        slug, equals, value = current.partition("=")
        attributes = self._attributes()
        if not equals:
            writable = (
                (f"{one}=", str(each.get("title", "")))
                for one, each in attributes.items()
                if each.get("is_writable")
            )
            return _beginning(current, writable)
        options = attributes.get(slug.rstrip("+-"), {}).get("options", ())
        before, semicolon, last = value.rpartition(";")
        return _prefixed(slug + equals + before + semicolon, last, ((each, "") for each in options))

    def _field(self, current: str) -> list[Candidate]:
        """Complete the last attribute of a filter, such as F.na in ``(F.value > 5) & F.na``."""
        found = _FIELD.fullmatch(current)
        if found is None:
            return []
        return _prefixed(found[1], found[2], _titles(self._attributes()))

    def _attributes(self, *owners: str) -> dict[str, dict[str, Any]]:
        """Return the attributes of objects and lists, by default of those that the command is about."""
        return {
            slug: attribute
            for owner in owners or self._targets()
            for kind in ("objects", "lists")
            for slug, attribute in self.names[kind].get(owner, {}).get("attributes", {}).items()
        }

    def _targets(self) -> list[str]:
        """Return the slugs of the objects and lists that the command is about."""
        given = self._place.given
        named = [*given.get("--object", ()), *given.get("--list", ())]
        arguments = zip(self._place.command["arguments"], self._place.arguments, strict=False)
        named += [text.partition("/")[0] for one, text in arguments if one["kind"] in {"target", "reference"}]
        titles = {title.casefold(): slug for slug, title in self._owners("objects", "lists")}
        return [titles.get(each.casefold(), each) for each in named]


def _beginning(current: str, texts: Iterable[tuple[str, str]]) -> list[Candidate]:
    """Return the texts that begin like the current word."""
    return _prefixed("", current, texts)


def _prefixed(prefix: str, current: str, texts: Iterable[tuple[str, str]]) -> list[Candidate]:
    """Return the texts that begin like the last part of the current word, with the part before it."""
    return [Candidate(prefix + text, help_) for text, help_ in texts if text.startswith(current)]


def _titles(attributes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for slug, each in attributes.items():
        yield slug, str(each.get("title", ""))
