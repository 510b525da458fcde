"""The few numbers that formulas cannot give, each with unit and meaning.

`advisor calibrate` fits them to the published measurements in `profiles/`; priors and fitted values are files in
`profiles/calibration/`. None is typed into code.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields


def _constant(unit: str, meaning: str) -> float:
    return field(metadata={"unit": unit, "meaning": meaning})  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Constants:
    """Constants shared by all GPUs and models."""

    bandwidth_share: float = _constant("1", "share of a chip's read bandwidth that weight and KV reads reach")
    dense_flops_share: float = _constant("1", "share of peak that dense matrix products reach")
    expert_flops_share: float = _constant("1", "share of peak that grouped expert products reach")
    weight_only_flops_share: float = _constant("1", "share of 16-bit peak where weights are unpacked on the fly")
    attention_flops_share: float = _constant("1", "share of 16-bit peak that attention kernels reach")
    layer_floor_s: float = _constant("s", "time of a layer's small kernels and launches, whatever the batch")
    sequence_s: float = _constant("s", "host and scheduler time per sequence and pass")
    logit_passes: float = _constant("1", "sweeps over the 32-bit logits of a sampled row")
    canvas_logit_passes: float = _constant("1", "sweeps over the logits of a canvas, tiled sampler (vLLM 0.25 on)")
    canvas_logit_passes_day0: float = _constant("1", "sweeps over the logits of a canvas before the sampler was tiled")
    canvas_s: float = _constant("s", "sampler time per canvas and denoising pass that no bandwidth shortens")
    draft_floor_s: float = _constant("s", "time of one drafter pass beside reading its weights")
    allreduce_s: float = _constant("s", "latency of one all-reduce between tensor-parallel peers")
    roofline_exponent: float = _constant("1", "exponent of the soft maximum of memory and compute time")
    floor_exponent: float = _constant("1", "exponent of the soft maximum of a pass's work and its floor")
    routing_skew: float = _constant("1", "exponent of expert popularity by rank")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the names of all constants, in order."""
        return tuple(f.name for f in fields(cls))

    @classmethod
    def unit(cls, name: str) -> str:
        """Return the unit of one constant."""
        return str(cls.__dataclass_fields__[name].metadata["unit"])

    @classmethod
    def meaning(cls, name: str) -> str:
        """Return what one constant means."""
        return str(cls.__dataclass_fields__[name].metadata["meaning"])
