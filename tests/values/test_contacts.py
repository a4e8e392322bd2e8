import sys

import pytest

from attio_async.values import Phone, coerce

from .attributes import Attribute, misfits, refused, unsaid


def test_domains() -> None:
    cases = [
        ("app.attio.com", "app.attio.com"),
        ({"domain": "app.attio.com"}, "app.attio.com"),
        (" ACME.com. ", "acme.com"),
        ("https://www.acme.com/about?x=1#top", "acme.com"),
        ("WWW.acme.com", "acme.com"),
        ("www.acme.co.uk", "acme.co.uk"),
        ("https://www.gov.uk/bank-holidays", "www.gov.uk"),
        ("www.com", "www.com"),
        ("\ufeffacme.com\u200b", "acme.com"),
        ("HTTP://user:pass@Acme.com:8080/", "acme.com"),
        ("//acme.com/path", "acme.com"),
        ("acme.com/@handle?next=https://other.example.com", "acme.com"),
        ("acme.com:443", "acme.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("https://BÜCHER.example.com/ä", "xn--bcher-kva.example.com"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("my_shop.example.co.uk", "my_shop.example.co.uk"),
    ]
    assert misfits(Attribute("domain", is_multiselect=True), cases) == []


def test_values_that_are_not_domains_are_refused() -> None:
    cases = [
        ("acme", "not a valid domain", "example.com"),
        ("acme corp.com", "not a valid domain", "example.com"),
        ("Acme, Inc.", "not a valid domain", "example.com"),
        ("ada@acme.com", "", "after the @"),
        ("mailto:ada@acme.com", "", "after the @"),
        ("http://", "not a valid domain", "example.com"),
        ("http://[bad/", "not a valid domain", "example.com"),
        ("127.0.0.1", "not a valid domain", "example.com"),
        ("-acme-.com", "not a valid domain", "example.com"),
        ("a..com", "not a valid domain", "example.com"),
        ("ä" * 70 + ".com", "not a valid domain", "example.com"),
        ("a" * 64 + ".com", "not a valid domain", "example.com"),
        (".".join(["a" * 60] * 5) + ".com", "not a valid domain", "example.com"),
        ("straße.de", "", "xn--"),
        ("x.example.com\ny.example.com", "U+000A at index 13", "several values as a list"),
        ("x.example.com\ty.example.com", "U+0009", "remove it"),
        ("https://x.example.com/a\r\nb", "U+000D", "remove it"),
        ("ac\u200bme.com", "U+200B ZERO WIDTH SPACE at index 2", "remove it"),
        ("ac\u00adme.com", "SOFT HYPHEN", "remove it"),
        ("", "", "None"),
        (3, "", "domain"),
        ({"root_domain": "acme.com"}, "", "use 'domain'"),
    ]
    assert unsaid(Attribute("domain"), cases) == []


def test_an_email_address_stays_as_it_is_written() -> None:
    addresses = [
        "person@company.com",
        "Ada.Lovelace+crm@Example.COM",
        "o'brien_&co@mail.example.co.uk",
        "jörg@münchen.de",
        '"ada lovelace"@example.com',
    ]
    spec = Attribute("email-address", is_multiselect=True)
    assert misfits(spec, [(f" {address} ", address) for address in addresses]) == []
    assert misfits(spec, [({"email_address": address}, address) for address in addresses]) == []


def test_values_that_are_not_email_addresses_are_refused() -> None:
    cases = [
        ("ada", "not a valid e-mail address", "ada@example.com"),
        ("@example.com", "not a valid e-mail address", "ada@example.com"),
        ("ada@", "not a valid e-mail address", "ada@example.com"),
        ("ada@localhost", "not a valid e-mail address", "ada@example.com"),
        ("ada@@example.com", "not a valid e-mail address", "ada@example.com"),
        ("ada lovelace@example.com", "not a valid e-mail address", "ada@example.com"),
        (".ada@example.com", "not a valid e-mail address", "ada@example.com"),
        ("ada.@example.com", "not a valid e-mail address", "ada@example.com"),
        ("a..da@example.com", "not a valid e-mail address", "ada@example.com"),
        ("a" * 65 + "@example.com", "not a valid e-mail address", "ada@example.com"),
        ("ada@example.com, bob@example.com", "not a valid e-mail address", "ada@example.com"),
        ("ada@exa mple.com", "not a valid e-mail address", "ada@example.com"),
        ("Ada <ada@example.com>", "not a valid e-mail address", "address alone"),
        ("mailto:ada@example.com", "not a valid e-mail address", "address alone"),
        ("", "", "None"),
        (3, "", "e-mail"),
    ]
    assert unsaid(Attribute("email-address"), cases) == []


def test_phone_numbers() -> None:
    cases = [
        ("+447777777777", "+447777777777"),
        ("+15558675309", "+15558675309"),
        ("+44 7777 777-777", "+447777777777"),
        ("+44 (0)20 7946 0000", "+442079460000"),
        ("+1 (555) 867.5309", "+15558675309"),
        ("tel:+1-555-867-5309", "+15558675309"),
        ("+49\u00a030\u202f12\u20113456", "+4930123456"),
        ({"original_phone_number": "+44 7777777777", "country_code": None}, "+447777777777"),
        ({"original_phone_number": "+447777777777"}, "+447777777777"),
        (
            {"original_phone_number": "+44 7777 777777", "country_code": "gb"},
            {"original_phone_number": "+447777777777", "country_code": "GB"},
        ),
        (
            {"original_phone_number": "020 7946 0000", "country_code": "GB"},
            {"original_phone_number": "020 7946 0000", "country_code": "GB"},
        ),
        (Phone("020 7946 0000", region="GB"), "+442079460000"),
        (Phone("(212) 555-1234", region="us"), "+12125551234"),
        (Phone("+442079460000", region="US"), "+442079460000"),
        (Phone("+442079460000"), "+442079460000"),
    ]
    assert misfits(Attribute("phone-number", is_multiselect=True), cases) == []


def test_values_that_are_not_phone_numbers_are_refused() -> None:
    cases = [
        ("020 7946 0000", "", "region='GB'"),
        ("0044 20 7946 0000", "", "region='GB'"),
        ("+44", "", "7 to 15 digits"),
        ("+0123456789", "", "7 to 15 digits"),
        ("+1 555 867 5309 ext. 5", "", "without an extension"),
        ("+1234567890123456", "", "7 to 15 digits"),
        ("+٤٤٢٠٧٩٤٦٠٠٠٠", "", "7 to 15 digits"),
        (Phone("555", region="GB"), "", "check the digits"),
        (Phone("nobody", region="GB"), "", "check the digits"),
        (Phone("020 7946 0000 ext. 5", region="GB"), "", "extension"),
        (Phone("020 7946 0000", region="UK"), "", "'GB'"),
        (Phone("020 7946 0000", region="Britain"), "", "two letters"),
        (Phone("020 7946 0000"), "", "region='GB'"),
        ({"original_phone_number": "020 7946 0000", "country_code": None}, "", "region='GB'"),
        ({"original_phone_number": "020 7946 0000", "country_code": "UK"}, "", "'GB'"),
        ({"country_code": "GB"}, "", "original_phone_number"),
        ({"phone_number": "+442079460000"}, "", "'original_phone_number'"),
        (442079460000, "", "+442079460000"),
        ("", "", "None"),
    ]
    assert unsaid(Attribute("phone-number"), cases) == []


def test_a_national_number_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    problem = refused(Attribute("phone-number"), Phone("020 7946 0000", region="gb"))
    assert "phonenumbers" in problem.reason
    assert "attio-async[phone]" in problem.hint
    assert "{'original_phone_number': '020 7946 0000', 'country_code': 'GB'}" in problem.hint
    assert coerce(Attribute("phone-number"), Phone("+44 20 7946 0000", region="gb")) == ["+442079460000"]
