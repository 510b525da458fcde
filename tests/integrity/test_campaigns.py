"""The shipped campaigns can be run as they stand, say everything that decides a figure, and one of them explains the format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import pytest
import typer

from advisor import catalog
from advisor.cli.app import app
from advisor.domain.campaign import Campaign, CampaignDeployment, Limits, RunRules, ServedDeployment, ServerKind
from advisor.domain.load import ClosedLoad, Load, OpenLoad
from advisor.domain.question import EstimateQuestion
from advisor.usecases.profile.planning import plan_campaign
from advisor.usecases.profile.resolving import resolved
from advisor.usecases.replica import replica_of
from tests.shipped import SHIPPED

if TYPE_CHECKING:
    from advisor.domain.value import Value

ROOT = Path(__file__).parents[2] / "profiles"
PATHS = {path.stem: path for path in sorted((ROOT / "campaigns").glob("*.yaml"))}
CAMPAIGNS = {name: catalog.read_campaign(path, root=ROOT) for name, path in PATHS.items()}
DEMO, REAL = "demo", "h100-h200"
REAL_ONES = [pytest.param(d, id=d.label) for d in CAMPAIGNS[REAL].deployments]
EVERY = [pytest.param(name, d, id=f"{name}: {d.label}") for name, c in CAMPAIGNS.items() for d in c.deployments]

BYTES_OF_LOGITS = SHIPPED.engine.diffusion_bytes_per_slot


@pytest.fixture(autouse=True)
def _no_database_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def _diffuses(deployment: ServedDeployment) -> bool:
    return SHIPPED.models[deployment.model].canvas is not None


def _closed(deployment: CampaignDeployment) -> list[int]:
    return [load.concurrency for load in deployment.loads if isinstance(load, ClosedLoad)]


def _top_rate_rps(deployment: CampaignDeployment, campaign: Campaign) -> float:
    """Return the modeled rate with all slots busy."""
    question = EstimateQuestion(
        model=deployment.model,
        gpu=deployment.gpu,
        precision=deployment.precision,
        slots=deployment.max_num_seqs,
        speculative=deployment.speculative,
        workload=campaign.workloads[0],
    )
    replica = replica_of(question, SHIPPED)
    assert replica.deployment.max_num_seqs == deployment.max_num_seqs, "memory holds fewer"
    return float(replica.curve.rates_rps[replica.deployment.max_num_seqs - 1])


@pytest.mark.parametrize("name", PATHS)
def test_a_campaign_can_be_planned_as_it_stands(name: str) -> None:
    plan = plan_campaign(PATHS[name], profiles=ROOT, database=None)
    cells = sum(len(d.loads) for d in CAMPAIGNS[name].deployments) * CAMPAIGNS[name].rules.repeats
    assert len(plan.cells) == cells
    assert {warning.code for warning in plan.warnings} <= {"simulated"}


@pytest.mark.parametrize(("name", "deployment"), EVERY)
def test_a_deployment_says_in_full_what_is_served(name: str, deployment: CampaignDeployment) -> None:
    del name
    assert deployment.model in SHIPPED.models
    assert deployment.gpu in SHIPPED.gpus
    assert deployment.precision is not None
    assert deployment.max_num_seqs is not None
    assert deployment.max_num_batched_tokens is not None


@pytest.mark.parametrize(("name", "deployment"), EVERY)
def test_one_in_flight_and_all_slots_busy_are_measured_and_one_open_loop(
    name: str, deployment: CampaignDeployment
) -> None:
    del name
    closed = _closed(deployment)
    assert closed[0] == 1
    assert closed[-1] == deployment.max_num_seqs
    assert sum(isinstance(load, OpenLoad) for load in deployment.loads) == 1


@pytest.mark.parametrize(("name", "deployment"), EVERY)
def test_canvases_fit_into_slots_and_budget(name: str, deployment: CampaignDeployment) -> None:
    del name
    canvas, slots = SHIPPED.models[deployment.model].canvas, deployment.max_num_seqs or 0
    if canvas:
        assert slots < SHIPPED.engine.diffusion_slot_clamp_from
        assert (deployment.max_num_batched_tokens or 0) >= slots * canvas.tokens + 2048


def test_the_demo_is_simulated_and_the_other_is_not() -> None:
    assert {d.server for d in CAMPAIGNS[DEMO].deployments} == {ServerKind.DEMO}
    assert {d.server for d in CAMPAIGNS[REAL].deployments} == {ServerKind.VLLM}


def test_the_demo_takes_about_two_minutes_at_most() -> None:
    plan = plan_campaign(PATHS[DEMO], profiles=ROOT, database=None)
    assert plan.expected_s < 150
    assert plan.gpu_hours == 0


def test_the_demo_engine_understands_the_flags_of_the_demo() -> None:
    commands = typer.main.get_command(app)
    options = {option for parameter in commands.commands["demo-engine"].params for option in parameter.opts}  # type: ignore[attr-defined]
    flags = {flag for deployment in CAMPAIGNS[DEMO].deployments for flag in deployment.flags}
    assert flags
    assert {f"--{flag}" for flag in flags} <= options


@pytest.mark.parametrize("kind", [Campaign, CampaignDeployment, RunRules, Limits, *get_args(get_args(Load)[0])])
def test_the_demo_explains_every_field_of_a_campaign(kind: type[Value]) -> None:
    text = PATHS[DEMO].read_text(encoding="utf-8")
    assert [name for name in kind.model_fields if f"{name}:" not in text and f"`{name}" not in text] == []


def test_the_real_one_compares_every_contender_on_both_gpus() -> None:
    seen = {(d.model, d.speculative, d.gpu) for d in CAMPAIGNS[REAL].deployments}
    contenders = {("gemma-4-26b-a4b", None), ("gemma-4-26b-a4b", "mtp"), ("diffusiongemma-26b-a4b", None)}
    assert seen == {(*c, gpu) for c in contenders for gpu in ("h100-sxm-80gb", "h200-sxm-141gb")}
    assert CAMPAIGNS[REAL].rules.repeats == 3


@pytest.mark.parametrize("deployment", REAL_ONES)
def test_checkpoints_are_those_of_the_models(deployment: CampaignDeployment) -> None:
    known = {c.name: c.precision for c in SHIPPED.models[deployment.model].checkpoints}
    assert known[deployment.checkpoint] == deployment.precision


@pytest.mark.parametrize("deployment", REAL_ONES)
def test_the_open_loop_runs_at_about_a_third_of_what_is_expected(deployment: CampaignDeployment) -> None:
    (rate_rps,) = [load.rate_rps for load in deployment.loads if isinstance(load, OpenLoad)]
    assert 0.3 <= rate_rps / _top_rate_rps(deployment, CAMPAIGNS[REAL]) <= 0.4


@pytest.mark.parametrize("deployment", [p for p in REAL_ONES if _diffuses(p.values[0])])  # type: ignore[arg-type]
def test_memory_is_left_for_the_logits_that_the_engine_does_not_reserve(deployment: CampaignDeployment) -> None:
    memory_bytes = SHIPPED.gpus[deployment.gpu].memory_bytes
    left_share = SHIPPED.engine.gpu_memory_utilization - float(deployment.flags["gpu-memory-utilization"])
    assert left_share * memory_bytes >= (deployment.max_num_seqs or 0) * BYTES_OF_LOGITS


@pytest.mark.parametrize("deployment", REAL_ONES)
def test_prompts_are_read_and_not_found_in_a_cache(deployment: CampaignDeployment) -> None:
    assert deployment.flags["enable-prefix-caching"] is False
    assert CAMPAIGNS[REAL].workloads[0].cached_prompt_share == 0


def test_a_drafted_server_gets_its_drafter() -> None:
    served = [d for d, _ in resolved(CAMPAIGNS[REAL], SHIPPED) if d.speculative]
    assert len(served) == 2
    assert all("google/gemma-4-26B-A4B-it-assistant" in str(d.flags["speculative-config"]) for d in served)
