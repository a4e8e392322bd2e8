"""A resource is imported when it is first used, and no other one with it."""

import subprocess
import sys

PROGRAM = """
import sys
from attio_async import Attio

attio = Attio("token")
print(*sys.modules)
attio.notes
print(*sys.modules)
"""


def test_a_resource_is_imported_when_it_is_used() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    unused, used = map(resources, done.stdout.splitlines())
    assert (unused, used) == (set(), {"notes"})


def resources(modules: str) -> set[str]:
    """Return the resources among these modules."""
    prefix = "attio_async._resources."
    names = {name.removeprefix(prefix) for name in modules.split() if name.startswith(prefix)}
    return {name for name in names if not name.startswith("_")}
