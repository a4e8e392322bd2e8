"""The command behind scripts/regenerate.sh."""

import argparse
import sys
import tempfile
from pathlib import Path

from codegen import build, upstream
from codegen.facts import BuildError, read_json, read_toml, write_json

ROOT = Path(__file__).resolve().parents[2]
OPENAPI = ROOT / "openapi"
DOCUMENT = OPENAPI / "attio.json"
PACKAGE = ROOT / "generated" / build.PACKAGE


def main() -> int:
    """Regenerate, check or take over a newer description; the exit code is 1 when something is wrong."""
    parser = argparse.ArgumentParser(
        prog="scripts/regenerate.sh", description="Make generated/attio_async_api from openapi/attio.json."
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing; fail if the package is not up to date"
    )
    parser.add_argument(
        "--upstream",
        type=Path,
        metavar="FILE",
        help="first rebuild openapi/attio.json from this description of the API",
    )
    options = parser.parse_args()
    try:
        if options.check:
            return check(options.upstream)
        if options.upstream:
            rebuild(options.upstream, DOCUMENT)
        build.build_package(DOCUMENT, PACKAGE)
    except BuildError as error:
        print(f"regenerate: {error}", file=sys.stderr)
        return 1
    return 0


def rebuild(structure: Path, target: Path) -> None:
    """Write our document of the API from a description of its structure and the hand-kept files."""
    corrections = read_toml(OPENAPI / "overlay.toml")["correction"]
    document = upstream.build(read_json(structure), read_toml(OPENAPI / "names.toml"), corrections)
    write_json(target, document)


def check(structure: Path | None) -> int:
    """Generate elsewhere and compare; with a description, compare the document too."""
    with tempfile.TemporaryDirectory() as scratch:
        document, package = DOCUMENT, Path(scratch, build.PACKAGE)
        wrong: list[str] = []
        if structure:
            document = Path(scratch, "attio.json")
            rebuild(structure, document)
            if document.read_bytes() != DOCUMENT.read_bytes():
                wrong.append("differs: openapi/attio.json")
        build.build_package(document, package)
        wrong += build.differences(package, PACKAGE)
    for line in wrong:
        print(f"regenerate: {line}", file=sys.stderr)
    if wrong:
        print(
            "regenerate: not up to date; run scripts/regenerate.sh and commit what it changes",
            file=sys.stderr,
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
