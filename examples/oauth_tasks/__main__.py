"""Run the app: with an Attio app's credentials from the environment, or else with a fake workspace.

For Attio: ATTIO_CLIENT_ID, ATTIO_CLIENT_SECRET, and keys that `attio_async.oauth.TokenKeys.generate` made in
ATTIO_TOKEN_KEYS. Register http://localhost:3050/integrations/attio/callback with the app.
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import uvicorn

from attio_async import AttioPool
from attio_async.oauth import OAuth, SQLiteTokens, TokenKeys
from attio_async.testing import FakeAttio

from .app import TasksApp
from .sessions import Sessions
from .users import Users

PORT = 3050
CALLBACK = f"http://localhost:{PORT}/integrations/attio/callback"
TO_DO = ("Call Ada back", "Send the contract to Acme", "Prepare the demo on Thursday")
SCOPES = ["task:read-write", "object_configuration:read", "record_permission:read", "user_management:read"]


def app_of(
    folder: Path,
    keys: TokenKeys,
    client_id: str,
    client_secret: str,
    callback: str = CALLBACK,
    *,
    fake_url: str = "",
) -> TasksApp:
    """The app, with its files in a folder."""
    tokens = SQLiteTokens(folder / "tokens.db", keys=keys)
    elsewhere: dict[str, Any] = {"base_url": fake_url} if fake_url else {}
    return TasksApp(
        oauth=OAuth(client_id, client_secret, callback, **elsewhere),
        tokens=tokens,
        pool=AttioPool(tokens.get, **elsewhere),
        users=Users(folder / "users.db"),
        sessions=Sessions(keys),
    )


async def fill(fake: FakeAttio) -> None:
    """Have something to do."""
    async with fake.client() as attio:
        for content in TO_DO:
            await attio.tasks.create(content)


def demo(folder: Path, stack: ExitStack) -> TasksApp:
    """The app with a fake workspace, which is served until the stack is unwound."""
    fake = FakeAttio()
    fake.auth.add_oauth_client("demo", "a-secret-for-the-demo", CALLBACK, SCOPES, name="Tasks")
    anyio.run(fill, fake)
    server = stack.enter_context(fake.serve())
    keys = TokenKeys(TokenKeys.generate())
    return app_of(folder, keys, "demo", "a-secret-for-the-demo", fake_url=server.url)


def main() -> None:
    """Serve until Ctrl-C."""
    client_id, client_secret = (
        os.environ.get("ATTIO_CLIENT_ID", ""),
        os.environ.get("ATTIO_CLIENT_SECRET", ""),
    )
    with ExitStack() as stack:
        if client_id:
            app = app_of(Path(), TokenKeys.from_env(), client_id, client_secret)
        else:
            app = demo(Path(stack.enter_context(tempfile.TemporaryDirectory())), stack)
        print(f"Open http://localhost:{PORT}/ - Ctrl-C ends it.")  # noqa: T201 - a program
        uvicorn.run(app.starlette(), host="127.0.0.1", port=PORT, log_level="warning")


if __name__ == "__main__":
    main()
