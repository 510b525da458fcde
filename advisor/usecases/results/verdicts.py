"""Whether an imported run counts: the rules for our own runs, as far as the file tells enough, and what the tool cannot show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.domain.load import ClosedLoad
from advisor.domain.run_figures import Verdict
from advisor.evidence.validity import judge
from advisor.usecases.results.figures import full_load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.catalog.results import Requests, ToldRun
    from advisor.domain.model import ModelSpec
    from advisor.domain.profiled import RunConditions
    from advisor.domain.run_figures import RunFigures

OWN_CSV = "csv"
HEAVY_CLIENTS = frozenset({"guidellm", "aiperf", "genai-bench"})
HEAVY_FROM_STREAMS = 64
"""Streams from which these clients were seen to add 40 to 75 ms to the time to first token."""

START_SHARE = 0.05
"""Share of all requests that are sent at once at the start from which 95th percentiles show it."""

MANY = 1_000_000
"""Stands for a count of requests that is not told, so that no rule takes it for a small one."""


def verdict_of(run: ToldRun, conditions: RunConditions, figures: RunFigures, model: ModelSpec) -> Verdict:
    """Return whether a run counts. A run that was judged when it was exported keeps that verdict.

    Rules about what the file does not tell are not applied; a flag says so.
    """
    if run.kept and run.kept.verdict:
        return run.kept.verdict
    judged = judge(
        conditions,
        run.load,
        figures.model_copy(update=_stand_ins(figures)),
        diffuses=model.canvas is not None,
        canvas_tokens=model.canvas.tokens if model.canvas else None,
    )
    reasons = (*_reasons(run, figures), *judged.reasons)
    flags = [flag for flag in judged.flags if run.tells_spread or not flag.startswith("fixed_lengths:")]
    return Verdict(valid=not reasons, reasons=reasons, flags=(*flags, *run.flags, *_flags(run, figures, model)))


def _stand_ins(figures: RunFigures) -> dict[str, Any]:
    """Return what stands for untold figures: neither a small count nor no throughput is to be read into them."""
    counts = {} if _tells_count(figures) else {"completed": MANY, "requests": MANY}
    return {**counts, **({} if figures.output_tok_s else {"output_tok_s": figures.request_rate_rps})}


def _tells_count(figures: RunFigures) -> bool:
    return bool(figures.completed or figures.failures or figures.duration_s)


def _reasons(run: ToldRun, figures: RunFigures) -> Iterator[str]:
    """Yield why a run cannot count that rules for our own runs need not know."""
    if isinstance(run.load, ClosedLoad) and 0 < run.summary.requests <= run.load.concurrency:
        yield f"burst: all {run.summary.requests} requests were sent at once, so the load was never steady"
    negative = ", ".join(_negative(run.requests)) if run.requests else ""
    if negative:
        yield f"impossible: negative values in {negative}"
    if not figures.output_tok_s and figures.request_rate_rps:
        yield (
            "no_tokens: neither output_tok_s nor output_tokens_mean is told, so it shows no tokens per second; add one of "
            "them, or name a known --workload"
        )


def _negative(requests: Requests) -> Iterator[str]:
    """Yield the columns of single requests that have a value below zero; only a lateness may be."""
    names = ("e2e_s", "ttft_s", "input_tokens", "output_tokens")
    columns = ((name, getattr(requests, name)) for name in names)
    yield from (name for name, column in columns if column is not None and column.size and column.min() < 0)


def _flags(run: ToldRun, figures: RunFigures, model: ModelSpec) -> Iterator[str]:
    """Yield what the figures of a run do not show."""
    if model.canvas is not None and (run.summary.tpot_ms or run.requests):
        yield "no_tpot: time per output token is left out, as the tokens of a canvas arrive together"
    if run.tool != OWN_CSV and (run.requests is None or full_load(run.requests, run.load) is None):
        yield "whole_run: rates are over the whole run, its start and end with fewer requests in flight included"
    if not run.tells_spread:
        yield "spread_untold: how much lengths differ is not told; a closed loop of equal ones would march in step"
    if not _tells_count(figures):
        yield "count_untold: how many requests were made is not told"
    yield from _start(run)
    yield from _client(run, figures)


def _start(run: ToldRun) -> Iterator[str]:
    streams = run.load.concurrency if isinstance(run.load, ClosedLoad) else 1
    if streams > 1 and run.summary.requests > streams > START_SHARE * run.summary.requests:
        yield f"start: {streams} of {run.summary.requests} requests were sent at once at the start, and are in the percentiles"


def _client(run: ToldRun, figures: RunFigures) -> Iterator[str]:
    streams = run.load.concurrency if isinstance(run.load, ClosedLoad) else figures.in_flight_mean
    if run.tool in HEAVY_CLIENTS and streams >= HEAVY_FROM_STREAMS:
        yield (
            f"heavy_client: {run.tool} itself was seen to add 40 to 75 ms to the time to first token from "
            f"{HEAVY_FROM_STREAMS} streams on"
        )
