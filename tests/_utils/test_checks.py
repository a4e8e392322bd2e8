"""Checks take no longer for odd text than for any other."""

import time
from collections.abc import Callable

import pytest

from attio_async._schema import Attribute
from attio_async._utils.checks import is_host, is_loopback, private_url
from attio_async.bulk import ValueFormats
from attio_async.values._encoders.contacts import host_of
from tests.support import error_of


@pytest.mark.parametrize(
    "host", ["example.com", "a", "a.b.", "x_1.example.com", "127.0.0.1", "::1", "münchen.example"]
)
def test_hosts(host: str) -> None:
    assert is_host(host)


@pytest.mark.parametrize("host", ["", "-a.com", "a..b", ".a", "a.b..", "a!", "a b", "a" * 300, "a-.com"])
def test_other_texts_are_not_hosts(host: str) -> None:
    assert not is_host(host)


EMAIL = Attribute("email_addresses", type="email-address")


@pytest.mark.parametrize(
    "call",
    [
        lambda: private_url("base_url", f"https://{'a' * 26}$"),
        lambda: private_url("base_url", f"https://{'a-' * 5_000}$"),
        lambda: private_url("base_url", "https://" + "\u00e9" * 40_000),
        lambda: host_of("\u00e9" * 40_000),
        lambda: ValueFormats().value(EMAIL, "<" + "@" * 10_000),
    ],
    ids=["a host", "a long host", "a foreign host", "a domain", "an e-mail address"],
)
def test_odd_text_is_checked_in_no_time(call: Callable[[], object]) -> None:
    start = time.process_time()
    error_of(call)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost.",
        "api.localhost",
        "127.0.0.1",
        "127.255.0.3",
        "127.1",
        "2130706433",
        "::1",
        "::ffff:127.0.0.1",
        "0x7f000001",
        "::1%lo",
    ],
)
def test_names_of_this_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        None,
        "",
        "example.com",
        "localhost.example.com",
        "128.0.0.1",
        "127.example.com",
        "::2",
        "10.0.0.127",
        "1",
    ],
)
def test_names_of_other_machines(host: str | None) -> None:
    assert not is_loopback(host)
