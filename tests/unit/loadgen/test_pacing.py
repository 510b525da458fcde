from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.load import OpenLoad, RampLoad, TraceLoad
from advisor.errors import InputError
from advisor.loadgen.pacing import due_times_s
from advisor.loadgen.streams import Stream, stream


@given(st.integers(min_value=0, max_value=99), st.sampled_from([0.0, 0.3, 1.0, 4.0]))
def test_the_same_seed_gives_the_same_times_and_they_ascend(seed: int, burstiness: float) -> None:
    load = OpenLoad(rate_rps=7.0, burstiness=burstiness)
    first, again = (list(islice(due_times_s(load, seed=seed), 1500)) for _ in range(2))
    assert first == again
    assert np.all(np.diff(first) >= 0.0)


def test_another_seed_gives_other_times() -> None:
    load = OpenLoad(rate_rps=7.0)
    assert next(due_times_s(load, seed=1)) != next(due_times_s(load, seed=2))


@pytest.mark.parametrize("burstiness", [0.0, 0.25, 1.0, 4.0])
def test_gaps_have_the_rate_and_the_variation_that_were_asked_for(burstiness: float) -> None:
    due_s = np.array(list(islice(due_times_s(OpenLoad(rate_rps=20.0, burstiness=burstiness), seed=4), 40_000)))
    gaps = np.diff(due_s)
    assert gaps.mean() == pytest.approx(1.0 / 20.0, rel=0.05)
    assert (gaps.std() / gaps.mean()) ** 2 == pytest.approx(burstiness, rel=0.1, abs=1e-9)


def test_a_ramp_comes_as_often_as_its_area_says_and_faster_and_faster() -> None:
    due_s = np.array(list(due_times_s(RampLoad(from_rps=2.0, to_rps=18.0, duration_s=100.0, burstiness=0.0), seed=0)))
    assert due_s.size == pytest.approx(1000, abs=1)
    assert due_s[-1] <= 100.0
    halves = np.sum(due_s < 50.0), np.sum(due_s >= 50.0)
    assert halves[0] == pytest.approx(50.0 * (2.0 + 10.0) / 2.0, abs=1)
    assert halves[1] > 2 * halves[0]


def test_a_ramp_may_begin_at_nothing_and_may_fall() -> None:
    rising = list(due_times_s(RampLoad(from_rps=0.0, to_rps=10.0, duration_s=10.0, burstiness=0.0), seed=0))
    falling = list(due_times_s(RampLoad(from_rps=10.0, to_rps=1e-9, duration_s=10.0, burstiness=0.0), seed=0))
    assert len(rising) == pytest.approx(50, abs=1)
    assert len(falling) == pytest.approx(50, abs=1)


def test_a_trace_is_replayed_as_it_was_or_stretched_to_a_rate() -> None:
    trace_s = (5.0, 6.0, 9.0)
    assert list(due_times_s(TraceLoad(), seed=0, trace_s=trace_s)) == [0.0, 1.0, 4.0]
    assert list(due_times_s(TraceLoad(rate_rps=1.0), seed=0, trace_s=trace_s)) == pytest.approx([0.0, 0.5, 2.0])


@pytest.mark.parametrize("trace_s", [(), (1.0,), (2.0, 2.0)])
def test_a_workload_without_times_cannot_be_replayed(trace_s: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="no times of arrival"):
        due_times_s(TraceLoad(), seed=0, trace_s=trace_s)


def test_streams_and_places_of_one_seed_have_nothing_in_common() -> None:
    draws = {stream(7, of, place).random() for of in Stream for place in (0, 1)}
    assert len(draws) == 2 * len(Stream)
