"""A short soak: nothing is lost or doubled, and growth is found where there is some."""

import pytest

from .soak import main, theil_sen


@pytest.mark.full
def test_a_short_soak_loses_and_doubles_nothing() -> None:
    assert main(10) == 0


def test_growth_is_found_beside_outliers() -> None:
    samples = [(float(second), 1000 + second) for second in range(0, 100, 5)]
    samples[3] = (15.0, 50_000)
    assert theil_sen(samples) == pytest.approx(1)
    assert theil_sen([(0.0, 5), (1.0, 5), (2.0, 5)]) == 0
