"""What there is to choose from: models, GPUs, workloads, prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.domain.answer import Listing
from advisor.domain.model import Precision

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import ModelSpec
    from advisor.domain.offer import Offer, PriceBasis
    from advisor.domain.workload import LengthLaw, Workload

Row = dict[str, str | float | int | bool | list[str] | dict[str, float] | None]


SHOWN: dict[str, tuple[str, ...]] = {
    "models": ("name", "title", "decode", "precisions", "drafters", "steps_per_canvas"),
    "gpus": ("name", "arch", "memory_gb", "memory_bandwidth_bytes_per_s", "bf16_flops", "fp8_flops", "runs"),
    "workloads": ("name", "content", "input_tokens", "output_tokens", "objectives", "title"),
    "prices": ("gpu", "price_basis", "usd_per_gpu_hour", "gpu_count", "provider", "region", "as_of", "seller"),
}
"""What a table shows of each row; JSON and CSV carry everything, sources included."""


def _listing(key: str, rows: Sequence[Row]) -> Listing:
    return Listing(key=key, columns=SHOWN[key], rows=tuple(rows))


def list_models(profiles: Path | None) -> Listing:
    """Return the known models."""
    models = catalog.read_models(profiles or catalog.profiles_root())
    return _listing("models", [_model_row(model) for model in models.values()])


def _model_row(model: ModelSpec) -> Row:
    return {
        "name": model.name,
        "title": model.title,
        "decode": str(model.decode),
        "precisions": [p for p in Precision if model.checkpoint(p)],
        "drafters": [drafter.name for drafter in model.drafters],
        "context_tokens": model.context_tokens,
        "steps_per_canvas": {c: law.mean for c, law in model.canvas.steps.items()} if model.canvas else None,
        "compared_by_default": model.compared_by_default,
        "source_url": model.source.url,
        "date": model.source.date.isoformat(),
    }


def list_gpus(profiles: Path | None) -> Listing:
    """Return the known GPU types, with what each precision runs as on the newest engine."""
    root = profiles or catalog.profiles_root()
    engine = catalog.read_newest_engine(root)
    rows = [_gpu_row(gpu) for gpu in catalog.read_gpus(root).values()]
    for row, gpu in zip(rows, catalog.read_gpus(root).values(), strict=True):
        rules = {p: engine.kernel_rule(gpu.arch, p) for p in Precision}
        row["runs"] = [f"{p} {rule.kernel}" for p, rule in rules.items() if rule and rule.kernel]
    return _listing("gpus", rows)


def _gpu_row(gpu: GpuSpec) -> Row:
    return {
        "name": gpu.name,
        "title": gpu.title,
        "arch": gpu.arch,
        "memory_gb": gpu.memory_bytes / 1e9,
        "memory_bandwidth_bytes_per_s": gpu.memory_bandwidth_bytes_per_s,
        "bf16_flops": gpu.bf16_flops,
        "fp8_flops": gpu.fp8_flops,
        "fp4_flops": gpu.fp4_flops,
        "tdp_w": gpu.tdp_w,
        "runs": [],
        "source_url": gpu.source.url,
        "date": gpu.source.date.isoformat(),
    }


def list_workloads(profiles: Path | None) -> Listing:
    """Return the workload presets."""
    workloads = catalog.read_workloads(profiles or catalog.profiles_root())
    return _listing("workloads", [_workload_row(workload) for workload in workloads.values()])


def _workload_row(workload: Workload) -> Row:
    return {
        "name": workload.name,
        "title": workload.title,
        "content": str(workload.content),
        "input_tokens": _in_words(workload.input),
        "output_tokens": _in_words(workload.output),
        "objectives": [str(objective) for objective in workload.objectives],
        "source_url": workload.source.url if workload.source else None,
        "date": workload.source.date.isoformat() if workload.source else None,
    }


def _in_words(law: LengthLaw | None) -> str | None:
    return f"{law.mean_tokens:g} (cv {law.cv:g})" if law else None


def list_prices(profiles: Path | None, *, gpus: tuple[str, ...], price_bases: tuple[PriceBasis, ...]) -> Listing:
    """Return the price book, cheapest per GPU first; empty filters mean everything."""
    root = profiles or catalog.profiles_root()
    known = catalog.spec_names(root, "gpus")
    wanted = {gpu for name in gpus for gpu in catalog.resolve_all("GPU", name, known)}
    offers = [
        offer
        for offer in catalog.read_offers(root)
        if (not wanted or offer.gpu in wanted) and (not price_bases or offer.price_basis in price_bases)
    ]
    offers.sort(key=lambda offer: (offer.gpu, offer.price_basis, offer.price_usd_per_gpu_hour))
    return _listing("prices", [_price_row(offer) for offer in offers])


def _price_row(offer: Offer) -> Row:
    return {
        "gpu": offer.gpu,
        "price_basis": str(offer.price_basis),
        "usd_per_hour": str(offer.price_usd_per_hour),
        "gpu_count": offer.gpu_count,
        "usd_per_gpu_hour": str(offer.price_usd_per_gpu_hour.quantize(offer.price_usd_per_hour)),
        "provider": offer.provider,
        "region": offer.region,
        "instance_type": offer.instance_type,
        "seller": str(offer.seller),
        "confidence": str(offer.confidence),
        "as_of": offer.as_of.isoformat(),
        "source_url": offer.source_url,
    }
