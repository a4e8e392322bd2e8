"""The workspace of a fake as it is now, and as it is at first."""

import threading
from contextlib import AbstractContextManager

from ..._utils.clock import Clock
from .. import _timestamps
from .._schema import ActivityType, FakeMember, ObjectType
from .ids import SYSTEM, Stamp
from .standard_objects import system_facts
from .workspace import Workspace, WorkspaceData

_MEMBERS = (("Ada", "Lovelace", "admin"), ("Grace", "Hopper", "member"))
_ACTIVITIES = (
    ("activities", "Activity"),
    ("interactions", "Interaction"),
    ("calls", "Call"),
    ("emails", "Email"),
)


def new_workspace(*, seed: int, now: float) -> Workspace:
    """Create a workspace with the five standard objects, Attio's own activities and two members.

    Ids follow from `seed` and from the order in which things are created.
    """
    created_at = _timestamps.iso_nanoseconds(now)
    data = WorkspaceData(
        seed=seed,
        ids_made=0,
        id="",
        name="Fake Workspace",
        slug="fake-workspace",
        token_id="",
        created_at=created_at,
        members=[],
        objects={},
        lists={},
        rows={},
    )
    workspace = Workspace(data)
    data.id, data.token_id = workspace.new_id(), workspace.new_id()
    for first, last, access in _MEMBERS:
        email = f"{first.lower()}@fake-workspace.example.com"
        data.members.append(FakeMember(workspace.new_id(), first, last, email, created_at, access))
    for facts in system_facts().objects:
        kind = ObjectType(
            id=workspace.new_id(),
            slug=facts.slug,
            singular=facts.singular,
            plural=facts.plural,
            created_at=created_at,
        )
        workspace.add_object(kind, facts.attributes)
    for slug, singular in _ACTIVITIES:
        activity = ActivityType(
            id=workspace.new_id(),
            slug=slug,
            singular=singular,
            plural=slug.capitalize(),
            created_at=created_at,
        )
        workspace.add_activity(activity)
    return workspace


class WorkspaceState:
    """A workspace that can be replaced, with its clock and its lock.

    Attributes:
        workspace: The workspace; restoring a snapshot replaces it.
        clock: The source of time.
        lock: To be held while the workspace is read or changed, as a served fake answers in a thread of its own.
    """

    def __init__(self, workspace: Workspace, clock: Clock) -> None:
        self.workspace = workspace
        self.clock = clock
        self.lock: AbstractContextManager[bool] = threading.RLock()

    def now(self) -> str:
        """Return the time of the clock as it is stored."""
        return _timestamps.iso_nanoseconds(self.clock.time())

    def stamp(self) -> Stamp:
        """Return the stamp of what the system itself writes now."""
        return Stamp(self.now(), SYSTEM)
