"""What cannot be served as written is refused before anything is rented."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.domain.campaign import Campaign, CampaignDeployment, RunRules
from advisor.domain.load import ClosedLoad
from advisor.errors import InputError
from advisor.usecases.profile.checking import check_deployment
from tests.unit.usecases.profile.campaigns import WORKLOAD


def check(**fields: Any) -> None:
    deployment = CampaignDeployment(model="m", gpu="g", **fields)
    loads = (ClosedLoad(concurrency=1),)
    check_deployment(Campaign(name="c", deployments=(deployment,), workloads=(WORKLOAD,), loads=loads), deployment)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"env": {"HF_TOKEN": "abcdefgh"}}, "HF_TOKEN looks like a secret"),
        ({"env": {"X": "hf_abcdefghijklmnop"}}, "X looks like a secret"),
        ({"flags": {"api-key": "abcdefgh"}}, "api-key looks like a secret"),
        ({"executable": "env HF_TOKEN=hf_abcdefghijklmnop vllm"}, "executable looks like a secret"),
        ({"server": "endpoint", "endpoint": "http://x:1"}, "already runs is not part of a campaign"),
        ({"flags": {"port": 3}}, "flag port is set by the profiler"),
        ({"flags": {"max_num_seqs": 3}}, "flag max-num-seqs has a field of its own"),
        ({"executable": '"unclosed'}, "executable cannot be read"),
        ({"loads": [{"kind": "open", "rate_rps": 2}] * 2}, "a load comes twice"),
    ],
)
def test_it_is_told_in_one_line(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        check(**fields)
    assert "abcdefgh" not in str(caught.value)


def test_what_can_be_served_passes() -> None:
    check(env={"VLLM_LOGGING_LEVEL": "DEBUG"}, flags={"enforce-eager": True}, executable="/opt/venv/bin/vllm")


def test_rules_that_contradict_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="min_requests 100 exceeds max_requests 5"):
        RunRules(min_requests=100, max_requests=5)
