"""A campaign survives SIGKILL at any point.

How often, with which seed and which engine is told by the environment: ADVISOR_CHAOS_KILLS (6), ADVISOR_CHAOS_SEED (4),
ADVISOR_CHAOS_PACE_S (the longest wait between two kills) and ADVISOR_CHAOS_ENGINE: `double` (two processes of vLLM's shape), `demo`, or
`vllm` (tiny models on the engine that ADVISOR_TEST_VLLM names; a minute for each kill).
"""

from __future__ import annotations

import os
import random
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.cluster.campaigns import CampaignFile, double_on
from tests.cluster.chaos import Chaos, assert_nothing_left, assert_sound
from tests.engines.tiny_models import VLLM, Tiny, tiny_deployment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cluster.conftest import LocalCluster

pytestmark = pytest.mark.cluster

KILLS = int(os.environ.get("ADVISOR_CHAOS_KILLS", "6"))
SEED = int(os.environ.get("ADVISOR_CHAOS_SEED", "4"))
ENGINE = os.environ.get("ADVISOR_CHAOS_ENGINE", "double")

RULES = {"repeats": 2, "requests": 16, "attempts": 2}
HABITS = {"first_s": 0.06, "gap_s": 0.003}
ALL_PROCESSES = {"VLLM_ENABLE_V1_MULTIPROCESSING": "1"}


def doubles(_folder: Path) -> list[dict[str, Any]]:
    """Return four servers on three types of GPU."""
    return [double_on("h100-sxm-80gb"), double_on("h100-pcie-80gb"), double_on("a100-sxm-80gb"), double_on("l4-24gb")]


def demos(_folder: Path) -> list[dict[str, Any]]:
    return [{"model": name, "gpu": "h100", "server": "demo"} for name in ("gemma-4-26b-a4b", "diffusiongemma-26b-a4b")]


def tinies(folder: Path) -> list[dict[str, Any]]:
    """Return real servers of tiny models, which share one GPU, so that they come one after the other."""
    if not VLLM:
        pytest.skip("ADVISOR_TEST_VLLM names no engine")
    tiny = [tiny_deployment(kind, folder / kind, env=ALL_PROCESSES) for kind in Tiny]
    return [
        {**one.model_dump(mode="json", exclude_defaults=True), "gpu": "l4-24gb", "precision": "bf16"} for one in tiny
    ]


ENGINES = {"double": doubles, "demo": demos, "vllm": tinies}
PACE_S = {"double": 4.0, "demo": 6.0, "vllm": 60.0}


def test_killed_at_random_points_a_campaign_ends_with_one_result_for_each_cell_and_leaves_nothing(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    servers = ENGINES[ENGINE](tmp_path / "models")
    numbers = count()

    def next_campaign() -> CampaignFile:
        number = next(numbers)
        return CampaignFile(
            tmp_path / f"campaign-{number}", servers, rules=RULES, habits=HABITS, name=f"chaos-{number}"
        )

    chaos = Chaos(
        cluster,
        random.Random(SEED),
        next_campaign,
        pace_s=float(os.environ.get("ADVISOR_CHAOS_PACE_S", PACE_S[ENGINE])),
    )
    chaos.run(KILLS)
    for campaign in chaos.campaigns:
        assert_sound(campaign)
    assert_nothing_left(chaos.campaigns, chaos.raylets)
    assert chaos.killed.total() == KILLS
