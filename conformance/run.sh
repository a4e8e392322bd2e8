#!/usr/bin/env bash
# Holds the fake against others: generated requests against our description of the API, clients of other vendors, and, when
# a file is given, another description of the API (OpenAPI 3.1). Takes some minutes and an environment of its own.
#
#   conformance/run.sh [DESCRIPTION]
set -euo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.."
python=.venv-conformance/bin/python
failed=()

if [[ ! "$python" -nt conformance/requirements.txt || ! "$python" -nt pyproject.toml ]]; then
    "${PYTHON:-python3}" -m venv --clear .venv-conformance
    "$python" -m pip install --quiet --disable-pip-version-check -c constraints.txt -r conformance/requirements.txt \
        -e ".[all]" hypothesis pytest respx starlette trio
    touch "$python"
fi

# The server ends with its input: closing the pipe is all the cleaning up there is.
coproc SERVER { exec "$python" -m conformance.serve; }
read -r url <&"${SERVER[0]}"
while IFS= read -r line <&"${SERVER[0]}" && [[ -n "$line" ]]; do
    export "${line?}"
done
token=conformance

step() { # name, command...
    echo "--- $1"
    if "${@:2}"; then return; fi
    failed+=("$1")
}

step "PyPI attio" "$python" conformance/clients/attio_session.py "$url" "$token"
if command -v npm >/dev/null; then
    (cd conformance/clients && npm install --silent --no-package-lock --no-audit --no-fund)
    step "npm attio-ts-sdk" node conformance/clients/attio_ts_session.mjs "$url" "$token"
else
    echo "npm attio-ts-sdk: skipped, since npm is missing"
fi
step "generated requests" .venv-conformance/bin/schemathesis --config-file conformance/schemathesis.toml \
    run openapi/attio.json --url "$url" --header "Authorization: Bearer $token" --phases examples,coverage,fuzzing
if (($#)); then
    step "answers against $(basename -- "$1")" env PYTHONPATH=. "$python" -m pytest -q -p no:cacheprovider \
        -p conformance.recorder --description "$1" tests/testing \
        --ignore tests/testing/clock --ignore tests/testing/query/test_query_property.py
fi

eval "exec ${SERVER[1]}>&-"
if ((${#failed[@]})); then
    printf 'NOT conformant: %s\n' "${failed[@]}" >&2
    exit 1
fi
echo "All as it should be."
