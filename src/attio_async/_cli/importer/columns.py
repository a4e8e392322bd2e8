"""Which column of a file goes into which attribute."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import attrs

from ..._schema import Attribute, ObjectSchema
from ...errors import UnknownName
from ..errors import Refusal

# Every record has these, whether or not the object lists them; Attio sets them itself.
_ALWAYS_READ_ONLY = frozenset({"record_id", "created_at", "created_by"})


@attrs.frozen
class ColumnMap:
    """Columns to attributes. `read_only` are those that hold what Attio sets itself; they are left out."""

    attributes: Mapping[str, Attribute]
    match: str
    read_only: tuple[str, ...] = ()


def parse_renames(options: Iterable[str]) -> dict[str, str]:
    """What `--map "Column=slug"` says, given any number of times.

    Raises:
        Refusal: One is not of this form, or names a column again.
    """
    renames: dict[str, str] = {}
    for option in options:
        column, equals, slug = option.rpartition("=")
        if not (equals and column.strip() and slug.strip()):
            raise Refusal(f'--map {option!r} is not of the form "Column=slug"')
        if _key(column) in map(_key, renames):
            raise Refusal(f"--map names the column {column.strip()!r} twice")
        renames[column.strip()] = slug.strip()
    return renames


def map_columns(
    columns: Sequence[str],
    schema: ObjectSchema,
    *,
    match: str,
    renames: Mapping[str, str] | None = None,
    skip: Iterable[str] = (),
) -> ColumnMap:
    """The attribute of every column, by its slug, title or id, or as `renames` says.

    Args:
        columns: The columns of the file.
        schema: The attributes of the object.
        match: The unique attribute by which existing records are found.
        renames: Columns whose name is no attribute's, and the attribute each goes into.
        skip: Columns to leave out.

    Raises:
        Refusal: With every problem there is: unknown columns and what they might mean, two columns for one
            attribute, a match attribute that is not unique or has no column.
    """
    problems: list[str] = []
    chosen = _by_column(columns, renames or {}, "--map", problems)
    skipped = _by_column(columns, dict.fromkeys(skip, ""), "--skip", problems)
    sorted_columns = _Sorted()
    for column in columns:
        if column not in skipped:
            sorted_columns.add(column, chosen.get(column), schema)
    found, unknown = sorted_columns.found, sorted_columns.unknown
    problems = [*unknown, *problems, *sorted_columns.problems, *_collisions(found)]
    matching = _match_attribute(match, schema, found, problems)
    if problems:
        raise Refusal("\n".join([*problems, *(_advice(schema) if unknown else ())]))
    return ColumnMap(found, matching, tuple(sorted_columns.read_only))


@attrs.define
class _Sorted:
    """Columns by what became of them."""

    found: dict[str, Attribute] = attrs.field(factory=dict[str, Attribute])
    read_only: list[str] = attrs.field(factory=list[str])
    unknown: list[str] = attrs.field(factory=list[str])
    problems: list[str] = attrs.field(factory=list[str])

    def add(self, column: str, renamed: str | None, schema: ObjectSchema) -> None:
        """Find the attribute of a column, or say why there is none."""
        try:
            attribute = _attribute_of(column, renamed, schema)
        except UnknownName as error:
            self.unknown.append(_unknown(column, renamed, error, schema))
        except Refusal as error:
            self.problems.append(str(error))
        else:
            if attribute is None:
                self.read_only.append(column)
            else:
                self.found[column] = attribute


def _attribute_of(column: str, renamed: str | None, schema: ObjectSchema) -> Attribute | None:
    """The attribute a column goes into; None where Attio fills it itself and nobody asked for it by name."""
    try:
        attribute = schema.find((renamed or column).strip())
    except UnknownName:
        if renamed is None and _key(column) in _ALWAYS_READ_ONLY:
            return None
        raise
    if attribute.is_archived:
        raise Refusal(f"column {column!r}: the attribute {attribute.slug!r} is archived")
    if attribute.is_writable:
        return attribute
    if renamed is not None:
        raise Refusal(f"column {column!r}: Attio sets {attribute.slug!r} itself; it cannot be written")
    return None


def has_column(columns: Iterable[str], name: str) -> bool:
    """Whether a file has the column, as names of columns are told apart."""
    return _key(name) in map(_key, columns)


def _key(name: str) -> str:
    return name.strip().casefold()


def _by_column(
    columns: Sequence[str], wanted: Mapping[str, str], option: str, problems: list[str]
) -> dict[str, str]:
    """`wanted` with the columns spelt as the file spells them."""
    spelling = {_key(column): column for column in columns}
    result: dict[str, str] = {}
    for name, value in wanted.items():
        if _key(name) in spelling:
            result[spelling[_key(name)]] = value
        else:
            near = get_close_matches(_key(name), spelling, n=1)
            hint = f"; did you mean {spelling[near[0]]!r}?" if near else f"; there is {_listed(columns)}"
            problems.append(f"{option}: the file has no column {name!r}{hint}")
    return result


def _unknown(column: str, renamed: str | None, error: UnknownName, schema: ObjectSchema) -> str:
    near = error.suggestions or _sharing_words(renamed or column, schema)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    if renamed is not None:
        return f"--map: there is no attribute {renamed!r} for the column {column!r}{hint}"
    return f"column {column!r} is no attribute{hint}"


def _sharing_words(name: str, schema: ObjectSchema) -> Sequence[str]:
    """Attributes whose words are among those of the name ("Company Name": name), or the other way round."""
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


def _collisions(found: Mapping[str, Attribute]) -> list[str]:
    first: dict[str, str] = {}
    problems: list[str] = []
    for column, attribute in found.items():
        other = first.setdefault(attribute.slug, column)
        if other != column:
            problems.append(
                f"the columns {other!r} and {column!r} both go into the attribute {attribute.slug!r}"
            )
    return problems


def _match_attribute(
    match: str, schema: ObjectSchema, found: Mapping[str, Attribute], problems: list[str]
) -> str:
    unique = [
        attribute.slug
        for attribute in schema.attributes.values()
        if attribute.is_unique and attribute.is_writable
    ]
    possible = f"; unique are {_listed(unique)}" if unique else "; this object has no unique attribute"
    try:
        attribute = schema.find(match)
    except UnknownName:
        problems.append(f"--match: there is no attribute {match!r}{possible}")
        return match
    if not attribute.is_unique:
        problems.append(f"--match: the attribute {attribute.slug!r} is not unique{possible}")
    elif attribute.slug not in {other.slug for other in found.values()}:
        problems.append(
            f"--match: no column goes into {attribute.slug!r}, by which existing records are found; the file"
            f' has {_listed(found) or "no usable column"}; name one with --map "Column={attribute.slug}"'
        )
    return attribute.slug


def _advice(schema: ObjectSchema) -> list[str]:
    writable = [
        _both_names(attribute)
        for attribute in schema.attributes.values()
        if attribute.is_writable and not attribute.is_archived
    ]
    return [
        f"attributes that can be written: {', '.join(writable)}",
        'say which attribute a column goes into with --map "Column=slug"; leave it out with --skip "Column"',
    ]


def _both_names(attribute: Attribute) -> str:
    same = attribute.title.casefold().replace(" ", "_") == attribute.slug
    return attribute.slug if same else f"{attribute.slug} ({attribute.title})"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))
