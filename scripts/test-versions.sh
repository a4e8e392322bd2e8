#!/usr/bin/env bash
# Runs quick tests with the lowest or the newest versions of all direct dependencies that pyproject.toml allows, in an
# environment of its own (.venv-lowest, .venv-newest). Further arguments go to pytest in place of the selection below.
set -euo pipefail

cd "$(dirname -- "${BASH_SOURCE[0]}")/.."

which="${1:-}"
case "$which" in
    lowest | newest) shift ;;
    *)
        echo "Usage: scripts/test-versions.sh lowest|newest [arguments of pytest]" >&2
        exit 2
        ;;
esac

# What touches the dependencies: connections, JSON, Redis, the command line, servers.
selection=(tests/_limits tests/_pagination tests/_pipeline tests/_transport tests/values tests/cli tests/webhooks
    tests/test_*.py)
if (($#)); then
    selection=("$@")
fi

environment="$PWD/.venv-$which" python="$PWD/.venv-$which/bin/python"
[[ -x "$python" ]] || "${PYTHON:-.venv/bin/python}" -m venv --clear "$environment"
if [[ "$which" == lowest ]]; then
    "$python" scripts/lowest_versions.py >"$environment/lowest.txt"
    bounds=(-c "$environment/lowest.txt")
    warnings=(-W "ignore:'click:DeprecationWarning") # old versions of typer use what a newer click deprecates
else
    bounds=() warnings=()
fi
"$python" -m pip install --quiet --disable-pip-version-check \
    --upgrade --upgrade-strategy eager "${bounds[@]}" -e ".[all]" hypothesis opentelemetry-sdk pytest pytest-xdist respx starlette trio
"$python" -m pytest -q -n auto --dist loadfile -p no:cacheprovider -m "not full" "${warnings[@]}" "${selection[@]}"
