"""Predictions from the profile of a known server against the same server under load; tolerances hold what was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.domain.assurance import DecidedBy
from advisor.domain.prediction import Percentiles, Prediction, PredictQuestion
from advisor.domain.routing import Routing
from advisor.usecases.predicting.predict import predict
from tests.unit.usecases.profiled import Engine, SharingServer, written

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.queueing import FloatArray

COUNTS = np.arange(1.0, 65.0)
MANY_SLOTS = COUNTS / (0.5 + 0.01 * COUNTS + 0.02 * np.sqrt(COUNTS))
FEW_SLOTS = COUNTS[:4] / (1.0 + 0.6 * COUNTS[:4])
ENGINE = Engine(
    step_s=0.008 + 0.00012 * COUNTS + 0.0004 * np.sqrt(COUNTS),
    prefill_s_per_token=3e-5,
    input_tokens=500,
    output_tokens=256,
)
LONG_PROMPTS = Engine(ENGINE.step_s, prefill_s_per_token=6e-5, input_tokens=3000, output_tokens=150)


def agrees(found: Percentiles, seen_s: FloatArray, *, mean: float, p95: float, unit: float = 1.0) -> None:
    assert found.mean / unit == pytest.approx(seen_s.mean(), rel=mean)
    assert found.p95 / unit == pytest.approx(np.quantile(seen_s, 0.95), rel=p95)


def asked(server: SharingServer | Engine, load: float, *, replicas: int = 1, **options: object) -> PredictQuestion:
    rate_qps = load * replicas * server.saturation_rps
    return PredictQuestion.model_validate({"rate_qps": rate_qps, "replicas": replicas, **options})


FLEETS = [
    pytest.param(0.8, 1, Routing.LEAST_OUTSTANDING, 1.0),
    pytest.param(0.3, 1, Routing.LEAST_OUTSTANDING, 0.0),
    pytest.param(0.7, 4, Routing.LEAST_OUTSTANDING, 4.0),
]
MORE = [
    pytest.param(*fleet, marks=pytest.mark.grid)
    for fleet in (
        (0.3, 1, Routing.LEAST_OUTSTANDING, 1.0),
        (0.6, 1, Routing.LEAST_OUTSTANDING, 0.0),
        *((load, 1, Routing.LEAST_OUTSTANDING, 4.0) for load in (0.3, 0.6)),
        *((0.8, 4, routing, 1.0) for routing in Routing),
        (0.5, 4, Routing.ROUND_ROBIN, 4.0),
    )
]


@pytest.mark.parametrize(("load", "replicas", "routing", "scv"), [*FLEETS, *MORE])
def test_a_server_with_many_slots(load: float, replicas: int, routing: Routing, scv: float, tmp_path: Path) -> None:
    server = SharingServer(MANY_SLOTS)
    question = asked(server, load, replicas=replicas, routing=routing, burstiness=scv)
    answer = predict(question, profile=written(tmp_path, *server.rows(1, 8, 64)))
    assert answer.decided_by is DecidedBy.FORMULA
    agrees(answer.e2e_s, server.observed(question).e2e_s, mean=0.015, p95=0.03)


@pytest.mark.parametrize(("load", "replicas", "routing", "scv"), [*FLEETS, *MORE])
def test_a_block_diffusion_server_with_few_slots(
    load: float, replicas: int, routing: Routing, scv: float, tmp_path: Path
) -> None:
    server = SharingServer(FEW_SLOTS, work_scv=0.5, canvas=0.6)
    question = asked(server, load, replicas=replicas, routing=routing, burstiness=scv)
    answer = predict(question, profile=written(tmp_path, *server.rows(1, 2, 4)))
    outcome = server.observed(question)
    agrees(answer.e2e_s, outcome.e2e_s, mean=0.05, p95=0.07)
    assert answer.ttft_ms is not None
    agrees(answer.ttft_ms, outcome.ttft_s, mean=0.06, p95=0.12, unit=1e3)


@pytest.mark.parametrize("scv", [0.0, 1.0, pytest.param(4.0, marks=pytest.mark.grid)])
@pytest.mark.parametrize("rates", [MANY_SLOTS, FEW_SLOTS], ids=["many slots", "few slots"])
def test_requests_that_are_all_alike(rates: FloatArray, scv: float, tmp_path: Path) -> None:
    server = SharingServer(rates, work_scv=0.0)
    question = asked(server, 0.7, burstiness=scv)
    answer = predict(question, profile=written(tmp_path, *server.rows(1, rates.size // 2, rates.size)))
    agrees(answer.e2e_s, server.observed(question).e2e_s, mean=0.04, p95=0.06)


@pytest.mark.parametrize(("load", "replicas", "routing", "scv"), [*FLEETS, *MORE])
def test_an_autoregressive_engine(load: float, replicas: int, routing: Routing, scv: float, tmp_path: Path) -> None:
    question = asked(ENGINE, load, replicas=replicas, routing=routing, burstiness=scv)
    answer = predict(question, profile=written(tmp_path, *ENGINE.rows(1, 8, 64)))
    outcome = ENGINE.observed(question)
    agrees(answer.e2e_s, outcome.e2e_s, mean=0.02, p95=0.02)
    assert answer.ttft_ms is not None
    agrees(answer.ttft_ms, outcome.ttft_s, mean=0.05, p95=0.08, unit=1e3)


@pytest.mark.parametrize(
    "load", [pytest.param(0.3, marks=pytest.mark.grid), 0.6, pytest.param(0.8, marks=pytest.mark.grid)]
)
def test_an_engine_that_spends_much_of_its_time_on_prompts(load: float, tmp_path: Path) -> None:
    question = asked(LONG_PROMPTS, load)
    answer = predict(question, profile=written(tmp_path, *LONG_PROMPTS.rows(1, 8, 64)))
    outcome = LONG_PROMPTS.observed(question)
    agrees(answer.e2e_s, outcome.e2e_s, mean=0.05, p95=0.04)
    assert answer.ttft_ms is not None
    agrees(answer.ttft_ms, outcome.ttft_s, mean=0.03, p95=0.08, unit=1e3)


def test_close_to_saturation_the_simulation_decides_and_is_right(tmp_path: Path) -> None:
    server = SharingServer(MANY_SLOTS)
    question = asked(server, 0.93)
    answer = predict(question, profile=written(tmp_path, *server.rows(1, 8, 64)))
    assert answer.decided_by is DecidedBy.SIMULATION
    agrees(answer.e2e_s, server.observed(question).e2e_s, mean=0.05, p95=0.05)


def test_an_anchor_undoes_a_load_generator_that_adds_a_quarter(tmp_path: Path) -> None:
    slower = Engine(ENGINE.step_s, ENGINE.prefill_s_per_token, input_tokens=900, output_tokens=256)
    at = asked(slower, 0.3)
    seen = slower.observed(at)
    anchor = f",{at.rate_qps},{seen.ttft_s.mean() * 1e3},{np.quantile(seen.ttft_s, 0.95) * 1e3},,,,"
    question = asked(slower, 0.6)
    ttft_s = slower.observed(question).ttft_s

    def off(answer: Prediction) -> float:
        assert answer.ttft_ms is not None
        return abs(answer.ttft_ms.mean / 1e3 / float(ttft_s.mean()) - 1.0)

    plain = predict(question, profile=written(tmp_path, *ENGINE.rows(1, 8, 64)))
    assert off(plain) > 0.15
    assert off(predict(question, profile=written(tmp_path, *ENGINE.rows(1, 8, 64), anchor))) < 0.08
