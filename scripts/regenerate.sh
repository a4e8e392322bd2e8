#!/usr/bin/env bash
# Makes generated/attio_async_api from openapi/attio.json. --check changes nothing and fails on any difference;
# --upstream FILE|URL first rebuilds openapi/attio.json from a newer description of the API (JSON or YAML) and tells what changed, and with
# --dry-run only tells it. Needs no network but for an address.
set -euo pipefail

scripts="$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
if [[ -z "${PYTHON:-}" ]]; then
    PYTHON="$scripts/../.venv/bin/python"
    [[ -x "$PYTHON" ]] || PYTHON=python3
fi
PYTHONPATH="$scripts" PYTHONDONTWRITEBYTECODE=1 exec "$PYTHON" -m codegen "$@"
