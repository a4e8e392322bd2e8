"""Spans and metrics, as the SDK of OpenTelemetry exports them."""

import sys
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from attio_async import ConfigurationError, NotFound, Telemetry
from attio_async.testing import ConnectionReset, FakeAttio, TooManyRequests, VirtualClock

pytestmark = pytest.mark.anyio

TEMPLATE = "/v2/objects/{object}/records/{record_id}"
ONE = "0aab1d11-2b5c-4e3f-9a21-6f0e2f1d7c55"


class Exported:
    """Telemetry with providers of its own, and what they export."""

    def __init__(self) -> None:
        self.spans_in_memory = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self.spans_in_memory))
        self.reader = InMemoryMetricReader()
        self.meters = MeterProvider([self.reader])
        telemetry = Telemetry(tracer_provider=self.tracers, meter_provider=self.meters)
        self.fake = FakeAttio(clock=VirtualClock())
        self.attio = self.fake.client(middleware=[telemetry.middleware])

    def spans(self, operation: str) -> list[ReadableSpan]:
        return [
            span
            for span in self.spans_in_memory.get_finished_spans()
            if (span.attributes or {}).get("attio.operation") == operation
        ]

    def points(self, metric: str) -> list[Any]:
        data: Any = self.reader.get_metrics_data()
        metrics = data.resource_metrics[0].scope_metrics[0].metrics
        return [point for each in metrics if each.name == metric for point in each.data.data_points]


async def test_a_request_is_a_span_by_the_conventions() -> None:
    exported = Exported()
    record_id = exported.fake.seed.add_record("people", {"name": "Lovelace, Ada"})["id"]["record_id"]
    await exported.attio.people.get(record_id)
    (span,) = exported.spans("get_record")
    assert (span.name, span.kind, span.status.status_code) == (
        f"GET {TEMPLATE}",
        SpanKind.CLIENT,
        StatusCode.UNSET,
    )
    assert dict(span.attributes or {}) == {
        "http.request.method": "GET",
        "url.template": TEMPLATE,
        "url.full": f"https://api.example.com/v2/objects/people/records/{record_id}",
        "server.address": "api.example.com",
        "server.port": 443,
        "http.response.status_code": 200,
        "attio.operation": "get_record",
    }
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "attio_async"
    assert span.events == ()


async def test_retries_are_spans_with_their_waits() -> None:
    exported = Exported()
    exported.fake.fault(TooManyRequests(), operation="get_self", nth=1)
    exported.fake.fault(ConnectionReset(when="after"), operation="get_self", nth=1)
    await exported.attio.identify()
    limited, lost, answered = exported.spans("get_self")
    outcomes = [
        (each.attributes or {}).get("error.type", (each.attributes or {}).get("http.response.status_code"))
        for each in (limited, lost, answered)
    ]
    assert outcomes == ["429", "ConnectionFailed", 200]
    resent = [(each.attributes or {}).get("http.request.resend_count") for each in (limited, lost, answered)]
    assert resent == [None, 1, 2]
    codes = [each.status.status_code for each in (limited, lost, answered)]
    assert codes == [StatusCode.ERROR, StatusCode.ERROR, StatusCode.UNSET]
    (wait,) = lost.events
    assert wait.name == "attio.wait"
    assert wait.attributes is not None
    assert wait.attributes["attio.wait.seconds"] > 0
    (waits,) = exported.points("attio.client.wait.duration")
    assert waits.count == 2
    assert waits.attributes == {"url.template": "/v2/self"}


async def test_a_span_is_a_child_of_the_current_one() -> None:
    exported = Exported()
    with exported.tracers.get_tracer("test").start_as_current_span("work") as work:
        await exported.attio.identify()
    (span,) = exported.spans("get_self")
    assert span.parent is not None
    assert span.parent.span_id == work.get_span_context().span_id


async def test_durations_are_a_histogram_without_values() -> None:
    exported = Exported()
    await exported.attio.people.create({"name": "Ada Lovelace", "email_addresses": ["ada@example.com"]})
    with pytest.raises(NotFound):
        await exported.attio.people.get(ONE)
    points = {
        (point.attributes["url.template"], point.attributes["http.response.status_code"]): point
        for point in exported.points("http.client.request.duration")
    }
    missing = points[TEMPLATE, 404]
    assert missing.attributes["error.type"] == "404"
    assert missing.count == 1
    assert missing.explicit_bounds[0] == 0.005
    assert ("/v2/objects/{object}/records", 200) in points
    told = repr([dict(point.attributes) for point in points.values()])
    told += repr([dict(span.attributes or {}) for span in exported.spans_in_memory.get_finished_spans()])
    assert not [value for value in ("Ada", "ada@", "Bearer", "token") if value in told]


async def test_a_missing_extra_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.metrics", None)
    with pytest.raises(ConfigurationError, match=r"attio-async\[otel\]"):
        Telemetry()
