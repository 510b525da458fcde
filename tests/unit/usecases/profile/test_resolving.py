"""A campaign becomes servers with every setting in full, and cells in measuring order."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from advisor.domain.basis import Basis
from advisor.domain.campaign import Campaign, CampaignDeployment, RunRules, ServerKind
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.model import Precision
from advisor.errors import InfeasibleError, InputError, UnknownNameError
from advisor.usecases.profile.expecting import expect
from advisor.usecases.profile.preparing import prepare
from advisor.usecases.profile.resolving import resolved
from tests.shipped import SHIPPED
from tests.unit.usecases.profile.campaigns import WORKLOAD

if TYPE_CHECKING:
    from advisor.domain.campaign import ServedDeployment


def campaign(*deployments: dict[str, Any], levels: tuple[int, ...] = (1, 8), repeats: int = 1) -> Campaign:
    return Campaign(
        name="small",
        deployments=tuple(CampaignDeployment(**{"gpu": "h100", **fields}) for fields in deployments),
        workloads=(WORKLOAD,),
        loads=tuple(ClosedLoad(concurrency=level) for level in levels),
        rules=RunRules(repeats=repeats),
    )


def served(levels: tuple[int, ...] = (1, 8), **fields: Any) -> ServedDeployment:
    ((deployment, _),) = resolved(campaign(fields, levels=levels), SHIPPED)
    return deployment


def test_names_precision_and_checkpoint_are_filled_in() -> None:
    deployment = served(model="gemma-4-26b")
    assert (deployment.model, deployment.gpu) == ("gemma-4-26b-a4b", "h100-sxm-80gb")
    assert deployment.precision is Precision.FP8
    assert deployment.checkpoint == SHIPPED.models["gemma-4-26b-a4b"].checkpoint(Precision.FP8).name  # type: ignore[union-attr]
    assert deployment.max_num_seqs is None


def test_what_the_file_says_stays() -> None:
    deployment = served(model="gemma-4-26b", precision="bf16", checkpoint="own/weights", max_num_seqs=17)
    assert (deployment.precision, deployment.checkpoint, deployment.max_num_seqs) == (Precision.BF16, "own/weights", 17)


def test_block_diffusion_gets_explicit_slots_and_a_budget_that_admits_them() -> None:
    deployment = served(model="diffusiongemma", levels=(1, 16))
    assert deployment.max_num_seqs == 16
    assert deployment.max_num_batched_tokens is not None
    assert deployment.max_num_batched_tokens >= 16 * 256


def test_slots_of_block_diffusion_stay_below_the_silent_clamp() -> None:
    slots = served(model="diffusiongemma", levels=(1, 500)).max_num_seqs
    assert slots is not None
    assert slots < SHIPPED.engine.diffusion_slot_clamp_from
    with pytest.raises(InputError, match="would silently become 8"):
        served(model="diffusiongemma", max_num_seqs=128)


def test_a_drafter_becomes_a_flag_of_vllm_and_of_no_other_server() -> None:
    config = json.loads(str(served(model="gemma-4-26b", speculative="mtp").flags["speculative-config"]))
    assert config["num_speculative_tokens"] == SHIPPED.models["gemma-4-26b-a4b"].drafters[0].draft_tokens
    assert served(model="gemma-4-26b", speculative="mtp", server="demo").flags == {}


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"model": "llama"}, UnknownNameError),
        ({"model": "gemma-4-26b", "gpu": "h900"}, UnknownNameError),
        ({"model": "gemma-4-26b", "speculative": "eagle"}, UnknownNameError),
        ({"model": "diffusiongemma", "speculative": "mtp"}, InputError),
        ({"model": "diffusiongemma", "gpu": "mi300x"}, InfeasibleError),
    ],
)
def test_what_cannot_be_is_refused_before_a_server_starts(fields: dict[str, Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        served(**fields)


def test_the_least_known_deployment_comes_first_and_each_level_once_before_any_repeat() -> None:
    prepared = prepare(
        campaign({"model": "gemma-4-26b"}, {"model": "diffusiongemma", "gpu": "b300"}, repeats=2), SHIPPED
    )
    spreads = [prepared.expectations[key].spread(prepared.campaign.loads) or 9.0 for key in prepared.expectations]
    first = prepared.cells[0].deployment
    assert first.model == ("diffusiongemma-26b-a4b" if spreads[1] > spreads[0] else "gemma-4-26b-a4b")
    assert [cell.ordinal for cell in prepared.cells] == list(range(8))
    assert [cell.repeat for cell in prepared.cells] == [0, 0, 1, 1, 0, 0, 1, 1]
    assert len({cell.id for cell in prepared.cells}) == 8


def test_a_campaign_of_demo_servers_is_simulated_and_never_mixed() -> None:
    demo, real = {"model": "gemma-4-26b", "server": "demo"}, {"model": "gemma-4-26b"}
    assert prepare(campaign(demo), SHIPPED).basis is Basis.SIMULATED
    assert prepare(campaign(real), SHIPPED).basis is Basis.MEASURED
    with pytest.raises(InputError, match="mixes demo servers with real ones"):
        prepare(campaign(demo, real), SHIPPED)


def test_the_same_deployment_twice_is_refused_whatever_it_is_called() -> None:
    with pytest.raises(InputError, match="holds a deployment twice"):
        prepare(campaign({"model": "gemma-4-26b"}, {"model": "gemma-4-26b-a4b", "gpu": "h100-sxm-80gb"}), SHIPPED)


def test_more_requests_in_flight_are_expected_to_take_a_faster_server_no_less_time_per_request() -> None:
    prepared = prepare(campaign({"model": "gemma-4-26b"}), SHIPPED)
    slow, fast = (prepared.expected_s(cell) for cell in prepared.cells)
    assert slow > fast > prepared.campaign.rules.warmup_s


def test_an_open_load_is_expected_to_fill_the_server_for_three_end_to_end_times_first() -> None:
    expectation = expect(served(model="gemma-4-26b"), WORKLOAD, SHIPPED)
    load = OpenLoad(rate_rps=1.0)
    warmed, unwarmed = (
        expectation.cell_s(load, RunRules(warmup_s=warmup_s, warmup_requests_per_stream=0)) for warmup_s in (1e-6, 0.0)
    )
    one_at_a_time_s = expectation.cell_s(ClosedLoad(concurrency=1), RunRules(requests=1, warmup_s=0.0)) / 3.0
    assert warmed - unwarmed == pytest.approx(3.0 * one_at_a_time_s)


def test_a_server_of_unknown_speed_is_expected_to_take_the_limit_of_the_rules() -> None:
    odd = campaign({"model": "gemma-4-26b", "server": ServerKind.VLLM, "tensor_parallel": 3})
    prepared = prepare(odd, SHIPPED)
    assert prepared.expected_s(prepared.cells[0]) == odd.rules.warmup_s + odd.rules.max_s
