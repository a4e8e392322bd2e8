"""Load all people into DuckDB with dlt's REST source, as connectors do, and print the seconds: `dlt_reload.py URL ROWS`.

It runs in an empty folder, which gets dlt's working files and the database.
"""

import os
import sys
import time

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.helpers.rest_client.paginators import OffsetPaginator
from dlt.sources.rest_api import rest_api_source

PAGE = 500


def main(url: str, rows: int) -> None:
    paginator = OffsetPaginator(
        PAGE, offset_body_path="offset", limit_body_path="limit", total_path=None, stop_after_empty_page=True
    )
    endpoint = {
        "path": "v2/objects/people/records/query",
        "method": "POST",
        "json": {},
        "data_selector": "data",
        "paginator": paginator,
    }
    source = rest_api_source(
        {"client": {"base_url": url}, "resources": [{"name": "people", "endpoint": endpoint}]}
    )
    source.max_table_nesting = 0
    pipeline = dlt.pipeline("people", pipelines_dir=".", destination=dlt.destinations.duckdb("plain.duckdb"))
    started = time.perf_counter()
    pipeline.run(source, write_disposition="replace")
    seconds = time.perf_counter() - started
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) FROM people")[0][0] == rows
    print(seconds)


main(sys.argv[1], int(sys.argv[2]))
