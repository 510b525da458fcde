"""`advisor validate`: how wrong the estimator is on a GPU that it was not fitted on. Bad rows stay in."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from advisor import __version__, catalog
from advisor.domain.judged import ErrorLine, ExcludedRows, Validation
from advisor.usecases.calibrate import fitted_priors, published_groups
from advisor.usecases.fitting import fit_constants
from advisor.usecases.grounding.rows import RowGroup, log_ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from advisor.domain.measurement import Measurement

REFERENCE = {"gemma-4-26b-a4b": 0.19, "diffusiongemma-26b-a4b": 0.10}
"""Leave-one-GPU-out errors of the prototype of this estimator, on 27 rows of 6 GPU types."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One row and its relative error [1] with its own GPU left out of the fit; positive is too fast."""

    row: Measurement
    error: float

    @property
    def contender(self) -> str:
        """Model and drafter of the row."""
        return self.row.model if self.row.speculative is None else f"{self.row.model}+{self.row.speculative}"


def validate(*, profiles: Path | None) -> Validation:
    """Refit the constants once per GPU without its rows, and compare each row with what the rest predicts."""
    root = profiles or catalog.profiles_root()
    misses = leave_one_gpu_out(root)
    reasons = Counter(row["reason"] for row in catalog.read_excluded(root))
    return Validation(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        lines=tuple(line for scope, key in SCOPES.items() for line in _lines(scope, misses, key)),
        batching_gain=tuple(_gain_lines(misses)),
        excluded=tuple(ExcludedRows(reason=reason, rows=rows) for reason, rows in reasons.most_common()),
        notes=NOTES,
    )


NOTES = (
    "error = predicted speed / measured speed - 1, every GPU predicted by constants fitted without its rows",
    "reference = leave-one-GPU-out error of the prototype on 27 rows (19 % Gemma 4, 10 % DiffusionGemma)",
    "batching gain = speed at the most canvases over speed at one, predicted against measured, same run",
    "priors and the form of the model were chosen with these rows in sight: a new GPU may do worse",
)


def leave_one_gpu_out(root: Path) -> list[Miss]:
    """Return the error of every usable row, predicted without any row of its GPU."""
    groups, priors = published_groups(root), fitted_priors(root)
    misses: list[Miss] = []
    for gpu in sorted({row.gpu for group in groups for row in group.rows}):
        constants = fit_constants(rows_on(gpu, groups, inside=False), priors=priors)
        for group in rows_on(gpu, groups, inside=True):
            errors = np.expm1(log_ratios(group, constants=constants)).tolist()
            misses += [Miss(row, error) for row, error in zip(group.rows, errors, strict=True)]
    return misses


def rows_on(gpu: str, groups: Iterable[RowGroup], *, inside: bool) -> list[RowGroup]:
    """Return the groups cut down to the rows on a GPU, or to all others."""
    kept = ((group, [i for i, row in enumerate(group.rows) if (row.gpu == gpu) is inside]) for group in groups)
    return [group.take(indices) for group, indices in kept if indices]


SCOPES: dict[str, Callable[[Miss], str]] = {
    "model": lambda miss: miss.contender,
    "model and GPU": lambda miss: f"{miss.contender} on {miss.row.gpu}",
    "source": lambda miss: f"{miss.row.set_name}: {miss.contender} on {miss.row.gpu}",
}


def _lines(scope: str, misses: Sequence[Miss], key: Callable[[Miss], str]) -> list[ErrorLine]:
    groups: dict[str, list[float]] = defaultdict(list)
    for miss in misses:
        groups[key(miss)].append(miss.error)
    return [_line(scope, group, errors, REFERENCE.get(group)) for group, errors in sorted(groups.items())]


def _line(scope: str, group: str, errors: Sequence[float], reference: float | None = None) -> ErrorLine:
    size = np.abs(errors)
    return ErrorLine(
        scope=scope,
        group=group,
        rows=len(errors),
        median=float(np.median(size)),
        p90=float(np.quantile(size, 0.9)),
        mean=float(size.mean()),
        bias=float(np.mean(errors)),
        reference=reference,
    )


def _gain_lines(misses: Sequence[Miss]) -> Iterable[ErrorLine]:
    """Compare predicted and measured batching gain of each block-diffusion run: from one canvas to the most."""
    runs: dict[tuple[str, str, int], list[Miss]] = defaultdict(list)
    for miss in misses:
        if miss.row.steps and miss.row.metric in SAME_RUN_METRICS:
            runs[miss.row.set_name, miss.row.gpu, miss.row.input_tokens].append(miss)
    for (name, gpu, prompt), run in sorted(runs.items()):
        first = [m for m in run if m.row.concurrency == 1]
        last = max(run, key=lambda m: min(m.row.concurrency, m.row.slots))
        if first and last.row.concurrency > 1:
            error = (1 + last.error) / (1 + first[0].error) - 1
            canvases = min(last.row.concurrency, last.row.slots)
            yield _line("batching gain", f"{name} on {gpu}, {prompt} in: 1 to {canvases} canvases", [error])


SAME_RUN_METRICS = frozenset({"output_tok_s", "batch_wall_s"})
