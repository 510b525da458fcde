"""The dashboard and the command line give the same numbers, question by question."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from advisor.cli.app import run
from advisor.domain.certainty import Certainty
from advisor.report.figures import money
from advisor.report.sureness import in_words
from tests.dashboard.looking import look

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.grid

RANDOM = random.Random(20)
WORKLOADS = ("chat", "rag", "agent", "summarize", "structured-extraction", "code-generation", "code-completion")
GPUS = ("h100-sxm-80gb", "l40s-48gb", "h200-sxm-141gb", "b200-sxm-180gb", "rtx-pro-6000-96gb")


def _questions(count: int) -> Iterator[dict[str, str]]:
    """Yield questions drawn once and for all: loads, workloads, objectives, GPUs, prices and risks of many kinds."""
    for _ in range(count):
        drawn = {
            "qps": f"{RANDOM.uniform(0.2, 80):.3g}",
            "workload": RANDOM.choice(WORKLOADS),
            "gpus": ",".join(RANDOM.sample(GPUS, RANDOM.randint(1, 3))),
        }
        extra = {
            "e2e": f"{RANDOM.uniform(8, 40):.3g}s",
            "price-basis": RANDOM.choice(("on-demand", "spot")),
            "gpu-cost": f"L40S={RANDOM.uniform(0.5, 2):.3g}",
            "headroom": f"{RANDOM.uniform(0, 0.4):.2g}",
            "burstiness": f"{RANDOM.uniform(0.5, 4):.2g}",
            "spares": f"{RANDOM.randint(0, 2)}",
        }
        chosen = RANDOM.sample(sorted(extra), 2)
        yield {**drawn, **{name: extra[name] for name in chosen if name != "gpu-cost" or "l40s" in drawn["gpus"]}}


WITH_QUALITY = {
    "qps": "20",
    "workload": "chat",
    "gpus": "h100-sxm-80gb,l40s-48gb",
    "success-benchmark": "MMLU-Pro",
    "mistake-usd": "0.01",
    "cascade": "tests",
    "check-usd": "0.0001",
    "checker-accuracy": "0.95",
}


def _by_command_line(question: dict[str, str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    words = [word for name, value in question.items() for word in (f"--{name}", value)]
    code = run(["recommend", *words, "--no-simulate", "-f", "json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if code == 0 else {}


@pytest.mark.parametrize("question", [*_questions(20), WITH_QUALITY], ids=lambda question: " ".join(question.values()))
def test_a_question_has_the_same_plans_prices_and_ranges_on_both(
    question: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, answer = _by_command_line(question, capsys)
    shown = look(**question)
    assert not shown.exception
    if code == 3:
        assert "Nothing meets this question" in shown.warning[0].value
        return
    assert code == 0
    table = shown.dataframe[0].value
    assert [f"{usd:.4f}" for usd in table["per hour"]] == [plan["usd_per_hour"] for plan in answer["candidates"]]
    assert list(table["contender"]) == [plan["contender"] for plan in answer["candidates"]]
    assert list(table["e2e p95"]) == pytest.approx([p["latency"]["e2e_p95_ms"] / 1e3 for p in answer["candidates"]])
    assert shown.metric[0].value.replace("$", "").replace(",", "") == answer["decision"]["candidate"]["usd_per_month"]
    sure = in_words(Certainty.model_validate(answer["certainty"]))
    assert any(text.value.replace("\\", "") == sure for text in shown.markdown)
    decided = answer["quality_decision"] or {"costs": []}
    told = [table.value for table in shown.dataframe if "per success" in table.value]
    costs = [money(Decimal(cost["usd_per_success"])) for cost in decided["costs"]]
    assert [cell for table in told for cell in table["per success"]] == costs
