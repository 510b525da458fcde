"""The user's own runs, in a real SQLite file, change what is answered, and the answer says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.basis import Basis
from advisor.domain.load import OpenLoad, TraceLoad
from advisor.domain.model import Precision
from advisor.domain.requests import representative_requests
from advisor.domain.run_figures import Percentiles, Verdict
from advisor.usecases.curves import curves, work_of
from advisor.usecases.grounding.evidence import Evidence
from advisor.usecases.serving import Serving
from tests.runs import CANVAS, CONCURRENCY, conditions, figures, keep, profiled
from tests.shipped import (
    DIFFUSION,
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
    from collections.abc import Iterable
    from pathlib import Path

    from advisor.domain.answer import Caution, EstimatePoint, Latency, Recommendation
    from advisor.domain.profiled import ProfiledRun

LEVELS = (1, 8, 64, 128)
NEWEST = SHIPPED.engine.version
FRESH = datetime.now(UTC) - timedelta(days=3)
ASKED: dict[str, Any] = {"models": (GEMMA,), "precisions": (Precision.FP8,), "simulate": False}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def points(database: str = NO_DATABASE, **more: Any) -> list[EstimatePoint]:
    return list(estimated(database=database, concurrency=LEVELS, **more).points)


def sweep(factor: float, *, name: str = "run", version: str = NEWEST, **more: Any) -> list[ProfiledRun]:
    """Return runs that show each level so many times as fast as it is estimated without them."""
    more = {"measured_at": FRESH, "under": conditions(engine_version=version), **more}
    return [
        profiled(f"{name}-{p.concurrency}", concurrency=p.concurrency, output_tok_s=p.output_tok_s * factor, **more)
        for p in points()
    ]


def codes(cautions: Iterable[Caution]) -> list[str]:
    return [caution.code for caution in cautions]


def message(cautions: Iterable[Caution], code: str) -> str:
    (only,) = [caution.message for caution in cautions if caution.code == code]
    return only


def asked(database: str, *, allow_simulated: bool = False, **more: Any) -> Recommendation:
    return answer(question(6, "e2e:p95<12s", **{**ASKED, **more}), database=database, allow_simulated=allow_simulated)


def test_an_own_campaign_is_what_estimate_shows(database: str) -> None:
    keep(database, *sweep(0.6))
    for before, after in zip(points(), points(database), strict=True):
        assert after.output_tok_s == pytest.approx(0.6 * before.output_tok_s, rel=0.03)
        assert after.basis is Basis.MEASURED
        assert after.spread < before.spread


def test_the_answer_says_how_many_own_runs_count_and_of_which_campaign(database: str) -> None:
    keep(database, *sweep(0.9))
    shown = asked(database)
    told = message(shown.warnings, "own_runs")
    assert told.startswith("4 runs of your own count (campaign chat-h100-0123abcd of ")
    assert f"4 speak for {GEMMA} fp8 on {H100}" in told


def test_the_way_to_the_figures_names_the_runs_and_the_sources_no_invented_address(database: str) -> None:
    keep(database, *sweep(1.5, under=conditions(engine_version=NEWEST, speculative="mtp")))
    shown = asked(database)
    (line,) = [line for line in shown.explanation if line.figure == "own runs"]
    assert (line.value, line.basis) == ("4", Basis.MEASURED)
    assert line.how.endswith(f"vllm {NEWEST}, by advisor: run-1, run-8, run-64, run-128")
    (source,) = [s for s in shown.sources if s.title.startswith("own runs")]
    assert source.url is None
    assert source.title == f"own runs, campaign chat-h100-0123abcd: {MTP} on {H100}, vllm {NEWEST}, measured by advisor"


def test_three_repeats_make_surer_than_one(database: str, tmp_path: Path) -> None:
    once = f"sqlite:///{tmp_path / 'once.db'}"
    keep(once, *sweep(0.9))
    keep(database, *(run for i in range(3) for run in sweep(0.9, name=f"r{i}", repeat=i)))
    for many, one in zip(points(database), points(once), strict=True):
        assert many.spread < one.spread
        assert many.output_tok_s == pytest.approx(one.output_tok_s)


def test_runs_that_do_not_count_are_counted_by_reason(database: str) -> None:
    void = Verdict(valid=False, reasons=("little: off",))
    odd = [
        profiled("void", verdict=void),
        profiled("trace", load=TraceLoad()),
        profiled("strange", under=conditions(model="gemma-9", checkpoint="")),
    ]
    keep(database, *sweep(0.9), *odd)
    told = message(asked(database).warnings, "own_runs_skipped")
    assert told.startswith("3 runs of your own do not count: ")
    assert "1 void (little)" in told
    assert "1 of a model that no profile describes (gemma-9)" in told


def test_a_database_of_void_runs_alone_changes_nothing_but_says_so(database: str) -> None:
    keep(database, *sweep(0.5, verdict=Verdict(valid=False, reasons=("client_late: late",))))
    assert points(database) == points()
    assert "own_runs_skipped" in codes(asked(database).warnings)
    assert "own_runs" not in codes(asked(database).warnings)


def test_flags_of_runs_that_count_are_told(database: str) -> None:
    keep(database, *sweep(0.9, verdict=Verdict(valid=True, flags=("preemptions: memory ran out",))))
    told = message(asked(database).warnings, "own_runs_flagged")
    assert told == "some measured levels count although they are flagged: 4 preemptions (memory ran out)"


@pytest.mark.parametrize(("days", "stale"), [(90, False), (91, True)])
def test_runs_older_than_ninety_days_count_less_and_are_named(database: str, days: int, stale: bool) -> None:
    then = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(days=days)
    keep(database, *sweep(0.9, measured_at=then))
    shown = asked(database)
    assert ("stale_runs" in codes(shown.warnings)) is stale
    if stale:
        assert "more than 90 days old (campaign chat-h100-0123abcd" in message(shown.warnings, "stale_runs")


def test_stale_runs_leave_more_spread_than_fresh_ones(database: str, tmp_path: Path) -> None:
    stale = f"sqlite:///{tmp_path / 'stale.db'}"
    keep(database, *sweep(0.9))
    keep(stale, *sweep(0.9, measured_at=FRESH - timedelta(days=200)))
    for new, old in zip(points(database), points(stale), strict=True):
        assert old.spread > new.spread
        assert old.output_tok_s == pytest.approx(new.output_tok_s)


@pytest.mark.parametrize(
    "older", [{"version": "0.27.1"}, {"measured_at": FRESH - timedelta(days=200)}], ids=["version", "age"]
)
def test_beside_a_fresh_run_of_this_version_an_older_one_steps_back(database: str, older: dict[str, Any]) -> None:
    keep(database, *sweep(0.6), *sweep(0.9, name="old", campaign_id="old", **older))
    for before, after in zip(points(), points(database), strict=True):
        assert after.output_tok_s == pytest.approx(0.6 * before.output_tok_s, rel=0.03)


def test_where_no_fresh_run_is_near_an_older_one_still_counts(database: str) -> None:
    fresh = [run for run in sweep(0.6) if run.id in {"run-1", "run-8"}]
    keep(database, *fresh, *sweep(0.6, name="old", campaign_id="old", version="0.27.1"))
    assert points(database)[-1].output_tok_s == pytest.approx(0.6 * points()[-1].output_tok_s, rel=0.03)


def test_runs_of_another_version_are_named_with_theirs(database: str) -> None:
    keep(database, *sweep(0.9, version="0.27.1"))
    told = message(asked(database).warnings, "other_engine_version")
    assert told.startswith(
        f"{GEMMA} fp8 on {H100} rests on runs of your own on vllm 0.27.1 (campaign chat-h100-0123abcd of "
    )
    keep(database, *sweep(0.9, name="new", campaign_id="new"))
    assert "other_engine_version" not in codes(asked(database).warnings)


def test_runs_of_an_unknown_version_are_unknown_and_not_of_another_one(database: str) -> None:
    keep(database, *sweep(0.9, version=""))
    warnings = asked(database).warnings
    assert "other_engine_version" not in codes(warnings)
    told = message(warnings, "engine_unknown")
    assert "that do not tell which engine ran in which version (vllm): they count less" in told


def test_runs_far_off_the_model_that_agree_are_used_for_their_cell_and_warned_about(database: str) -> None:
    keep(database, *sweep(0.1))
    for before, after in zip(points(), points(database), strict=True):
        assert after.output_tok_s == pytest.approx(0.1 * before.output_tok_s, rel=0.05)
        assert after.basis is Basis.MEASURED
    told = message(estimated(database=database, concurrency=LEVELS).warnings, "far_from_model")
    assert f"your own runs of {GEMMA} fp8 on {H100} were " in told


def test_runs_far_off_the_model_move_no_other_cell(database: str) -> None:
    keep(database, *sweep(0.1))
    assert points(database, speculative="mtp") == points(speculative="mtp")
    assert points(database, model=DIFFUSION) == points(model=DIFFUSION)


@pytest.mark.parametrize("tool", ["advisor", "guidellm"])
def test_one_level_far_off_is_left_out_whoever_measured_it(database: str, tool: str) -> None:
    (far,) = [run for run in sweep(0.1, tool=tool) if run.id == "run-8"]
    keep(database, far)
    assert points(database) == points()
    assert "row_ignored" in codes(estimated(database=database).warnings)


def test_imported_runs_far_off_are_left_out_however_many(database: str) -> None:
    keep(database, *sweep(0.1, tool="guidellm"))
    assert points(database) == points()
    assert codes(estimated(database=database).warnings).count("row_ignored") == 1


def test_levels_far_off_in_different_ways_are_no_measurement(database: str) -> None:
    slow, *_, fast = sweep(0.1), sweep(10.0)
    keep(database, *slow[:2], *fast[2:])
    assert points(database) == points()


def test_a_server_that_still_got_faster_is_told_of(database: str) -> None:
    keep(database, *sweep(0.9))
    assert "throughput still grew by" in message(asked(database).warnings, "not_saturated")
    more = [profiled("run-129", concurrency=129, output_tok_s=sweep(0.9)[-1].figures.output_tok_s, measured_at=FRESH)]
    keep(database, *more)
    assert "not_saturated" not in codes(asked(database).warnings)


def test_beyond_the_last_level_a_profile_is_modeled_and_says_so(database: str) -> None:
    keep(database, *sweep(0.6))
    shown = estimated(database=database, concurrency=(128, 200))
    assert [point.basis for point in shown.points] == [Basis.MEASURED, Basis.MODELED]
    assert "beyond_measured_range" in codes(shown.warnings)


def test_canvases_measured_on_the_own_card_count(database: str) -> None:
    under = conditions(model=DIFFUSION, checkpoint="", max_num_seqs=8, engine_version=NEWEST)
    before = estimated(DIFFUSION, database=NO_DATABASE, concurrency=(1, 2, 4, 8))
    keep(
        database,
        *(
            profiled(
                f"d{p.concurrency}",
                under=under,
                measured_at=FRESH,
                concurrency=p.concurrency,
                showing=figures(concurrency=p.concurrency, output_tok_s=p.output_tok_s, canvas=CANVAS),
            )
            for p in before.points
        ),
    )
    after = estimated(DIFFUSION, database=database, concurrency=(1, 2, 4, 8))
    assert {point.basis for point in after.points} == {Basis.MEASURED}


# open-loop runs

RATE_QPS = 3.0


def latencies(database: str, **more: Any) -> Latency:
    plan = answer(question(RATE_QPS, "ttft:p95<5s", **{**ASKED, **more}), database=database).best_by_contender[GEMMA]
    assert plan is not None
    assert (plan.gpu, plan.replicas, plan.tensor_parallel) == (H100, 1, 1)
    return plan.latency


def at_a_rate(mean_ms: float, *, rate_rps: float = RATE_QPS, burstiness: float = 1.0, **more: Any) -> ProfiledRun:
    shown = figures(ttft_ms=Percentiles(mean=mean_ms, p50=mean_ms, p95=2 * mean_ms, p99=3 * mean_ms), **more)
    return profiled(
        "open",
        load=OpenLoad(rate_rps=rate_rps, burstiness=burstiness),
        showing=shown,
        under=conditions(engine_version=NEWEST),
        measured_at=FRESH,
    )


@pytest.mark.parametrize("simulate", [False, True])
@pytest.mark.parametrize("factor", [0.7, 1.6])
def test_an_open_loop_run_corrects_the_time_to_first_token_and_nothing_else(
    database: str, factor: float, simulate: bool
) -> None:
    before = latencies(NO_DATABASE, simulate=simulate)
    keep(database, at_a_rate(factor * mean_ttft_ms()))
    after = latencies(database, simulate=simulate)
    assert after.ttft_p50_ms == pytest.approx(factor * before.ttft_p50_ms, rel=0.01)
    assert after.ttft_p95_ms == pytest.approx(factor * before.ttft_p95_ms, rel=0.01)
    assert after.e2e_p95_ms == before.e2e_p95_ms


def mean_ttft_ms() -> float:
    """Return the mean time to first token that is predicted at the rate without any run."""
    work = work_of(representative_requests(workload()), workload=workload(), model=SHIPPED.models[GEMMA])
    (curve,) = curves(
        [deployment()], work=work, content=workload().content, constants=SHIPPED.constants, evidence=Evidence(SHIPPED)
    )
    return Serving(curve, 256).predict(RATE_QPS, replicas=1).ttft.mean() * 1e3


@pytest.mark.parametrize(
    "odd",
    [
        {"mean_ms": 5000.0},
        {"rate_rps": 1000.0},
        {"burstiness": 4.0},
        {"input_tokens_mean": 1000.0},
        {"output_tokens_mean": 200.0},
    ],
)
def test_an_open_loop_run_that_does_not_compare_corrects_nothing(database: str, odd: dict[str, Any]) -> None:
    keep(database, at_a_rate(**{"mean_ms": 1.3 * mean_ttft_ms(), **odd}))
    assert latencies(database) == latencies(NO_DATABASE)


def test_an_answer_with_a_corrected_first_token_says_so(database: str) -> None:
    keep(database, at_a_rate(1.3 * mean_ttft_ms()))
    told = message(asked(database).warnings, "ttft_anchor")
    assert (
        told
        == f"the first token of {GEMMA} fp8 on {H100} takes 1.30 times as long as by formula, as open-loop runs of your own show"
    )


# simulated runs


def test_simulated_runs_change_nothing_and_are_counted_once(database: str) -> None:
    keep(database, *sweep(0.5, basis=Basis.SIMULATED))
    shown = asked(database)
    assert shown.decision.candidate == asked(NO_DATABASE).decision.candidate
    assert message(shown.warnings, "simulated_left_out").startswith("4 runs of the demo engine are left out")
    assert points(database) == points()


def test_a_real_database_with_simulated_runs_uses_the_real_ones_alone(database: str, tmp_path: Path) -> None:
    pure = f"sqlite:///{tmp_path / 'pure.db'}"
    keep(pure, *sweep(0.9))
    keep(database, *sweep(0.9), *sweep(0.3, name="demo", campaign_id="demo", basis=Basis.SIMULATED))
    assert points(database) == points(pure)
    assert estimated(database=database, concurrency=LEVELS, allow_simulated=True).points == tuple(points(pure))


def test_an_answer_that_rests_on_simulated_runs_says_so_first_and_loudly(database: str) -> None:
    keep(database, *sweep(2.5, basis=Basis.SIMULATED))
    shown = asked(database, allow_simulated=True)
    best = shown.decision.candidate
    assert (best.basis, best.contender) == (Basis.SIMULATED, GEMMA)
    assert shown.decision.reason.startswith("SIMULATED, not measured: ")
    assert shown.decision.reason.endswith("Basis: simulated.")
    assert shown.warnings[0].code == "simulated_evidence"
    assert f"the speed of {GEMMA} fp8 on {H100} (4 runs, campaign chat-h100-0123abcd" in shown.warnings[0].message
    assert "simulated_left_out" not in codes(shown.warnings)
    (source,) = [s for s in shown.sources if s.title.startswith("own runs")]
    assert "(SIMULATED)" in source.title


def test_simulated_runs_are_simulated_at_every_load_and_move_no_other_cell(database: str) -> None:
    keep(database, *sweep(0.5, basis=Basis.SIMULATED))
    shown = estimated(database=database, concurrency=(1, 32, 200), allow_simulated=True)
    assert {point.basis for point in shown.points} == {Basis.SIMULATED}
    assert shown.points[0].output_tok_s == pytest.approx(0.5 * points()[0].output_tok_s, rel=0.05)
    beside = estimated(speculative="mtp", database=database, concurrency=LEVELS, allow_simulated=True)
    assert beside.points == tuple(points(speculative="mtp"))


def test_a_gpu_that_only_the_demo_engine_covers_is_not_covered(database: str) -> None:
    amd = conditions(gpu="mi300x-192gb", engine_version=NEWEST)
    keep(database, profiled("demo", under=amd, basis=Basis.SIMULATED, measured_at=FRESH, concurrency=CONCURRENCY))
    shown = answer(
        question(6, "e2e:p95<12s", **{**ASKED, "prices": {}, "gpus": ()}), database=database, allow_simulated=True
    )
    assert any(line.constraint == "validity" and line.deployment == "mi300x-192gb" for line in shown.rejected)
