"""The hints in the source, as templates in which ``{}`` stands for what is filled in."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "attio_async"

_HINT_ARGUMENT = {"EncodeError": 1, "CompileError": 1, "Problem": 4, "single": 4}
"""The position of the hint in the arguments of an error."""

_ERRORS = {"ConfigurationError", "FilterError", "Refusal", "InvalidDelivery", "StateMismatch", "KeyError"}
"""Errors whose message ends with what to do, after a semicolon."""


def hints() -> dict[str, str]:
    """Return each hint of the package, but for its fake, and the module that it is in."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        module = path.relative_to(SOURCE)
        if module.parts[0] != "testing":
            for template in _hints(ast.parse(path.read_text("utf-8"))):
                found.setdefault(template, str(module))
    return found


def pattern(template: str) -> re.Pattern[str]:
    """Return what a message with this hint matches."""
    parts = re.split(r"\{\}|%s", template)
    return re.compile(".*?".join(map(re.escape, parts)), re.DOTALL)


def _hints(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "hint" for target in node.targets
        ):
            yield from _texts(node.value)
        elif isinstance(node, ast.FunctionDef) and node.name == "hint":
            for part in ast.walk(node):
                if isinstance(part, ast.Return) and part.value is not None:
                    yield from _texts(part.value)


def _of_call(call: ast.Call) -> Iterator[str]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _HINT_ARGUMENT:
        place = _HINT_ARGUMENT[name]
        named = [keyword.value for keyword in call.keywords if keyword.arg == "hint"]
        for argument in [*call.args[place : place + 1], *named]:
            yield from _texts(argument)
    elif name in _ERRORS:
        for argument in call.args[:1]:
            yield from (text for text in _texts(argument) if "; " in text)


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts that an expression may be; one that is only filled in says nothing."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from _texts(value)
    elif (text := _text(node)) is not None and text.strip(" {};"):
        yield text


def _text(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return (_text(node.left) or "{}") + (_text(node.right) or "{}")
    return _text(node.left) if isinstance(node, ast.BinOp) else None
