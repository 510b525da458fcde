"""Denoising steps per canvas as the user's own runs counted them: they replace the published ones of the content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.answer import CitedSource
from advisor.domain.basis import Basis
from advisor.usecases.grounding.text_grounds import run_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.model import Content
    from advisor.domain.profiled import ProfiledRun

RANDOM = "random"
"""Weights of a server whose denoising steps mean nothing."""


@dataclass(frozen=True, slots=True)
class OwnSteps:
    """Mean denoising steps per canvas over runs of one model and content."""

    mean: float
    content: Content
    runs: tuple[ProfiledRun, ...]

    @property
    def basis(self) -> Basis:
        """How the steps are known."""
        return self.runs[0].basis

    def sources(self) -> tuple[CitedSource, ...]:
        """Return one entry per campaign, dated by its newest run."""
        newest = {run.campaign_id: run for run in sorted(self.runs, key=lambda run: run.measured_at)}
        return tuple(
            CitedSource(
                kind="steps",
                title=f"denoising steps on {self.content}, {self.basis}: {run_in_words(run)}",
                url=None,
                date=run.measured_at.date(),
            )
            for run in newest.values()
        )


def counts_steps(run: ProfiledRun) -> bool:
    """Return whether the denoising steps of a run mean something: it counted them, on trained weights, on a known content."""
    return run.figures.canvas is not None and run.conditions.content is not None and run.conditions.weights != RANDOM


def steps_shown(runs: Sequence[ProfiledRun], content: Content) -> OwnSteps | None:
    """Return the mean over runs of one model and content, each weighted by its canvases; None without any run.

    Simulated runs say nothing beside measured ones.
    """
    kept = [run for run in runs if run.basis is Basis.MEASURED] or list(runs)
    canvases = [run.figures.canvas for run in kept if run.figures.canvas]
    if not canvases:
        return None
    weights = [max(canvas.canvases, 1.0) for canvas in canvases]
    mean = float(np.average([canvas.steps_per_canvas for canvas in canvases], weights=weights))
    return OwnSteps(mean, content, tuple(kept))
