"""Earlier states of a workspace."""

from typing import Self

import attrs

from . import persist
from .copying import copied
from .state import Workspace
from .workspace_data import WorkspaceData

__all__ = ["Snapshot"]


@attrs.frozen(eq=False)
class Snapshot:
    """A state to come back to with `FakeAttio.restore`, as often as one likes."""

    data: WorkspaceData = attrs.field(repr=False)
    """To be read only."""

    @classmethod
    def of(cls, workspace: Workspace, last: "Snapshot | None" = None) -> Self:
        """The state of a workspace as it is now; what has not changed since the last snapshot is shared with it."""
        return cls(copied(workspace.data, None if last is None else last.data))

    @property
    def document(self) -> bytes:
        """The state as JSON."""
        return persist.to_json(Workspace(self.data))

    def workspace(self, spare: Workspace) -> Workspace:
        """A workspace in that state, to which nobody listens yet.

        Args:
            spare: A workspace that is given up for it; of its parts those that have not changed are used again.
        """
        return Workspace(copied(self.data, spare.data))
