"""Reading domains, email addresses and phone numbers."""

import sys

import pytest

from attio_async.testing._errors import ApiProblem, InvalidValue
from attio_async.testing._values.contacts import read_domain, read_email, read_phone, root_domain

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


def test_root_domains_follow_the_public_suffix_list_whatever_is_installed() -> None:
    roots = {
        "app.acme.com": "acme.com",
        "shop.acme.co.uk": "acme.co.uk",
        "co.uk": "co.uk",
        "acme.github.io": "acme.github.io",
        "x.acme.github.io": "acme.github.io",
        "a.b.kawasaki.jp": "a.b.kawasaki.jp",
        "www.city.kawasaki.jp": "city.kawasaki.jp",
        "www.x.公司.cn": "x.公司.cn",
        "a.b.unknown-suffix": "b.unknown-suffix",
    }
    assert {domain: root_domain(domain) for domain in roots} == roots


def test_addresses_under_reserved_domains_are_refused() -> None:
    for top in ("example", "test", "invalid", "localhost"):
        with pytest.raises(InvalidValue):
            read_email(f"ada@acme.{top}")
    assert read_email("ada@test.example.com")["email_domain"] == "test.example.com"


def test_without_phonenumbers_phone_numbers_are_not_modelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    with pytest.raises(ApiProblem, match=r"attio-async\[testing\]") as refused:
        read_phone("+44 20 7946 0000", "DE")
    assert refused.value.status == 501
