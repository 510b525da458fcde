"""What fits: weights, KV cache of a request, and how many requests a replica can hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.physics.shape import kv_bytes

if TYPE_CHECKING:
    from advisor.domain.engine import EngineSpec
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import Checkpoint, Drafter
    from advisor.physics.arrays import Array
    from advisor.physics.shape import Shape


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one replica, summed over its GPUs.

    `bytes_per_slot` is what each admitted request keeps: KV cache, plus unreserved logits for a canvas.
    """

    gpu_bytes: int
    usable_bytes: int
    weights_bytes: int
    reserved_bytes: int
    kv_bytes_per_request: int
    bytes_per_slot: int

    @property
    def free_bytes(self) -> int:
        """Bytes left for requests; negative when the weights do not fit."""
        return self.usable_bytes - self.weights_bytes - self.reserved_bytes

    @property
    def slots(self) -> int:
        """Requests of this size that fit at once; 0 when none does."""
        return max(self.free_bytes // self.bytes_per_slot, 0)


def resident_kv_bytes(
    shape: Shape, *, lengths_tokens: Array, residence: Array, engine: EngineSpec, tensor_parallel: int
) -> int:
    """Return the KV bytes of a request in service, over all GPUs, averaged by how long requests stay.

    `lengths_tokens` are full lengths in tokens (prompt and reply), `residence` the relative time each stays in service:
    long replies are found in service more often than they arrive.
    """
    each = kv_bytes(
        shape,
        context_tokens=lengths_tokens,
        bytes_per_value=engine.kv_bytes_per_value,
        tensor_parallel=tensor_parallel,
    )
    return int((each * residence).sum() / residence.sum())


def memory_of(
    *,
    shape: Shape,
    engine: EngineSpec,
    gpu: GpuSpec,
    checkpoint: Checkpoint,
    drafter: Drafter | None,
    tensor_parallel: int,
    kv_bytes_per_request: int,
) -> Memory:
    """Return the memory of one replica whose requests keep `kv_bytes_per_request` bytes on average.

    A canvas needs its logits beside the KV cache, on every tensor-parallel GPU: vLLM materializes them at run time
    without reserving them (issue 50699; pull requests 47462 and 56210 for the full vocabulary on every rank), so
    every slot of a block-diffusion model keeps `engine.diffusion_bytes_per_slot` free per GPU. Preemption is not
    modeled: slots are limited so that the admitted requests fit at full length on average.
    """
    logits = engine.diffusion_bytes_per_slot * tensor_parallel if shape.canvas_tokens else 0
    total = gpu.memory_bytes * tensor_parallel
    return Memory(
        gpu_bytes=total,
        usable_bytes=int(total * engine.gpu_memory_utilization),
        weights_bytes=checkpoint.weights_bytes + (drafter.weights_bytes if drafter else 0),
        reserved_bytes=engine.runtime_bytes * tensor_parallel,
        kv_bytes_per_request=kv_bytes_per_request,
        bytes_per_slot=kv_bytes_per_request + logits,
    )
