#!/usr/bin/env bash
# Runs the tests on every CPython from 3.11 that pyenv or PATH offers, each in an environment of its own
# (.venv-<version>), and says which ones ran. A missing one is not an error; a failure on any is.
# --quick runs a selection, and not on the one `make test` uses; other arguments go to pytest in place of the whole suite.
set -euo pipefail

cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
root="$PWD"
known="3.11 3.12 3.13 3.14 3.15"

# Packaging, typing and the generator are tested once, by `make test`: their tools need no second Python.
selection=(tests --ignore tests/packaging --ignore tests/typing
    --ignore tests/generated/test_codegen.py --ignore tests/generated/test_upstream.py)
tested=""
if [[ "${1:-}" == "--quick" ]]; then
    selection=(tests/_limits tests/_pagination tests/_pipeline tests/_transport tests/values tests/test_*.py)
    tested="$(.venv/bin/python -c 'import platform; print(platform.python_version())' 2>/dev/null || true)"
    shift
fi
if (($#)); then
    selection=("$@")
fi

candidates() {
    local versions minor
    versions="${PYENV_ROOT:-$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")}/versions"
    if [[ -d "$versions" ]]; then
        find "$versions" -mindepth 1 -maxdepth 1 | sort -rV | sed 's|$|/bin/python|'
    fi
    for minor in $known; do
        type -ap "python$minor" || true
    done
    type -ap python3 || true
}

version_of() { # prints 3.12 for a CPython that works, nothing for anything else
    "$1" -c 'import sys
if sys.implementation.name == "cpython": print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true
}

patch_of() {
    "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null || true
}

prepare() { # interpreter, environment
    local python="$2/bin/python"
    if [[ "$(patch_of "$python")" != "$(patch_of "$1")" ]]; then
        "$1" -m venv --clear "$2" || return 1
    fi
    if [[ ! "$2/.ready" -nt pyproject.toml || ! "$2/.ready" -nt constraints.txt ]]; then
        "$python" -m pip install --quiet --disable-pip-version-check -c constraints.txt \
            -e ".[all]" hypothesis opentelemetry-sdk pytest pytest-xdist respx trio || return 1
        touch "$2/.ready"
    fi
}

seen=" " results="" failed=0
while IFS= read -r python; do
    [[ -x "$python" ]] || continue
    version="$(version_of "$python")"
    case "$version" in 3.1[1-9]) ;; *) continue ;; esac
    [[ "$seen" != *" $version "* ]] || continue
    seen+="$version "
    environment="$root/.venv-$version"
    if [[ "$(patch_of "$python")" == "$tested" ]]; then
        results+="Python $tested: left to \`make test\`"$'\n'
        continue
    fi
    echo "--- Python $(patch_of "$python")"
    if ! prepare "$python" "$environment" </dev/null; then
        results+="Python $version: the environment could not be made"$'\n' failed=1
    elif "$environment/bin/python" -m pytest -q -n auto --dist loadfile -p no:cacheprovider -m "not full" "${selection[@]}" </dev/null; then
        results+="Python $(patch_of "$python"): passed"$'\n'
    else
        results+="Python $(patch_of "$python"): failed"$'\n' failed=1
    fi
done < <(candidates)

for version in $known; do
    if [[ "$seen" != *" $version "* ]]; then
        results+="Python $version: not found"$'\n'
    fi
done
echo "---"
printf '%s' "$results"
if [[ "$seen" == " " ]]; then
    echo "No Python from 3.11 was found." >&2
    exit 1
fi
exit "$failed"
