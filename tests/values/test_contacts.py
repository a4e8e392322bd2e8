import sys
from typing import Any

import pytest

from attio_async.values import Phone, coerce


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("app.attio.com", "app.attio.com"),
        ({"domain": "app.attio.com"}, "app.attio.com"),
        (" ACME.com. ", "acme.com"),
        ("https://www.acme.com/about?x=1#top", "www.acme.com"),
        ("HTTP://user:pass@Acme.com:8080/", "acme.com"),
        ("//acme.com/path", "acme.com"),
        ("acme.com/@handle?next=https://other.example", "acme.com"),
        ("acme.com:443", "acme.com"),
        ("münchen.de", "xn--mnchen-3ya.de"),
        ("https://BÜCHER.example/ä", "xn--bcher-kva.example"),
        ("xn--mnchen-3ya.de", "xn--mnchen-3ya.de"),
        ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
        ("my_shop.example.co.uk", "my_shop.example.co.uk"),
    ],
)
def test_domains(attribute: Any, value: object, expected: str) -> None:
    assert coerce(attribute("domain", is_multiselect=True), value) == [expected]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("acme", "acme.com"),
        ("acme corp.com", "acme.com"),
        ("Acme, Inc.", "acme.com"),
        ("ada@acme.com", "after the @"),
        ("mailto:ada@acme.com", "after the @"),
        ("http://", "acme.com"),
        ("http://[bad/", "acme.com"),
        ("127.0.0.1", "acme.com"),
        ("-acme-.com", "acme.com"),
        ("a..com", "acme.com"),
        ("ä" * 70 + ".com", "acme.com"),
        ("a" * 64 + ".com", "acme.com"),
        (".".join(["a" * 60] * 5) + ".com", "acme.com"),
        ("straße.de", "xn--"),
        ("", "None"),
        (3, "domain"),
        ({"root_domain": "acme.com"}, "possible"),
    ],
)
def test_what_is_no_domain_is_refused(attribute: Any, refused: Any, value: object, hint: str) -> None:
    assert hint in refused(attribute("domain"), value).hint


@pytest.mark.parametrize(
    "value",
    [
        "person@company.com",
        "Ada.Lovelace+crm@Example.COM",
        "o'brien_&co@mail.example.co.uk",
        "jörg@münchen.de",
        '"ada lovelace"@example.com',
    ],
)
def test_an_email_stays_as_it_is_written(attribute: Any, value: str) -> None:
    spec = attribute("email-address", is_multiselect=True)
    assert coerce(spec, f" {value} ") == [value]
    assert coerce(spec, {"email_address": value}) == [value]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("ada", "ada@example.com"),
        ("@example.com", "ada@example.com"),
        ("ada@", "ada@example.com"),
        ("ada@localhost", "ada@example.com"),
        ("ada@@example.com", "ada@example.com"),
        ("ada lovelace@example.com", "ada@example.com"),
        (".ada@example.com", "ada@example.com"),
        ("ada.@example.com", "ada@example.com"),
        ("a..da@example.com", "ada@example.com"),
        ("a" * 65 + "@example.com", "ada@example.com"),
        ("ada@example.com, bob@example.com", "ada@example.com"),
        ("ada@exa mple.com", "ada@example.com"),
        ("Ada <ada@example.com>", "address alone"),
        ("mailto:ada@example.com", "address alone"),
        ("", "None"),
        (3, "e-mail"),
    ],
)
def test_what_is_no_email_is_refused(attribute: Any, refused: Any, value: object, hint: str) -> None:
    assert hint in refused(attribute("email-address"), value).hint


@pytest.mark.parametrize(
    ("value", "expected"),
    [
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
    ],
)
def test_phone_numbers(attribute: Any, value: object, expected: object) -> None:
    assert coerce(attribute("phone-number", is_multiselect=True), value) == [expected]


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("020 7946 0000", "region='GB'"),
        ("0044 20 7946 0000", "region='GB'"),
        ("+44", "7 to 15 digits"),
        ("+0123456789", "7 to 15 digits"),
        ("+1 555 867 5309 ext. 5", "without an extension"),
        ("+1234567890123456", "7 to 15 digits"),
        ("+٤٤٢٠٧٩٤٦٠٠٠٠", "7 to 15 digits"),
        (Phone("555", region="GB"), "check the digits"),
        (Phone("nobody", region="GB"), "check the digits"),
        (Phone("020 7946 0000 ext. 5", region="GB"), "extension"),
        (Phone("020 7946 0000", region="UK"), "'GB'"),
        (Phone("020 7946 0000", region="Britain"), "two letters"),
        (Phone("020 7946 0000"), "region='GB'"),
        ({"original_phone_number": "020 7946 0000", "country_code": None}, "region='GB'"),
        ({"original_phone_number": "020 7946 0000", "country_code": "UK"}, "'GB'"),
        ({"country_code": "GB"}, "original_phone_number"),
        ({"phone_number": "+442079460000"}, "possible"),
        (442079460000, "+442079460000"),
        ("", "None"),
    ],
)
def test_what_is_no_phone_number_is_refused(attribute: Any, refused: Any, value: object, hint: str) -> None:
    assert hint in refused(attribute("phone-number"), value).hint


def test_without_the_extra_a_national_number_says_what_to_do(
    attribute: Any, refused: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "phonenumbers", None)
    problem = refused(attribute("phone-number"), Phone("020 7946 0000", region="gb"))
    assert "phonenumbers" in problem.reason
    assert "attio-async[phone]" in problem.hint
    assert "{'original_phone_number': '020 7946 0000', 'country_code': 'GB'}" in problem.hint
    assert coerce(attribute("phone-number"), Phone("+44 20 7946 0000", region="gb")) == ["+442079460000"]
