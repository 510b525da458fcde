"""The course of a run, by hand: four requests on two slots."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.queueing.simulate import Outcome
from advisor.usecases.replaying import Served
from advisor.usecases.simulating.offered import Run
from advisor.usecases.simulating.timeline import Timeline

# in service: 1 from 0, 2 from 1, to 8; waiting: 1 in (2, 4), 2 in (3, 4), 1 in (4, 6)
OUTCOME = Outcome(
    arrivals_s=np.array([0.0, 1.0, 2.0, 3.0]),
    starts_s=np.array([0.0, 1.0, 4.0, 6.0]),
    firsts_s=np.array([1.0, 2.0, 5.0, 7.0]),
    dones_s=np.array([4.0, 6.0, 8.0, 8.0]),
)


def timeline(*, scale: float = 1.0, end_s: float = 8.0) -> Timeline:
    served = Served(OUTCOME, np.ones(4))
    return Timeline(Run(served, served, start_s=0.0, end_s=end_s, scale=scale), slots=2)


def test_means_are_over_time_and_peaks_over_all_moments() -> None:
    assert timeline().slots_used.mean == pytest.approx((1 + 7 * 2) / 8)
    assert timeline().slots_used.peak == 2
    assert timeline().waiting.mean == pytest.approx((1 + 2 + 1 + 1) / 8)
    assert timeline().waiting.peak == 2


def test_each_stretch_has_its_own_arrivals_and_holds_what_came_before() -> None:
    first, second = timeline().moments()
    assert (first.start_s, second.start_s) == (0.0, 4.0)
    assert (first.arrival_rps, second.arrival_rps) == (1.0, 0.0)
    assert (first.in_service, second.in_service) == pytest.approx((7 / 4, 2.0))
    assert (first.slots_used_share, second.slots_used_share) == pytest.approx((7 / 8, 1.0))
    assert (first.waiting_most, second.waiting_most) == (2, 1)
    assert first.e2e_p95_s == pytest.approx(np.quantile([4.0, 5.0, 6.0, 5.0], 0.95))
    assert (first.e2e_p50_s, first.e2e_p99_s) == pytest.approx(np.quantile([4.0, 5.0, 6.0, 5.0], (0.5, 0.99)))
    assert (second.e2e_p50_s, second.e2e_p95_s, second.e2e_p99_s) == (None, None, None)


def test_hours_divide_the_run_and_are_told() -> None:
    moments = timeline().moments(hours=8)
    assert len(moments) == 120
    assert moments[15].start_s == pytest.approx(1.0)
    assert moments[15].start_hours == pytest.approx(1.0)
    assert moments[15].arrival_rps == pytest.approx(15.0)


def test_counts_stand_for_the_larger_fleet() -> None:
    assert timeline(scale=3.0).slots_used.peak == 6
    assert timeline(scale=3.0).moments()[0].arrival_rps == pytest.approx(3.0)


def test_what_happens_after_the_end_is_not_looked_at() -> None:
    assert timeline(end_s=3.0).slots_used.mean == pytest.approx((1 + 2 + 2) / 3)
    assert timeline(end_s=1.5).slots_used.peak == 2
    assert timeline(end_s=0.5).slots_used.peak == 1
