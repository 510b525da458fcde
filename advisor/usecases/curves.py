"""The speed of each deployment at each number of requests in service: physics, corrected by evidence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.basis import Basis
from advisor.errors import InputError
from advisor.physics.diffusion import canvases_of
from advisor.physics.performance import Demand, Performance, demand_of, performance
from advisor.physics.shape import shape_of
from advisor.usecases.grounding.grounds import Lengths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.domain.deployment import Deployment
    from advisor.domain.model import ModelSpec, StepLaw
    from advisor.domain.requests import Requests
    from advisor.domain.workload import Workload
    from advisor.physics.constants import Constants
    from advisor.usecases.grounding.evidence import Evidence
    from advisor.usecases.grounding.grounds import Grounds
    from advisor.usecases.grounding.own_steps import OwnSteps
    from advisor.usecases.grounding.text_grounds import TextGrounds

    FloatArray = NDArray[np.float64]

GRID = np.array([1, 2, 3, 4, 6, 8, 16, 32, 64, 128, 256, 512], dtype=np.float64)
"""Requests in service at which the physics is evaluated; taking c/X as straight in between costs at most 1.1 %."""

IN_SERVICE = np.arange(1, int(GRID[-1]) + 1, dtype=np.float64)

Z_90 = 1.2815515655446004


@dataclass(frozen=True, slots=True)
class Work:
    """What each representative request asks of a model; arrays of one length.

    `turns` are output tokens or canvases, weighted by how many denoising passes each request's canvases take.
    `first_turn_share` is the share of those turns that is over when the first text shows. `passes_per_canvas` is 0 for a
    model without canvases. `own_steps` are the user's own denoising steps, None where others are used.
    """

    input_tokens: FloatArray
    prompt_tokens: FloatArray
    output_tokens: FloatArray
    turns: FloatArray
    first_turn_share: FloatArray
    passes_per_canvas: float
    demand: Demand
    own_steps: OwnSteps | None = None


def work_of(requests: Requests, *, workload: Workload, model: ModelSpec, evidence: Evidence | None = None) -> Work:
    """Return the work of a sample of requests on a model.

    Denoising steps vary between replies of one kind: lognormal with the published mean and 90th percentile, averaged
    over the canvases of a reply. An own `steps_per_canvas` replaces the mean and keeps the relative spread, and so do
    steps that the user's own runs counted, which `evidence` knows.
    """
    cached = 1.0 - workload.cached_prompt_share
    counted = evidence if model.canvas and workload.steps_per_canvas is None else None
    own = counted.own_steps(model, workload.content) if counted else None
    steps = steps_of(model, workload, own)
    demand = demand_of(requests, model=model, steps=steps, cached_prompt_share=workload.cached_prompt_share)
    turns, first = requests.output_tokens, np.zeros_like(requests.output_tokens)
    if model.canvas:
        canvases = canvases_of(requests.output_tokens, canvas_tokens=model.canvas.tokens)
        luck = _step_luck(model, workload, steps=steps, canvases=canvases, normal=requests.luck)
        turns, first = canvases * (steps * luck + 1.0) / (steps + 1.0), 1.0 / canvases
    return Work(
        input_tokens=requests.input_tokens,
        prompt_tokens=requests.input_tokens * cached,
        output_tokens=requests.output_tokens,
        turns=turns,
        first_turn_share=first,
        passes_per_canvas=steps + 1.0 if model.canvas else 0.0,
        demand=demand,
        own_steps=own,
    )


def steps_of(model: ModelSpec, workload: Workload, own: OwnSteps | None = None) -> float:
    """Return mean denoising steps per canvas for the workload's content; 0 for an autoregressive model.

    They are those asked for, else the user's own, else the published ones.

    Raises
    ------
    InputError
        If more steps are asked for than the model takes at most.
    """
    if model.canvas is None:
        return 0.0
    usual = min(own.mean, model.canvas.max_steps) if own else model.canvas.steps[workload.content].mean
    wanted = workload.steps_per_canvas or usual
    if wanted > model.canvas.max_steps:
        raise InputError(f"--steps {wanted:g}: {model.name} takes at most {model.canvas.max_steps} steps per canvas")
    return wanted


def _step_luck(
    model: ModelSpec, workload: Workload, *, steps: float, canvases: FloatArray, normal: FloatArray
) -> FloatArray:
    if model.canvas is None:
        return np.ones_like(canvases)
    sigma = log_sd_of_steps(model.canvas.steps[workload.content])
    averaged = np.sqrt(np.log1p(np.expm1(sigma**2) / canvases))
    luck = np.exp(averaged * normal - averaged**2 / 2.0)
    luck *= canvases.sum() / (canvases * luck).sum()
    return np.asarray(np.minimum(luck, model.canvas.max_steps / steps), dtype=np.float64)


def log_sd_of_steps(law: StepLaw) -> float:
    """Return the standard deviation of the logarithm of a canvas's steps, from their mean m and 90th percentile q.

    For a lognormal law ln(q/m) = z sigma - sigma^2 / 2.
    """
    return float(Z_90 - np.sqrt(max(Z_90**2 - 2.0 * np.log(max(law.p90 / law.mean, 1.0)), 0.0)))


@dataclass(frozen=True)
class Curve:
    """One replica: what each request costs it with n in service, n on `GRID`, evidence included.

    `steps_per_turn` are forward passes per output token (less than one with a drafter) or per canvas. `ttft_factor` is how
    many times as long as by formula the user's own runs waited for the first text, and `first_text` those runs.
    """

    deployment: Deployment
    work: Work
    turn_s: FloatArray
    steps_per_turn: float
    prefill_s_per_token: FloatArray
    ttft_s: FloatArray
    step_s: FloatArray
    grounds: Grounds
    ttft_factor: float = 1.0
    first_text: TextGrounds | None = None

    def basis_at(self, in_service: float) -> Basis:
        """Return how the speed at a load is known; simulated denoising steps make it simulated."""
        own = self.work.own_steps
        return Basis.SIMULATED if own and own.basis is Basis.SIMULATED else self.grounds.basis_at(in_service)

    def ttft_basis_at(self, in_service: float) -> Basis:
        """Return how the time to first token at a load is known: by formula, unless own runs anchor it.

        Closed loops with one in flight show no queue: beside them the speed at that load has to be measured too.
        """
        speed, found = self.basis_at(in_service), self.first_text
        if speed is Basis.SIMULATED:
            return speed
        if found is None or (found.alone and speed is not Basis.MEASURED):
            return Basis.MODELED
        return found.basis

    @cached_property
    def cycle_s(self) -> FloatArray:
        """Mean time of a request in service, on `GRID`."""
        demand = self.work.demand
        turns = demand.canvases if self.deployment.diffuses else demand.output_tokens
        return np.asarray(turns * self.turn_s + GRID * demand.input_tokens * self.prefill_s_per_token, dtype=np.float64)

    @cached_property
    def rates_rps(self) -> FloatArray:
        """Requests per second with 1, 2, ... in service; it may fall where more make everything slower."""
        return np.asarray(IN_SERVICE / np.interp(IN_SERVICE, GRID, self.cycle_s), dtype=np.float64)

    @cached_property
    def grid_rates_rps(self) -> FloatArray:
        """Requests per second on `GRID`; where more in service would be slower, the best rate so far."""
        return np.asarray(np.maximum.accumulate(GRID / self.cycle_s), dtype=np.float64)

    def top_rates_rps(self, slots: Sequence[int]) -> list[float]:
        """Return the most requests per second that each of these ascending numbers of slots completes.

        Read off the grid, and so a bound from above for what lies between: cheap enough for thousands of deployments.
        """
        ends = np.asarray(slots, dtype=np.float64)
        below = self.grid_rates_rps[np.searchsorted(GRID, ends, side="right") - 1]
        return np.maximum(ends / np.interp(ends, GRID, self.cycle_s), below).tolist()  # type: ignore[no-any-return]

    def at(self, values: FloatArray, in_service: float) -> float:
        """Return a figure of the curve at any number in service."""
        return float(np.interp(max(in_service, 1.0), GRID, values))

    def own_prefill_s(self, in_service: float) -> FloatArray:
        """Return the time that each representative request's own prompt takes, with that many in service [s]."""
        return self.work.prompt_tokens * self.at(self.prefill_s_per_token, in_service)

    def turns_s(self, in_service: float) -> FloatArray:
        """Return the time that each representative request writes, with that many in service [s].

        The prompts of the others ride on its steps, so they delay it in proportion to the steps it takes.
        """
        turns = self.work.turns
        others_s = max(in_service - 1.0, 0.0) * float(self.own_prefill_s(in_service).mean())
        return turns * (self.at(self.turn_s, in_service) + others_s / float(turns.mean()))

    @cached_property
    def grid_turns_s(self) -> FloatArray:
        """`turns_s` on all of `GRID` at once; shape (grid, requests)."""
        mean_s = self.prefill_s_per_token * float(self.work.prompt_tokens.mean())
        per_turn_s = self.turn_s + np.maximum(GRID - 1.0, 0.0) * mean_s / float(self.work.turns.mean())
        return np.multiply.outer(per_turn_s, self.work.turns)

    @cached_property
    def grid_work_s(self) -> FloatArray:
        """`request_work_s` on all of `GRID` at once; shape (grid, requests)."""
        return np.multiply.outer(self.prefill_s_per_token, self.work.prompt_tokens) + self.grid_turns_s

    def request_work_s(self, in_service: float) -> FloatArray:
        """Return the time in service of each representative request with that many in service [s]."""
        return self.own_prefill_s(in_service) + self.turns_s(in_service)


def curves(
    deployments: Sequence[Deployment], *, work: Work, content: str, constants: Constants, evidence: Evidence
) -> list[Curve]:
    """Return the curves of deployments of one contender, corrected by all evidence."""
    gained = accepted_tokens(deployments[0], content)
    shown = performance(
        deployments,
        shape=shape_of(deployments[0].model),
        constants=constants,
        demand=work.demand,
        in_service=GRID.reshape(1, -1),
        accepted_tokens=gained,
    )
    lengths = Lengths(float(work.input_tokens.mean()), float(work.output_tokens.mean()))
    grounds = evidence.grounds(deployments, grid=GRID, cycles_s=shown.cycle_s, lengths=lengths)
    return [
        _corrected(deployment, shown, row, work=work, grounds=ground, gained=gained)
        for row, (deployment, ground) in enumerate(zip(deployments, grounds, strict=True))
    ]


def _corrected(
    deployment: Deployment, shown: Performance, row: int, *, work: Work, grounds: Grounds, gained: float
) -> Curve:
    slower = 1.0 / grounds.factors
    turn_s = shown.turn_s[row] * slower
    steps_per_turn = work.passes_per_canvas or 1.0 / gained
    return Curve(
        deployment=deployment,
        work=work,
        turn_s=turn_s,
        steps_per_turn=steps_per_turn,
        prefill_s_per_token=shown.prefill_s_per_token[row] * slower,
        ttft_s=shown.ttft_s[row] * slower,
        step_s=turn_s / steps_per_turn,
        grounds=grounds,
    )


def accepted_tokens(deployment: Deployment, content: str) -> float:
    """Return tokens per verified step of a drafted deployment on this content; 1 without a drafter."""
    drafter = deployment.drafter
    return (
        next((rate.value for kind, rate in drafter.accepted_tokens.items() if kind == content), 1.0) if drafter else 1.0
    )
