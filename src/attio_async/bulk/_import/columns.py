"""The mapping of a file's columns to attributes, their parts, and the unique attributes of records they refer to."""

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Self, cast

import attrs

from ..._schema import Attribute, ObjectSchema
from ..._storage.files import atomic_file
from ..._utils.public import public
from ..._utils.text import folded, show
from ..._utils.toml import toml_lines
from ...errors import ConfigurationError, UnknownName
from .formats import ValueFormats, as_words, check_flags, check_texts, is_text, read_mapping_file

KEY_COLUMNS = frozenset({"record_id", "entry_id"})
"""Columns that tell which record or entry a row is."""
PARENT_COLUMN = "parent_record"
"""The column in which `export` writes the parent of an entry."""

_ALWAYS_READ_ONLY = frozenset({*KEY_COLUMNS, "created_at", "created_by", PARENT_COLUMN, "web_url"})
"""Every record or entry has these, whether or not its attributes list them; Attio sets them itself."""

_NAME_PARTS = ("first_name", "middle_name", "last_name", "suffix", "full_name")
_LOCATION_PARTS = (
    *("line_1", "line_2", "line_3", "line_4", "locality", "region", "postcode", "country_code"),
    *("latitude", "longitude"),
)
PARTS: Mapping[str, Sequence[str]] = {"personal-name": _NAME_PARTS, "location": _LOCATION_PARTS}
"""The parts that columns may be mapped to, by type. A middle name and a suffix are kept in the full name alone."""

_ALIASES: Mapping[str, tuple[str, str | None]] = {
    **dict.fromkeys(("email", "mail", "emailaddress"), ("email-address", None)),
    **dict.fromkeys(
        ("phone", "tel", "telephone", "mobile", "mobilephone", "cell", "cellphone", "phonenumber"),
        ("phone-number", None),
    ),
    **dict.fromkeys(("website", "homepage", "url", "web", "domain"), ("domain", None)),
    **dict.fromkeys(("firstname", "givenname", "forename"), ("personal-name", "first_name")),
    **dict.fromkeys(("lastname", "surname", "familyname"), ("personal-name", "last_name")),
    **dict.fromkeys(("middlename",), ("personal-name", "middle_name")),
    **dict.fromkeys(("fullname",), ("personal-name", "full_name")),
}
"""Names of columns, without blanks and plurals, for the only attribute of a type, or a part of it."""

_REPEATED = re.compile(r"(.+) \([0-9]+\)")
_MOST_LISTED = 5
_MOST_NAMED = 3


@public
@attrs.frozen(kw_only=True)
class ColumnMapping:
    """The destinations of a file's columns. Columns that are not named go to the attribute of the same slug or title.

    A column is mapped to an attribute by slug or title, to a part of a name or a location (``name.first_name``,
    ``primary_location.locality``), or to a unique attribute of the record that it refers to (``company.domains``).
    Several columns may share one multiselect attribute. Of several columns "Phone" the second is called "Phone (2)"; what is
    said of the first holds for it, unless it is named itself::

        ColumnMapping(
            columns={"First name": "name.first_name", "Mobile": "phone_numbers", "Work phone": "phone_numbers"},
            constants={"stage": "Lead"},
            skip=["Shoe size"],
        )

    Attributes:
        columns: Attributes by column; the case of a column does not matter.
        constants: Values for every row, by attribute.
        skip: Columns to leave out.
        skip_unknown: Leave out all columns that match nothing, rather than refusing them.
    """

    columns: Mapping[str, str] = attrs.field(factory=dict[str, str])
    constants: Mapping[str, object] = attrs.field(factory=dict[str, object])
    skip: tuple[str, ...] = attrs.field(default=(), converter=as_words)
    skip_unknown: bool = False

    def __attrs_post_init__(self) -> None:
        check_texts(skip=self.skip)
        check_flags(skip_unknown=self.skip_unknown)
        for column, target in self.columns.items():
            if not is_text(target):
                raise ConfigurationError(
                    f"the attribute of the column {column!r} must be a text, not {show(target)}"
                )

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Return the mapping in a file that `save` wrote; its formats are read by `ValueFormats.from_file`.

        Raises:
            ConfigurationError: The file cannot be read, or is not such a file.
        """
        document = read_mapping_file(path)
        return cls(
            columns=document.get("columns", {}),
            constants=document.get("set", {}),
            skip=document.get("skip", ()),
            skip_unknown=document.get("skip_unknown", False),
        )

    def save(self, path: str | os.PathLike[str], formats: ValueFormats | None = None) -> None:
        """Write the mapping, and the formats of values, to a TOML file; one that exists is replaced.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        lines = [*toml_lines({"skip": list(self.skip), "skip_unknown": self.skip_unknown or None})]
        tables = {
            "columns": self.columns,
            "set": self.constants,
            "formats": formats.to_dict() if formats else {},
        }
        for name, pairs in tables.items():
            if pairs:
                lines += ["\n" if lines else "", f"[{name}]\n", *toml_lines(pairs)]
        with atomic_file(Path(path)) as file:
            file.write("".join(lines).encode())


@attrs.frozen
class Destination:
    """The place where the values of a column go.

    Attributes:
        attribute: The attribute.
        part: The part of a name or location.
        key: The unique attribute of the record that is referred to.
        target: The object of that record.
        is_guess: True if the column's name only resembles the attribute's.
    """

    attribute: Attribute
    part: str | None = None
    key: str | None = None
    target: str | None = None
    is_guess: bool = False

    def __str__(self) -> str:
        return ".".join(filter(None, (self.attribute.slug, self.part, self.key)))


@attrs.frozen(kw_only=True)
class ColumnMap:
    """The columns of one file, each with its destination.

    Attributes:
        destinations: Where each column goes.
        constants: Values for every row, as they were given, with their destinations.
        read_only: Columns that Attio sets itself, which are left out.
        skipped: Columns that were left out on purpose.
        key: The column that tells which record or entry a row is.
        parent: The column that tells the parent of an entry.
    """

    destinations: Mapping[str, Destination]
    constants: Sequence[tuple[Destination, object]] = ()
    read_only: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    key: str | None = None
    parent: str | None = None

    @property
    def attributes(self) -> dict[str, Attribute]:
        """The attribute of each column."""
        return {column: found.attribute for column, found in self.destinations.items()}

    @property
    def slugs(self) -> set[str]:
        """The slugs of all attributes that get values."""
        found = [*self.destinations.values(), *(each for each, _ in self.constants)]
        return {each.attribute.slug for each in found}

    def as_mapping(self, mapping: ColumnMapping) -> ColumnMapping:
        """Return a mapping that says everything that was found out, with the constants of the one that was given."""
        parents = {
            column: name for column, name in mapping.columns.items() if column not in self.destinations
        }
        found = {column: str(destination) for column, destination in self.destinations.items()}
        skip = (*self.read_only, *self.skipped)
        return ColumnMapping(columns={**parents, **found}, constants=mapping.constants, skip=skip)


def referred_attributes(mapping: ColumnMapping, schema: ObjectSchema) -> list[Attribute]:
    """Return the reference attributes that the mapping uses with a unique attribute of their targets."""
    found: dict[str, Attribute] = {}
    for name in (*mapping.columns.values(), *mapping.constants):
        attribute = _reference(name, schema)
        if attribute is not None:
            found[attribute.slug] = attribute
    return list(found.values())


def _reference(name: str, schema: ObjectSchema) -> Attribute | None:
    head, dot, _ = name.strip().partition(".")
    if not dot:
        return None
    try:
        attribute = schema.find(head)
    except UnknownName:
        return None
    return attribute if attribute.type == "record-reference" else None


def map_columns(
    columns: Sequence[str],
    schema: ObjectSchema,
    mapping: ColumnMapping,
    *,
    targets: Mapping[str, ObjectSchema] | None = None,
    match: str | None = None,
) -> ColumnMap:
    """Map every column to an attribute, or leave it out.

    Args:
        columns: The columns of the file.
        schema: The attributes of the object or list.
        mapping: The caller's choices.
        targets: The attributes of the records that reference attributes lead to, by the slugs of these.
        match: The attribute that finds existing records, which needs a column; None if nothing does.

    Raises:
        ConfigurationError: The columns do not fit. The message lists every problem: unknown columns with near matches,
            several columns for one value, a match attribute that has no column.
    """
    problems: list[str] = []
    chosen = _by_column(columns, mapping.columns, "--map", problems)
    skipped = _by_column(columns, dict.fromkeys(mapping.skip, ""), "--skip", problems)
    repeated = _repeated(columns)
    for (
        column,
        first,
    ) in repeated.items():  # what is said of "Phone" holds for "Phone (2)", unless that is named, too
        if column not in skipped and first in chosen:
            chosen.setdefault(column, chosen[first])
        elif column not in chosen and first in skipped:
            skipped[column] = ""
    finder = _Finder(schema, targets or {}, repeated)
    key = next((each for each in columns if match in KEY_COLUMNS and folded(each) == match), None)
    left = [each for each in columns if each not in skipped and each != key]
    found, read_only, unknown = finder.find_all(left, chosen, problems)
    if mapping.skip_unknown:
        skipped.update(dict.fromkeys(unknown, ""))
        unknown = []
    constants = _constants(mapping.constants, finder, problems)
    problems = [*_listed_unknown(unknown, schema), *problems, *_collisions(found, constants)]
    problems += _match_problems(match, key, schema, found, constants)
    if problems:
        is_advised = unknown or any(problem.startswith("--map: unknown attribute") for problem in problems)
        raise ConfigurationError("\n".join([*problems, *(_advice(schema) if is_advised else ())]))
    return ColumnMap(
        destinations=found,
        constants=constants,
        read_only=tuple(read_only),
        skipped=tuple(skipped),
        key=key,
    )


def has_column(columns: Iterable[str], name: str) -> bool:
    """Return True if a file has the column, in any case and with any blanks around it."""
    return folded(name) in map(folded, columns)


class _NoMatch(Exception):
    """A column that matches no attribute."""


@attrs.frozen(slots=False)
class _Finder:
    """Finds the destination of a column."""

    schema: ObjectSchema
    targets: Mapping[str, ObjectSchema]
    repeated: Mapping[str, str] = attrs.field(factory=dict[str, str])

    @cached_property
    def names(self) -> set[str]:
        """All names of attributes, so that a column that matches none costs no search for near ones."""
        every = self.schema.attributes.values()
        return {
            name for each in every for name in (each.slug, folded(each.slug), folded(each.title), each.id)
        }

    @cached_property
    def _by_bare_name(self) -> dict[str, list[Attribute]]:
        found: dict[str, list[Attribute]] = {}
        for each in self.schema.attributes.values():
            if each.is_writable and not each.is_archived:
                for name in {_bare(each.slug), _bare(each.title)}:
                    found.setdefault(name, []).append(each)
        return found

    def find_all(
        self, columns: Iterable[str], chosen: Mapping[str, str], problems: list[str]
    ) -> tuple[dict[str, Destination], list[str], list[str]]:
        """Return the destinations of columns, the columns that Attio sets itself, and those that match nothing."""
        found: dict[str, Destination] = {}
        read_only: list[str] = []
        unknown: list[str] = []
        for column in columns:
            try:
                destination = self.find(column, chosen.get(column))
            except _NoMatch:
                unknown.append(column)
            except UnknownName as error:
                problems.append(_unknown_target(column, chosen[column], error, self.schema))
            except ConfigurationError as error:
                problems.append(str(error))
            else:
                if destination is None:
                    read_only.append(column)
                else:
                    found[column] = destination
        return found, read_only, unknown

    def find(self, column: str, given: str | None) -> Destination | None:
        """Return the destination of a column; None where Attio sets the attribute itself and nobody asks for it.

        Raises:
            _NoMatch: Nothing matches the column.
            UnknownName: What the caller says is unknown.
            ConfigurationError: What matches cannot be written.
        """
        if given is not None:
            return _writable(self.named(given.strip()), f"column {column!r}")
        if folded(column) not in self.names and column.strip() not in self.names:
            if column in self.repeated:
                return self.find(self.repeated[column], None)
            return None if folded(column) in _ALWAYS_READ_ONLY else self._similar(column)
        destination = Destination(self.schema.find(column.strip()))
        if destination.attribute.is_archived:
            return _writable(destination, f"column {column!r}")
        return destination if destination.attribute.is_writable else None

    def named(self, name: str) -> Destination:
        """Return the destination of this name."""
        try:
            return Destination(self.schema.find(name))
        except UnknownName:
            head, dot, tail = name.partition(".")
            if not dot:
                raise
        attribute = self.schema.find(head)
        part = tail.strip()
        if attribute.type in PARTS:
            if part not in PARTS[attribute.type]:
                known = ", ".join(PARTS[attribute.type])
                raise ConfigurationError(f"{attribute.slug!r} has no part {part!r}; it has {known}")
            return Destination(attribute, part=part)
        if attribute.type != "record-reference":
            raise ConfigurationError(f"{attribute.slug!r} has no parts, so {name!r} is not valid")
        return self._key(attribute, part)

    def _key(self, attribute: Attribute, name: str) -> Destination:
        target = self.targets.get(attribute.slug)
        if target is None:
            raise ConfigurationError(
                f"{attribute.slug!r} may lead to several objects, so a key does not find one"
            )
        key = target.find(name)
        if not key.is_unique:
            unique = [each.slug for each in target.attributes.values() if each.is_unique]
            raise ConfigurationError(
                f"{key.slug!r} of {target.name} is not unique; unique attributes: {_quoted(unique) or 'none'}"
            )
        return Destination(attribute, key=key.slug, target=target.name)

    def _similar(self, column: str) -> Destination:
        """Return the one destination whose name differs in hyphens, blanks, plural, or the usual word for its type."""
        wanted = _bare(column)
        same = self._by_bare_name.get(wanted, []) if wanted else []
        if len(same) == 1:
            return Destination(same[0], is_guess=True)
        kind, part = _ALIASES.get(wanted, ("", None))
        of_type = [
            each
            for each in (self.schema.attributes.values() if kind else ())
            if each.type == kind and each.is_writable and not each.is_archived
        ]
        if len(of_type) != 1:
            raise _NoMatch
        return Destination(of_type[0], part=part, is_guess=True)


def _bare(name: str) -> str:
    """Return a name without case, blanks, signs and plural."""
    letters = "".join(each for each in folded(name) if each.isalnum())
    for ending in ("sses", "s"):
        if letters.endswith(ending) and not letters.endswith("ss"):
            return letters[: -2 if ending == "sses" else -1]
    return letters


def _writable(found: Destination, what: str) -> Destination:
    attribute = found.attribute
    if attribute.is_archived:
        raise ConfigurationError(f"{what}: the attribute {attribute.slug!r} is archived")
    if not attribute.is_writable:
        raise ConfigurationError(f"{what}: Attio sets {attribute.slug!r} itself, so it cannot be written")
    return found


def _constants(
    given: Mapping[str, object], finder: _Finder, problems: list[str]
) -> list[tuple[Destination, object]]:
    found: list[tuple[Destination, object]] = []
    for name, value in given.items():
        try:
            found.append((_writable(finder.named(name), "--set"), value))
        except UnknownName as error:
            near = f"; did you mean {' or '.join(map(repr, error.suggestions))}?" if error.suggestions else ""
            problems.append(f"--set: unknown attribute {name!r}{near}")
        except ConfigurationError as error:
            problems.append(str(error))
    return found


def _by_column(
    columns: Sequence[str], wanted: Mapping[str, str], option: str, problems: list[str]
) -> dict[str, str]:
    """Return `wanted` with its columns spelt as in the file."""
    spelling = {folded(column): column for column in columns}
    result: dict[str, str] = {}
    for name, value in wanted.items():
        if folded(name) in spelling:
            column = spelling[folded(name)]
            if result.setdefault(column, value) != value:
                problems.append(f"{option}: the column {column!r} is given twice, in another case")
        else:
            near = get_close_matches(folded(name), spelling, n=1)
            hint = f"; did you mean {spelling[near[0]]!r}?" if near else f"; the file has {_quoted(columns)}"
            problems.append(f"{option}: unknown column {name!r}{hint}")
    return result


def _repeated(columns: Iterable[str]) -> dict[str, str]:
    """Return the first column of the same name for each that is called "Phone (2)" or the like."""
    spelling = {folded(column): column for column in columns}
    found = {column: _REPEATED.fullmatch(column) for column in columns}
    return {
        column: spelling[folded(match[1])]
        for column, match in found.items()
        if match is not None and folded(match[1]) in spelling
    }


def _unknown_target(column: str, given: str, error: UnknownName, schema: ObjectSchema) -> str:
    return f"--map: unknown attribute {given!r} for the column {column!r}{_near(error.suggestions, given, schema)}"


def _near(suggestions: Sequence[str], name: str, schema: ObjectSchema) -> str:
    near = suggestions or _sharing_words(name, schema)
    return f"; did you mean {' or '.join(map(repr, near))}?" if near else ""


def _listed_unknown(unknown: Sequence[str], schema: ObjectSchema) -> Iterator[str]:
    """Yield a line for each unknown column, or one for all if they are many."""
    if len(unknown) > _MOST_LISTED:
        more = len(unknown) - _MOST_NAMED
        named = _quoted(unknown[:_MOST_NAMED])
        yield f"{len(unknown):,} columns do not match an attribute: {named} and {more:,} more"
        return
    for column in unknown:
        hint = _near(schema.suggest(column.strip()), column, schema)
        yield f"column {column!r} does not match an attribute{hint}"


def _sharing_words(name: str, schema: ObjectSchema) -> Sequence[str]:
    """Return attributes whose words are among those of the name ("Company Name": name), or the other way round."""
    wanted = _words(name)
    return [
        attribute.slug
        for attribute in schema.attributes.values()
        if attribute.is_writable
        and any(
            wanted <= words or words <= wanted for words in (_words(attribute.slug), _words(attribute.title))
        )
    ][:3]


def _words(name: str) -> set[str]:
    return set(re.findall(r"\w+", name.casefold().replace("_", " "))) or {name}


def _collisions(
    found: Mapping[str, Destination], constants: Sequence[tuple[Destination, object]]
) -> Iterator[str]:
    """Yield a problem for each value that two columns, or a column and a constant, would give."""
    first: dict[str, str] = {}
    whole = Counter(each.attribute.slug for each in found.values() if each.part is None)
    for column, destination in found.items():
        other = first.setdefault(str(destination), column)
        if other != column and not destination.attribute.is_multiselect:
            hint = f"; leave one out, as with --skip {column!r}"
            yield f"the columns {other!r} and {column!r} both map to the attribute {str(destination)!r}{hint}"
        elif destination.part is not None and whole[destination.attribute.slug]:
            slug = destination.attribute.slug
            if not (destination.attribute.type == "personal-name" and whole[slug] == 1):
                yield f"the column {column!r} maps to a part of {slug!r}, and another column to all of it"
    for destination, _ in constants:
        if str(destination) in first:
            yield f"--set {destination}: the column {first[str(destination)]!r} maps to it, too"


def _match_problems(
    match: str | None,
    key: str | None,
    schema: ObjectSchema,
    found: Mapping[str, Destination],
    constants: Sequence[tuple[Destination, object]],
) -> Iterator[str]:
    if match is None:
        return
    if match in KEY_COLUMNS:
        if key is None:
            yield f"--match: the file has no column {match!r}"
        return
    slugs = {each.attribute.slug for each in found.values()} | {each.attribute.slug for each, _ in constants}
    try:
        attribute = schema.find(match)
    except UnknownName:
        yield f"--match: unknown attribute {match!r}{_possible(schema)}"
        return
    if attribute.slug not in slugs:
        yield (
            f"--match: no column maps to {attribute.slug!r}, which finds existing records; the file has"
            f' {_quoted(found) or "no usable column"}; choose one with --map "COLUMN={attribute.slug}"'
        )


def unique_attributes(schema: ObjectSchema) -> list[Attribute]:
    """Return the attributes that Attio can match on."""
    return [
        each
        for each in schema.attributes.values()
        if each.is_unique and each.is_writable and not each.is_archived
    ]


def _possible(schema: ObjectSchema) -> str:
    unique = [each.slug for each in unique_attributes(schema)]
    return f"; unique attributes: {_quoted(unique)}" if unique else "; this object has no unique attribute"


def _advice(schema: ObjectSchema) -> list[str]:
    writable = [
        _both_names(attribute)
        for attribute in schema.attributes.values()
        if attribute.is_writable and not attribute.is_archived
    ]
    return [
        f"writable attributes: {', '.join(writable)}",
        'map a column to an attribute with --map "COLUMN=SLUG", or leave it out with --skip "COLUMN" or --skip-unknown',
    ]


def _both_names(attribute: Attribute) -> str:
    same = attribute.title.casefold().replace(" ", "_") == attribute.slug
    return attribute.slug if same else f"{attribute.slug} ({attribute.title})"


def _quoted(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - 20
    return ", ".join(map(repr, listed[:20])) + (f" and {more:,} more" if more > 0 else "")


def as_mapping(given: object) -> ColumnMapping:
    """Return the mapping; a plain dict has the attributes of columns.

    Raises:
        ConfigurationError: It is neither.
    """
    if isinstance(given, ColumnMapping):
        return given
    if isinstance(given, Mapping):
        return ColumnMapping(columns=cast("Mapping[str, str]", given))
    raise ConfigurationError(f"mapping must be a ColumnMapping, not {given!r}")
