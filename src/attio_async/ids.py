"""Composite ids: one part each for the workspace, the object, and the thing itself."""

from collections.abc import Mapping
from typing import Any, cast

__all__ = ["id_part"]


def id_part(identity: object, name: str) -> str:
    """One part of a composite id, such as "record_id"; empty when it is missing or the id has another shape."""
    if type(identity) is dict or isinstance(
        identity, Mapping
    ):  # asking an abstract class takes three times as long
        return str(cast("Mapping[str, Any]", identity).get(name) or "")
    return ""
