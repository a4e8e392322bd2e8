from attio_async.bulk._write.duplicates import KeyIndex


def test_a_key_belongs_to_the_first_row_that_brings_it() -> None:
    with KeyIndex() as seen:
        assert seen.claim([{"domain": "a.com"}, {"domain": "b.com"}], "line 2") is None
        assert seen.claim([{"domain": "c.com"}, {"domain": "b.com"}], "line 3") == "line 2"
        assert seen.claim([{"domain": "c.com"}], "line 4") is None
        assert seen.claim(["a.com"], 5) is None
        assert seen.claim(["x", "x"], 6) is None
