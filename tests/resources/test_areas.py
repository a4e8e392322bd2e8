"""What using one area costs: that area, and no other."""

import subprocess
import sys


def areas_loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport sys\nprint(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names = [
        name.rpartition(".")[2] for name in done.stdout.split() if name.startswith("attio_async._resources.")
    ]
    return {name for name in names if not name.startswith("_")}


def test_an_area_is_loaded_when_it_is_used() -> None:
    bare = areas_loaded_by("from attio_async import Attio; attio = Attio('token')")
    assert bare == set()
    notes = areas_loaded_by("from attio_async import Attio; Attio('token').notes")
    assert notes == {"notes"}
