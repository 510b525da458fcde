"""Measuring that chooses its own course, with demo engines on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from advisor.domain.model import Precision
from advisor.domain.next_measurement import AdaptiveRun
from tests.cluster.campaigns import Driver
from tests.shipped import GEMMA, question, workload

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.cluster

SHORT = workload(40, 20)
"""Replies of 20 tokens: a run of a dozen is over in a second."""
WITHIN_S = 240.0


def test_a_loop_over_demo_engines_learns_what_it_measures(tmp_path: Path) -> None:
    asked = question(400, "e2e:p95<2s", work=SHORT, models=(GEMMA,), precisions=(Precision.FP8,), simulate=False)
    answer, url = tmp_path / "answer.json", f"sqlite:///{tmp_path / 'demo.db'}"
    answer.write_text(json.dumps({"question": asked.model_dump(mode="json")}), encoding="utf-8")
    rules = ["--requests", "12", "--warmup", "0", "--most-cells", "1"]
    shown = ["--progress", "json", "-f", "json"]
    driver = Driver.start(
        ["profile", "run", "--adaptive", str(answer), "--demo", "--db", url, *rules, *shown], tmp_path
    )
    assert driver.wait(WITHIN_S) in {0, 5}  # 5: more would pay, or a busy machine was too late for a run
    found = AdaptiveRun.model_validate(driver.answer())
    (step,) = found.steps
    assert found.basis == "simulated"
    assert found.gpu_hours == 0.0
    assert step.measured + step.failed >= 4
    kinds = [event["event"] for event in driver.events()]
    assert (kinds[0], kinds[-1]) == ("next_chosen", "settled")
    assert kinds.count("campaign_started") == 1
    if step.failed == 0:
        assert found.last.measured == (step.deployment,)
        assert "simulated" in {caution.code for caution in found.last.warnings}
