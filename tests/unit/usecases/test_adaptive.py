"""Measuring that chooses its own course, with a stand-in for the cluster that puts rows into a database."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from advisor import catalog
from advisor.domain.basis import Basis
from advisor.domain.campaign import Campaign, CampaignDeployment, Limits, RunRules, ServerKind
from advisor.domain.campaign_plan import CampaignEvent, CampaignStatus, CellState, EventKind
from advisor.domain.load import ClosedLoad
from advisor.domain.model import Precision
from advisor.errors import DataError, InputError, MeasureError
from advisor.usecases.measuring_next import adaptive
from advisor.usecases.measuring_next.adaptive import Adapting, layout_of, measure_until_settled, question_in
from advisor.usecases.measuring_next.measurement import Next
from tests import samples
from tests.runs import conditions, keep, profiled
from tests.shipped import GEMMA, H100, ROOT, SHIPPED, estimated, question

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.next_measurement import AdaptiveRun
    from advisor.usecases.profile.driving import Driving

L40S = "l40s-48gb"
LACKING = {"event": EventKind.NO_NODE, "at": datetime(2026, 1, 2, tzinfo=UTC), "done": 0, "total": 1}
GPU_HOURS = 0.25
ASKED = question(
    30,
    "e2e:p95<12s",
    prices={H100: "3.00", L40S: "1.00"},
    models=(GEMMA,),
    precisions=(Precision.FP8,),
    simulate=False,
    draws=500,
)


@dataclass
class FakeCluster:
    """Takes campaign files and stores what the estimate says times a factor; `broken` servers show nothing."""

    factor: float = 1.0
    broken: bool = False
    stops: str = ""
    tells: dict[str, Any] | None = None
    campaigns: list[Campaign] = field(default_factory=list)
    drivings: list[Driving] = field(default_factory=list)

    def run(self, path: Path, *, profiles: Any, database: str, driving: Driving, watch: Any) -> CampaignStatus:
        del profiles
        campaign = catalog.read_campaign(path, root=ROOT)
        self.campaigns.append(campaign)
        self.drivings.append(driving)
        if self.tells is not None:
            watch(CampaignEvent(**{**LACKING, "campaign_id": campaign.id, **self.tells}))
        if not self.broken:
            keep(database, *self._runs(campaign))
        state = CellState.FAILED if self.broken else CellState.MEASURED
        return CampaignStatus(
            campaign_id=campaign.id,
            name=campaign.name,
            title="",
            database=database,
            basis=Basis.MEASURED,
            started_at=datetime.now(UTC),
            driver="",
            counts={state: len(campaign.loads)},
            gpu_hours=GPU_HOURS,
            cells=(),
            stopped_because=self.stops,
        )

    def _runs(self, campaign: Campaign) -> list[Any]:
        (served,) = campaign.deployments
        levels = tuple(load.concurrency for load in campaign.loads if isinstance(load, ClosedLoad))
        points = estimated(
            gpu=served.gpu,
            tensor_parallel=served.tensor_parallel,
            speculative=served.speculative,
            slots=served.max_num_seqs,
            concurrency=levels,
        ).points
        under = conditions(
            gpu=served.gpu,
            tensor_parallel=served.tensor_parallel,
            speculative=served.speculative,
            max_num_seqs=served.max_num_seqs,
            engine_version=SHIPPED.engine.version,
        )
        return [
            profiled(
                f"{campaign.id}-{point.concurrency}",
                concurrency=point.concurrency,
                output_tok_s=point.output_tok_s * self.factor,
                under=under,
                measured_at=datetime.now(UTC),
                campaign_id=campaign.id,
            )
            for point in points
        ]


CELLS = samples.NEXT_MEASUREMENT.cells[:2]
"""Two deployments that pay; with both tried, the decision is settled."""


def scripted(question: Any, *, tried: tuple[str, ...], server: ServerKind, **_: Any) -> Next:
    """Stand in for looking ahead: what was tried is left out."""
    del question
    left = tuple(cell for cell in CELLS if layout_of(cell) not in tried)
    answer = samples.NEXT_MEASUREMENT.model_copy(update={"cells": left, "settled": not left})
    return Next(answer, campaign_for(left[0].gpu, server) if left else None, "")


def campaign_for(gpu: str, server: ServerKind) -> Campaign:
    return Campaign(
        name=f"next-{gpu}",
        deployments=(CampaignDeployment(model=GEMMA, gpu=gpu, server=server),),
        workloads=(samples.WORKLOAD,),
        loads=(ClosedLoad(concurrency=1),),
        rules=RunRules(repeats=1),
    )


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loop look ahead by script."""
    monkeypatch.setattr(adaptive, "next_measurement", scripted)


by_script = pytest.mark.usefixtures("script")


@pytest.fixture
def measure(tmp_path: Path) -> Callable[..., AdaptiveRun]:
    """Return the loop on a database of its own."""

    def go(cluster: FakeCluster, *, heard: list[CampaignEvent] | None = None, **changes: Any) -> AdaptiveRun:
        adapting = replace(Adapting(folder=tmp_path / "campaigns"), **changes)
        return measure_until_settled(
            ASKED,
            profiles=None,
            database=f"sqlite:///{tmp_path / 'own.db'}",
            adapting=adapting,
            watch=(heard if heard is not None else []).append,
            run=cluster.run,
        )

    return go


def test_what_was_measured_is_known_in_the_next_round(measure: Callable[..., AdaptiveRun]) -> None:
    cluster = FakeCluster()
    found = measure(cluster, most_cells=1)
    (step,) = found.steps
    assert step.worth_usd > step.expected_cost_usd
    assert step.campaign_id == cluster.campaigns[0].id
    assert found.last.measured == (step.deployment,)
    assert step.deployment not in map(layout_of, found.last.cells)
    assert found.last.chosen.expected_regret_usd_per_month < step.expected_regret_before_usd_per_month


@by_script
def test_it_measures_what_pays_until_nothing_does(measure: Callable[..., AdaptiveRun]) -> None:
    cluster = FakeCluster(broken=True)
    heard: list[CampaignEvent] = []
    found = measure(cluster, heard=heard)
    assert found.last.settled
    assert not found.stopped_because
    assert [step.campaign_id for step in found.steps] == [campaign.id for campaign in cluster.campaigns]
    assert found.gpu_hours == pytest.approx(2 * GPU_HOURS)
    assert [event.event for event in heard] == [EventKind.CHOSEN, EventKind.CHOSEN, EventKind.SETTLED]
    assert [(event.done, event.total) for event in heard] == [(0, 2), (1, 2), (2, 2)]
    assert heard[-1].text == found.last.verdict


@by_script
def test_a_deployment_whose_servers_fail_is_tried_once(measure: Callable[..., AdaptiveRun]) -> None:
    cluster = FakeCluster(broken=True)
    found = measure(cluster)
    names = [campaign.name for campaign in cluster.campaigns]
    assert len(names) == len(set(names)) == 2
    assert found.last.settled
    assert all(step.failed for step in found.steps)


@by_script
def test_a_cluster_without_any_gpu_stops_the_loop_at_once(measure: Callable[..., AdaptiveRun]) -> None:
    cluster = FakeCluster(broken=True, tells={"without_gpu": True})
    with pytest.raises(MeasureError, match="the cluster has no GPU") as stopped:
        measure(cluster)
    assert "--demo" in stopped.value.hint
    assert len(cluster.campaigns) == 1


@by_script
def test_gpus_of_a_type_that_no_machine_has_are_not_tried_again(
    measure: Callable[..., AdaptiveRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = CELLS[0]
    alike = first.model_copy(update={"tensor_parallel": 2 * first.tensor_parallel})
    monkeypatch.setattr("tests.unit.usecases.test_adaptive.CELLS", (first, alike))
    cluster = FakeCluster(broken=True, tells={})
    assert measure(cluster).last.settled
    assert len(cluster.campaigns) == 1


@by_script
def test_a_campaign_that_was_stopped_stops_the_loop(measure: Callable[..., AdaptiveRun]) -> None:
    found = measure(FakeCluster(broken=True, stops="it was cancelled"))
    assert len(found.steps) == 1
    assert found.stopped_because == "it was cancelled"


@by_script
def test_it_stops_at_as_many_deployments_as_are_wanted(measure: Callable[..., AdaptiveRun]) -> None:
    found = measure(FakeCluster(broken=True), most_cells=1)
    assert len(found.steps) == 1
    assert found.stopped_because == "1 deployments were to be measured at most"


@by_script
@pytest.mark.parametrize("limits", [Limits(gpu_hours=0.2), Limits(usd=Decimal("0.1"))])
def test_limits_hold_for_all_campaigns_together(measure: Callable[..., AdaptiveRun], limits: Limits) -> None:
    cluster = FakeCluster(broken=True)
    found = measure(cluster, limits=limits)
    assert len(found.steps) == 1
    assert found.stopped_because.endswith("are used up")
    assert cluster.drivings[0].limits == limits


@by_script
def test_what_is_left_of_a_limit_is_what_the_next_campaign_may_use(measure: Callable[..., AdaptiveRun]) -> None:
    cluster = FakeCluster(broken=True)
    measure(cluster, limits=Limits(gpu_hours=0.4))
    assert [driving.limits.gpu_hours for driving in cluster.drivings] == pytest.approx([0.4, 0.15])


@by_script
def test_rules_and_prompts_replace_those_of_the_campaign(measure: Callable[..., AdaptiveRun], tmp_path: Path) -> None:
    cluster, prompts = FakeCluster(broken=True), tmp_path / "prompts.jsonl"
    prompts.write_text('{"prompt": "hello"}\n', encoding="utf-8")
    measure(cluster, rules=RunRules(requests=12), prompts=str(prompts), most_cells=1)
    (campaign,) = cluster.campaigns
    assert campaign.rules.requests == 12
    assert campaign.rules.repeats == 1
    assert Path(campaign.prompts) == prompts


@by_script
def test_a_demo_measures_demo_engines_and_says_so(measure: Callable[..., AdaptiveRun]) -> None:
    cluster = FakeCluster(broken=True)
    found = measure(cluster, server=ServerKind.DEMO, most_cells=1)
    assert found.basis is Basis.SIMULATED
    assert cluster.campaigns[0].deployments[0].server is ServerKind.DEMO


def test_the_question_of_an_answer_is_asked_today(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    for answer in (samples.RECOMMENDATION, samples.NEXT_MEASUREMENT):
        path.write_text(answer.model_dump_json(), encoding="utf-8")
        assert question_in(path).today == datetime.now(UTC).date()
        assert question_in(path).slo == samples.QUESTION.slo


@pytest.mark.parametrize("text", ["", "[1]", "{}", '{"question": {"qps": -1}}'])
def test_a_file_without_a_question_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answer.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="holds no answer with a question"):
        question_in(path)


def test_an_answer_about_a_trace_does_not_carry_its_arrivals(tmp_path: Path) -> None:
    work = samples.WORKLOAD.model_copy(update={"input": None, "output": None, "pairs": ((100, 10), (200, 20))})
    asked = samples.NEXT_MEASUREMENT.model_copy(
        update={"question": samples.QUESTION.model_copy(update={"workload": work})}
    )
    path = tmp_path / "answer.json"
    path.write_text(asked.model_dump_json(), encoding="utf-8")
    with pytest.raises(InputError, match="does not carry"):
        question_in(path)
