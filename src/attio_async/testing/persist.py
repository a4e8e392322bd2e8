"""The state of a workspace to bytes and back."""

import msgspec

from .state import Workspace
from .workspace_data import WorkspaceData

_FORMAT = 1


class _Header(msgspec.Struct):
    format: int


class _Document(msgspec.Struct):
    format: int
    workspace: WorkspaceData


def to_json(workspace: Workspace) -> bytes:
    """All of the workspace as JSON; history included."""
    return msgspec.json.encode(_Document(_FORMAT, workspace.data))


def from_json(document: bytes) -> Workspace:
    """The workspace that `to_json` wrote.

    Raises:
        ValueError: It is not such a document, or one of a newer version.
    """
    try:
        found = msgspec.json.decode(document, type=_Header).format
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this is no saved workspace: {error}") from None
    if found != _FORMAT:
        raise ValueError(f"this workspace was saved in format {found}; this version reads format {_FORMAT}")
    try:
        return Workspace(msgspec.json.decode(document, type=_Document).workspace)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"this saved workspace is damaged: {error}") from None
