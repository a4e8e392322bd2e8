"""The command behind scripts/regenerate.sh."""

import argparse
import sys
import tempfile
from pathlib import Path

from codegen import build, compare, fetch, report, stubs, upstream, vendor
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
        action="append",
        default=[],
        metavar="FILE|URL",
        help="first rebuild openapi/attio.json from this OpenAPI document and tell what changed; again for each further part",
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="with --upstream: tell what would change, and change nothing"
    )
    options = parser.parse_args()
    if options.dry_run and (options.check or not options.upstream):
        parser.error("--dry-run goes with --upstream, and not with --check")
    try:
        if options.check:
            return check(options.upstream)
        if options.upstream:
            return take_over(options.upstream, dry_run=options.dry_run)
        build.build_package(DOCUMENT, PACKAGE)
    except BuildError as error:
        complain(str(error))
        return 1
    return 0


def complain(text: str) -> None:
    """Say what is wrong."""
    for line in text.splitlines():
        print(f"regenerate: {line}", file=sys.stderr)


def drafted(sources: list[str]) -> upstream.Draft:
    """Return a document from descriptions of the API and the hand-kept files."""
    structure = vendor.structure_of([fetch.read(source) for source in sources])
    corrections = read_toml(OPENAPI / "overlay.toml")["correction"]
    return upstream.draft(structure, read_toml(OPENAPI / "names.toml"), corrections, read_json(DOCUMENT))


def take_over(sources: list[str], *, dry_run: bool) -> int:
    """Tell what a newer description changes and, unless something has to be settled first, change it."""
    draft = drafted(sources)
    print(report.render(compare.changes(read_json(DOCUMENT), draft.document), draft.kept), end="")
    if draft.unnamed:
        print("\nFor openapi/names.toml, to read and correct:\n")
        print(stubs.as_toml(draft.unnamed, draft.document), end="", flush=True)
    if draft.problems:
        complain("\n".join([*draft.problems, "nothing was changed"]))
        return 1
    if not dry_run:
        with tempfile.TemporaryDirectory() as scratch:
            document = Path(scratch, DOCUMENT.name)
            write_json(document, draft.document)
            build.build_package(document, PACKAGE)
            DOCUMENT.write_bytes(document.read_bytes())
    return 0


def check(sources: list[str]) -> int:
    """Generate elsewhere and compare; with a description, compare the document too."""
    with tempfile.TemporaryDirectory() as scratch:
        document, package = DOCUMENT, Path(scratch, build.PACKAGE)
        wrong: list[str] = []
        if sources:
            draft = drafted(sources)
            if draft.problems:
                raise BuildError("\n".join(draft.problems))
            document = Path(scratch, DOCUMENT.name)
            write_json(document, draft.document)
            if document.read_bytes() != DOCUMENT.read_bytes():
                wrong.append("differs: openapi/attio.json")
        build.build_package(document, package)
        wrong += build.differences(package, PACKAGE)
    if wrong:
        complain("\n".join([*wrong, "not up to date; run scripts/regenerate.sh and commit what it changes"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
