"""permits.lua on a real server replies as the model does, call by call."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import attio_async._limits.redis_client
from attio_async._limits.redis_client import ScriptCall, ScriptReply
from tests._limits.redis.script_model import SharedModel
from tests.redis_server import needs_redis, running_redis
from tests.support import examples

redis = pytest.importorskip("redis")
SCRIPT = Path(attio_async._limits.redis_client.__file__).with_name("permits.lua").read_text("utf-8")
CLOCK = """local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
"""


class Real:
    """The script on a server, at given instants."""

    def __init__(self, client: Any) -> None:
        assert CLOCK in SCRIPT
        self._client = client
        self._script = client.register_script(SCRIPT.replace(CLOCK, "local now = tonumber(ARGV[2])\n"))

    def reply(self, name: str, call: ScriptCall, now: float) -> ScriptReply:
        packed = self._script(keys=[name], args=[msgspec.msgpack.encode(call), repr(now)])
        return msgspec.msgpack.decode(packed, type=ScriptReply)

    def clear(self) -> None:
        self._client.flushall()


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with running_redis() as server, redis.Redis.from_url(server.url) as client:
        yield client


@st.composite
def histories(draw: st.DrawFn) -> tuple[int, float, list[tuple[float, dict[str, Any]]]]:
    limit, window = draw(st.sampled_from([(100, 1.0), (25, 1.0), (5, 1.0), (1, 2.0), (3, 1.5)]))
    seconds = st.sampled_from([0.0, 1e-3, 0.0104166, 0.03, 0.2, 0.6, 0.9, 3.0, 11.0, 70.0, -0.1, -2.0])
    step = st.tuples(
        seconds,
        st.fixed_dictionaries(
            {
                "process": st.sampled_from("abc"),
                "wanted": st.integers(0, 30),
                "ago": st.sampled_from([None, None, 0.0, 0.9, 5.0]),
                "rejoining": st.sampled_from([False, False, False, True]),
                "limited": st.lists(
                    st.tuples(st.integers(0, 20), st.sampled_from([0.0, 0.3, 1.0, 30.0])), max_size=6
                ),
                "late": st.lists(
                    st.tuples(st.integers(0, 20), st.sampled_from([0.02, 0.3, 1.0])), max_size=3
                ),
                "queried": st.booleans(),
                "score_limited": st.sampled_from([-1.0, -1.0, 0.0, 2.5]),
            }
        ),
    )
    return limit, window, draw(st.lists(step, max_size=25))


@needs_redis
@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_the_script_replies_as_the_model(client: Any, history: tuple[int, float, Any]) -> None:
    limit, window, steps = history
    real, model = Real(client), SharedModel()
    real.clear()
    now, numbers = 1_767_225_600.123456, [0]
    for seconds, options in steps:
        now += seconds
        fields = dict(options)
        limited = [(numbers[-1 - back % len(numbers)], delay) for back, delay in fields.pop("limited")]
        ago = fields.pop("ago")
        fields["at"] = 0.0 if ago is None else now - ago
        late = [(numbers[-1 - back % len(numbers)], by) for back, by in fields.pop("late")]
        call = ScriptCall(limit=limit, window=window, rate_limited=limited, late=late, **fields)
        reply = model.reply("bucket", call, now)
        assert real.reply("bucket", call, now) == reply
        numbers += [number for number, _ in reply.slots]


@needs_redis
def test_the_script_replies_as_the_model_in_a_long_run_with_429s(client: Any) -> None:
    real, model = Real(client), SharedModel()
    real.clear()
    now, numbers, scales = 1_767_225_600.5, list[int](), set[float]()
    for turn in range(2000):
        now += 0.0417
        limited = [(number, 0.7) for number in numbers[-4:]] if 500 < turn < 560 and turn % 3 == 0 else []
        call = ScriptCall(limit=100, window=1.0, process=str(turn % 4), wanted=4, rate_limited=limited)
        reply = model.reply("bucket", call, now)
        assert real.reply("bucket", call, now) == reply
        numbers = [number for number, _ in reply.slots] or numbers
        scales.add(reply.scale)
    assert min(scales) < 0.7
    assert reply.scale == 1.0
    assert math.isclose(1 / reply.spacing, 96, abs_tol=2)


@needs_redis
def test_the_script_uses_the_time_of_the_server_and_lets_unused_buckets_expire(client: Any) -> None:
    client.flushall()
    script = client.register_script(SCRIPT)
    call = ScriptCall(limit=100, window=1.0, process="a", wanted=3)
    reply = msgspec.msgpack.decode(
        script(keys=["bucket"], args=[msgspec.msgpack.encode(call)]), type=ScriptReply
    )
    assert [wait for _, wait in reply.slots] == pytest.approx([0, 1.15 / 96, 2.3 / 96], abs=1e-5)
    seconds, micros = client.time()
    assert 0 <= seconds + micros / 1e6 - reply.era < 5
    assert 3500 < client.ttl("bucket") <= 3600


_ODD: tuple[Any, ...] = (None, "x", True, -1, 0, 1e300, -1e300, math.inf, math.nan, [], {}, [1e300], ["x"])


@needs_redis
def test_a_damaged_bucket_begins_anew(client: Any) -> None:
    real, start = Real(client), 1_767_225_600.0
    call = ScriptCall(limit=25, window=1.0, process="a", wanted=3, rate_limited=[(1, 1.0)], queried=True)
    real.clear()
    real.reply("whole", call, start)
    whole = client.get("whole")
    state = msgspec.msgpack.decode(whole)
    damaged = [whole[:cut] for cut in range(0, len(whole), 97)]
    damaged += [b"\xff" * 100, b"text", msgspec.msgpack.encode([1])]
    damaged += [msgspec.msgpack.encode({**state, name: odd}) for name in state for odd in _ODD]
    for content in damaged:
        client.set("bucket", content)
        granted = []
        for second in range(1, 8):
            at = start + second
            reply = real.reply("bucket", msgspec.structs.replace(call, rate_limited=[]), at)
            assert all(at <= at + wait < at + 60 for _, wait in reply.slots), content
            assert 0 < reply.spacing < 10, content
            granted += reply.slots
        assert granted, content
    client.delete("bucket")
    client.hset("bucket", "another", "type")
    assert real.reply("bucket", call, start).slots
