"""Reading domains, email addresses and phone numbers."""

import sys
from collections.abc import Iterator

import pytest

from attio_async.testing._errors import InvalidValue
from attio_async.testing._values import contacts
from attio_async.testing._values.contacts import read_domain, read_email, read_phone

DOMAINS = [
    ("acme.com", "acme.com", "acme.com"),
    ("https://App.Acme.com/path?x=1#y", "app.acme.com", "acme.com"),
    ("acme.co.uk/about", "acme.co.uk", "acme.co.uk"),
    ("shop.acme.co.uk", "shop.acme.co.uk", "acme.co.uk"),
    (" user@acme.com:8080 ", "acme.com", "acme.com"),
    ("co.uk", "co.uk", "co.uk"),
    ("münchen.de.", "münchen.de", "münchen.de"),
    ("mail.acme.internal", "mail.acme.internal", "acme.internal"),
]
INVALID_DOMAINS = ["", "acme", "-acme.com", "a b.com", "http://", "127.0.0.1", "[::1"]
INVALID_DOMAINS += [f"{'a' * 64}.com", "a." * 130 + "com"]
INVALID_EMAILS = ["", "ada", "ada@", "@acme.com", "ada@acme", "a b@acme.com", "a@b@acme.com", ".a@acme.com"]
INVALID_EMAILS += ["a..b@acme.com"]
PHONES = [
    ("+44 7777 777777", None, "+447777777777", "GB"),
    ("020 7946 0000", "GB", "+442079460000", "GB"),
    ("+1 (212) 555-1234", None, "+12125551234", "US"),
    ("+44 7777777777", "FR", "+447777777777", "GB"),
]
INVALID_PHONES = [("020 7946 0000", None), ("+1", None), ("call me", "GB"), ("", None)]


def test_domains_are_extracted_from_addresses() -> None:
    found = [(text, *read_domain(text).values()) for text, _, _ in DOMAINS]
    assert found == DOMAINS
    assert list(read_domain("acme.com")) == ["domain", "root_domain"]


def test_invalid_domains_are_refused() -> None:
    for text in INVALID_DOMAINS:
        with pytest.raises(InvalidValue):
            read_domain(text)


def test_an_email_address_has_parts() -> None:
    assert read_email("Ada.L+x@Mail.Acme.COM") == {
        "original_email_address": "Ada.L+x@Mail.Acme.COM",
        "email_address": "ada.l+x@mail.acme.com",
        "email_domain": "mail.acme.com",
        "email_root_domain": "acme.com",
        "email_local_specifier": "ada.l+x",
    }


def test_invalid_email_addresses_are_refused() -> None:
    for text in INVALID_EMAILS:
        with pytest.raises(InvalidValue):
            read_email(text)


def test_phone_numbers_become_e164() -> None:
    for text, country, number, region in PHONES:
        assert read_phone(text, country) == {
            "original_phone_number": text,
            "phone_number": number,
            "country_code": region,
        }


def test_invalid_phone_numbers_are_refused() -> None:
    for text, country in INVALID_PHONES:
        with pytest.raises(InvalidValue) as refused:
            read_phone(text, country)
        assert refused.value.issues[0]["path"] == ["original_phone_number"]


def test_root_domains_by_the_public_suffix_list() -> None:
    pytest.importorskip("publicsuffixlist", reason="needs the extra testing")
    roots = {
        "www.acme.kawasaki.jp": "www.acme.kawasaki.jp",
        "www.city.kawasaki.jp": "city.kawasaki.jp",
        "x.acme.github.io": "acme.github.io",
    }
    assert {domain: contacts.root_domain(domain) for domain in roots} == roots


@pytest.fixture
def no_public_suffixes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def forget() -> None:
        contacts.root_domain.cache_clear()
        contacts._public_suffixes.cache_clear()

    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    forget()
    yield
    forget()


@pytest.mark.usefixtures("no_public_suffixes")
def test_root_domains_without_the_public_suffix_list() -> None:
    roots = {
        "app.acme.com": "acme.com",
        "shop.acme.co.uk": "acme.co.uk",
        "co.uk": "co.uk",
        "x.acme.github.io": "github.io",
    }
    assert {domain: contacts.root_domain(domain) for domain in roots} == roots


def test_without_phonenumbers_only_international_numbers_are_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert read_phone("+49 (30) 901-820", None)["phone_number"] == "+4930901820"
    assert read_phone("+49 30 901820", "DE")["country_code"] == "DE"
    assert read_phone("+353 1 234 5678", None)["country_code"] == "IE"
    with pytest.raises(InvalidValue):  # an unassigned country code
        read_phone("+999 1 234 5678", None)
    for written in ("030 901820", "+0123456789", "+49x30901820"):
        with pytest.raises(InvalidValue):
            read_phone(written, "DE")
