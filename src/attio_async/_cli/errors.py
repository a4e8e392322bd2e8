"""Errors that stop a command before it has written anything."""

import errno
import socket
from collections.abc import Generator
from contextlib import contextmanager

_NO_ADDRESS_OF_THIS_MACHINE = frozenset(
    {errno.EADDRNOTAVAIL, socket.EAI_AGAIN, socket.EAI_FAIL, socket.EAI_NONAME}
)


class Refusal(Exception):
    """A command that cannot start. The message says what is wrong and what to do; nothing was written."""


@contextmanager
def as_refusal() -> Generator[None]:
    """Raise errors of the library as refusals, in a block that comes before the first write."""
    from ..errors import AttioError

    try:
        yield
    except AttioError as error:
        raise Refusal(str(error)) from error


@contextmanager
def refuse_bad_port(port: int) -> Generator[None]:
    """Explain what to do in a block that cannot listen on a port.

    Raises:
        Refusal: The port is in use, or the server is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise Refusal(f'{error.name} is not installed; run: pip install "attio-async[cli]"') from error
    except OSError as error:
        if error.errno in _NO_ADDRESS_OF_THIS_MACHINE:
            raise Refusal("the address to listen on is not one of this machine; change --host") from error
        if error.errno != errno.EADDRINUSE:
            raise
        raise Refusal(f"port {port} is in use; choose another with --port, or 0 for any free port") from error
