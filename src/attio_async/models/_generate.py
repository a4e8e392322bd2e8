"""Generate a module of models from a schema.

Text that people wrote enters the code as literals and escaped docstrings alone, and the result is parsed and checked
before anybody gets it.
"""

import ast
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import attrs

from ..errors import ConfigurationError
from ._models import EntryModel, Model, RecordModel
from ._names import RESERVED_CLASSES, attribute_name, class_name, is_keyword_argument, member_name
from ._schema import SchemaAttribute, SchemaContent, SchemaList, SchemaObject

MARK = "# Made by `attio-async models pull`. The next pull overwrites changes made by hand."
"""The first line of every generated module. A file without it is never overwritten."""

_WIDTH = 88
_LONGEST_NAME = 24
_SYSTEM = frozenset({"record_id", "entry_id", "created_at", "created_by", "parent_record"})
_PARAMETERS_OF_CREATE = frozenset({"self", "parent", "values", "more", "validate"})
_KINDS = {
    "actor-reference": ("ACTOR", "ActorInput"),
    "checkbox": ("CHECKBOX", "CheckboxInput"),
    "currency": ("CURRENCY", "NumberInput"),
    "date": ("DATE", "DateInput"),
    "domain": ("DOMAIN", "TextInput"),
    "email-address": ("EMAIL_ADDRESS", "TextInput"),
    "interaction": ("INTERACTION", "AnyInput"),
    "location": ("LOCATION", "LocationInput"),
    "number": ("NUMBER", "NumberInput"),
    "personal-name": ("PERSONAL_NAME", "PersonalNameInput"),
    "phone-number": ("PHONE_NUMBER", "PhoneNumberInput"),
    "rating": ("RATING", "NumberInput"),
    "record-reference": ("RECORD", "RecordInput"),
    "text": ("TEXT", "TextInput"),
    "timestamp": ("TIMESTAMP", "TimestampInput"),
}
"""By attribute type: the constant of its kind of values, and the alias of what it takes."""

KIND_TYPES: Mapping[str, str] = {constant: type for type, (constant, _) in _KINDS.items()}
"""The attribute type of each constant."""


@attrs.frozen
class _Class:
    """An object or list, the name of its model, and the attributes to put in it with their names."""

    name: str
    source: SchemaObject | SchemaList
    attributes: tuple[tuple[str, SchemaAttribute, str], ...]
    """The name, the attribute, and the name of the enum with its options, if it has any."""

    @property
    def is_list(self) -> bool:
        return isinstance(self.source, SchemaList)


def generate(schema: SchemaContent, *, version: str, annotated: bool = False) -> str:
    """Return the module with a model for each object and list.

    Args:
        schema: The objects and lists.
        version: The version of this package, for the head of the module.
        annotated: True states the types of attributes as final, as published packages must.

    Raises:
        ConfigurationError: The schema has nothing to make a model of.
    """
    classes = _classes(schema)
    if not classes:
        raise ConfigurationError("the workspace has no objects or lists to make models of")
    module = "".join(_module(schema, classes, version, annotated=annotated))
    check_generated(module)
    return module


def _classes(schema: SchemaContent) -> list[_Class]:
    taken = set(RESERVED_CLASSES)
    found: list[_Class] = []
    for source in schema:
        is_list = isinstance(source, SchemaList)
        base: type[Model] = EntryModel if is_list else RecordModel
        title = f"{source.label} entry" if is_list else source.label
        name = class_name(title, taken, longest=_LONGEST_NAME)
        taken |= {name, *(f"{name}{part}" for part in ("Create", "Update", "More", "Keywords"))}
        taken.add(f"{name}Entries" if is_list else f"{name}Records")
        found.append(_Class(name, source, tuple(_attributes(source, base))))
    return found


def _attributes(
    source: SchemaObject | SchemaList, base: type[Model]
) -> Iterator[tuple[str, SchemaAttribute, str]]:
    # A name that a class has already cannot be the name of an attribute, and neither can what its body uses.
    taken = {*dir(base), *dir(type(base)), "in_", "models", "classmethod", "parent_record"}
    for attribute in source.attributes:
        if attribute.slug in _SYSTEM or attribute.is_archived:
            continue
        name = attribute_name(attribute.slug, taken)
        taken.add(name)
        enum = ""
        if attribute.has_options:
            enum = class_name(attribute.slug, taken | RESERVED_CLASSES)
            taken.add(enum)
        yield name, attribute, enum


def _module(
    schema: SchemaContent, classes: Sequence[_Class], version: str, *, annotated: bool
) -> Iterator[str]:
    name = schema.workspace_name or "a workspace"
    yield f"{MARK}\n# ruff: noqa\n"
    yield docstring(f"Models of {name}, made by attio-async {version}", "")
    yield "\nfrom typing import Final\n" if annotated else ""
    yield "\nfrom attio_async import models\n\n"
    scope = [] if schema.is_whole else ["is_whole=False"]
    yield call("WORKSPACE = models.SourceWorkspace(", [literal(schema.workspace_id), *scope], "")
    models = {each.source.slug: each.name for each in classes if not each.is_list}
    for each in classes:
        yield "\n\n"
        yield from _model(each, models, annotated=annotated)
        yield from _rows(each)


def _model(each: _Class, models: Mapping[str, str], *, annotated: bool) -> Iterator[str]:
    source, rows = each.source, _rows_name(each)
    base = "EntryModel" if each.is_list else "RecordModel"
    arguments = [f"models.{base}", f"slug={literal(source.slug)}"]
    if source.id:
        arguments.append(f"id={literal(source.id)}")
    yield call(f"class {each.name}(", arguments, "", end="):")
    if isinstance(source, SchemaList):
        yield docstring(f"An entry of the list {source.label}", "    ")
    else:
        yield docstring(f"A record of {source.plural or source.label}", "    ")
    yield "\n    __slots__ = ()\n\n    @classmethod\n"
    yield f'    def __bind__(cls, binding: models.Binding) -> "{rows}":\n'
    yield f"        return {rows}(cls, binding)\n"
    final = ": Final" if annotated else ""
    if isinstance(source, SchemaList):
        known = [models[parent] for parent in source.parents if parent in models]
        leads = (
            f"models.parent(lambda: {known[0]})"
            if len(source.parents) == 1 and known
            else "models.any_parent()"
        )
        yield f"\n    parent_record{final} = {leads}\n"
        yield docstring("The record", "    ")
    for name, attribute, enum in each.attributes:
        yield "\n"
        if enum:
            yield from _enum(enum, attribute)
        one = "Many" if attribute.is_multiselect else "One"
        arguments = [_kind(attribute, enum, models), literal(attribute.slug)]
        if attribute.id:
            arguments.append(f"id={literal(attribute.id)}")
        if attribute.is_required:
            arguments.append("required=True")
        yield call(f"{name}{final} = models.{one}(", arguments, "    ")
        title = attribute.title or attribute.slug
        text = f"{title}: {attribute.description}" if attribute.description else title
        yield docstring(text, "    ")


def _enum(name: str, attribute: SchemaAttribute) -> Iterator[str]:
    yield f"    class {name}(models.OpenEnum):\n"
    yield docstring(f"The values of {attribute.title or attribute.slug}", "        ")
    members = [option for option in attribute.options or () if not option.is_archived]
    taken = {"MRO"}
    titles: set[str] = set()
    if members:
        yield "\n"
    for option in members:
        if option.title in titles:
            continue
        titles.add(option.title)
        ids = [other.id for other in members if other.title == option.title and other.id]
        member = member_name(option.title, taken)
        taken.add(member)
        values = [literal(option.title), *map(literal, ids)]
        line = f"        {member} = {', '.join(values)}\n"
        if len(line) > _WIDTH + 1 and ids:
            line = f"        {member} = (\n{''.join(f'            {each},{chr(10)}' for each in values)}        )\n"
        yield line
    yield "\n"


def _kind(attribute: SchemaAttribute, enum: str, models: Mapping[str, str]) -> str:
    if enum:
        return f"models.{attribute.type}({enum})"
    if attribute.type == "record-reference":
        known = [models[slug] for slug in attribute.objects if slug in models]
        if len(attribute.objects) == 1 and known:
            return f"models.record(lambda: {known[0]})"
    if attribute.type in _KINDS:
        return f"models.{_KINDS[attribute.type][0]}"
    return f"models.other({literal(attribute.type)})"


def _rows_name(each: _Class) -> str:
    return f"{each.name}{'Entries' if each.is_list else 'Records'}"


def _rows(each: _Class) -> Iterator[str]:
    """Yield the rows that are written, and the class that reads and writes them."""
    written = [(attribute, enum) for _, attribute, enum in each.attributes if attribute.is_writable]
    keywords = [pair for pair in written if _is_keyword(pair[0].slug)]
    others = [pair for pair in written if not _is_keyword(pair[0].slug)]
    thing = "an entry" if each.is_list else "a record"
    yield from _typed_dict(each, "Create", written, f"The values to create {thing} with", creates=True)
    if others:
        yield from _typed_dict(each, "Keywords", keywords, "Those that can be keywords", creates=True)
        yield from _typed_dict(each, "More", others, "Those that go into a mapping", creates=True)
    yield from _typed_dict(each, "Update", written, f"The values to change {thing} with", creates=False)
    base = "models.ModelEntries" if each.is_list else "models.ModelRecords"
    yield "\n\n"
    yield call(f"class {_rows_name(each)}(", [f"{base}[{each.name}, {each.name}Update]"], "", end="):")
    yield docstring(f"The {'entries' if each.is_list else 'records'} of `{each.name}`", "    ")
    yield from _create(each, others)


def _create(each: _Class, others: Sequence[tuple[SchemaAttribute, str]]) -> Iterator[str]:
    name, parent = each.name, ["parent: object"] if each.is_list else []
    end = f") -> {name}:"
    yield "\n    @models.overload\n"
    given = ["self", *parent, f"values: {name}Create", "/", "*", "validate: bool = True"]
    yield call("async def create(", given, "    ", end=f"{end} ...")
    yield "    @models.overload\n"
    keywords = f"**more: models.Unpack[{name}{'Keywords' if others else 'Create'}]"
    default = "" if any(attribute.is_required for attribute, _ in others) else " = ..."
    mapping = [f"values: {name}More{default}"] if others else []
    yield call(
        "async def create(",
        ["self", *parent, *mapping, "/", "*", "validate: bool = True", keywords],
        "    ",
        end=f"{end} ...",
    )
    given = [
        "self",
        *parent,
        "values: models.AnyInput = None",
        "/",
        "*",
        "validate: bool = True",
        "**more: object",
    ]
    yield call("async def create(", given, "    ", end=end)
    yield docstring(
        f"Create {'an entry' if each.is_list else 'a record'}, from a mapping or from keywords, and return it",
        "        ",
    )
    passed = "parent, values, more" if each.is_list else "values, more"
    yield f"        return await self._create({passed}, validate=validate)\n"


def _is_keyword(slug: str) -> bool:
    return is_keyword_argument(slug) and slug not in _PARAMETERS_OF_CREATE


def _typed_dict(
    each: _Class, part: str, pairs: Sequence[tuple[SchemaAttribute, str]], text: str, *, creates: bool
) -> Iterator[str]:
    name = f"{each.name}{part}"
    keys = [(attribute.slug, _input(each, attribute, enum, creates=creates)) for attribute, enum in pairs]
    yield "\n\n"
    # A key that is not an identifier, or hides a name that the types are written with, cannot stand in a class.
    if all(is_keyword_argument(slug) and slug not in {"models", each.name} for slug, _ in keys):
        yield f"class {name}(models.TypedDict, total=False):\n"
        yield docstring(text, "    ")
        yield "\n" if keys else ""
        for slug, type in keys:
            yield _annotation(slug, type)
        return
    yield f"{name} = models.TypedDict(\n    {literal(name)},\n    {{\n"
    for slug, type in keys:
        yield f"        {literal(slug)}: {type},\n"
    yield "    },\n    total=False,\n)\n"


def _annotation(slug: str, type: str) -> str:
    line = f"    {slug}: {type}\n"
    if len(line) <= _WIDTH + 1 or "[" not in type:
        return line
    opening, _, rest = type.partition("[")
    inner, _, tail = rest.rpartition("]")
    return f"    {slug}: {opening}[\n        {inner}\n    ]{tail}\n"


def _input(each: _Class, attribute: SchemaAttribute, enum: str, *, creates: bool) -> str:
    single = f"{each.name}.{enum}" if enum else f"models.{_KINDS.get(attribute.type, ('', 'AnyInput'))[1]}"
    type = f"models.Several[{single}]" if attribute.is_multiselect else single
    return f"models.Required[{type}]" if creates and attribute.is_required else f"{type} | None"


# Code


def literal(text: str) -> str:
    """Return a text as a literal, in the quotes that a formatter would choose."""
    code = repr(text)
    if code.startswith('"') or text.count('"') > text.count("'"):
        return code
    return f'"{code[1:-1].replace(chr(92) + chr(39), chr(39)).replace(chr(34), chr(92) + chr(34))}"'


def call(head: str, arguments: Sequence[str], indent: str, *, end: str = ")") -> str:
    """Return a call on one line, or on as many as a formatter would use."""
    line = f"{indent}{head}{', '.join(arguments)}{end}\n"
    if len(line) <= _WIDTH + 1:
        return line
    inner = f"{indent}    {', '.join(arguments)}\n"
    if len(inner) <= _WIDTH + 1:
        return f"{indent}{head}\n{inner}{indent}{end}\n"
    lines = "".join(f"{indent}    {each},\n" for each in arguments)
    if len(arguments) == 1:
        lines = f"{indent}    {arguments[0]}\n"
    return f"{indent}{head}\n{lines}{indent}{end}\n"


def docstring(text: str, indent: str) -> str:
    """Return a text as a docstring, with everything escaped that could end it or be seen as something else."""
    words = " ".join(text.split())
    plain = "".join(each if each.isprintable() else repr(each)[1:-1] for each in words.replace("\\", "\\\\"))
    plain = plain.replace('"""', '\\"\\"\\"')
    if plain.endswith('"'):
        plain = f'{plain[:-1]}\\"'
    if not plain.endswith((".", "!", "?")):
        plain += "."
    if len(plain) + len(indent) + 6 <= _WIDTH:
        return f'{indent}"""{plain}"""\n'
    lines = textwrap.wrap(
        plain,
        _WIDTH - len(indent) - 3,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return f'{indent}"""' + "\n".join(lines) + f'\n{indent}"""\n'


_KNOWN_NODES = (
    ast.Module, ast.Expr, ast.Constant, ast.ImportFrom, ast.alias, ast.Assign, ast.AnnAssign, ast.Name, ast.Load,
    ast.Store, ast.Call, ast.keyword, ast.Attribute, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef,
    ast.arguments, ast.arg, ast.Return, ast.Await, ast.Lambda, ast.Tuple, ast.Subscript, ast.BinOp, ast.BitOr, ast.Dict,
)  # fmt: skip


_IMPORTS = (("attio_async", ["models"]), ("typing", ["Final"]))


def check_generated(module: str) -> ast.Module:
    """Return the parsed module, after checking that it is made of what generated modules are made of.

    Raises:
        ConfigurationError: It is not.
    """
    try:
        tree = ast.parse(module)
    except (SyntaxError, ValueError) as error:
        raise ConfigurationError(f"the module is not Python: {error}") from None
    for node in ast.walk(tree):
        is_known = isinstance(node, _KNOWN_NODES)
        if isinstance(node, ast.ImportFrom):
            is_known = (node.module, [each.name for each in node.names]) in _IMPORTS
        elif isinstance(node, ast.Call):
            root = node.func
            while isinstance(root, ast.Attribute):
                root = root.value
            is_known = isinstance(root, ast.Name)
        if not is_known:
            line = getattr(node, "lineno", 0)
            raise ConfigurationError(
                f"line {line} has a {type(node).__name__}, which no generated module has; pull it again"
            )
    return tree
