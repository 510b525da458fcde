"""What a GPU is, as far as serving on it is concerned."""

from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt

from advisor.domain.value import Name, Source, Value


class GpuSpec(Value):
    """One accelerator type: one file in `profiles/gpus/`. Rates are nominal, dense, per GPU.

    `bf16_flops` is None where sources disagree: such a GPU is listed and never modeled. `fp8_flops` and `fp4_flops` are
    None where the chip has no such tensor cores.
    `link_bytes_per_s` is one direction of the GPU-to-GPU link (0 when peers talk over PCIe alone), `pcie_bytes_per_s`
    one of the host bus, None where the chip has none.
    `read_bandwidth_bytes_per_s` is what a saturating read kernel was seen to reach, where somebody published it.
    `system_memory` marks chips that share slow system memory with their CPU (LPDDR), `consumer` those whose license
    terms limit data-center use.
    """

    name: Name
    title: str
    vendor: Name
    arch: Name
    compute_capability: str
    memory_bytes: PositiveInt
    memory_bandwidth_bytes_per_s: PositiveFloat
    bf16_flops: PositiveFloat | None
    fp8_flops: PositiveFloat | None = None
    fp4_flops: PositiveFloat | None = None
    read_bandwidth_bytes_per_s: PositiveFloat | None = None
    read_bandwidth_source: Source | None = None
    link_bytes_per_s: NonNegativeFloat = 0.0
    pcie_bytes_per_s: PositiveFloat | None = None
    tdp_w: PositiveFloat | None = None
    system_memory: bool = False
    consumer: bool = False
    max_per_host: PositiveInt = 8
    notes: str = ""
    source: Source
