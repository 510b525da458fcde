"""Which model, checkpoint and precision of the profiles a run is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.model import Precision
from advisor.usecases.deployments import PREFERRED, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.engine import EngineSpec
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import Checkpoint, ModelSpec
    from advisor.domain.profiled import ProfiledRun, RunConditions

DEMO_ENGINE = "advisor-demo"
"""What the demo engine calls itself, at whatever address it is measured."""


@dataclass(frozen=True, slots=True)
class Known:
    """What runs are about: models and GPUs of the profiles, and the engine that is recommended."""

    models: Mapping[str, ModelSpec]
    gpus: Mapping[str, GpuSpec]
    engine: EngineSpec


def owned_up(run: ProfiledRun) -> ProfiledRun:
    """Return a run with the basis it has: what was measured on the demo engine is simulated, whoever says otherwise."""
    return run.model_copy(update={"basis": Basis.SIMULATED}) if is_simulated(run.conditions) else run


def is_simulated(conditions: RunConditions) -> bool:
    """Return whether a server says that it is the demo engine."""
    return DEMO_ENGINE in {conditions.engine, conditions.engine_version}


def model_of(conditions: RunConditions, known: Known) -> ModelSpec | None:
    """Return the model of a run: by its name, or by that of one of its checkpoints."""
    served = {conditions.model, conditions.checkpoint} - {""}
    by_checkpoint = (m for m in known.models.values() if served & {checkpoint.name for checkpoint in m.checkpoints})
    return known.models.get(conditions.model) or next(by_checkpoint, None)


def checkpoint_of(conditions: RunConditions, known: Known) -> Checkpoint | None:
    """Return the checkpoint of a run: the one it names, else that of its precision, else that of the usual precision.

    A name that is not known tells the precision if a part of it is one (``-FP8-Dynamic``, ``-AWQ``).
    """
    model = model_of(conditions, known)
    if model is None:
        return None
    served = (conditions.checkpoint, conditions.model)
    named = next((checkpoint for checkpoint in model.checkpoints if checkpoint.name in served), None)
    precision = conditions.precision or precision_in(conditions.checkpoint) or _usual(model, conditions, known)
    return named or (model.checkpoint(precision) if precision else None)


def precision_in(name: str) -> Precision | None:
    """Return the precision that the name of a checkpoint tells, or None."""
    return next((precision for mark, precision in MARKS.items() if mark in name.lower()), None)


MARKS = {
    "nvfp4": Precision.NVFP4,
    "fp8": Precision.FP8,
    "awq": Precision.INT4,
    "gptq": Precision.INT4,
    "int4": Precision.INT4,
    "w4a16": Precision.INT4,
    "bf16": Precision.BF16,
}
"""What names of checkpoints call a precision."""


def _usual(model: ModelSpec, conditions: RunConditions, known: Known) -> Precision | None:
    gpu = known.gpus[conditions.gpu]
    running = (p for p in PREFERRED if refusal(model, gpu=gpu, precision=p, engine=known.engine) is None)
    return next(running, None)


def says_precision(conditions: RunConditions, known: Known) -> bool:
    """Return whether a run tells its precision, or it has to be assumed."""
    model = model_of(conditions, known)
    named = model is not None and {conditions.checkpoint, conditions.model} & {c.name for c in model.checkpoints}
    return bool(named or conditions.precision or precision_in(conditions.checkpoint))
