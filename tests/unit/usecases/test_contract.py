"""The JSON that scripts rely on: every promised field, money as text, valid against its own schema."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from advisor.report.structured import as_json, schema_of
from tests.shipped import DIFFUSION, GEMMA, answer, estimated, question

PROMISED_TOP = [
    "schema_version",
    "generated_at",
    "question",
    "decision",
    "candidates",
    "best_by_model",
    "rejected",
    "warnings",
    "sources",
]
PROMISED_QUESTION = ["qps", "workload", "slo", "price_bases"]
PROMISED_DECISION = ["verdict", "reason", "candidate"]
PROMISED_CANDIDATE = [
    "model",
    "contender",
    "checkpoint",
    "precision",
    "gpu",
    "tensor_parallel",
    "max_num_seqs",
    "speculative",
    "engine",
    "engine_version",
    "replicas",
    "gpus",
    "offer",
    "usd_per_hour",
    "usd_per_month",
    "usd_per_million_output_tokens",
    "usd_per_million_output_tokens_saturated",
    "usd_per_1k_requests",
    "utilization",
    "headroom",
    "capacity_qps",
    "latency",
    "basis",
    "sources",
]
PROMISED_OFFER = ["provider", "region", "instance_type", "price_basis", "as_of", "source_url"]
PROMISED_LATENCY = [
    "ttft_p50_ms",
    "ttft_p95_ms",
    "tpot_mean_ms",
    "ntpot_mean_ms",
    "e2e_p50_ms",
    "e2e_p95_ms",
    "e2e_p99_ms",
]
PROMISED_POINT = [
    "concurrency",
    "output_tok_s",
    "request_rate_rps",
    "ttft_mean_ms",
    "tpot_mean_ms",
    "e2e_mean_s",
    "basis",
]
PROMISED_MEMORY = ["weights_bytes", "kv_bytes_per_request", "slots_limit", "fits"]
MONEY = re.compile(r"\d+\.\d+")


@pytest.fixture(scope="module")
def recommended() -> dict[str, Any]:
    shown = answer(question(20, "e2e:p95<4s", prices={}, gpus=("h100", "l40s")))
    return dict(json.loads(as_json(shown)))


@pytest.fixture(scope="module", params=[GEMMA, DIFFUSION])
def shown_estimate(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(json.loads(as_json(estimated(request.param))))


def lacking(body: dict[str, Any], promised: list[str]) -> list[str]:
    return [name for name in promised if name not in body]


def every_candidate(body: dict[str, Any]) -> list[dict[str, Any]]:
    named = [body["decision"]["candidate"], *body["best_by_model"].values(), *body["best_by_contender"].values()]
    return [*body["candidates"], *(one for one in named if one)]


def test_a_recommendation_has_every_promised_field(recommended: dict[str, Any]) -> None:
    assert lacking(recommended, PROMISED_TOP) == []
    assert lacking(recommended["question"], PROMISED_QUESTION) == []
    assert lacking(recommended["decision"], PROMISED_DECISION) == []
    assert recommended["schema_version"] == 1


def test_every_candidate_has_every_promised_field(recommended: dict[str, Any]) -> None:
    for candidate in every_candidate(recommended):
        assert lacking(candidate, PROMISED_CANDIDATE) == []
        assert lacking(candidate["offer"], PROMISED_OFFER) == []
        assert lacking(candidate["latency"], PROMISED_LATENCY) == []


def test_every_rejection_names_the_deployment_and_the_reason(recommended: dict[str, Any]) -> None:
    assert recommended["rejected"]
    for line in recommended["rejected"]:
        assert lacking(line, ["deployment", "reason"]) == []


def test_money_is_written_as_decimal_text(recommended: dict[str, Any]) -> None:
    for candidate in every_candidate(recommended):
        money = [value for name, value in candidate.items() if name.startswith("usd_")]
        assert len(money) == 5
        assert all(isinstance(value, str) and MONEY.fullmatch(value) for value in money)
        assert isinstance(candidate["offer"]["usd_per_hour_each"], str)


def test_money_adds_up(recommended: dict[str, Any]) -> None:
    for candidate in every_candidate(recommended):
        hour, offer = Decimal(candidate["usd_per_hour"]), candidate["offer"]
        assert hour == Decimal(offer["usd_per_hour_each"]) * offer["shapes"]
        assert Decimal(candidate["usd_per_month"]) == (hour * 730).quantize(Decimal("0.01"))
        tokens_per_hour = Decimal(20 * 300 * 3600)
        per_million = hour * 10**6 / tokens_per_hour
        assert abs(Decimal(candidate["usd_per_million_output_tokens"]) - per_million) <= Decimal("0.0001")
        assert abs(Decimal(candidate["usd_per_1k_requests"]) - hour / 72) <= Decimal("0.0001")
        assert Decimal(candidate["usd_per_million_output_tokens_saturated"]) <= per_million


def test_figures_of_a_candidate_agree_with_each_other(recommended: dict[str, Any]) -> None:
    for candidate in every_candidate(recommended):
        latency = candidate["latency"]
        assert candidate["gpus"] == candidate["replicas"] * candidate["tensor_parallel"] <= candidate["gpus_paid"]
        assert candidate["headroom"] == pytest.approx(1 - 20 / candidate["capacity_qps"], abs=1e-9)
        assert 0 < candidate["utilization"] < 1
        assert latency["ttft_p50_ms"] <= latency["ttft_p95_ms"]
        assert latency["e2e_p50_ms"] <= latency["e2e_p95_ms"] <= latency["e2e_p99_ms"]
        assert latency["e2e_p95_ms"] <= 4000 * (1 + 1e-4)
        assert latency["ttft_p95_ms"] <= latency["e2e_p95_ms"]
        assert (latency["tpot_mean_ms"] is None) == (candidate["model"] == DIFFUSION)


def test_every_candidate_cites_its_price_checkpoint_and_gpu(recommended: dict[str, Any]) -> None:
    cited = {(source["kind"], source["title"]) for source in recommended["sources"]}
    for candidate in every_candidate(recommended):
        sources = {(source["kind"], source["title"]) for source in candidate["sources"]}
        assert {kind for kind, _ in sources} >= {"price", "checkpoint", "gpu"}
        assert sources <= cited
        assert all(source["url"].startswith("http") and source["date"] for source in candidate["sources"])


def test_a_recommendation_is_valid_against_its_schema(recommended: dict[str, Any]) -> None:
    jsonschema.validate(recommended, schema_of("recommend"), format_checker=jsonschema.FormatChecker())


def test_an_answer_with_a_model_that_meets_nothing_is_valid_too() -> None:
    body = json.loads(as_json(answer(question(10, "e2e:p95<600ms"))))
    assert body["best_by_model"][GEMMA] is None
    jsonschema.validate(body, schema_of("recommend"))


def test_an_estimate_has_every_promised_field(shown_estimate: dict[str, Any]) -> None:
    assert lacking(shown_estimate, ["points", "memory"]) == []
    assert lacking(shown_estimate["memory"], PROMISED_MEMORY) == []
    assert shown_estimate["points"]
    for point in shown_estimate["points"]:
        assert lacking(point, PROMISED_POINT) == []


def test_an_estimate_is_valid_against_its_schema(shown_estimate: dict[str, Any]) -> None:
    jsonschema.validate(shown_estimate, schema_of("estimate"), format_checker=jsonschema.FormatChecker())
