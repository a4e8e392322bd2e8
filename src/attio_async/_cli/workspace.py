"""Which workspace a command works on, and what exists in it."""

import os
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..errors import AttioError
from .errors import Refusal

if TYPE_CHECKING:
    from .._client import Attio
    from .._resources.objects import AttioObject
    from ..testing import FakeAttio


@contextmanager
def atomic_file(target: Path) -> Generator[IO[bytes]]:
    """A file that takes the place of `target` when the block ends, and vanishes when it raises.

    Only the owner may read it (mode 0600).

    Raises:
        Refusal: The file cannot be made there.
    """
    from .._storage.files import PartFile, real_place
    from ..errors import ConfigurationError

    try:
        part = PartFile(real_place(target))
    except ConfigurationError as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise Refusal(f"{target} cannot be written: {error.strerror or error}") from error
    try:
        yield part.file
        part.complete()
    finally:
        part.discard()


def write_atomically(target: Path, content: bytes) -> None:
    """Write a whole file at once."""
    with atomic_file(target) as file:
        file.write(content)


_EMBEDDED_LATENCY = 0.02


_HOW_TO_START = """\
No access token: the environment variable ATTIO_API_KEY is not set.

To work on your workspace, make a token in Attio (workspace settings > Developers > Access tokens), then
    export ATTIO_API_KEY=...

To try it without an account, run `make demo`, or add --embedded FILE to work on an embedded workspace whose
state is kept in FILE."""


@asynccontextmanager
async def open_workspace(embedded: Path | None) -> "AsyncGenerator[Attio]":
    """A client of the workspace that ATTIO_API_KEY belongs to, or of the one embedded in a file.

    Raises:
        Refusal: There is no token, or the file holds no workspace.
        ConfigurationError: The token or the address cannot work.
    """
    from .._client import Attio
    from ..testing import Limits

    if embedded is not None:
        with kept_in(embedded, latency=_EMBEDDED_LATENCY, limits=Limits()) as fake:
            async with fake.client() as attio:
                yield attio
        return
    if not os.environ.get("ATTIO_API_KEY", "").strip():
        raise Refusal(_HOW_TO_START)
    async with Attio() as attio:
        yield attio


@contextmanager
def kept_in(file: Path | None, **options: Any) -> "Generator[FakeAttio]":
    """A fake workspace whose state is in `file`, and saved there when the block ends, however it ends.

    A file that is not there yet, or is empty, is an empty workspace. Without a file nothing is kept.

    Args:
        file: Where the state is.
        options: As `FakeAttio` takes them.

    Raises:
        Refusal: The file holds something else, or cannot be read.
    """
    from ..testing import FakeAttio

    if file is None:
        yield FakeAttio(**options)
        return
    try:
        state = file.read_bytes() if file.exists() else b""
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror or error}") from error
    try:
        fake = FakeAttio.from_json(state, **options) if state else FakeAttio(**options)
    except (ValueError, LookupError, TypeError) as error:
        raise Refusal(f"{file} holds no embedded workspace, so it was left alone ({error})") from error
    try:
        yield fake
    finally:
        write_atomically(file, fake.to_json())


@contextmanager
def refused_if_failing() -> Generator[None]:
    """Marks work that comes before the first write: whatever Attio answers there, nothing was done."""
    try:
        yield
    except AttioError as error:
        raise Refusal(str(error)) from error


async def find_object(attio: "Attio", name: str) -> tuple["AttioObject", Sequence["AttioObject"]]:
    """The object of that slug or id, and all objects.

    Raises:
        Refusal: There is none; says what there is.
    """
    with refused_if_failing():
        objects = await attio.objects.list()
    for found in objects:
        if name in {found.api_slug, found.id}:
            return found, objects
    slugs = [found.api_slug for found in objects]
    words = {word.casefold(): found.api_slug for found in objects for word in _words(found)}
    near = dict.fromkeys(words[word] for word in get_close_matches(name.casefold(), words, n=3))
    hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise Refusal(f"there is no object {name!r}{hint}\nobjects of this workspace: {', '.join(slugs)}")


def _words(found: "AttioObject") -> tuple[str, ...]:
    return found.api_slug, found.singular_noun, found.plural_noun
