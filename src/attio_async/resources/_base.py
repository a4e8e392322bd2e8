"""What every resource needs: the way to send, and the way to read an answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

import attrs
import msgspec

from attio_async_api.operations import Operation

from .._core.classify import excerpt
from .._core.message import Request, Response
from .._core.pipeline import Pipeline
from ..errors import DecodeError

__all__ = ["Wire"]

T = TypeVar("T")


@attrs.frozen
class Wire:
    """Sends built requests through the pipeline and reads the answers."""

    pipeline: Pipeline

    async def call(
        self,
        operation: Operation,
        built: Mapping[str, Any] | Request,
        read: Callable[[bytes], T],
        *,
        repeatable: bool | None = None,
    ) -> T:
        """Send, and give the answer's body to `read`.

        Raises:
            DecodeError: The answer is not what the API documents.
        """
        request = built if isinstance(built, Request) else Request.built(built)
        response = await self.pipeline.send(operation, request, repeatable=repeatable)
        return reading(request, response, read)

    async def data(self, operation: Operation, built: Mapping[str, Any]) -> Any:
        """Send, and return what the answer's envelope holds, as plain dicts and lists."""
        return await self.call(operation, built, _data)


def reading(request: Request, response: Response, read: Callable[[bytes], T]) -> T:
    """What `read` makes of the body; its failure becomes an error that shows the answer."""
    try:
        return read(response.body)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise DecodeError(
            f"the answer cannot be read ({error})",
            status=response.status,
            method=request.method,
            path=request.path,
            excerpt=excerpt(response.body),
        ) from None


def _data(body: bytes) -> Any:
    return cast("dict[str, Any]", msgspec.json.decode(body))["data"]
