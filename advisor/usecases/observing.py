"""Every point that was observed of throughput and latency against load, beside what the model says."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING

from advisor import catalog, store
from advisor.domain.load import ClosedLoad
from advisor.domain.measurement import UNTOLD, MeasuredMetric
from advisor.domain.observed import Figure, Layout, ModeledPoint, ObservedPoint
from advisor.domain.question import EstimateQuestion
from advisor.domain.requests import representative_requests
from advisor.usecases.estimate import estimate_from
from advisor.usecases.grounding.grounds import Lengths
from advisor.usecases.grounding.recognizing import Known, checkpoint_of, model_of, owned_up
from advisor.usecases.keeping import existing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from advisor.domain.answer import Estimate, EstimatePoint
    from advisor.domain.basis import Basis
    from advisor.domain.measurement import Measurement
    from advisor.domain.profiled import ProfiledRun
    from advisor.domain.run_figures import Percentiles, RunFigures
    from advisor.domain.workload import Workload
    from advisor.usecases.grounding.shipped import Shipped

Z_95 = 1.96
"""Half the width of 95 % of a normal law, in standard deviations."""

MOST_IN_FLIGHT = 64
"""Concurrency that is looked at where nothing was observed beyond it: the last one of `advisor estimate`."""

MS = 1e3

ROW_METRICS: Mapping[Figure, tuple[MeasuredMetric, ...]] = {
    Figure.OUTPUT_TOK_S: (MeasuredMetric.OUTPUT_TOK_S, MeasuredMetric.WALL_TOK_S),
    Figure.E2E_MEAN_S: (MeasuredMetric.E2E_MEAN_S, MeasuredMetric.BATCH_WALL_S),
    Figure.TTFT_MEAN_MS: (MeasuredMetric.TTFT_MEAN_MS,),
    Figure.TTFT_P50_MS: (MeasuredMetric.TTFT_MEDIAN_MS,),
    Figure.TTFT_P95_MS: (MeasuredMetric.TTFT_P95_MS,),
    Figure.TPOT_MEAN_MS: (MeasuredMetric.TPOT_MEAN_MS, MeasuredMetric.DECODE_TOK_S_PER_USER),
}
"""Metrics of rows that show a figure. Speed while decoding is the inverse of the time per further token."""


def observed_points(
    figure: Figure, *, workload: Workload | None, profiles: Path | None, database: str | None
) -> tuple[ObservedPoint, ...]:
    """Return the published rows and the user's rows and runs that show a figure: those that count, simulated ones too.

    Simulated points keep their basis and are no evidence. `workload` decides which points have lengths like its own; None
    takes all for alike. Without `database` the user's own is read, if there is one.

    Raises
    ------
    DataError
        If the database is named and not there, or cannot be read.
    """
    root = profiles or catalog.profiles_root()
    models, gpus = catalog.read_models(root), catalog.read_gpus(root)
    known = Known(models, gpus, catalog.read_newest_engine(root))
    lengths = _lengths(workload)
    entered, runs = _kept(database)
    rows = [row for row in (*catalog.read_measurements(root), *entered) if not row.excluded]
    return (
        *(_point_of_row(row, figure, lengths) for row in rows if row.metric in ROW_METRICS.get(figure, ())),
        *_points_of_runs(runs, figure, known, lengths),
    )


def _lengths(workload: Workload | None) -> Lengths | None:
    if workload is None:
        return None
    requests = representative_requests(workload)
    return Lengths(float(requests.input_tokens.mean()), float(requests.output_tokens.mean()))


def _kept(database: str | None) -> tuple[tuple[Measurement, ...], tuple[ProfiledRun, ...]]:
    if database is None and not store.exists(store.default_url()):
        return (), ()
    url = existing(database)
    return store.read_measurements(url), store.read_runs(url)


def _point_of_row(row: Measurement, figure: Figure, lengths: Lengths | None) -> ObservedPoint:
    inverse = row.metric is MeasuredMetric.DECODE_TOK_S_PER_USER and figure is Figure.TPOT_MEAN_MS
    notes = ("read off the speed while decoding" if inverse else "", row.notes)
    return ObservedPoint(
        layout=Layout(row.model, row.speculative or "", str(row.precision), row.gpu, row.tensor_parallel),
        in_flight_mean=float(row.concurrency),
        open_loop=False,
        value=MS / row.value if inverse else row.value,
        low=None,
        high=None,
        basis=row.basis,
        engine=row.engine_in_words,
        date=row.date,
        input_tokens=float(row.input_tokens),
        output_tokens=float(row.output_tokens),
        alike=lengths is None or lengths.resemble(row),
        source=row.set_name,
        source_url=row.source_url,
        note="; ".join(filter(None, notes)),
    )


def _points_of_runs(
    runs: Sequence[ProfiledRun], figure: Figure, known: Known, lengths: Lengths | None
) -> Iterator[ObservedPoint]:
    for run in map(owned_up, runs):
        shown = _shown(run.figures, figure)
        if shown is not None and run.verdict.valid and not run.discarded and _in_flight(run) > 0:
            yield _point_of_run(run, shown, known, lengths)


def _point_of_run(
    run: ProfiledRun, shown: tuple[float, float | None], known: Known, lengths: Lengths | None
) -> ObservedPoint:
    value, half_width_share = shown
    conditions, figures = run.conditions, run.figures
    spans = (None, None) if half_width_share is None else (1.0 - half_width_share, 1.0 + half_width_share)
    low, high = (None if span is None else max(value * span, 0.0) for span in spans)
    return ObservedPoint(
        layout=_layout(run, known),
        in_flight_mean=_in_flight(run),
        open_loop=not isinstance(run.load, ClosedLoad),
        value=value,
        low=low,
        high=high,
        basis=run.basis,
        engine=" ".join(filter(None, (conditions.engine, conditions.engine_version))) or f"{UNTOLD} engine",
        date=run.measured_at.date(),
        input_tokens=figures.input_tokens_mean,
        output_tokens=figures.output_tokens_mean,
        alike=lengths is None or _alike(figures, lengths),
        source=run.campaign_id,
        run_id=run.id,
        note="; ".join(run.verdict.flags),
    )


def _layout(run: ProfiledRun, known: Known) -> Layout:
    """Return the deployment of a run by the names of the profiles, by its own where those do not know it."""
    conditions = run.conditions
    model = model_of(conditions, known)
    checkpoint = checkpoint_of(conditions, known) if conditions.gpu in known.gpus else None
    precision = checkpoint.precision if checkpoint else conditions.precision
    return Layout(
        model=model.name if model else conditions.model,
        speculative=conditions.speculative or "",
        precision=str(precision or ""),
        gpu=conditions.gpu,
        tensor_parallel=conditions.tensor_parallel,
    )


def _in_flight(run: ProfiledRun) -> float:
    return float(run.load.concurrency) if isinstance(run.load, ClosedLoad) else run.figures.in_flight_mean


def _alike(figures: RunFigures, lengths: Lengths) -> bool:
    if not (figures.input_tokens_mean and figures.output_tokens_mean):
        return False
    return lengths.resemble(Lengths(figures.input_tokens_mean, figures.output_tokens_mean))


def _statistic(latency: str, statistic: str) -> Callable[[RunFigures], float | None]:
    def read(figures: RunFigures) -> float | None:
        found: Percentiles | None = getattr(figures, latency)
        return None if found is None else getattr(found, statistic)

    return read


RUN_FIGURES: Mapping[Figure, tuple[Callable[[RunFigures], float | None], str]] = {
    Figure.OUTPUT_TOK_S: (lambda figures: figures.output_tok_s, "throughput_half_width_share"),
    Figure.E2E_MEAN_S: (_statistic("e2e_s", "mean"), ""),
    Figure.E2E_P50_S: (_statistic("e2e_s", "p50"), "e2e_half_width_share"),
    Figure.E2E_P95_S: (_statistic("e2e_s", "p95"), ""),
    Figure.TTFT_MEAN_MS: (_statistic("ttft_ms", "mean"), ""),
    Figure.TTFT_P50_MS: (_statistic("ttft_ms", "p50"), ""),
    Figure.TTFT_P95_MS: (_statistic("ttft_ms", "p95"), ""),
    Figure.TPOT_MEAN_MS: (_statistic("tpot_ms", "mean"), ""),
}
"""How a run shows a figure, and the field that holds half its 95 % interval as a share of it, where there is one."""


def _shown(figures: RunFigures, figure: Figure) -> tuple[float, float | None] | None:
    read, half_width = RUN_FIGURES[figure]
    value = read(figures)
    return None if not value else (value, getattr(figures, half_width) if half_width else None)


@dataclass(frozen=True, slots=True)
class Modeled:
    """A modeled curve, with what the replica was taken to be, in the words of `advisor estimate`."""

    points: tuple[ModeledPoint, ...]
    arguments: tuple[str, ...]
    slots: int
    engine: str


def modeled_curve(
    layout: Layout,
    figure: Figure,
    *,
    workload: Workload,
    reaches: float,
    shipped: Shipped,
) -> Modeled:
    """Return what `advisor estimate` says of a deployment at concurrencies 1, 2, 4, ... up to `reaches` or beyond.

    It is asked with as many slots as the last concurrency has requests, for block diffusion at most as many as the engine
    takes at its word. No points for a figure that it does not give.

    Raises
    ------
    UnknownNameError
        If model, GPU or drafter are unknown.
    InfeasibleError
        If the deployment does not run.
    """
    counts = concurrencies(reaches)
    slots = _slots(layout, counts[-1], shipped)
    question = EstimateQuestion(
        model=layout.model,
        gpu=layout.gpu,
        precision=layout.precision or None,
        tensor_parallel=layout.tensor_parallel,
        slots=slots,
        speculative=layout.speculative or None,
        workload=workload,
        concurrency=counts,
    )
    answer = estimate_from(question, shipped)
    return Modeled(
        points=tuple(point for one in answer.points if (point := _modeled(one, figure))),
        arguments=_arguments(layout, counts, slots),
        slots=answer.max_num_seqs,
        engine=_engine(answer),
    )


def concurrencies(reaches: float) -> tuple[int, ...]:
    """Return powers of two from 1 to the first that is not below `reaches` and `MOST_IN_FLIGHT`."""
    counts = [1]
    while counts[-1] < max(reaches, MOST_IN_FLIGHT):
        counts.append(counts[-1] * 2)
    return tuple(counts)


def _engine(answer: Estimate) -> str:
    return f"{answer.engine} {answer.engine_version}"


def _slots(layout: Layout, most: int, shipped: Shipped) -> int:
    model = shipped.models.get(layout.model)
    return min(most, shipped.engine.diffusion_slot_clamp_from - 1) if model and model.canvas else most


def _arguments(layout: Layout, counts: Sequence[int], slots: int) -> tuple[str, ...]:
    return (
        *("--model", layout.model, "--gpu", layout.gpu),
        *(("--precision", layout.precision) if layout.precision else ()),
        *(("--tensor-parallel", str(layout.tensor_parallel)) if layout.tensor_parallel > 1 else ()),
        *("--slots", str(slots), "--speculative", layout.speculative or "none"),
        *("--concurrency", ",".join(map(str, counts))),
    )


BANDS: Mapping[Figure, tuple[str, float]] = {
    Figure.OUTPUT_TOK_S: ("output_tok_s", 1.0),
    Figure.E2E_MEAN_S: ("e2e_mean_s", 1.0),
    Figure.TTFT_MEAN_MS: ("ttft_mean_ms", 0.0),
    Figure.TPOT_MEAN_MS: ("tpot_mean_ms", 1.0),
}
"""The field of an estimate that gives a figure, and whether the spread of the speed is its own: 0 leaves the band out.

Speed and its inverse have the same spread of their logarithm. Of a time to first token it says too little.
"""


def _modeled(point: EstimatePoint, figure: Figure) -> ModeledPoint | None:
    field, spreads = BANDS.get(figure, ("", 0.0))
    value = getattr(point, field) if field else None
    if value is None:
        return None
    wide = exp(Z_95 * point.spread)
    basis: Basis = point.ttft_basis if figure is Figure.TTFT_MEAN_MS else point.basis
    low, high = (value / wide, value * wide) if spreads else (None, None)
    return ModeledPoint(in_flight=point.concurrency, value=value, low=low, high=high, basis=basis)
