"""What an engine version can do: kernels by precision and GPU, slot limits, token budgets."""

from enum import StrEnum

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from advisor.domain.model import Precision
from advisor.domain.value import Fraction, Name, Source, Value


class Kernel(StrEnum):
    """What a precision runs as: in its own arithmetic, or as packed weights unpacked into 16-bit arithmetic."""

    NATIVE = "native"
    WEIGHT_ONLY = "weight_only"


class KernelRule(Value):
    """On GPUs of one architecture, a precision runs as `kernel`; None says it does not run at all."""

    arch: Name
    precision: Precision
    kernel: Kernel | None
    reason: str = ""
    source: Source


class TokenBudget(Value):
    """Default `max_num_batched_tokens` of GPUs with at least `memory_bytes_from` bytes.

    A budget that names `archs` holds for those architectures alone and goes before the ones that name none.
    """

    memory_bytes_from: NonNegativeInt
    tokens: PositiveInt
    archs: tuple[Name, ...] = ()


class EngineSpec(Value):
    """One engine version: one file in `profiles/engines/`."""

    name: Name
    version: str
    title: str
    gpu_memory_utilization: Fraction
    runtime_bytes: PositiveInt
    default_slots: PositiveInt
    diffusion_vendors: tuple[Name, ...] = ()
    diffusion_slot_clamp_from: PositiveInt
    diffusion_slots_when_clamped: PositiveInt
    diffusion_bytes_per_slot: PositiveInt
    token_budgets: tuple[TokenBudget, ...]
    kernels: tuple[KernelRule, ...]
    kv_bytes_per_value: PositiveFloat = 2.0
    notes: tuple[str, ...] = ()
    source: Source

    def kernel_rule(self, arch: str, precision: Precision) -> KernelRule | None:
        """Return the rule of an architecture and precision, or None when nothing is known."""
        return next((r for r in self.kernels if r.arch == arch and r.precision is precision), None)

    def default_token_budget(self, memory_bytes: int, arch: str = "") -> int:
        """Return the token budget the engine picks by itself for a GPU of that size and architecture."""
        fitting = [
            b for b in self.token_budgets if memory_bytes >= b.memory_bytes_from and (not b.archs or arch in b.archs)
        ]
        return max(fitting, key=lambda b: (bool(b.archs), b.memory_bytes_from)).tokens
