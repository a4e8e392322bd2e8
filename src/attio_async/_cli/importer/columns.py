"""The mapping of a file's columns to attributes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import attrs

from ..._schema import Attribute, ObjectSchema
from ..._utils.text import folded
from ...errors import UnknownName
from ..errors import Refusal

# Every record has these, whether or not the object lists them; Attio sets them itself.
_ALWAYS_READ_ONLY = frozenset({"record_id", "created_at", "created_by"})


@attrs.frozen
class ColumnMap:
    """Attributes by column. Columns that Attio sets itself are left out and listed in `read_only`."""

    attributes: Mapping[str, Attribute]
    match: str
    read_only: tuple[str, ...] = ()


def parse_renames(options: Iterable[str]) -> dict[str, str]:
    """Parse the values of `--map "Column=slug"`.

    Raises:
        Refusal: A value is not of this form, or a column is given twice.
    """
    renames: dict[str, str] = {}
    for option in options:
        column, equals, slug = option.rpartition("=")
        if not (equals and column.strip() and slug.strip()):
            raise Refusal(f'--map {option!r} is not of the form "COLUMN=SLUG"')
        if _key(column) in map(_key, renames):
            raise Refusal(f"--map is given twice for the column {column.strip()!r}")
        renames[column.strip()] = slug.strip()
    return renames


def map_columns(
    columns: Sequence[str],
    schema: ObjectSchema,
    *,
    match: str | None,
    renames: Mapping[str, str] | None = None,
    skip: Iterable[str] = (),
) -> ColumnMap:
    """Map every column to the attribute of this slug, title or id, or as `renames` says.

    Args:
        columns: The columns of the file.
        schema: The attributes of the object.
        match: The unique attribute that finds existing records; None for the entries of a list.
        renames: Attributes by column, where the two have different names.
        skip: Columns to leave out.

    Raises:
        Refusal: The columns do not fit. The message lists every problem: unknown columns with near matches, two
            columns for one attribute, a match attribute that is not unique or has no column.
    """
    problems: list[str] = []
    chosen = _by_column(columns, renames or {}, "--map", problems)
    skipped = _by_column(columns, dict.fromkeys(skip, ""), "--skip", problems)
    found: dict[str, Attribute] = {}
    read_only: list[str] = []
    unknown: list[str] = []
    for column in columns:
        if column in skipped:
            continue
        try:
            attribute = _attribute_of(column, chosen.get(column), schema)
        except UnknownName as error:
            unknown.append(_unknown(column, chosen.get(column), error, schema))
        except Refusal as error:
            problems.append(str(error))
        else:
            if attribute is None:
                read_only.append(column)
            else:
                found[column] = attribute
    problems = [*unknown, *problems, *_collisions(found)]
    matching = "" if match is None else _match_attribute(match, schema, found, problems)
    if problems:
        raise Refusal("\n".join([*problems, *(_advice(schema) if unknown else ())]))
    return ColumnMap(found, matching, tuple(read_only))


def _attribute_of(column: str, renamed: str | None, schema: ObjectSchema) -> Attribute | None:
    """Return the attribute of a column; None where Attio sets it itself and --map does not ask for it."""
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
        raise Refusal(f"column {column!r}: Attio sets {attribute.slug!r} itself, so it cannot be written")
    return None


def has_column(columns: Iterable[str], name: str) -> bool:
    """Return True if a file has the column, in any case and with any blanks around it."""
    return _key(name) in map(_key, columns)


def _key(name: str) -> str:
    return folded(name)


def _by_column(
    columns: Sequence[str], wanted: Mapping[str, str], option: str, problems: list[str]
) -> dict[str, str]:
    """Return `wanted` with its columns spelt as in the file."""
    spelling = {_key(column): column for column in columns}
    result: dict[str, str] = {}
    for name, value in wanted.items():
        if _key(name) in spelling:
            result[spelling[_key(name)]] = value
        else:
            near = get_close_matches(_key(name), spelling, n=1)
            hint = f"; did you mean {spelling[near[0]]!r}?" if near else f"; the file has {_listed(columns)}"
            problems.append(f"{option}: unknown column {name!r}{hint}")
    return result


def _unknown(column: str, renamed: str | None, error: UnknownName, schema: ObjectSchema) -> str:
    near = error.suggestions or _sharing_words(renamed or column, schema)
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    if renamed is not None:
        return f"--map: unknown attribute {renamed!r} for the column {column!r}{hint}"
    return f"column {column!r} does not match an attribute{hint}"


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


def _collisions(found: Mapping[str, Attribute]) -> list[str]:
    first: dict[str, str] = {}
    problems: list[str] = []
    for column, attribute in found.items():
        other = first.setdefault(attribute.slug, column)
        if other != column:
            problems.append(
                f"the columns {other!r} and {column!r} both map to the attribute {attribute.slug!r}"
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
    possible = (
        f"; unique attributes: {_listed(unique)}" if unique else "; this object has no unique attribute"
    )
    try:
        attribute = schema.find(match)
    except UnknownName:
        problems.append(f"--match: unknown attribute {match!r}{possible}")
        return match
    if not attribute.is_unique:
        problems.append(f"--match: the attribute {attribute.slug!r} is not unique{possible}")
    elif attribute.slug not in {other.slug for other in found.values()}:
        problems.append(
            f"--match: no column maps to {attribute.slug!r}, which finds existing records; the file has"
            f' {_listed(found) or "no usable column"}; choose one with --map "COLUMN={attribute.slug}"'
        )
    return attribute.slug


def _advice(schema: ObjectSchema) -> list[str]:
    writable = [
        _both_names(attribute)
        for attribute in schema.attributes.values()
        if attribute.is_writable and not attribute.is_archived
    ]
    return [
        f"writable attributes: {', '.join(writable)}",
        'map a column to an attribute with --map "COLUMN=SLUG", or leave it out with --skip "COLUMN"',
    ]


def _both_names(attribute: Attribute) -> str:
    same = attribute.title.casefold().replace(" ", "_") == attribute.slug
    return attribute.slug if same else f"{attribute.slug} ({attribute.title})"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(repr, names))
