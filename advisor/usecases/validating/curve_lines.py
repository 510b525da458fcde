"""`advisor validate curves`: each level of the shipped sweeps predicted by the curve through the other levels of its sweep."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor import catalog
from advisor.domain.measurement import MeasuredMetric
from advisor.domain.validation_summary import JudgedCase, Statistic, Target
from advisor.evidence import fit_curve, level_curve
from advisor.usecases.validating.judging_errors import JudgedPart, Topic, lines_of_cases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from advisor.domain.measurement import Measurement
    from advisor.usecases.validating.judging_errors import Asked

    FloatArray = NDArray[np.float64]

PART = "curves"
LEAST_LEVELS = 4
"""Levels of a sweep that is judged: three are left to fit when one is taken out."""

BETWEEN, BELOW, BEYOND = "between levels", "below the lowest level", "beyond the highest level"
TRUTH = "published"
FIGURE = "output tok/s at a level left out"
LINEAR, HELD = "straight line in c", "last level held, as predict does"

TARGET = Target(
    statistic=Statistic.MEAN,
    at_most=0.047,
    source="what interpolation left of TPOT on 108 rows of another collection",
)
"""Asked of what lies between levels: at a fixed concurrency time per token and throughput have the same relative error."""

TOPICS = {name: Topic(PART, name, TRUTH, FIGURE) for name in (BETWEEN, BELOW, BEYOND)}


@dataclass(frozen=True, slots=True, eq=False)
class Sweep:
    """Throughput of one deployment and workload by requests in service; arrays of one length, levels ascending."""

    name: str
    levels: FloatArray
    output_tok_s: FloatArray


def validate_curves(asked: Asked) -> JudgedPart:
    """Take each level out of each sweep in turn, and compare it with the curve through the rest."""
    rows = catalog.read_measurements(asked.root)
    found = sweeps(rows)
    cases = [case for sweep in found for case in _cases(sweep)]
    return JudgedPart(
        lines=(
            *lines_of_cases(TOPICS[BETWEEN], cases, rule=LINEAR, target=TARGET),
            *lines_of_cases(TOPICS[BELOW], cases, rule=LINEAR),
            *lines_of_cases(TOPICS[BEYOND], cases, rule=HELD),
        ),
        cases=tuple(cases),
        notes=_notes(rows, found),
    )


def _notes(rows: Sequence[Measurement], found: Sequence[Sweep]) -> tuple[str, ...]:
    if not found:
        return ()
    waiting = sum(row.concurrency > row.slots for row in rows)
    return (
        f"curves: {len(found)} shipped sweeps have {LEAST_LEVELS} levels or more; {waiting} rows are left out, as some of their requests wait for a slot",
        "curves: beyond the highest level the curve is carried on only here; `advisor predict` holds the last level",
        "curves: the study behind the curve found 1.8 % (p90 7.3 %) on 406 other sweeps, 6.4 % two levels beyond",
    )


def sweeps(rows: Iterable[Measurement]) -> tuple[Sweep, ...]:
    """Return the sweeps of at least four levels within the slots; the mean where a level was measured twice."""
    by_sweep: dict[tuple[object, ...], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        speed = output_tok_s(row)
        if speed is not None and not row.excluded and row.concurrency <= row.slots:
            by_sweep[_key(row)][row.concurrency].append(speed)
    return tuple(_sweep(key, levels) for key, levels in by_sweep.items() if len(levels) >= LEAST_LEVELS)


def _key(row: Measurement) -> tuple[object, ...]:
    """Return what all levels of a sweep share; the mean reply may differ by a few tokens from level to level."""
    contender = row.model if row.speculative is None else f"{row.model}+{row.speculative}"
    name = f"{row.set_name}: {contender} {row.precision} on {row.gpu}"
    return (
        name, row.checkpoint, row.tensor_parallel, row.engine, row.engine_version, row.input_tokens, row.slots,
        row.content, row.steps, row.kv_bytes_per_value, row.metric,
    )  # fmt: skip


def _sweep(key: tuple[object, ...], levels: dict[int, list[float]]) -> Sweep:
    ascending = sorted(levels)
    speeds = [float(np.mean(levels[level])) for level in ascending]
    return Sweep(str(key[0]), np.array(ascending, dtype=np.float64), np.array(speeds))


def output_tok_s(row: Measurement) -> float | None:
    """Return a row's figure as output tokens per second of all its requests; None for a latency that tells none."""
    match row.metric:
        case MeasuredMetric.OUTPUT_TOK_S | MeasuredMetric.WALL_TOK_S:
            return row.value
        case MeasuredMetric.BATCH_WALL_S:
            return row.concurrency * row.output_tokens / row.value
        case _:
            return None


def _cases(sweep: Sweep) -> Iterator[JudgedCase]:
    for at in range(sweep.levels.size):
        rest, shown = np.delete(sweep.levels, at), np.delete(sweep.output_tok_s, at)
        level, true_tok_s = float(sweep.levels[at]), float(sweep.output_tok_s[at])
        where = BELOW if at == 0 else BEYOND if at == sweep.levels.size - 1 else BETWEEN
        ours = _carried_on(rest, shown, level) if where == BEYOND else _on_the_curve(rest, shown, level)
        straight = float(np.interp(level, rest, shown))
        yield JudgedCase(
            part=PART,
            judged=where,
            case=f"{sweep.name}, {level:g} in flight",
            unit="tok/s",
            true_value=true_tok_s,
            our_value=ours,
            error=ours / true_tok_s - 1.0,
            rule_error=straight / true_tok_s - 1.0,
        )


def _on_the_curve(levels: FloatArray, shown: FloatArray, level: float) -> float:
    return level / float(level_curve(levels, levels / shown).at(level))


def _carried_on(levels: FloatArray, shown: FloatArray, level: float) -> float:
    """Return what the fitted form alone says, beyond where it is known to hold."""
    curve = fit_curve(levels, shown)
    return level / float(curve.a + curve.b * level + curve.d * np.sqrt(level))
