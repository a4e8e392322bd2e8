"""Run the app with the credentials of an Attio app from the environment, or else with a fake workspace.

For Attio, set ATTIO_CLIENT_ID, ATTIO_CLIENT_SECRET, and ATTIO_TOKEN_KEYS and SESSION_KEYS to different keys that
`attio_async.oauth.TokenKeys.generate` made. Register http://localhost:3050/integrations/attio/callback with the app.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import attrs
import uvicorn

from attio_async import AttioPool
from attio_async.oauth import OAuth, SQLiteTokens, TokenKeys
from attio_async.testing import FakeAttio

from .app import TasksApp
from .sessions import Sessions
from .users import Users

PORT = 3050
CALLBACK = f"http://localhost:{PORT}/integrations/attio/callback"
TASKS = ("Call Ada back", "Send the contract to Acme", "Prepare the demo on Thursday")
SCOPES = ["task:read-write", "object_configuration:read", "record_permission:read", "user_management:read"]


@attrs.frozen
class AppKeys:
    """The keys of the app: those that encrypt tokens, and those that encrypt cookies."""

    tokens: TokenKeys
    sessions: TokenKeys

    @classmethod
    def generate(cls) -> "AppKeys":
        """Make new keys."""
        return cls(TokenKeys(TokenKeys.generate()), TokenKeys(TokenKeys.generate()))

    @classmethod
    def from_env(cls) -> "AppKeys":
        """Read the keys from the environment."""
        keys = cls(TokenKeys.from_env(), TokenKeys.from_env("SESSION_KEYS"))
        if keys.tokens.open(keys.sessions.seal(b"")) is not None:
            raise SystemExit("ATTIO_TOKEN_KEYS and SESSION_KEYS must be different keys")
        return keys


def create_app(
    folder: Path,
    keys: AppKeys,
    client_id: str,
    client_secret: str,
    callback: str = CALLBACK,
    *,
    fake_url: str = "",
) -> TasksApp:
    """Create the app, with its files in a folder."""
    tokens = SQLiteTokens(folder / "tokens.db", keys=keys.tokens)
    server: dict[str, Any] = {"base_url": fake_url} if fake_url else {}
    return TasksApp(
        oauth=OAuth(client_id, client_secret, callback, **server),
        tokens=tokens,
        pool=AttioPool(tokens.get, **server),
        users=Users(folder / "users.db"),
        sessions=Sessions(keys.sessions, folder / "sessions.db"),
    )


async def add_tasks(fake: FakeAttio) -> None:
    """Add tasks to the fake workspace."""
    async with fake.client() as attio:
        for content in TASKS:
            await attio.tasks.create(content)


def create_demo(folder: Path, stack: ExitStack) -> TasksApp:
    """Create the app with a fake workspace, which is served until the stack is closed."""
    fake = FakeAttio()
    fake.auth.add_oauth_client("demo", "a-secret-for-the-demo", CALLBACK, SCOPES, name="Tasks")
    anyio.run(add_tasks, fake)
    server = stack.enter_context(fake.serve())
    return create_app(folder, AppKeys.generate(), "demo", "a-secret-for-the-demo", fake_url=server.url)


def main() -> None:
    """Serve until Ctrl-C."""
    client_id, client_secret = (os.environ.get(f"ATTIO_CLIENT_{name}", "") for name in ("ID", "SECRET"))
    with ExitStack() as stack:
        if client_id:
            app = create_app(Path(), AppKeys.from_env(), client_id, client_secret)
        else:
            app = create_demo(Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        print(f"Open http://localhost:{PORT}/. Press Ctrl-C to stop.")  # noqa: T201 - a program prints
        uvicorn.run(app.starlette(), host="127.0.0.1", port=PORT, log_level="warning")


if __name__ == "__main__":
    main()
