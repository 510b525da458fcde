"""From runs in the user's database to rows that the estimator understands: repeats of a cell as their mean."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from advisor.domain.basis import Basis
from advisor.domain.load import ClosedLoad, OpenLoad
from advisor.domain.measurement import UNTOLD, MeasuredMetric, OwnMeasurement
from advisor.domain.model import Content
from advisor.evidence.seen import in_service
from advisor.evidence.sweeps import disagreement, doubted_log_sd, not_saturated, pooled_log_sd
from advisor.usecases.grounding.own_steps import counts_steps
from advisor.usecases.grounding.recognizing import checkpoint_of, model_of, owned_up, says_precision
from advisor.usecases.grounding.skipping import Skipped, why_not

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from advisor.domain.profiled import ProfiledRun, RunConditions
    from advisor.domain.run_figures import RunFigures
    from advisor.usecases.grounding.recognizing import Known

PROFILER = "advisor"
"""Tool of a run that we sent ourselves."""


@dataclass(frozen=True, slots=True)
class OwnRuns:
    """What became of the runs of a database: rows, runs that make none, and simulated ones that nobody asked for.

    `at_rates` are open-loop runs, which say how long the first token takes at a rate, and `one_in_flight` closed loops that
    say how long it takes without a queue. `canvases` are the runs whose denoising steps mean something.
    """

    rows: tuple[OwnMeasurement, ...] = ()
    at_rates: tuple[ProfiledRun, ...] = ()
    one_in_flight: tuple[ProfiledRun, ...] = ()
    canvases: tuple[ProfiledRun, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    simulated_left_out: int = 0


NO_RUNS = OwnRuns()


def own_rows(runs: Sequence[ProfiledRun], known: Known, *, allow_simulated: bool = False) -> OwnRuns:
    """Return the closed-loop runs that count as rows: repeats of a cell as their mean, at what was in service.

    Time to first token is not taken from a closed loop with several in flight: arrivals there keep step with completions.

    Parameters
    ----------
    runs
        Everything that the database holds.
    known
        What the profiles describe.
    allow_simulated
        Whether runs of the demo engine count. They keep their basis.
    """
    honest = [owned_up(run) for run in runs]
    considered = [run for run in honest if allow_simulated or run.basis is not Basis.SIMULATED]
    looked = [(run, why_not(run, known)) for run in considered]
    counting = [run for run, skipped in looked if skipped is None]
    return OwnRuns(
        rows=tuple(_rows(counting, known)),
        at_rates=tuple(run for run in counting if isinstance(run.load, OpenLoad)),
        one_in_flight=tuple(run for run in counting if _shows_idle(run)),
        canvases=tuple(run for run in counting if counts_steps(run)),
        skipped=tuple(skipped for _, skipped in looked if skipped is not None),
        simulated_left_out=len(runs) - len(considered),
    )


def _shows_idle(run: ProfiledRun) -> bool:
    return isinstance(run.load, ClosedLoad) and run.load.concurrency == 1 and run.figures.ttft_ms is not None


Sweep = tuple[str, str, Basis, "RunConditions"]
"""Runs that only differ in load and repeat: campaign, tool, basis, conditions."""


def _rows(runs: Iterable[ProfiledRun], known: Known) -> Iterator[OwnMeasurement]:
    sweeps: dict[Sweep, dict[int, list[ProfiledRun]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        if isinstance(run.load, ClosedLoad):
            sweeps[run.campaign_id, run.tool, run.basis, run.conditions][run.load.concurrency].append(run)
    for levels in sweeps.values():
        growing = not_saturated({level: _output_tok_s(repeats) for level, repeats in levels.items()})
        for level, repeats in levels.items():
            flags = (f"not_saturated: {growing}",) if growing and level == max(levels) else ()
            yield _row(repeats, known, flags)


def _output_tok_s(repeats: Sequence[ProfiledRun]) -> float:
    return fmean(run.figures.output_tok_s for run in repeats)


def _row(repeats: Sequence[ProfiledRun], known: Known, flags: Iterable[str]) -> OwnMeasurement:
    first, last = repeats[0], max(repeats, key=lambda run: run.measured_at)
    conditions, figures = first.conditions, [run.figures for run in repeats]
    model, checkpoint = model_of(conditions, known), checkpoint_of(conditions, known)
    if model is None or checkpoint is None or not isinstance(first.load, ClosedLoad):
        raise ValueError(f"the run {first.id} makes no row")
    canvases = [figure.canvas for figure in figures if figure.canvas]
    replies = fmean(figure.output_tokens_mean for figure in figures)
    return OwnMeasurement(
        id=first.id,
        model=model.name,
        checkpoint=checkpoint.name,
        precision=checkpoint.precision,
        gpu=conditions.gpu,
        tensor_parallel=conditions.tensor_parallel,
        engine=conditions.engine or UNTOLD,
        engine_version=conditions.engine_version or UNTOLD,
        speculative=conditions.speculative,
        input_tokens=max(round(fmean(figure.input_tokens_mean for figure in figures)), 1),
        output_tokens=max(round(replies), 1),
        concurrency=first.load.concurrency,
        slots=_served(repeats, canvas_tokens=model.canvas.tokens if model.canvas else None),
        content=conditions.content or Content.CHAT,
        steps=fmean(canvas.steps_per_canvas for canvas in canvases) if canvases else None,
        kv_bytes_per_value=conditions.kv_bytes_per_value,
        metric=MeasuredMetric.OUTPUT_TOK_S,
        value=_output_tok_s(repeats),
        basis=first.basis,
        date=last.measured_at.date(),
        source_url="",
        set_name=first.campaign_id,
        run_ids=tuple(run.id for run in repeats),
        tool=first.tool,
        log_sd=doubted_log_sd(_log_sd(figures), engine_told=bool(conditions.engine)),
        flags=(*_flags(repeats, known), *flags),
        input_tokens_cv=fmean(figure.input_tokens_cv for figure in figures),
        cached_prompt_share=min(fmean(figure.cached_prompt_share for figure in figures), 1.0),
        canvases=replies / fmean(canvas.tokens_per_canvas for canvas in canvases) if canvases else None,
    )


def _log_sd(figures: Sequence[RunFigures]) -> float:
    return pooled_log_sd(
        [figure.output_tok_s for figure in figures],
        half_width_shares=[figure.throughput_half_width_share or 0.0 for figure in figures],
    )


def _served(repeats: Sequence[ProfiledRun], *, canvas_tokens: int | None) -> int:
    served = [
        in_service(run.conditions, run.load, run.figures, canvas_tokens=canvas_tokens)
        for run in repeats
        if isinstance(run.load, ClosedLoad)
    ]
    return round(fmean(served))


def _flags(repeats: Sequence[ProfiledRun], known: Known) -> Iterator[str]:
    """Yield what the runs of a cell are flagged with, each once, and whether they disagree."""
    yield from dict.fromkeys(flag for run in repeats for flag in run.verdict.flags)
    torn = disagreement([run.figures.output_tok_s for run in repeats])
    if torn:
        yield f"repeats_disagree: {torn}"
    if not says_precision(repeats[0].conditions, known):
        yield "precision_assumed: the runs do not say in which precision the server ran, the usual one is assumed"
