"""Print the lowest version of each direct dependency that pyproject.toml allows, as constraints for pip."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

_BOUND = re.compile(r"(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?>=(?P<version>[0-9][^,;\s]*)")


def lowest_versions(pyproject: str) -> Iterator[str]:
    """Yield the lowest version of each dependency and of each extra's, such as "anyio==4.6"; not of `dev`."""
    project = tomllib.loads(pyproject)["project"]
    extras = [stated for extra, stated in project["optional-dependencies"].items() if extra != "dev"]
    for requirement in sorted({*project["dependencies"], *(each for stated in extras for each in stated)}):
        if requirement.startswith(f"{project['name']}["):
            continue
        bound = _BOUND.match(requirement)
        if bound is None:
            raise SystemExit(f"{requirement!r} in pyproject.toml has no lower bound; add one")
        yield f"{bound['name']}=={bound['version']}"


if __name__ == "__main__":
    print("\n".join(lowest_versions(Path("pyproject.toml").read_text("utf-8"))))
