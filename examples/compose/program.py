"""A program of any kind, in any language: here without a library, to print the names of all companies."""

import json
import os
import urllib.request


def main() -> None:
    """Print the names of the companies."""
    request = urllib.request.Request(  # noqa: S310 - the address is that of the fake
        f"{os.environ['ATTIO_BASE_URL']}/v2/objects/companies/records/query",
        data=b"{}",
        headers={
            "Authorization": f"Bearer {os.environ['ATTIO_API_KEY']}",
            "Content-Type": "application/json",
        },
    )
    with urllib.request.urlopen(request) as response:  # noqa: S310
        for record in json.load(response)["data"]:
            print(record["values"]["name"][0]["value"])  # noqa: T201 - the purpose of the program


if __name__ == "__main__":
    main()
