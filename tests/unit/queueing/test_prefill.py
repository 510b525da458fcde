import numpy as np
import pytest

from advisor.queueing import Station, Unstable, prefill_law, size_bins, solve
from tests.unit.queueing.simulation import prefill_waits_s

STATE = solve(Station(np.full(64, 100.0)), arrival_rps=10.0)
TOKENS = np.random.default_rng(3).lognormal(6.5, 0.5, size=4000)
BINNED = size_bins(TOKENS).average(TOKENS)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.35, 0.6])
def test_the_prefill_law_agrees_with_its_recursion(share: float) -> None:
    per_token_s = share / 10.0 / TOKENS.mean()
    rng = np.random.default_rng(8)
    waits_s = prefill_waits_s(
        step_s=0.02, rate_rps=10.0, prompts_s=TOKENS * per_token_s, iterations=100, chains=20_000, rng=rng
    )
    law = prefill_law(STATE, step_s=0.02, prefill_s_per_token=per_token_s, input_tokens=BINNED)
    assert law.mean() == pytest.approx(waits_s.mean(), rel=0.01)
    assert law.quantile(0.5) == pytest.approx(np.quantile(waits_s, 0.5), rel=0.035)
    assert law.quantile(0.95) == pytest.approx(np.quantile(waits_s, 0.95), rel=0.035)
    assert law.quantile(0.99) == pytest.approx(np.quantile(waits_s, 0.99), rel=0.08)


def test_the_mean_is_the_published_formula() -> None:
    pf, s, rate = 2e-5, 0.03, 10.0
    rho = rate * TOKENS.mean() * pf
    first = s / (1 - rho)
    second = (s**2 + 2 * s * rho * first + pf**2 * rate * (TOKENS**2).mean() * first) / (1 - rho**2)
    expected = second / (2 * first) + s + pf * TOKENS.mean() + rho * second / first
    law = prefill_law(STATE, step_s=s, prefill_s_per_token=pf, input_tokens=TOKENS)
    assert law.mean() == pytest.approx(expected, rel=1e-9)


def test_replicas_share_the_prompts() -> None:
    half = solve(Station(np.full(64, 100.0)), arrival_rps=5.0)
    one = prefill_law(half, step_s=0.02, prefill_s_per_token=5e-5, input_tokens=BINNED)
    two = prefill_law(STATE, step_s=0.02, prefill_s_per_token=5e-5, input_tokens=BINNED, replicas=2)
    assert two.mean() == pytest.approx(one.mean(), rel=1e-9)


def test_without_prompts_to_prefill_an_arrival_waits_one_and_a_half_steps() -> None:
    law = prefill_law(STATE, step_s=0.02, prefill_s_per_token=0.0, input_tokens=BINNED)
    assert law.mean() == pytest.approx(0.03, rel=1e-9)


def test_more_prefill_than_time_is_unstable() -> None:
    with pytest.raises(Unstable, match="prefill"):
        prefill_law(STATE, step_s=0.02, prefill_s_per_token=1.0, input_tokens=BINNED)


@pytest.mark.parametrize(("step_s", "replicas"), [(0.0, 1), (0.02, 0)])
def test_steps_and_replicas_are_positive(step_s: float, replicas: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        prefill_law(STATE, step_s=step_s, prefill_s_per_token=1e-5, input_tokens=BINNED, replicas=replicas)
