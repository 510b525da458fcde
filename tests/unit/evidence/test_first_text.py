"""Which of the user's own runs correct the time to first token, and how the answer says that it is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.model import Precision
from advisor.domain.requests import representative_requests
from advisor.domain.run_figures import Percentiles, Verdict
from advisor.usecases.bounds import idle_latency_s
from advisor.usecases.curves import curves, work_of
from advisor.usecases.first_text import MEAN_FIRST_TEXT
from advisor.usecases.grounding.evidence import Evidence
from advisor.usecases.serving import Serving
from tests.runs import conditions, figures, keep, profiled
from tests.shipped import (
    GEMMA,
    H100,
    MTP,
    NO_DATABASE,
    SHIPPED,
    TODAY,
    answer,
    deployment,
    estimated,
    question,
    workload,
)

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.answer import Candidate, Recommendation
    from advisor.domain.profiled import ProfiledRun
    from advisor.usecases.curves import Curve

RATE_QPS = 3.0
NEWEST = SHIPPED.engine.version
FRESH = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(days=3)
ASKED: dict[str, Any] = {"models": (GEMMA,), "precisions": (Precision.FP8,), "simulate": False}
OPEN, ALONE = OpenLoad(rate_rps=RATE_QPS), ClosedLoad(concurrency=1)
OLD: dict[str, dict[str, Any]] = {
    "stale": {"measured_at": FRESH - timedelta(days=200)},
    "version": {"under": conditions(engine_version="0.27.1")},
}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def asked(database: str = NO_DATABASE, **more: Any) -> Recommendation:
    return answer(question(RATE_QPS, "ttft:p95<5s", **ASKED), database=database, **more)


def plan(database: str = NO_DATABASE, **more: Any) -> Candidate:
    found = asked(database, **more).best_by_contender[GEMMA]
    assert found is not None
    return found


def factor(database: str) -> float:
    return plan(database).latency.ttft_p50_ms / plan().latency.ttft_p50_ms


def messages(database: str, code: str) -> list[str]:
    return [caution.message for caution in asked(database).warnings if caution.code == code]


def curve() -> Curve:
    work = work_of(representative_requests(workload()), workload=workload(), model=SHIPPED.models[GEMMA])
    (only,) = curves(
        [deployment()], work=work, content=workload().content, constants=SHIPPED.constants, evidence=Evidence(SHIPPED)
    )
    return only


IDLE_MS = float(idle_latency_s([curve()], MEAN_FIRST_TEXT)[0]) * 1e3
AT_RATE_MS = Serving(curve(), 256).predict(RATE_QPS, replicas=1).ttft.mean() * 1e3
AT_IDLE_TOK_S = 300.0 * float(curve().rates_rps[0])


def waiting(name: str, times: float, load: OpenLoad | ClosedLoad = OPEN, **more: Any) -> ProfiledRun:
    """Return a run whose first tokens take so many times as long as by formula, and whose speed is as estimated."""
    mean_ms = times * (AT_RATE_MS if isinstance(load, OpenLoad) else IDLE_MS)
    shown = figures(
        concurrency=1,
        output_tok_s=AT_IDLE_TOK_S,
        ttft_ms=Percentiles(mean=mean_ms),
        **{key: more.pop(key) for key in ("completed", "cached_prompt_share") if key in more},
    )
    fields = {"under": conditions(engine_version=NEWEST), "measured_at": FRESH, "showing": shown, **more}
    return profiled(name, load=load, **fields)


def test_without_own_runs_the_first_token_is_modeled_whatever_the_speed_rests_on(database: str) -> None:
    levels = estimated(concurrency=(1, 8, 64)).points
    keep(
        database,
        *(
            profiled(
                f"run-{p.concurrency}",
                concurrency=p.concurrency,
                showing=figures(concurrency=p.concurrency, output_tok_s=p.output_tok_s, ttft_ms=None),
                under=conditions(engine_version=NEWEST),
                measured_at=FRESH,
            )
            for p in levels
        ),
    )
    assert (plan(database).basis, plan(database).latency.ttft_basis) == (Basis.MEASURED, Basis.MODELED)
    shown = estimated(database=database, concurrency=(8,)).points[0]
    assert (shown.basis, shown.ttft_basis) == (Basis.MEASURED, Basis.MODELED)


def test_an_open_loop_run_makes_the_first_token_measured_and_is_cited(database: str) -> None:
    keep(database, waiting("open", 1.3))
    found = plan(database)
    assert (found.basis, found.latency.ttft_basis) == (Basis.MODELED, Basis.MEASURED)
    (source,) = [source for source in found.sources if source.kind == "ttft"]
    assert source.url is None
    assert source.title == (
        "time to first token, open-loop runs: own runs, campaign chat-h100-0123abcd: "
        f"{GEMMA} on {H100}, vllm {NEWEST}, measured by advisor"
    )


def test_the_way_to_the_figures_tells_how_the_first_token_is_known(database: str) -> None:
    (before,) = [line for line in asked().explanation if line.figure == "first token"]
    assert (before.contender, before.basis, before.how) == (MTP, Basis.MODELED, "mean, by formula")
    keep(database, waiting("open", 1.3, under=conditions(engine_version=NEWEST, speculative="mtp")))
    (after,) = [line for line in asked(database).explanation if line.figure == "first token"]
    assert (after.contender, after.basis) == (MTP, Basis.MEASURED)
    assert after.how.startswith("mean, by formula, times 1.")
    assert after.how.endswith(" as open-loop runs of your own show")


@pytest.mark.parametrize("times", [0.7, 1.6])
def test_a_closed_loop_with_one_in_flight_is_compared_with_an_idle_server(database: str, times: float) -> None:
    keep(database, waiting("alone", times, ALONE))
    assert factor(database) == pytest.approx(times, rel=0.01)
    (told,) = messages(database, "ttft_anchor")
    assert (
        "times as long as by formula, as closed loops with one in flight of your own show: they show no queue" in told
    )
    assert [s.title.startswith("time to first token, closed loops with one") for s in sources(database)] == [True]


def sources(database: str) -> list[Any]:
    return [source for source in plan(database).sources if source.kind == "ttft"]


def test_one_in_flight_measures_the_first_token_only_where_the_speed_is_measured_too(database: str) -> None:
    keep(database, waiting("alone", 1.2, ALONE))
    points = estimated(database=database, concurrency=(1, 64)).points
    assert [point.ttft_basis for point in points] == [Basis.MEASURED, Basis.MODELED]


def test_estimate_shows_the_corrected_first_token_and_the_speed_as_it_was(database: str) -> None:
    keep(database, waiting("alone", 1.5, ALONE))
    (before,), (after,) = (estimated(database=url, concurrency=(1,)).points for url in (NO_DATABASE, database))
    assert after.ttft_mean_ms == pytest.approx(1.5 * before.ttft_mean_ms, rel=0.01)
    assert after.e2e_mean_s == pytest.approx(before.e2e_mean_s, rel=0.01)


def test_several_in_flight_correct_nothing(database: str) -> None:
    keep(database, waiting("eight", 1.4, ClosedLoad(concurrency=8)))
    assert messages(database, "ttft_anchor") == []


def test_an_open_loop_goes_before_one_in_flight(database: str) -> None:
    keep(database, waiting("open", 1.3), waiting("alone", 0.8, ALONE))
    assert factor(database) == pytest.approx(1.3, rel=0.01)
    assert [source.title.split(":")[0] for source in sources(database)] == ["time to first token, open-loop runs"]


@pytest.mark.parametrize("old", OLD)
def test_fresh_runs_of_the_newest_version_go_before_others(database: str, old: str) -> None:
    keep(database, waiting("new", 1.3), waiting("old", 0.7, campaign_id="old", **OLD[old]))
    assert factor(database) == pytest.approx(1.3, rel=0.01)
    assert messages(database, "ttft_anchor_old") == []


@pytest.mark.parametrize("old", OLD)
def test_even_a_fresh_run_with_one_in_flight_goes_before_an_old_open_loop(database: str, old: str) -> None:
    keep(database, waiting("alone", 1.2, ALONE), waiting("old", 0.7, campaign_id="old", **OLD[old]))
    assert messages(database, "ttft_anchor_old") == []
    assert factor(database) == pytest.approx(1.2, rel=0.02)


@pytest.mark.parametrize("old", OLD)
def test_where_there_are_only_old_ones_they_count_and_are_warned_about(database: str, old: str) -> None:
    keep(database, waiting("old", 0.7, **OLD[old]))
    assert factor(database) == pytest.approx(0.7, rel=0.01)
    (told,) = messages(database, "ttft_anchor_old")
    assert "none is both of the version that is recommended and at most 90 days old" in told
    assert plan(database).latency.ttft_basis is Basis.MEASURED


def test_a_run_counts_as_much_as_it_answered_requests(database: str) -> None:
    keep(database, waiting("short", 0.7, completed=100), waiting("long", 1.4, completed=900))
    assert factor(database) == pytest.approx(0.7**0.1 * 1.4**0.9, rel=0.01)


def test_prompts_that_came_out_of_a_cache_do_not_compare_with_prompts_that_are_read(database: str) -> None:
    keep(database, waiting("cached", 0.6, cached_prompt_share=0.7))
    assert messages(database, "ttft_anchor") == []


def test_simulated_runs_make_the_first_token_simulated(database: str) -> None:
    keep(database, waiting("demo", 1.2, ALONE, basis=Basis.SIMULATED))
    assert plan(database).latency.ttft_basis is Basis.MODELED
    shown = plan(database, allow_simulated=True)
    assert (shown.basis, shown.latency.ttft_basis) == (Basis.SIMULATED, Basis.SIMULATED)
    (source,) = [source for source in shown.sources if source.kind == "ttft"]
    assert "(SIMULATED)" in source.title


def test_runs_that_hold_time_of_the_client_count_and_are_warned_about(database: str) -> None:
    keep(database, waiting("slow", 1.2, verdict=Verdict(valid=True, flags=("client_slow: late", "few_requests: few"))))
    (told,) = messages(database, "ttft_anchor_flagged")
    assert told.endswith("is corrected by runs of your own that are flagged: client_slow (late)")
