#!/usr/bin/env bash
# Makes generated/attio_async_api from openapi/attio.json. --check changes nothing and fails on any difference;
# --upstream FILE first rebuilds openapi/attio.json from a description of the API. Needs no network.
set -euo pipefail

scripts="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
if [[ -z "${PYTHON:-}" ]]; then
    PYTHON="$scripts/../.venv/bin/python"
    [[ -x "$PYTHON" ]] || PYTHON=python3
fi
PYTHONPATH="$scripts" PYTHONDONTWRITEBYTECODE=1 exec "$PYTHON" -m codegen "$@"
