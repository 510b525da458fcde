"""A contender made concrete: what to run, on what, with which settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.model import Checkpoint, Decode, Drafter, ModelSpec

if TYPE_CHECKING:
    from advisor.domain.engine import Kernel
    from advisor.domain.gpu import GpuSpec


@dataclass(frozen=True, slots=True)
class Deployment:
    """One replica: model x checkpoint x GPU x tensor parallel x drafter x slots x engine version."""

    model: ModelSpec
    checkpoint: Checkpoint
    gpu: GpuSpec
    tensor_parallel: int
    max_num_seqs: int
    max_num_batched_tokens: int
    kernel: Kernel
    engine: str
    engine_version: str
    drafter: Drafter | None = None
    kv_bytes_per_value: float = 2.0

    @property
    def contender(self) -> str:
        """The name that competes: the model, plus its drafter if it has one."""
        return self.model.name if self.drafter is None else f"{self.model.name}+{self.drafter.name}"

    @property
    def diffuses(self) -> bool:
        """Whether replies come in canvases."""
        return self.model.decode is Decode.BLOCK_DIFFUSION

    @property
    def layout(self) -> str:
        """Names what runs on what to a reader, whatever its slots."""
        gpus = self.gpu.name if self.tensor_parallel == 1 else f"{self.tensor_parallel}x {self.gpu.name}"
        return f"{self.contender} {self.checkpoint.precision} on {gpus}"

    @property
    def label(self) -> str:
        """One line that names this deployment to a reader."""
        return f"{self.layout}, {self.max_num_seqs} slots"
