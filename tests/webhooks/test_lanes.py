"""Order per record, checked against a simple picture of it."""

from hypothesis import given
from hypothesis import strategies as st

from attio_async.webhooks._dispatcher import Lanes


def test_one_lane_is_taken_together_and_others_wait() -> None:
    lanes = Lanes()
    for key, mine in [("a1", "a"), ("a2", "a"), ("b1", "b")]:
        lanes.put(key, {mine})
    assert lanes.take() == ["a1", "a2"]
    lanes.put("a3", {"a"})
    assert lanes.take() == ["b1"]
    assert lanes.take() == []
    lanes.release(["a1", "a2"], ["a1"])
    assert lanes.take() == ["a2", "a3"]


def test_what_is_in_two_lanes_waits_for_both_and_is_waited_for_in_both() -> None:
    lanes = Lanes()
    for key, mine in [("a1", "a"), ("ab", "ab"), ("b1", "b"), ("c1", "c")]:
        lanes.put(key, set(mine))
    assert lanes.take() == ["a1"]
    assert lanes.take() == ["c1"]
    assert lanes.take() == []
    lanes.release(["a1"], ["a1"])
    assert lanes.take() == ["ab"]
    lanes.release(["ab"], [])
    assert lanes.take() == ["ab"]
    lanes.release(["ab"], ["ab"])
    assert lanes.take() == ["b1"]
    lanes.release(["b1", "c1"], ["b1", "c1"])
    assert len(lanes) == 0
    assert not lanes.has_ready


def test_what_is_lined_up_stays_where_it_is_and_what_is_in_no_lane_has_its_own() -> None:
    lanes = Lanes()
    lanes.put("x", ())
    lanes.put("x", {"other"})
    assert len(lanes) == 1
    assert lanes.take() == ["x"]
    lanes.release(["x"], [])
    assert lanes.take() == ["x"]


@given(
    st.lists(st.frozensets(st.sampled_from("abc"), max_size=2), max_size=25),
    st.lists(st.integers(0, 3), max_size=60),
    st.randoms(use_true_random=False),
)
def test_each_is_taken_and_never_before_another_in_its_lane(mine, moves, random) -> None:
    lanes, left, out, finished = Lanes(), list(enumerate(mine)), [], []
    of = {str(place): names or {str(place)} for place, names in left}

    def step(move: int) -> None:
        if move == 0 and left:
            place, names = left.pop(0)
            lanes.put(str(place), names)
        elif move == 1 and (taken := lanes.take()):
            assert all(not of[key] & of[other] for key in taken for group in out for other in group)
            out.append(taken)
        elif out:
            taken = out.pop(random.randrange(len(out)))
            done = taken[: random.randrange(len(taken) + 1)] if move == 2 else taken
            lanes.release(taken, done)
            finished.extend(done)

    for move in moves:
        step(move)
    while left or len(lanes):
        for move in (0, 1, 3):
            step(move)
    assert sorted(finished, key=int) == sorted(of, key=int)
    for lane in {name for names in of.values() for name in names}:
        in_lane = [int(key) for key in finished if lane in of[key]]
        assert in_lane == sorted(in_lane)
