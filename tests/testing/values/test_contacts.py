import sys
from collections.abc import Iterator

import pytest

from attio_async.testing._errors import InvalidValue
from attio_async.testing._values import contacts
from attio_async.testing._values.contacts import read_domain, read_email, read_phone


@pytest.mark.parametrize(
    ("written", "domain", "root"),
    [
        ("acme.com", "acme.com", "acme.com"),
        ("https://App.Acme.com/path?x=1#y", "app.acme.com", "acme.com"),
        ("acme.co.uk/about", "acme.co.uk", "acme.co.uk"),
        ("shop.acme.co.uk", "shop.acme.co.uk", "acme.co.uk"),
        (" user@acme.com:8080 ", "acme.com", "acme.com"),
        ("co.uk", "co.uk", "co.uk"),
        ("münchen.de.", "münchen.de", "münchen.de"),
        ("mail.acme.internal", "mail.acme.internal", "acme.internal"),
    ],
)
def test_domains_are_cut_out_of_what_was_written(written: str, domain: str, root: str) -> None:
    assert read_domain(written) == {"domain": domain, "root_domain": root}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "acme",
        "-acme.com",
        "a b.com",
        "http://",
        "127.0.0.1",
        "[::1",
        f"{'a' * 64}.com",
        "a." * 130 + "com",
    ],
)
def test_what_is_no_domain_is_refused(written: str) -> None:
    with pytest.raises(InvalidValue):
        read_domain(written)


def test_an_email_is_taken_apart() -> None:
    assert read_email("Ada.L+x@Mail.Acme.COM") == {
        "original_email_address": "Ada.L+x@Mail.Acme.COM",
        "email_address": "ada.l+x@mail.acme.com",
        "email_domain": "mail.acme.com",
        "email_root_domain": "acme.com",
        "email_local_specifier": "ada.l+x",
    }


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ada",
        "ada@",
        "@acme.com",
        "ada@acme",
        "a b@acme.com",
        "a@b@acme.com",
        ".a@acme.com",
        "a..b@acme.com",
    ],
)
def test_what_is_no_email_is_refused(written: str) -> None:
    with pytest.raises(InvalidValue):
        read_email(written)


@pytest.mark.parametrize(
    ("written", "country", "number", "region"),
    [
        ("+44 7777 777777", None, "+447777777777", "GB"),
        ("020 7946 0000", "GB", "+442079460000", "GB"),
        ("+1 (212) 555-1234", None, "+12125551234", "US"),
        ("+44 7777777777", "FR", "+447777777777", "GB"),
    ],
)
def test_phone_numbers_become_e164(written: str, country: str | None, number: str, region: str) -> None:
    assert read_phone(written, country) == {
        "original_phone_number": written,
        "phone_number": number,
        "country_code": region,
    }


@pytest.mark.parametrize(
    ("written", "country"), [("020 7946 0000", None), ("+1", None), ("call me", "GB"), ("", None)]
)
def test_what_is_no_phone_number_is_refused(written: str, country: str | None) -> None:
    with pytest.raises(InvalidValue) as refused:
        read_phone(written, country)
    assert refused.value.issues[0]["path"] == ["original_phone_number"]


@pytest.mark.parametrize(
    ("domain", "root"),
    [
        ("www.acme.kawasaki.jp", "www.acme.kawasaki.jp"),
        ("www.city.kawasaki.jp", "city.kawasaki.jp"),
        ("x.acme.github.io", "acme.github.io"),
    ],
)
def test_the_list_of_suffixes_knows_more(domain: str, root: str) -> None:
    pytest.importorskip("publicsuffixlist", reason="needs the extra testing")
    assert contacts.root_domain(domain) == root


@pytest.fixture
def no_list_of_suffixes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def forget() -> None:
        contacts.root_domain.cache_clear()
        contacts._public_suffixes.cache_clear()

    monkeypatch.setitem(sys.modules, "publicsuffixlist", None)
    forget()
    yield
    forget()


@pytest.mark.usefixtures("no_list_of_suffixes")
@pytest.mark.parametrize(
    ("domain", "root"),
    [
        ("app.acme.com", "acme.com"),
        ("shop.acme.co.uk", "acme.co.uk"),
        ("co.uk", "co.uk"),
        ("x.acme.github.io", "github.io"),
    ],
)
def test_without_the_list_of_suffixes_the_usual_ones_are_known(domain: str, root: str) -> None:
    assert contacts.root_domain(domain) == root


def test_without_phonenumbers_only_international_digits_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    assert read_phone("+49 (30) 901-820", None)["phone_number"] == "+4930901820"
    assert read_phone("+49 30 901820", "DE")["country_code"] == "DE"
    assert read_phone("+353 1 234 5678", None)["country_code"] == "IE"
    with pytest.raises(InvalidValue):  # nobody knows whose this is
        read_phone("+999 1 234 5678", None)
    for written in ("030 901820", "+0123456789", "+49x30901820"):
        with pytest.raises(InvalidValue):
            read_phone(written, "DE")
