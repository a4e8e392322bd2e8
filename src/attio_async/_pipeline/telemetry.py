"""Spans and metrics of OpenTelemetry, by its semantic conventions for HTTP clients. Needs the extra `otel`.

Each attempt is a span, and a wait for a permit or a retry an event of it
(https://opentelemetry.io/docs/specs/semconv/http/http-spans).
"""

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._transport.messages import Request, Response
from .._utils.public import public
from .._version import __version__
from ..errors import ConfigurationError
from .events import Send

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Span, TracerProvider

_SCOPE = "attio_async"
_SCHEMA_URL = "https://opentelemetry.io/schemas/1.37.0"
"""The version of the conventions, which have had these attributes since 1.25."""

_DURATION_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
"""https://opentelemetry.io/docs/specs/semconv/http/http-metrics"""

_DEFAULT_PORTS = {"https": 443, "http": 80}
_FIRST_ERROR_STATUS = 400


@public
class Telemetry:
    """Spans and metrics of the requests of a client, without values, query parameters or the token.

    ``Attio(middleware=[Telemetry().middleware])`` makes a span of each attempt, retries included.

    A span is called by method and path template, such as "GET /v2/objects/{object}". Its event "attio.wait" has
    the seconds that the attempt waited. The metrics are `http.client.request.duration` and `attio.client.wait.duration`.

    Args:
        tracer_provider: Makes the tracer; the global one by default.
        meter_provider: Makes the meter; the global one by default.

    Raises:
        ConfigurationError: The extra `otel` is not installed.
    """

    def __init__(
        self,
        *,
        tracer_provider: "TracerProvider | None" = None,
        meter_provider: "MeterProvider | None" = None,
    ) -> None:
        try:
            from opentelemetry.metrics import get_meter  # noqa: PLC0415 - of an extra
            from opentelemetry.trace import get_tracer  # noqa: PLC0415
        except ImportError:
            raise ConfigurationError(
                'spans and metrics need an extra: pip install "attio-async[otel]"'
            ) from None
        self._tracer = get_tracer(_SCOPE, __version__, tracer_provider, _SCHEMA_URL)
        meter = get_meter(_SCOPE, __version__, meter_provider, _SCHEMA_URL)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_DURATION_BUCKETS_S,
        )
        self._wait = meter.create_histogram(
            "attio.client.wait.duration",
            unit="s",
            description="Waits for a permit of the rate limits, a connection or a retry.",
            explicit_bucket_boundaries_advisory=_DURATION_BUCKETS_S,
        )

    async def middleware(self, request: Request, send: Send) -> Response:
        """Send a request within a span. Give this method to `Attio(middleware=[...])`."""
        common = _common(request)
        template = common["url.template"]
        span = self._start(request, common)
        if request.waited > 0:
            span.add_event("attio.wait", {"attio.wait.seconds": request.waited})
            self._wait.record(request.waited, {"url.template": template})
        outcome: dict[str, Any] = {}
        started = time.perf_counter()
        try:
            response = await send(request)
        except BaseException as error:
            outcome = {"error.type": type(error).__qualname__}
            raise
        else:
            outcome = _outcome(response)
            return response
        finally:
            self._duration.record(time.perf_counter() - started, {**common, **outcome})
            _end(span, outcome)

    def _start(self, request: Request, common: dict[str, Any]) -> "Span":
        from opentelemetry.trace import SpanKind  # noqa: PLC0415

        name = f"{request.method} {common['url.template']}"
        return self._tracer.start_span(name, kind=SpanKind.CLIENT, attributes={**common, **_of_span(request)})


def _end(span: "Span", outcome: dict[str, Any]) -> None:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    span.set_attributes(outcome)
    if "error.type" in outcome:
        span.set_status(StatusCode.ERROR)
    span.end()


def _common(request: Request) -> dict[str, Any]:
    """Return the attributes of spans and metrics alike, which have few different values."""
    address = urlsplit(request.base_url)
    operation = request.operation
    return {
        "http.request.method": request.method,
        "server.address": address.hostname or "",
        "server.port": address.port or _DEFAULT_PORTS.get(address.scheme, 0),
        "url.template": "" if operation is None else operation.path,
    }


def _of_span(request: Request) -> dict[str, Any]:
    attributes: dict[str, Any] = {"url.full": request.base_url.rstrip("/") + request.path}
    if request.operation is not None:
        attributes["attio.operation"] = request.operation.id
    if request.attempt > 1:
        attributes["http.request.resend_count"] = request.attempt - 1
    return attributes


def _outcome(response: Response) -> dict[str, Any]:
    status = {"http.response.status_code": response.status}
    return (
        {**status, "error.type": str(response.status)} if response.status >= _FIRST_ERROR_STATUS else status
    )
