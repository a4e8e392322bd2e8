"""Note a published version of the site where its menu of versions looks.

python -m scripts.docs_site.versions FOLDER 0.2.0
"""

import json
import sys
from pathlib import Path


def add_version(folder: Path, version: str) -> None:
    """Put a version in front of those in `versions.json`, as the latest, and lead the front page to it."""
    path = folder / "versions.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    others = [{**each, "aliases": []} for each in known if each["version"] != version]
    versions = [{"version": version, "title": version, "aliases": ["latest"]}, *others]
    path.write_text(json.dumps(versions, indent=2), encoding="utf-8")
    front = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url=latest/"><title>attio-async</title>\n'
    (folder / "index.html").write_text(front, encoding="utf-8")


if __name__ == "__main__":
    add_version(Path(sys.argv[1]), sys.argv[2])
