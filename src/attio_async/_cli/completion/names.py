"""The names of a workspace's objects, lists and attributes, in a private file on this machine for each profile.

Shells read it at every press of a key, so nothing here loads more than Python's own small modules.
"""

import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

if TYPE_CHECKING:
    from ..._resources.lists import AttioList
    from ..._resources.objects import AttioObject
    from ..._schema import Attribute, ObjectSchema

Kind = Literal["objects", "lists"]
Names = dict[str, dict[str, dict[str, Any]]]
"""Under "objects" and "lists", and the slug of each: its title, parents and attributes, as far as they are known."""

_DIGEST_LENGTH = 16

current_file: ContextVar[Path | None] = ContextVar("current_file", default=None)
"""The file of the workspace that the command works on; None for an embedded one, whose names are not kept."""


def cache_folder() -> Path:
    """Return the folder of files that may be removed at any time."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "attio-async"


def config_folder() -> Path:
    """Return the folder of files that the user wants to keep."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "attio-async"


def profile_names_file(profile: str) -> Path:
    """Return the file with the names of a profile's workspace."""
    safe = "".join(char if char.isalnum() or char in "-_" else f"%{ord(char):x}" for char in profile)
    return cache_folder() / f"names-of-profile-{safe}.json"


def token_names_file(environment: Mapping[str, str]) -> Path | None:
    """Return the file with the names of the workspace of ATTIO_API_KEY; None if that is not set."""
    token = environment.get("ATTIO_API_KEY", "").strip()
    if not token:
        return None
    address = environment.get("ATTIO_BASE_URL", "").strip()
    from hashlib import sha256  # which takes longer to load than all else here

    digest = sha256(f"{address}\n{token}".encode(errors="replace")).hexdigest()[:_DIGEST_LENGTH]
    return cache_folder() / f"names-of-token-{digest}.json"


def chosen_names_file(profile: str | None, environment: Mapping[str, str]) -> Path | None:
    """Return the file of the workspace that a command with these settings works on; None without any."""
    if profile is None and (file := token_names_file(environment)) is not None:
        return file
    name = profile or _profiles().get("default")
    return profile_names_file(name) if isinstance(name, str) else None


def profile_names() -> list[str]:
    """Return the names of the profiles."""
    found: object = _profiles().get("profiles")
    return sorted(map(str, cast("dict[str, object]", found))) if isinstance(found, dict) else []


def read_names(file: Path | None) -> Names:
    """Return the names in a file; none if it cannot be read."""
    known = _json(file) if file is not None else {}
    return {
        kind: found if isinstance(found := known.get(kind), dict) else {} for kind in ("objects", "lists")
    }


def remember_objects(objects: "Iterable[AttioObject]") -> None:
    """Keep the names of all objects of the workspace."""
    found = {each.api_slug: {"title": each.plural_noun} for each in objects}
    _change(lambda known: _replace(known["objects"], found))


def remember_lists(lists: "Iterable[AttioList]") -> None:
    """Keep the names of all lists of the workspace."""
    found = {each.api_slug: {"title": each.name, "parents": list(each.parent_object)} for each in lists}
    _change(lambda known: _replace(known["lists"], found))


def remember_attributes(kind: Kind, slug: str, schema: "ObjectSchema") -> None:
    """Keep the names of the attributes of an object or list, and their options if they are known."""

    def change(known: Names) -> None:
        owner = known[kind].setdefault(slug, {})
        before: dict[str, dict[str, Any]] = owner.get("attributes") or {}
        owner["attributes"] = {
            each.slug: _attribute(each, before.get(each.slug, {}))
            for each in schema.attributes.values()
            if not each.is_archived
        }

    _change(change)


def forget_names(profile: str) -> None:
    """Remove the file of a profile."""
    with suppress(OSError):
        profile_names_file(profile).unlink(missing_ok=True)


def _attribute(attribute: "Attribute", before: Mapping[str, Any]) -> dict[str, Any]:
    options = attribute.option_titles
    return {
        "title": attribute.title,
        "is_unique": attribute.is_unique,
        "is_writable": attribute.is_writable,
        "options": list(before.get("options", ())) if options is None else list(map(str, options)),
    }


def _replace(known: dict[str, dict[str, Any]], found: Mapping[str, dict[str, Any]]) -> None:
    """Put what was found in place of what was known, but keep the attributes of what is still there."""
    attributes = {slug: each["attributes"] for slug, each in known.items() if "attributes" in each}
    known.clear()
    known |= {
        slug: each | ({"attributes": attributes[slug]} if slug in attributes else {})
        for slug, each in found.items()
    }


def _change(change: Callable[[Names], None]) -> None:
    """Change the file of the current workspace. Nothing is lost if it cannot be written."""
    file = current_file.get()
    if file is None:
        return
    names = read_names(file)
    before = json.dumps(names)
    change(names)
    if json.dumps(names) != before:
        write_private(file, names)


def write_private(file: Path, data: object) -> None:
    """Write JSON to a file of the cache, which only its owner can read; a failure is ignored."""
    from ..._storage.files import atomic_file
    from ...errors import AttioError

    with suppress(AttioError, OSError):
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic_file(file) as written:
            written.write(json.dumps(data).encode())


def _profiles() -> dict[str, Any]:
    return _json(config_folder() / "profiles.json")


def _json(file: Path) -> dict[str, Any]:
    try:
        found: object = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
