"""A short soak: nothing is lost or doubled, and growth is found where there is some."""

import random

import pytest

from .soak import Sample, growth_in, main, measured, theil_sen


@pytest.mark.full
def test_a_short_soak_loses_and_doubles_nothing() -> None:
    assert main(10) == 0


def test_growth_is_found_beside_outliers() -> None:
    samples = [(float(second), 1000 + second) for second in range(0, 100, 5)]
    samples[3] = (15.0, 50_000)
    assert theil_sen(samples) == pytest.approx(1)
    assert theil_sen([(0.0, 5), (1.0, 5), (2.0, 5)]) == 0


@pytest.mark.parametrize(
    ("growth", "grown"),
    [
        ({}, set()),
        ({"resident": 0.005, "heap": 0.005, "blocks": 0.005, "files": 0.5}, set()),
        ({"resident": 0.015}, {"resident memory grew"}),
        ({"heap": 0.1}, {"heap grew"}),
        ({"blocks": 0.015}, {"blocks grew"}),
        ({"files": 4.0}, {"open files grew"}),
    ],
)
def test_a_leak_is_told_from_the_noise(growth: dict[str, float], grown: set[str]) -> None:
    noise = random.Random(1)
    begin = {"resident": 80_000_000, "heap": 14_000_000, "blocks": 300_000, "files": 20}
    samples = [
        Sample(
            float(seconds),
            **{
                name: round(value * (1 + growth.get(name, 0) * seconds / 600) * noise.uniform(0.999, 1.001))
                for name, value in begin.items()
            },
        )
        for seconds in range(0, 300, 6)
    ]
    samples[5] = samples[5]._replace(resident=10_000_000)  # before all is loaded
    samples[25] = samples[25]._replace(resident=200_000_000, blocks=400_000)
    found = growth_in(samples, after=120)
    assert {name for name, is_grown in found.items() if is_grown} == grown


def test_memory_that_is_kept_is_measured() -> None:
    before = measured(0)
    kept = [bytes([number % 256]) * (100_000 if number % 2 else 100) for number in range(2_000)]
    after = measured(1)
    assert after.resident > after.heap > 50_000_000  # how much it grows depends on what was free already
    assert after.heap - before.heap > 50_000_000
    assert after.blocks - before.blocks > 1_500
    del kept
