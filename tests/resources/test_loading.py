"""A resource is imported when it is first used, and no other one with it."""

import subprocess
import sys


def loaded_by(statement: str) -> set[str]:
    """Return the resources that a program has imported."""
    code = f"{statement}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    prefix = "attio_async._resources."
    names = {name.removeprefix(prefix) for name in done.stdout.split() if name.startswith(prefix)}
    return {name for name in names if not name.startswith("_")}


def test_a_resource_is_imported_when_it_is_used() -> None:
    assert loaded_by("from attio_async import Attio; attio = Attio('token')") == set()
    assert loaded_by("from attio_async import Attio; Attio('token').notes") == {"notes"}
