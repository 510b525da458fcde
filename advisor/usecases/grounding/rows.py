"""What the physics says a published row should have shown, under the row's own conditions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.deployment import Deployment
from advisor.domain.measurement import MeasuredMetric, Measurement, OwnMeasurement
from advisor.domain.model import Decode
from advisor.physics.diffusion import canvases_of
from advisor.physics.performance import Demand, Performance, performance
from advisor.physics.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.domain.engine import EngineSpec
    from advisor.domain.gpu import GpuSpec
    from advisor.domain.model import Checkpoint, ModelSpec
    from advisor.physics.arrays import Array, Number
    from advisor.physics.constants import Constants

RUN_BUDGET_TOKENS = 8192
"""Token budget that rows without a stated one are taken to have run with."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows of one contender, ready for one vectorized prediction."""

    rows: tuple[Measurement, ...]
    deployments: tuple[Deployment, ...]
    demand: Demand
    in_service: Array
    accepted_tokens: Array

    def take(self, indices: Sequence[int]) -> RowGroup:
        """Return some of the rows as a group of their own."""
        demand = {field.name: _pick(getattr(self.demand, field.name), indices) for field in fields(Demand)}
        return RowGroup(
            rows=tuple(self.rows[i] for i in indices),
            deployments=tuple(self.deployments[i] for i in indices),
            demand=Demand(**demand),
            in_service=self.in_service[list(indices)],
            accepted_tokens=self.accepted_tokens[list(indices)],
        )


def _pick(value: Number, indices: Sequence[int]) -> Number:
    return value[list(indices)] if isinstance(value, np.ndarray) else value


def group_rows(
    rows: Iterable[Measurement],
    *,
    models: Mapping[str, ModelSpec],
    gpus: Mapping[str, GpuSpec],
    engine: EngineSpec,
) -> list[RowGroup]:
    """Return the usable rows by contender. Rows of unknown models or GPUs, or without a steps figure, drop out."""
    by_contender: dict[tuple[str, str | None], list[tuple[Measurement, Deployment]]] = defaultdict(list)
    for row in rows:
        deployment = _deployment(row, models=models, gpus=gpus, engine=engine)
        if deployment is not None:
            by_contender[row.model, row.speculative].append((row, deployment))
    return [_group(pairs) for pairs in by_contender.values()]


def _deployment(
    row: Measurement, *, models: Mapping[str, ModelSpec], gpus: Mapping[str, GpuSpec], engine: EngineSpec
) -> Deployment | None:
    model, gpu = models.get(row.model), gpus.get(row.gpu)
    if row.excluded or row.metric not in FIGURES or model is None or gpu is None or gpu.bf16_flops is None:
        return None
    checkpoint = checkpoint_of(row, model)
    drafter = next((d for d in model.drafters if d.name == row.speculative), None)
    rule = engine.kernel_rule(gpu.arch, row.precision)
    wanting = checkpoint is None or (row.speculative and drafter is None) or (model.canvas and not row.steps)
    if wanting or checkpoint is None or rule is None or rule.kernel is None:
        return None
    return Deployment(
        model=model,
        checkpoint=checkpoint,
        gpu=gpu,
        tensor_parallel=row.tensor_parallel,
        max_num_seqs=row.slots,
        max_num_batched_tokens=RUN_BUDGET_TOKENS,
        kernel=rule.kernel,
        engine=row.engine,
        engine_version=row.engine_version,
        drafter=drafter,
        kv_bytes_per_value=row.kv_bytes_per_value,
    )


def checkpoint_of(row: Measurement, model: ModelSpec) -> Checkpoint | None:
    """Return the checkpoint a row names, else the default one of its precision."""
    named = next((c for c in model.checkpoints if c.name == row.checkpoint), None)
    return named or model.checkpoint(row.precision)


def _group(pairs: Sequence[tuple[Measurement, Deployment]]) -> RowGroup:
    rows = tuple(row for row, _ in pairs)
    model = pairs[0][1].model
    prompt, reply = _column([r.input_tokens for r in rows]), _column([r.output_tokens for r in rows])
    drafter = pairs[0][1].drafter
    return RowGroup(
        rows=rows,
        deployments=tuple(deployment for _, deployment in pairs),
        demand=Demand(
            input_tokens=prompt * _column([1.0 - _cached_share(r) for r in rows]),
            attended_tokens=prompt * _column([1.0 + _input_scv(r) for r in rows]),
            output_tokens=reply,
            context_tokens=prompt + reply / 2.0,
            canvases=_column([_canvases(r, model) for r in rows]),
            steps=_column([r.steps or 0.0 for r in rows]),
        ),
        in_service=_column([min(r.concurrency, r.slots) for r in rows]),
        accepted_tokens=_column([drafter.accepted_tokens[r.content].value if drafter else 1.0 for r in rows]),
    )


def _cached_share(row: Measurement) -> float:
    return row.cached_prompt_share if isinstance(row, OwnMeasurement) else 0.0


def _input_scv(row: Measurement) -> float:
    return row.input_tokens_cv**2 if isinstance(row, OwnMeasurement) else 0.0


def _canvases(row: Measurement, model: ModelSpec) -> float:
    """Return canvases per request: as counted, else those of a reply of the mean length; 0 for a model without."""
    if model.canvas is None:
        return 0.0
    counted = row.canvases if isinstance(row, OwnMeasurement) else None
    return counted or float(canvases_of(row.output_tokens, canvas_tokens=model.canvas.tokens))


def predict_group(group: RowGroup, *, constants: Constants) -> Array:
    """Return what each row should have shown, in the unit of its metric; shape (rows,)."""
    model = group.deployments[0].model
    shown = performance(
        group.deployments,
        shape=shape_of(model),
        constants=constants,
        demand=group.demand,
        in_service=group.in_service,
        accepted_tokens=group.accepted_tokens,
    )
    diffuses = model.decode is Decode.BLOCK_DIFFUSION
    figures = {metric: figure(group.demand, shown, diffuses).ravel() for metric, figure in FIGURES.items()}
    return np.array([figures[row.metric][i] for i, row in enumerate(group.rows)], dtype=np.float64)


def log_ratios(group: RowGroup, *, constants: Constants) -> Array:
    """Return log(predicted speed / measured speed) of each row; positive where the physics is too fast."""
    predicted = predict_group(group, constants=constants)
    measured = np.array([row.value for row in group.rows])
    slower_is_larger = np.array([row.metric is MeasuredMetric.BATCH_WALL_S for row in group.rows])
    return np.asarray(np.where(slower_is_larger, -1.0, 1.0) * np.log(predicted / measured), dtype=np.float64)


def _output_tok_s(demand: Demand, shown: Performance, diffuses: bool) -> Array:  # noqa: ARG001 - one signature for all
    return np.asarray(shown.request_rate_rps * demand.output_tokens, dtype=np.float64)


def _decode_tok_s(demand: Demand, shown: Performance, diffuses: bool) -> Array:
    per_token_s = shown.turn_s * demand.canvases / demand.output_tokens if diffuses else shown.turn_s
    return np.asarray(1.0 / per_token_s, dtype=np.float64)


def _batch_wall_s(demand: Demand, shown: Performance, diffuses: bool) -> Array:  # noqa: ARG001 - likewise
    return shown.cycle_s


FIGURES = {
    MeasuredMetric.OUTPUT_TOK_S: _output_tok_s,
    MeasuredMetric.WALL_TOK_S: _output_tok_s,
    MeasuredMetric.DECODE_TOK_S_PER_USER: _decode_tok_s,
    MeasuredMetric.BATCH_WALL_S: _batch_wall_s,
}
"""What each throughput metric means in terms of the model."""


def _column(values: Sequence[float]) -> Array:
    return np.asarray(values, dtype=np.float64).reshape(-1, 1)
