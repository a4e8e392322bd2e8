"""The open connections of a server, so that a fault can end them as a broken network does."""

import asyncio
import socket
import struct
from typing import Any, cast

__all__ = ["Connections"]

_DROP_AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing sends a reset instead of an orderly end."""


class Connections:
    """The connections of one uvicorn server, by the address of the client."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def end(self, client: tuple[str, int], *, flushed: bool) -> None:
        """End a connection: with what was sent so far delivered, or reset at once."""
        transport = self._open.get((client[0], client[1]))
        if transport is None:
            return  # the client was faster
        if flushed:
            transport.close()
            return
        listening: socket.socket = transport.get_extra_info("socket")
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DROP_AT_ONCE)
        transport.abort()

    def protocol(self) -> type[asyncio.Protocol]:
        """The protocol for uvicorn: its own one, whose connections are noted here."""
        from uvicorn.protocols.http.auto import AutoHTTPProtocol  # noqa: PLC0415 - an extra

        connections, usual = self._open, AutoHTTPProtocol

        class Noted(usual):  # type: ignore[valid-type, misc]
            """uvicorn's own protocol, telling of its connections."""

            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                self._client = _client(transport)
                connections[self._client] = cast("asyncio.Transport", transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self._client, None)
                super().connection_lost(exc)

        return Noted


def _client(transport: asyncio.BaseTransport) -> tuple[str, int]:
    peer: Any = transport.get_extra_info("peername")
    return str(peer[0]), int(peer[1])
