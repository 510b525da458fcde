"""What is worth measuring for a real question, and what the user's own rows do to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor import catalog
from advisor.domain.basis import Basis
from advisor.domain.campaign import ServerKind
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.model import Content, Precision
from advisor.domain.next_measurement import Reason
from advisor.errors import InputError
from advisor.usecases.measuring_next.adaptive import layout_of
from advisor.usecases.measuring_next.measurement import Next, next_measurement
from advisor.usecases.profile.planning import plan_campaign
from tests.runs import conditions, keep, profiled
from tests.shipped import DIFFUSION, GEMMA, H100, NO_DATABASE, ROOT, SHIPPED, answer, estimated, question, workload

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.answer import Candidate
    from advisor.domain.question import Question

L40S = "l40s-48gb"
PRICES = {H100: "3.00", L40S: "1.00"}
ASKED: dict[str, Any] = {"models": (GEMMA,), "precisions": (Precision.FP8,), "simulate": False, "draws": 2000}
LEVELS = (1, 8, 64, 128)
FRESH = datetime.now(UTC) - timedelta(days=3)


def asked(qps: float = 12.0, **more: Any) -> Question:
    return question(qps, "e2e:p95<12s", prices=PRICES, **{**ASKED, **more})


def found(of: Question | None = None, *, database: str = NO_DATABASE, **more: Any) -> Next:
    return next_measurement(of or asked(), profiles=None, database=database, **more)


@pytest.fixture(scope="module")
def plain() -> Next:
    return found()


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def measured_at(factor: float, gpu: str = H100, *, when: datetime = FRESH) -> list[Any]:
    """Return runs of a cell that show so many times the speed that is estimated without them."""
    points = estimated(gpu=gpu, concurrency=LEVELS).points
    under = conditions(gpu=gpu, engine_version=SHIPPED.engine.version)
    return [
        profiled(
            f"{gpu}-{p.concurrency}",
            concurrency=p.concurrency,
            output_tok_s=p.output_tok_s * factor,
            under=under,
            measured_at=when,
        )
        for p in points
    ]


def test_the_first_cell_pays_and_those_that_pay_come_before_those_that_do_not(plain: Next) -> None:
    cells = plain.answer.cells
    assert cells[0].pays
    assert not plain.answer.settled
    assert [cell.pays for cell in cells] == sorted((cell.pays for cell in cells), reverse=True)
    rest = [cell.worth_usd for cell in cells[1:] if cell.pays]
    assert rest == sorted(rest, reverse=True)


def test_the_first_cell_is_the_likeliest_rival_or_the_chosen_plan(plain: Next) -> None:
    assert plain.answer.cells[0].reason in {Reason.RIVAL, Reason.CHOSEN}


def test_worth_is_what_the_regret_falls_by_over_the_horizon(plain: Next) -> None:
    now = plain.answer.steadiest.expected_regret_usd_per_month
    for cell in plain.answer.cells:
        assert cell.saving_usd_per_month == pytest.approx(
            max(now - cell.expected_regret_after_usd_per_month, Decimal(0)), abs=Decimal("0.01")
        )
        assert cell.worth_usd == cell.saving_usd_per_month * 12
        assert cell.saving_usd_per_month >= 0
        assert cell.cost_usd == pytest.approx(cell.usd_per_hour * Decimal(cell.hours), abs=Decimal("0.01"))


def test_a_longer_horizon_makes_every_measurement_worth_more(plain: Next) -> None:
    longer = {layout_of(cell): cell.worth_usd for cell in found(horizon_months=24).answer.cells}
    for cell in plain.answer.cells:
        assert longer[layout_of(cell)] == 2 * cell.worth_usd


def test_the_regret_at_stake_is_the_one_that_recommend_announces(plain: Next) -> None:
    told = answer(asked())
    assert told.certainty is not None
    assert plain.answer.chosen.expected_regret_usd_per_month == told.certainty.expected_regret_usd_per_month
    assert plain.answer.chosen.usd_per_month == told.decision.candidate.usd_per_month


def test_nothing_pays_where_the_horizon_is_over_in_a_moment() -> None:
    short = found(horizon_months=1e-6)
    assert short.answer.settled
    assert short.answer.verdict.startswith("stop: no measurement is worth what it costs")
    assert short.campaign is None
    assert not short.campaign_text


def test_a_cell_that_is_measured_is_left_out(plain: Next, database: str) -> None:
    keep(database, *measured_at(0.9))
    after = found(database=database)
    assert f"{GEMMA} fp8 on {H100}" in after.answer.measured
    assert f"{GEMMA} fp8 on {H100}" not in map(layout_of, after.answer.cells)
    assert f"{GEMMA} fp8 on {H100}" in map(layout_of, plain.answer.cells)


def test_a_cell_whose_runs_are_stale_may_be_measured_again(database: str) -> None:
    keep(database, *measured_at(0.9, when=FRESH - timedelta(days=200)))
    after = found(database=database)
    assert f"{GEMMA} fp8 on {H100}" not in after.answer.measured
    assert f"{GEMMA} fp8 on {H100}" in map(layout_of, after.answer.cells)


def test_what_was_tried_in_vain_is_left_out(plain: Next) -> None:
    first = layout_of(plain.answer.cells[0])
    again = found(tried=(first,))
    assert first not in map(layout_of, again.answer.cells)
    assert not again.answer.settled


def test_nothing_is_left_to_measure_once_all_was_tried(plain: Next) -> None:
    after = found(tried=tuple(map(layout_of, plain.answer.cells)))
    assert after.answer.settled
    assert after.answer.verdict == "stop: nothing that could change the choice is left to measure"


def test_looking_ahead_needs_draws() -> None:
    with pytest.raises(InputError, match="without draws"):
        found(asked(draws=0))


def plans(database: str = NO_DATABASE) -> dict[str, Candidate]:
    told = answer(question(6, "e2e:p95<12s", **{**ASKED, "draws": 1000}), database=database)
    return {plan.gpu: plan for plan in told.candidates if plan.tensor_parallel == 1}


def width(plan: Candidate) -> float:
    outlook = plan.outlook
    assert outlook is not None
    assert outlook.usd_per_hour.p05 is not None
    assert outlook.usd_per_hour.p95 is not None
    return outlook.usd_per_hour.p95 - outlook.usd_per_hour.p05


def test_a_row_that_agrees_narrows_the_interval(database: str) -> None:
    before = plans()[H100]
    keep(database, *measured_at(1.0))
    after = plans(database)[H100]
    assert after.spread < 0.6 * before.spread
    assert width(after) <= width(before)


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_a_row_that_contradicts_shifts_the_estimate_its_way_and_about_as_far(database: str, factor: float) -> None:
    before = estimated(concurrency=LEVELS).points
    keep(database, *measured_at(factor))
    for was, point in zip(before, estimated(concurrency=LEVELS, database=database).points, strict=True):
        assert np.log(point.output_tok_s / was.output_tok_s) == pytest.approx(np.log(factor), abs=0.1)


@pytest.mark.parametrize("factor", [0.7, 1.4])
def test_a_row_shifts_its_neighbors_less_than_itself(database: str, factor: float) -> None:
    before = estimated(gpu=L40S, concurrency=LEVELS).points[-1].output_tok_s
    keep(database, *measured_at(factor))
    after = estimated(gpu=L40S, concurrency=LEVELS, database=database).points[-1].output_tok_s
    assert 0.0 < np.log(after / before) / np.log(factor) < 0.6


def written(of: Next, folder: Path) -> Path:
    path = folder / "next.yaml"
    path.write_text(of.campaign_text, encoding="utf-8")
    return path


def test_the_campaign_is_one_that_the_profiler_plans_at_the_same_cost(plain: Next, tmp_path: Path) -> None:
    planned = plan_campaign(written(plain, tmp_path), profiles=None, database=NO_DATABASE)
    first = plain.answer.cells[0]
    assert planned.gpu_hours == pytest.approx(first.gpu_hours, rel=0.01)
    (server,) = planned.servers
    assert (server.model, server.gpu, server.checkpoint) == (first.model, first.gpu, first.checkpoint)
    assert (server.max_num_seqs, server.max_num_batched_tokens) == (first.max_num_seqs, first.max_num_batched_tokens)


def test_the_campaign_in_the_file_is_the_campaign(plain: Next, tmp_path: Path) -> None:
    assert catalog.read_campaign(written(plain, tmp_path), root=ROOT) == plain.campaign


def test_a_curve_takes_three_closed_loops_and_a_first_text_one_open_loop_at_a_third_of_saturation(plain: Next) -> None:
    assert plain.campaign is not None
    slots = plain.answer.cells[0].max_num_seqs
    closed = [load.concurrency for load in plain.campaign.loads if isinstance(load, ClosedLoad)]
    (opened,) = [load for load in plain.campaign.loads if isinstance(load, OpenLoad)]
    assert closed == [1, round(slots**0.5), slots]
    assert opened.burstiness == 1.0
    assert plain.campaign.rules.min_requests == 59
    assert plain.campaign.workloads == (asked().workload,)


def test_block_diffusion_is_measured_at_one_two_four_and_eight() -> None:
    of = found(asked(models=(DIFFUSION,), gpus=(H100,)))
    assert of.campaign is not None
    closed = [load.concurrency for load in of.campaign.loads if isinstance(load, ClosedLoad)]
    slots = of.answer.cells[0].max_num_seqs
    assert closed == sorted({level for level in (1, 2, 4, 8) if level <= slots} | {slots})
    (served,) = of.campaign.deployments
    assert served.max_num_seqs is not None
    assert 0.3 < float(served.flags["gpu-memory-utilization"]) < 0.92


def test_a_shipped_workload_stands_in_the_file_by_name_any_other_one_written_out(tmp_path: Path) -> None:
    chat = catalog.read_workload(ROOT, "chat")
    shipped = found(asked(work=chat))
    own = found(asked(60, work=workload(700, 200, content=Content.CODE, cv=0.4)))
    assert 'workloads: ["chat"]' in shipped.campaign_text
    assert "mean_tokens" in own.campaign_text
    for of in (shipped, own):
        assert catalog.read_campaign(written(of, tmp_path), root=ROOT) == of.campaign


def test_a_percentile_further_out_takes_more_requests() -> None:
    of = found(question(12, "e2e:p99<12s", prices=PRICES, **ASKED))
    assert of.campaign is not None
    assert of.campaign.rules.min_requests == 299


@pytest.mark.parametrize("work", [catalog.read_workload(ROOT, "chat"), workload(900, 250, cv=0.5)])
def test_a_demo_engine_is_told_the_workload_that_it_is_timed_for(work: Any, tmp_path: Path) -> None:
    of = found(asked(work=work), server=ServerKind.DEMO)
    planned = plan_campaign(written(of, tmp_path), profiles=None, database=None)
    assert {server.gpus for server in planned.servers} == {0}
    assert of.campaign is not None
    (served,) = of.campaign.deployments
    assert served.flags.get("workload", served.flags.get("isl")) in {"chat", 900.0}


def test_simulated_runs_count_only_where_they_are_allowed_to(database: str) -> None:
    keep(database, *(run.model_copy(update={"basis": Basis.SIMULATED}) for run in measured_at(1.0)))
    assert found(database=database).answer.measured == ()
    allowed = found(database=database, allow_simulated=True).answer
    assert f"{GEMMA} fp8 on {H100}" in allowed.measured
    assert "simulated" in {caution.code for caution in allowed.warnings}
