"""The size of the queries that read what exists."""

from attio_async.bulk._write.remote_state import QuerySize


def test_a_query_has_fewer_keys_after_it_was_too_complex_and_slowly_more_again() -> None:
    size = QuerySize(limit=100)
    assert size.keys == 100
    size.reject(100)
    assert size.keys == 50
    size.reject(50)
    assert size.keys == 25
    size.accept(25, None)
    assert size.keys == 27
    for _ in range(60):
        size.accept(size.keys, None)
    assert size.keys == 100


def test_the_score_of_a_query_tells_what_a_key_costs() -> None:
    size = QuerySize(limit=100)
    size.accept(100, 5000.0)
    size.reject(100)
    assert size.keys == 50
    size.accept(10, 500.0)
    assert size.keys == 50
