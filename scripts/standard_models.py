"""Write the models of the standard objects, from their description in the package."""

import json
from pathlib import Path

from attio_async.models._generate import generate
from attio_async.models._schema import SchemaAttribute, SchemaContent, SchemaObject, SchemaOption

PACKAGE = Path(__file__).parents[1] / "src" / "attio_async"
TARGET = PACKAGE / "models" / "_standard.py"


def standard_schema() -> SchemaContent:
    """Return the documented objects as a schema."""
    document = json.loads((PACKAGE / "_data" / "standard_objects.json").read_bytes())
    return SchemaContent(
        objects=tuple(
            SchemaObject(
                slug=described["slug"],
                singular=described["singular"],
                plural=described["plural"],
                attributes=tuple(map(_attribute, described["attributes"])),
            )
            for described in document["objects"]
        ),
        workspace_name="the standard objects",
    )


def _attribute(described: dict) -> SchemaAttribute:
    options = described.get("options")
    inverse = described.get("inverse")
    return SchemaAttribute(
        slug=described["slug"],
        title=described["title"],
        type=described["type"],
        is_multiselect=described.get("multiselect", False),
        is_required=described.get("required", False),
        is_writable=not described.get("read_only", False),
        objects=() if inverse is None else (inverse[0],),
        options=None if options is None else tuple(SchemaOption(title=title) for title in options),
    )


def standard_models() -> str:
    """Return the module."""
    module = generate(standard_schema(), version="", annotated=True)
    for made, ours in (
        (module.partition("\n")[0], "# Made by scripts/standard_models.py."),
        (', made by attio-async ."""', '."""'),
        (
            "\nWORKSPACE",
            '\n__name__ = "attio_async.models"  # where the classes are imported from\n\nWORKSPACE',
        ),
    ):
        module = module.replace(made, ours, 1)
    return module


if __name__ == "__main__":
    TARGET.write_text(standard_models(), encoding="utf-8")
