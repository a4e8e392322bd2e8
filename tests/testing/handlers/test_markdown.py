import pytest

from attio_async.testing._handlers.notes import plaintext


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("# Title\n\n## Part", "Title\n\nPart"),
        ("a **b** _c_ `d` ~~e~~ __f__ *g*", "a b c d e f g"),
        ("- one\n  * two\n- [x] three", "one\n  two\nthree"),
        ("[words](https://x.example) ![picture](p.png)", "words picture"),
        ("> said", "said"),
        ("```python\ncode\n```\nend", "code\nend"),
        ("one\n---\ntwo", "one\ntwo"),
        ("snake_case_name 2 * 3 * 4", "snake_case_name 2 * 3 * 4"),
        ("", ""),
    ],
)
def test_the_marks_are_gone(markdown: str, text: str) -> None:
    assert plaintext(markdown) == text
