"""One small module per area of the API; each turns calls into requests and answers into results.

An area is loaded when it is first used: the request builders and models of all of them would cost every program
that imports the client, and most programs use two or three.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import activities as activities
    from . import attributes as attributes
    from . import call_recordings as call_recordings
    from . import comments as comments
    from . import emails as emails
    from . import entries as entries
    from . import files as files
    from . import lists as lists
    from . import meetings as meetings
    from . import notes as notes
    from . import search as search
    from . import sequences as sequences
    from . import sql as sql
    from . import tasks as tasks
    from . import threads as threads
    from . import webhooks as webhooks
    from . import workspace_members as workspace_members


def __getattr__(name: str) -> ModuleType:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if error.name != f"{__name__}.{name}":
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
