"""Every option and alias reaches the question."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from advisor.cli.app import run
from advisor.domain.model import Precision
from advisor.domain.offer import PriceBasis
from advisor.domain.question import ALL_RENTED, EstimateQuestion, Question
from advisor.domain.routing import Routing
from tests import samples
from tests.fakes import DAILY

if TYPE_CHECKING:
    from tests.fakes import FakeUseCases

RENTED_LONG = (PriceBasis.RESERVED_1Y, PriceBasis.RESERVED_3Y)


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("--models a,b --model c", "models", ("a", "b", "c")),
        ("--gpus h100,l40s", "gpus", ("h100", "l40s")),
        ("--gpu h100 --gpu h100", "gpus", ("h100",)),
        ("--system h100", "gpus", ("h100",)),
        ("--precision FP8,bf16", "precisions", (Precision.FP8, Precision.BF16)),
        ("--price-basis on-demand,spot", "price_bases", (PriceBasis.ON_DEMAND, PriceBasis.SPOT)),
        ("--price-basis 1y,3y", "price_bases", RENTED_LONG),
        ("--price-basis reserved-1y --price-basis reserved_3y", "price_bases", RENTED_LONG),
        ("--pricing-model 1-year-cud,3-years-cud", "price_bases", RENTED_LONG),
        ("--price-basis owned", "price_bases", (PriceBasis.OWNED,)),
        ("--price-basis all", "price_bases", ALL_RENTED),
        ("--gpu-cost H100=4.50", "own_usd_per_gpu_hour", {"H100": Decimal("4.50")}),
        (
            "--gpu-cost H100:4.50 --gpu-cost l40s=1",
            "own_usd_per_gpu_hour",
            {"H100": Decimal("4.50"), "l40s": Decimal(1)},
        ),
        ("--include-marketplace", "include_marketplace", True),
        ("--include-secondary", "include_secondary", True),
        ("--max-price-age 30", "max_price_age_days", 30),
        ("--min-quality mmlu-pro=75", "min_quality", {"mmlu-pro": 75.0}),
        ("--min-quality a=1 --min-quality b=2.5", "min_quality", {"a": 1.0, "b": 2.5}),
        ("--max-gpus 16", "max_gpus", 16),
        ("--total-gpus 16", "max_gpus", 16),
        ("--headroom 0.2", "headroom", 0.2),
        ("--top-n 3", "top_n", 3),
        ("--burstiness 4", "burstiness", 4.0),
        ("--burstiness 0", "burstiness", 0.0),
        ("--burstiness constant", "burstiness", 0.0),
        ("--burstiness Poisson", "burstiness", 1.0),
        ("--daily-profile a-day", "daily", DAILY),
        ("--routing least-outstanding", "routing", Routing.LEAST_OUTSTANDING),
        ("--routing jsq", "routing", Routing.LEAST_OUTSTANDING),
        ("--routing least-requests", "routing", Routing.LEAST_OUTSTANDING),
        ("--routing round_robin", "routing", Routing.ROUND_ROBIN),
        ("--routing RR", "routing", Routing.ROUND_ROBIN),
        ("--routing random", "routing", Routing.RANDOM),
        ("--routing power-of-two", "routing", Routing.POWER_OF_TWO),
        ("--routing p2c", "routing", Routing.POWER_OF_TWO),
        ("--routing po2", "routing", Routing.POWER_OF_TWO),
        ("--attainment 0.99", "attainment", 0.99),
        ("--spares 0", "spares", 0),
        ("--spares 2", "spares", 2),
        ("--availability 0.999", "availability", 0.999),
        ("--startup 300s", "startup_s", 300.0),
        ("--startup 5min", "startup_s", 300.0),
        ("--startup 90", "startup_s", 90.0),
        ("--no-simulate", "simulate", False),
        ("--seed 7", "seed", 7),
        ("--today 2000-01-02", "today", date(2000, 1, 2)),
    ],
)
def test_an_option_of_recommend_reaches_its_field(
    usecases: FakeUseCases, arguments: str, field: str, value: Any
) -> None:
    assert run(["recommend", "--qps", "50", *arguments.split()]) == 0
    assert getattr(usecases.calls["recommend"]["question"], field) == value


def test_a_daily_profile_is_looked_up_in_the_profiles_that_are_told(usecases: FakeUseCases, tmp_path: Path) -> None:
    assert run(["recommend", "--qps", "50", "--daily-profile", "a-day", "--profiles", str(tmp_path)]) == 0
    assert usecases.calls["build_daily"] == {"text": "a-day", "profiles": tmp_path}


@pytest.mark.parametrize("option", ["--qps", "--request-rate", "--target-request-rate"])
def test_every_name_of_the_load_sets_it(usecases: FakeUseCases, option: str) -> None:
    assert run(["recommend", option, "2.5"]) == 0
    assert usecases.calls["recommend"]["question"].qps == 2.5


def test_a_plain_question_keeps_every_default_of_the_domain(usecases: FakeUseCases) -> None:
    assert run(["recommend", "--qps", "50"]) == 0
    today = datetime.now(tz=UTC).date()
    expected = Question(qps=50, workload=samples.WORKLOAD, slo=samples.QUESTION.slo, today=today)
    assert usecases.calls["recommend"]["question"] == expected


@pytest.mark.parametrize("command", ["recommend --qps 1", "estimate --model m --gpu g"])
@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ("--workload chat", "workload", "chat"),
        ("-w chat", "workload", "chat"),
        ("--isl 800", "isl", 800.0),
        ("--input-len 800", "isl", 800.0),
        ("--osl 300", "osl", 300.0),
        ("--output-len 300", "osl", 300.0),
        ("--isl-cv 0.5", "isl_cv", 0.5),
        ("--osl-cv 0", "osl_cv", 0.0),
        ("--content code", "content", "code"),
        ("--steps 12", "steps", 12.0),
        ("--cache-hit 0.4", "cache_hit", 0.4),
    ],
)
def test_an_option_of_the_workload_reaches_it(
    usecases: FakeUseCases, command: str, arguments: str, name: str, value: Any
) -> None:
    assert run([*command.split(), *arguments.split()]) == 0
    asked = usecases.calls["build_workload"]
    assert asked[name] == value
    assert [key for key in asked if asked[key] is not None] == [name]


def test_a_trace_reaches_the_workload(usecases: FakeUseCases, tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.touch()
    assert run(["recommend", "--qps", "1", "--trace", str(trace)]) == 0
    assert usecases.calls["build_workload"]["trace"] == trace


@pytest.mark.parametrize(
    ("arguments", "name", "value"),
    [
        ("--ttft 500", "ttft", "500"),
        ("--tpot 20ms", "tpot", "20ms"),
        ("--itl 20ms", "tpot", "20ms"),
        ("--ntpot 30", "ntpot", "30"),
        ("--e2e 4s", "e2e", "4s"),
        ("--request-latency 4s", "e2e", "4s"),
        ("--percentile p99", "percentile", "p99"),
        ("--slo ttft:p95<500ms;e2e:p99<4s", "slo", "ttft:p95<500ms;e2e:p99<4s"),
    ],
)
def test_an_option_of_the_objectives_reaches_them(
    usecases: FakeUseCases, arguments: str, name: str, value: str
) -> None:
    assert run(["recommend", "--qps", "1", *arguments.split()]) == 0
    assert usecases.calls["build_slo"][name] == value
    assert usecases.calls["build_slo"]["workload"] == samples.WORKLOAD


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("--precision NVFP4", "precision", Precision.NVFP4),
        ("--tensor-parallel 2", "tensor_parallel", 2),
        ("--tp 2", "tensor_parallel", 2),
        ("--slots 32", "slots", 32),
        ("--max-num-seqs 32", "slots", 32),
        ("--speculative none", "speculative", "none"),
        ("--speculative MTP", "speculative", "mtp"),
        ("--concurrency 1,8,64", "concurrency", (1, 8, 64)),
        ("--concurrency 1 --concurrency 8", "concurrency", (1, 8)),
    ],
)
def test_an_option_of_estimate_reaches_its_field(
    usecases: FakeUseCases, arguments: str, field: str, value: Any
) -> None:
    assert run(["estimate", "--model", "m", "--gpu", "g", *arguments.split()]) == 0
    assert getattr(usecases.calls["estimate"]["question"], field) == value


def test_a_plain_estimate_keeps_every_default_of_the_domain(usecases: FakeUseCases) -> None:
    assert run(["estimate", "--model", "m", "--gpu", "g"]) == 0
    expected = EstimateQuestion(model="m", gpu="g", workload=samples.WORKLOAD)
    assert usecases.calls["estimate"]["question"] == expected


@pytest.mark.parametrize("command", ["recommend --qps 1", "estimate --model m --gpu g"])
def test_profiles_and_database_reach_the_use_case(usecases: FakeUseCases, command: str, tmp_path: Path) -> None:
    arguments = [*command.split(), "--profiles", str(tmp_path), "--db", "sqlite:///runs.db"]
    assert run(arguments) == 0
    asked = usecases.calls[arguments[0]]
    assert (asked["profiles"], asked["database"]) == (tmp_path, "sqlite:///runs.db")
    assert usecases.calls["build_workload"]["profiles"] == tmp_path


@pytest.mark.parametrize("command", ["models", "gpus", "workloads", "prices"])
def test_a_listing_reads_the_profiles_it_is_told(usecases: FakeUseCases, command: str, tmp_path: Path) -> None:
    assert run([command, "--profiles", str(tmp_path)]) == 0
    assert usecases.calls[f"list_{command}"]["profiles"] == tmp_path


def test_prices_can_be_narrowed(usecases: FakeUseCases) -> None:
    assert run(["prices", "--gpus", "h100,l40s", "--price-basis", "spot,1y"]) == 0
    asked = usecases.calls["list_prices"]
    assert asked["gpus"] == ("h100", "l40s")
    assert asked["price_bases"] == (PriceBasis.SPOT, PriceBasis.RESERVED_1Y)


def test_calibrate_writes_unless_it_is_a_dry_run(usecases: FakeUseCases) -> None:
    assert run(["calibrate"]) == 0
    assert usecases.calls["calibrate"] == {"profiles": None, "write": True}
    assert run(["calibrate", "--dry-run"]) == 0
    assert usecases.calls["calibrate"]["write"] is False


def test_validate_reads_the_profiles_it_is_told(usecases: FakeUseCases, tmp_path: Path) -> None:
    assert run(["validate", "estimator", "--profiles", str(tmp_path)]) == 0
    assert usecases.calls["validate"] == {"profiles": Path(tmp_path)}
