"""What a measurement is worth before it is made."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from advisor.planning.next_worth import all_regrets, beating_shares, expected_regret, outcome_shares
from advisor.planning.stakes import Stakes

NOISE = 0.05
USD_EACH = np.array([6.0, 3.4, 2.5, 3.1, 1.0])
LOADS = np.array([1.3, 2.4, 3.3, 2.6, 8.2])
GPUS = np.array([0, 1, 2, 1, 3])
COVARIANCE = 0.16**2 * (GPUS[:, None] == GPUS) + 0.12**2 + 0.1**2 * np.eye(5)
"""Five plans of one contender, two of them on one GPU type."""


def costs(log_factors: np.ndarray) -> np.ndarray:
    replicas = np.ceil(LOADS[:, None] / np.exp(log_factors))
    return np.asarray(replicas * USD_EACH[:, None])


def regrets(log_factors: np.ndarray) -> np.ndarray:
    found = costs(log_factors)
    return np.asarray(found - found.min(axis=0))


def normal_draws(covariance: np.ndarray, draws: int, seed: int) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(root @ np.random.default_rng(seed).standard_normal((len(covariance), draws)))


def nested(option: int, *, outcomes: int = 150, draws: int = 3000) -> float:
    """Return the expected regret after measuring an option: rank-one updates and new draws for each result."""
    spread = COVARIANCE[option, option] + NOISE**2
    gain = COVARIANCE[:, option] / spread
    left = normal_draws(COVARIANCE - np.outer(gain, COVARIANCE[option]), draws, seed=7)
    shares = (np.arange(outcomes) + 0.5) / outcomes
    results = [NormalDist(0.0, float(np.sqrt(spread))).inv_cdf(share) for share in shares.tolist()]
    return float(np.mean([regrets(gain[:, None] * result + left).mean(axis=1).min() for result in results]))


@pytest.mark.parametrize("option", range(5))
def test_looking_ahead_finds_what_nested_simulation_finds(option: int) -> None:
    drawn = normal_draws(COVARIANCE, 8000, seed=3)
    found = regrets(drawn)
    ahead = expected_regret(found, outcome_shares(drawn[option], noise_log_sd=NOISE))
    assert ahead == pytest.approx(nested(option), abs=0.03 * expected_regret(found))


@settings(max_examples=60)
@given(
    regret=arrays.arrays(np.float64, (4, 50), elements=st.floats(0.0, 1e4)),
    speed=arrays.arrays(np.float64, 50, elements=st.floats(-1.0, 1.0)),
    noise=st.floats(0.005, 0.5),
)
def test_measuring_never_does_harm(regret: np.ndarray, speed: np.ndarray, noise: float) -> None:
    now = expected_regret(regret)
    assert expected_regret(regret, outcome_shares(speed, noise_log_sd=noise)) <= now + 1e-9 * max(now, 1.0)


def test_the_results_of_a_measurement_add_up_to_what_is_known_without_it() -> None:
    drawn = normal_draws(COVARIANCE, 500, seed=1)[0]
    assert outcome_shares(drawn, noise_log_sd=NOISE).sum(axis=0) == pytest.approx(np.ones(500))


def test_results_are_about_equally_likely() -> None:
    shares = outcome_shares(normal_draws(COVARIANCE, 4000, seed=1)[0], noise_log_sd=NOISE, outcomes=10)
    assert shares.mean(axis=1) == pytest.approx(np.full(10, 0.1), abs=0.02)


def test_a_speed_that_is_known_has_one_result_and_no_worth() -> None:
    shares = outcome_shares(np.full(20, 0.3), noise_log_sd=NOISE)
    assert shares.shape == (1, 20)
    found = regrets(normal_draws(COVARIANCE, 20, seed=1))
    assert expected_regret(found, shares) == pytest.approx(expected_regret(found))


def test_a_worse_instrument_is_worth_less() -> None:
    drawn = normal_draws(COVARIANCE, 4000, seed=3)
    after = [expected_regret(regrets(drawn), outcome_shares(drawn[2], noise_log_sd=sd)) for sd in (0.02, 0.1, 0.3, 3.0)]
    assert after == sorted(after)
    assert after[-1] == pytest.approx(expected_regret(regrets(drawn)), rel=0.01)


def test_options_beat_another_where_they_are_over_two_percent_cheaper() -> None:
    found = Stakes(np.array([[10.0, 10.0, 10.0], [9.9, 9.0, 12.0]]), np.array([10.0, 9.9]))
    assert beating_shares(found, 0) == pytest.approx([0.0, 1 / 3])


def test_draws_in_which_nothing_does_are_left_out_for_all_options_alike() -> None:
    found = Stakes(np.array([[np.inf, 10.0], [np.inf, 8.0]]), np.array([9.0, 9.0]))
    assert all_regrets(found).tolist() == [[2.0], [0.0]]
