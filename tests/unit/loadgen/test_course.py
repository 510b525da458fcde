"""When a run is warm."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from advisor.domain.campaign import RunRules
from advisor.domain.load import OpenLoad, TraceLoad
from advisor.domain.model import Content
from advisor.domain.timing import Phase
from advisor.domain.workload import Workload
from advisor.loadgen.course import Course
from tests.null_server import Habits
from tests.unit.loadgen.running import rules, run

if TYPE_CHECKING:
    from advisor.domain.load import Load
    from advisor.loadgen.exchange import Exchange

MOST_S = 100.0


def ended(life_s: float, *, failure: str = "") -> Exchange:
    """Return a request that was due at 0 and is over."""
    fields = {"failure": failure, "stream": 0, "phase": Phase.WARMUP, "intended_s": 0.0, "over_s": life_s}
    return cast("Exchange", SimpleNamespace(**fields))


def course(*lives_s: float, fills_up_to_s: float = MOST_S, **fields: Any) -> Course:
    found = Course(RunRules(**{"warmup_s": 5.0, **fields}), streams=1, fills_up_to_s=fills_up_to_s)
    for life_s in lives_s:
        found.end(ended(life_s))
    return found


def phase_at(found: Course, now_s: float) -> Phase | None:
    return found.next_phase(now_s)


def test_an_open_load_warms_up_for_three_end_to_end_times_of_what_has_ended() -> None:
    assert phase_at(course(3.0, 5.0), 11.9) is Phase.WARMUP
    assert phase_at(course(3.0, 5.0), 12.0) is Phase.MEASURED


def test_short_requests_do_not_shorten_the_warm_up() -> None:
    assert phase_at(course(0.1), 4.9) is Phase.WARMUP
    assert phase_at(course(0.1), 5.0) is Phase.MEASURED


def test_nothing_is_measured_before_a_first_request_has_ended() -> None:
    assert phase_at(course(), 50.0) is Phase.WARMUP


def test_warm_up_never_lasts_longer_than_it_may() -> None:
    assert phase_at(course(40.0, fills_up_to_s=60.0), 59.0) is Phase.WARMUP
    assert phase_at(course(40.0, fills_up_to_s=60.0), 60.0) is Phase.MEASURED


def test_a_server_that_only_fails_is_measured_in_time() -> None:
    found = course()
    found.end(ended(30.0, failure="http_500"))
    assert phase_at(found, 5.0) is Phase.MEASURED


def test_a_closed_loop_is_warm_as_soon_as_its_streams_are() -> None:
    assert phase_at(course(40.0, fills_up_to_s=0.0), 5.0) is Phase.MEASURED


TRACE = Workload(
    name="t", content=Content.CHAT, pairs=tuple((30, 4) for _ in range(40)), arrival_s=tuple(n / 40 for n in range(40))
)
SLOW = Habits(first_s=0.1, gap_s=0.0)


@pytest.mark.servers
@pytest.mark.parametrize(
    ("load", "fields", "least_s"),
    [
        (OpenLoad(rate_rps=50.0, burstiness=0.0), {"warmup_s": 0.01}, 0.3),
        (OpenLoad(rate_rps=50.0, burstiness=0.0), {"warmup_s": 0.01, "max_s": 0.15}, 0.15),
        (TraceLoad(), {"warmup_s": 0.01, "requests": None}, 0.097),
    ],
    ids=["three times", "at most as long as a run", "at most a tenth of a trace"],
)
def test_an_open_run_is_measured_once_the_server_has_filled(load: Load, fields: dict[str, Any], least_s: float) -> None:
    seen = run(SLOW, load, by=rules(**{"requests": 12, **fields}), asked=TRACE)
    first_s = min(timing.intended_s for timing in seen.measured.timings)
    assert min(timing.intended_s for timing in seen.timings()) - first_s >= least_s - 0.02


def test_who_asks_for_no_warm_up_gets_none() -> None:
    by = rules(requests=12, warmup_s=0.0, warmup_requests_per_stream=0)
    assert run(SLOW, OpenLoad(rate_rps=50.0), by=by).timings(Phase.WARMUP) == []
