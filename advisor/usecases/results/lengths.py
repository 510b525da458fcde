"""Lengths of an imported run that tells none: those of the workload that the user names."""

from __future__ import annotations

from dataclasses import replace
from statistics import fmean
from typing import TYPE_CHECKING

from advisor.domain.run_figures import RunFigures

if TYPE_CHECKING:
    from advisor.catalog.results import ToldRun
    from advisor.domain.workload import Workload


def with_lengths(run: ToldRun, workload: Workload | None) -> ToldRun:
    """Return a run with the mean lengths of its workload where the file tells none, and the token rate that they make."""
    told = run.summary
    if workload is None or (told.input_tokens_mean and told.output_tokens_mean):
        return run
    read, written = _means(workload)
    written = told.output_tokens_mean or written
    found = {
        "input_tokens_mean": told.input_tokens_mean or read,
        "output_tokens_mean": written,
        "output_tok_s": told.output_tok_s or told.request_rate_rps * written,
        "output_tokens_total": told.output_tokens_total or round(written * told.completed),
    }
    flag = f"workload_lengths: the file tells no lengths; the means of the workload {workload.name} were taken"
    return replace(run, summary=RunFigures(**{**dict(told), **found}), flags=(*run.flags, flag))


def _means(workload: Workload) -> tuple[float, float]:
    if workload.input is not None and workload.output is not None:
        return workload.input.mean_tokens, workload.output.mean_tokens
    return fmean(pair[0] for pair in workload.pairs), fmean(pair[1] for pair in workload.pairs)
