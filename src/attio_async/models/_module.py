"""Read a generated module back as a schema, without running it."""

import ast
from collections.abc import Iterator

from ..errors import ConfigurationError
from ._generate import KIND_TYPES, MARK, check_generated
from ._schema import SchemaAttribute, SchemaContent, SchemaList, SchemaObject, SchemaOption


def read_module(source: str, name: str) -> SchemaContent:
    """Return the schema that a generated module holds.

    Args:
        source: The text of the module.
        name: Its file, for messages.

    Raises:
        ConfigurationError: It was not made by `attio-async models pull`, or was changed by hand.
    """
    if not source.startswith(MARK):
        raise ConfigurationError(f"{name} was not made by `attio-async models pull`")
    tree = check_generated(source)
    workspace_id, is_whole = "", True
    objects: list[SchemaObject] = []
    lists: list[SchemaList] = []
    classes = {
        node.name: node for node in tree.body if isinstance(node, ast.ClassDef) and _keyword(node, "slug")
    }
    slugs = {class_name: _keyword(node, "slug") for class_name, node in classes.items()}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and _name(node) == "WORKSPACE":
            workspace_id = _texts(node.value)[0]
            is_whole = not any(keyword.arg == "is_whole" for keyword in node.value.keywords)
    for node in classes.values():
        attributes = tuple(_attributes(node, slugs))
        slug, id_ = _keyword(node, "slug"), _keyword(node, "id")
        base = node.bases[0]
        if isinstance(base, ast.Attribute) and base.attr == "EntryModel":
            lists.append(SchemaList(slug=slug, attributes=attributes, id=id_))
        else:
            objects.append(SchemaObject(slug=slug, attributes=attributes, id=id_))
    return SchemaContent(
        objects=tuple(objects),
        lists=tuple(lists),
        workspace_id=workspace_id,
        is_whole=is_whole,
        is_of_models=True,
    )


def _attributes(model: ast.ClassDef, slugs: dict[str, str]) -> Iterator[SchemaAttribute]:
    enums = {node.name: tuple(_options(node)) for node in model.body if isinstance(node, ast.ClassDef)}
    for node in model.body:
        call = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        if call.func.attr not in {"One", "Many"}:
            continue
        if len(call.args) < 2:  # noqa: PLR2004 - the type and the slug
            raise _changed(call)
        type_, enum, target = _kind(call.args[0])
        keywords = {keyword.arg: keyword.value for keyword in call.keywords}
        yield SchemaAttribute(
            slug=_text(call.args[1]),
            type=type_,
            is_multiselect=call.func.attr == "Many",
            is_required="required" in keywords,
            objects=(slugs[target],) if target in slugs else (),
            options=enums.get(enum),
            id=_text(keywords["id"]) if "id" in keywords else "",
        )


def _kind(node: ast.expr) -> tuple[str, str, str]:
    """Return the type of an attribute, and the names of its enum and of the model that it refers to."""
    if isinstance(node, ast.Attribute) and node.attr in KIND_TYPES:
        return KIND_TYPES[node.attr], "", ""
    call = node if isinstance(node, ast.Call) else None
    function = call.func.attr if call is not None and isinstance(call.func, ast.Attribute) else ""
    argument = call.args[0] if call is not None else None
    if function == "record" and isinstance(argument, ast.Lambda) and isinstance(argument.body, ast.Name):
        return "record-reference", "", argument.body.id
    if function in {"select", "status"} and isinstance(argument, ast.Name):
        return function, argument.id, ""
    if function == "other" and argument is not None:
        return _text(argument), "", ""
    raise _changed(node)


def _changed(node: ast.expr) -> ConfigurationError:
    return ConfigurationError(f"line {node.lineno} was changed by hand; pull the module again")


def _options(enum: ast.ClassDef) -> Iterator[SchemaOption]:
    for node in enum.body:
        if isinstance(node, ast.Assign):
            parts = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
            title, *ids = map(_text, parts)
            yield SchemaOption(title=title, id=ids[0] if ids else "")


def _keyword(node: ast.ClassDef, name: str) -> str:
    return next((_text(keyword.value) for keyword in node.keywords if keyword.arg == name), "")


def _name(node: ast.Assign) -> str:
    target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""


def _texts(call: ast.Call) -> list[str]:
    return [_text(argument) for argument in call.args]


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
