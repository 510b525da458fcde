"""The estimator's line in the table of `advisor validate`: GPUs left out one by one, beside scaling by memory bandwidth."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor import catalog
from advisor.domain.measurement import MeasuredMetric
from advisor.domain.validation_summary import JudgedCase, Statistic, Target
from advisor.usecases.validating.estimator import REFERENCE, leave_one_gpu_out
from advisor.usecases.validating.judging_errors import JudgedPart, Topic, lines_of_cases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.domain.gpu import GpuSpec
    from advisor.domain.measurement import Measurement
    from advisor.usecases.validating.estimator import Miss
    from advisor.usecases.validating.judging_errors import Asked

PART = "estimator"
TRUTH = "published"
FIGURE = "speed on a GPU left out"
BANDWIDTH = "other GPUs' mean, scaled by bandwidth"

MOST_MEDIAN = 0.25
"""What the methods ask of any contender; the prototype's own medians are asked of those that it knew."""


def validate_estimator(asked: Asked) -> JudgedPart:
    """Predict every published row by constants fitted without its GPU, and by the figures of the other GPUs alone."""
    misses = leave_one_gpu_out(asked.root)
    ruled = bandwidth_errors([miss.row for miss in misses], catalog.read_gpus(asked.root))
    cases = [_case(miss, ruled.get(miss.row.id)) for miss in misses]
    contenders = sorted({miss.contender for miss in misses})
    lines = [
        line
        for contender in contenders
        for line in lines_of_cases(_topic(contender), cases, rule=BANDWIDTH, target=_target(contender))
    ]
    return JudgedPart(lines=tuple(lines), cases=tuple(cases), notes=NOTES)


NOTES = (
    "estimator: the trivial rule takes each other GPU's row of the contender that is nearest in requests in service, times the ratio of bandwidths",
    "estimator: the form of the model was chosen with these rows in sight: a new GPU may do worse",
)


def _topic(contender: str) -> Topic:
    return Topic(PART, contender, TRUTH, FIGURE)


def _target(contender: str) -> Target:
    known = REFERENCE.get(contender)
    source = "the prototype's own median" if known else "the methods: a fit that is worse is refused"
    return Target(statistic=Statistic.MEDIAN, at_most=known or MOST_MEDIAN, source=source)


def _case(miss: Miss, rule_error: float | None) -> JudgedCase:
    row = miss.row
    true_tok_s = speed_tok_s(row)
    return JudgedCase(
        part=PART,
        judged=miss.contender,
        case=f"{row.id} on {row.gpu}, {row.concurrency} in flight",
        unit="tok/s",
        true_value=true_tok_s,
        our_value=true_tok_s * (1.0 + miss.error),
        error=miss.error,
        rule_error=rule_error,
    )


def speed_tok_s(row: Measurement) -> float:
    """Return a throughput row as output tokens per second of all its requests, whatever it tells them by."""
    match row.metric:
        case MeasuredMetric.DECODE_TOK_S_PER_USER:
            return row.value * min(row.concurrency, row.slots)
        case MeasuredMetric.BATCH_WALL_S:
            return row.concurrency * row.output_tokens / row.value
        case _:
            return row.value


@dataclass(frozen=True, slots=True)
class _Seen:
    """A row as the trivial rule sees it."""

    row: Measurement
    tok_s_per_bandwidth: float
    log_in_service: float


def bandwidth_errors(rows: Sequence[Measurement], gpus: Mapping[str, GpuSpec]) -> dict[str, float]:
    """Return the errors [1] of the trivial rule by identifier of a row; rows without another GPU are left out."""
    contenders: dict[tuple[str, str | None], dict[str, list[_Seen]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        contenders[row.model, row.speculative][row.gpu].append(_seen(row, gpus))
    return {
        seen.row.id: _error(seen, [found for other, found in by_gpu.items() if other != gpu])
        for by_gpu in contenders.values()
        for gpu, own in by_gpu.items()
        for seen in own
        if len(by_gpu) > 1
    }


def _seen(row: Measurement, gpus: Mapping[str, GpuSpec]) -> _Seen:
    bandwidth = gpus[row.gpu].memory_bandwidth_bytes_per_s * row.tensor_parallel
    return _Seen(row, speed_tok_s(row) / bandwidth, float(np.log(min(row.concurrency, row.slots))))


def _error(seen: _Seen, others: Sequence[Sequence[_Seen]]) -> float:
    nearest = [min(rows, key=lambda one: abs(one.log_in_service - seen.log_in_service)) for rows in others]
    return float(np.mean([one.tok_s_per_bandwidth for one in nearest])) / seen.tok_s_per_bandwidth - 1.0
