"""Every shipped file parses, names its source and date, and agrees with the others."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from advisor import catalog
from advisor.domain.model import Content, Decode, Precision
from advisor.domain.offer import Confidence, Offer, PriceBasis
from advisor.domain.value import Source, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.model import Checkpoint, ModelSpec

ROOT = Path(__file__).parents[2] / "profiles"
MODELS = catalog.read_models(ROOT)
GPUS = catalog.read_gpus(ROOT)
ENGINES = catalog.read_engines(ROOT)
WORKLOADS = catalog.read_workloads(ROOT)
DAILY = catalog.read_daily_profiles(ROOT)
OPERATIONS = catalog.read_operations(ROOT)
OFFERS = catalog.read_offers(ROOT)
NEWEST = catalog.newest_engine(ENGINES)

SPECS: dict[str, Value] = {**MODELS, **GPUS, **ENGINES, **WORKLOADS, **DAILY, "operations": OPERATIONS}
FILES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
TRACES = sorted(path.name for path in (ROOT / "traces").glob("*.csv"))
PRICES = sorted(path.name for path in (ROOT / "prices").glob("*.csv"))
CHECKPOINTS = [(model.name, checkpoint.name) for model in MODELS.values() for checkpoint in model.checkpoints]

VISION_BYTES = 0.55e9 * 2
ABSOLUTE_PATH = re.compile(r"(?:^|[\s\"'(=])(?:file://|~/|/[a-z]+/)", re.MULTILINE)

FAR_FROM_THE_MEDIAN = {
    ("AWS", "sa-east-1", "b300-sxm-288gb"): "the dearest region of a hyperscaler",
    ("Azure", "westeurope", "h100-sxm-80gb"): "hyperscaler list price among specialists",
    ("Azure", "uksouth", "h100-sxm-80gb"): "hyperscaler list price among specialists",
    ("Vast.ai", "global", "a10-24gb"): "the cheapest offer of a marketplace",
    ("Vast.ai", "global", "a100-sxm-40gb"): "peer-hosted, among hyperscalers",
    ("OpenRelay", "global", "a100-sxm-40gb"): "peer-hosted, among hyperscalers",
    ("Verda", "global", "h100-sxm-80gb"): "spot price of May 2026, before the rise of that year",
}


def sources(value: object) -> Iterator[Source]:
    """Yield every source inside a value."""
    if isinstance(value, Source):
        yield value
    elif isinstance(value, Value):
        for name in type(value).model_fields:
            yield from sources(getattr(value, name))
    elif isinstance(value, dict):
        yield from sources(tuple(value.values()))
    elif isinstance(value, tuple):
        for item in value:
            yield from sources(item)


def dense_weights(model: ModelSpec) -> float:
    attention = sum(
        group.count
        * model.hidden
        * group.head_dim
        * (2 * model.query_heads + group.kv_heads * (2 - group.reuses_k_as_v))
        for group in model.attention
    )
    return attention + 3 * model.hidden * model.dense_mlp_width * model.layers


def summed_bytes(model: ModelSpec, checkpoint: Checkpoint, *, heads: int) -> float:
    experts = 3 * model.hidden * model.experts.width * model.experts.count * model.layers if model.experts else 0
    conditioning = 3 * model.hidden * model.canvas.self_conditioning_width * 2 if model.canvas else 0
    return (
        dense_weights(model) * checkpoint.dense_bytes_per_weight
        + experts * checkpoint.expert_bytes_per_weight
        + heads * model.hidden * model.vocabulary * checkpoint.head_bytes_per_weight
        + conditioning
        + VISION_BYTES
    )


@pytest.mark.parametrize("name", SPECS)
def test_every_file_names_a_dated_source(name: str) -> None:
    found = list(sources(SPECS[name]))
    assert found
    for source in found:
        assert date(2023, 1, 1) <= source.date <= date.today(), source.url  # noqa: DTZ011 - a calendar day


@pytest.mark.parametrize(
    "file", [file for file in FILES if not file.startswith("clusters/")]
)  # they tell of containers
def test_no_file_mentions_a_path_of_some_machine(file: str) -> None:
    assert not ABSOLUTE_PATH.search((ROOT / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize(("model", "checkpoint"), CHECKPOINTS)
def test_the_groups_of_a_checkpoint_sum_to_its_size(model: str, checkpoint: str) -> None:
    spec = MODELS[model]
    weights = next(c for c in spec.checkpoints if c.name == checkpoint)
    with_one_or_two_heads = [summed_bytes(spec, weights, heads=heads) for heads in (1, 2)]
    assert any(total == pytest.approx(weights.weights_bytes, rel=0.03) for total in with_one_or_two_heads)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_one_default_checkpoint_per_precision(name: str) -> None:
    defaults = Counter(c.precision for c in MODELS[name].checkpoints if c.default)
    assert set(defaults.values()) == {1}
    assert set(defaults) == {c.precision for c in MODELS[name].checkpoints}


@pytest.mark.parametrize("name", MODELS)
def test_all_models_are_scored_on_the_same_benchmarks(name: str) -> None:
    scored = [(s.benchmark, s.unit, s.higher_is_better) for s in MODELS[name].scores]
    reference = [(s.benchmark, s.unit, s.higher_is_better) for s in MODELS["gemma-4-26b-a4b"].scores]
    assert scored == reference


@pytest.mark.parametrize("name", MODELS)
def test_a_model_writes_in_canvases_exactly_when_it_diffuses(name: str) -> None:
    model = MODELS[name]
    assert (model.canvas is not None) == (model.decode is Decode.BLOCK_DIFFUSION)
    if model.canvas:
        assert set(model.canvas.steps) == set(Content)
        assert all(law.mean <= law.p90 <= model.canvas.max_steps for law in model.canvas.steps.values())


@pytest.mark.parametrize("name", MODELS)
def test_a_drafter_knows_every_content_and_yields_no_more_than_it_drafts(name: str) -> None:
    for drafter in MODELS[name].drafters:
        assert set(drafter.accepted_tokens) == set(Content)
        assert all(1 <= rate.value <= drafter.draft_tokens + 1 for rate in drafter.accepted_tokens.values())


@pytest.mark.parametrize("name", GPUS)
def test_narrower_arithmetic_is_never_slower(name: str) -> None:
    rates = [rate for rate in (GPUS[name].bf16_flops, GPUS[name].fp8_flops, GPUS[name].fp4_flops) if rate]
    assert rates == sorted(rates)


@pytest.mark.parametrize("precision", Precision)
@pytest.mark.parametrize("arch", sorted({gpu.arch for gpu in GPUS.values()}))
def test_the_newest_engine_knows_every_arch_and_precision(arch: str, precision: Precision) -> None:
    rule = NEWEST.kernel_rule(arch, precision)
    assert rule is not None
    assert rule.kernel or rule.reason


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_has_one_rule_per_arch_and_precision_of_known_archs(name: str) -> None:
    engine = ENGINES[name]
    rules = Counter((rule.arch, rule.precision) for rule in engine.kernels)
    assert set(rules.values()) == {1}
    assert {arch for arch, _ in rules} == {gpu.arch for gpu in GPUS.values()}
    assert {arch for budget in engine.token_budgets for arch in budget.archs} <= {gpu.arch for gpu in GPUS.values()}


@pytest.mark.parametrize("name", ENGINES)
def test_an_engine_runs_natively_only_what_the_chip_has(name: str) -> None:
    for gpu in GPUS.values():
        rule = ENGINES[name].kernel_rule(gpu.arch, Precision.FP8)
        if gpu.bf16_flops and rule and rule.kernel == "native":
            assert gpu.fp8_flops, gpu.name


def test_the_token_budget_of_a_gpu_follows_its_memory_and_arch() -> None:
    budgets = {name: NEWEST.default_token_budget(gpu.memory_bytes, gpu.arch) for name, gpu in GPUS.items()}
    assert budgets["l40s-48gb"] == budgets["a100-sxm-80gb"] == budgets["gb10-128gb"] == 2048
    assert budgets["h100-sxm-80gb"] == budgets["rtx-pro-6000-96gb"] == 8192
    assert budgets["b200-sxm-180gb"] == 16384


def test_versions_are_compared_as_numbers() -> None:
    assert NEWEST == ENGINES["vllm-0.33.0"] == catalog.read_newest_engine(ROOT)
    older = NEWEST.model_copy(update={"version": "0.9.2"})
    assert catalog.newest_engine({"older": older, "newest": NEWEST}) is NEWEST


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_workload_has_positive_lengths_and_an_objective(name: str) -> None:
    workload = WORKLOADS[name]
    assert workload.input
    assert workload.output
    assert workload.input.mean_tokens > 0 < workload.output.mean_tokens
    assert workload.objectives


def test_chat_is_there_with_an_end_to_end_objective() -> None:
    assert str(WORKLOADS["chat"].objectives[0]) == "e2e p95 <= 12 s"


@pytest.mark.parametrize("file", TRACES)
def test_a_trace_is_sorted_and_positive(file: str) -> None:
    trace = catalog.read_trace(ROOT / "traces" / file)
    assert len(trace.pairs) == len(trace.arrival_s) == 4000


@pytest.mark.parametrize("name", DAILY)
def test_a_daily_profile_is_named_for_what_it_covers(name: str) -> None:
    assert len(DAILY[name].relative_rate) == {"day": 24, "week": 168}[name.rpartition("-")[2]]


@pytest.mark.parametrize("name", DAILY)
def test_a_daily_profile_is_relative_to_its_mean_and_says_how_high_its_peak_is(name: str) -> None:
    profile = DAILY[name]
    assert statistics.mean(profile.relative_rate) == pytest.approx(1, abs=1e-4)
    assert f"The busiest hour has {profile.peak_share:.2f} times the mean." in profile.notes


@pytest.mark.parametrize("name", DAILY)
def test_a_daily_profile_says_that_its_hours_are_those_of_no_clock(name: str) -> None:
    assert "Hour 0 is the first of the data set, which does not say that it is a midnight" in DAILY[name].notes


def test_the_availability_of_every_price_basis_is_known_and_called_an_assumption() -> None:
    assert set(OPERATIONS.availability) == set(PriceBasis)
    assert OPERATIONS.availability["spot"] == min(OPERATIONS.availability.values())
    assert "Planning assumptions" in OPERATIONS.availability_source.note


def identity(offer: Offer) -> tuple[Any, ...]:
    return (offer.provider, offer.region, offer.instance_type, offer.gpu, offer.gpu_count, offer.price_basis)


@pytest.mark.parametrize("file", PRICES)
def test_an_offer_is_for_a_known_gpu_and_dated(file: str) -> None:
    offers = [offer for offer in OFFERS if slug(offer.provider) == file.removesuffix(".csv")]
    assert offers
    for offer in offers:
        assert offer.gpu in GPUS
        assert offer.source_url
        assert date(2023, 1, 1) <= offer.as_of <= date.today()  # noqa: DTZ011 - a calendar day


@pytest.mark.parametrize("file", PRICES)
def test_an_offer_costs_about_what_others_ask_for_the_same_gpu(file: str) -> None:
    for offer in OFFERS:
        known = FAR_FROM_THE_MEDIAN.get((offer.provider, offer.region, offer.gpu))
        if slug(offer.provider) == file.removesuffix(".csv") and not known:
            median = median_price(offer)
            assert Decimal("0.3") * median <= offer.price_usd_per_gpu_hour <= 3 * median, identity(offer)


def test_no_offer_stands_twice() -> None:
    assert [who for who, count in Counter(map(identity, OFFERS)).items() if count > 1] == []


def test_a_modeled_price_is_never_a_list_price() -> None:
    assert {offer.provider for offer in OFFERS if offer.confidence is Confidence.MODELED} == {"SemiAnalysis"}


def test_measurements_are_of_known_things_and_stand_once() -> None:
    rows = catalog.read_measurements(ROOT)
    assert [who for who, count in Counter(row.id for row in rows).items() if count > 1] == []
    assert {row.gpu for row in rows} <= set(GPUS)
    assert {row.model for row in rows} <= set(MODELS)


def slug(provider: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", provider.lower()).strip("-")


def median_price(offer: Offer) -> Decimal:
    alike = [o for o in OFFERS if (o.gpu, o.price_basis) == (offer.gpu, offer.price_basis)]
    return statistics.median(o.price_usd_per_gpu_hour for o in alike)
