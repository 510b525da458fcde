"""Time to the first token of an autoregressive server that prefills between decode steps.

Knows the gated recursion of iteration lengths. Refuses to know how long a step or a prompt token takes.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from advisor.queueing.laws import Law
from advisor.queueing.station import FloatArray, Unstable
from advisor.queueing.stationary import Stationary


@dataclass(frozen=True, slots=True, kw_only=True)
class _Iterations:
    """Moments of the length of one iteration: a decode step plus the prompts that arrived during the last one."""

    rho: float  # share of time spent on prompts
    beta_s: float  # variance of queued prefill per second of arrivals
    mean_s: float
    second_s2: float
    third_s3: float

    @classmethod
    def of(cls, *, step_s: float, rate_rps: float, prompts_s: FloatArray) -> Self:
        """Return the first three moments of tau' = s + (compound Poisson work arriving during tau), stationary.

        Given tau the queued prefill has mean rho tau, variance beta tau and third central moment gamma tau.
        """
        s, rho = step_s, rate_rps * float(prompts_s.mean())
        if rho >= 1.0:
            raise Unstable(f"prefill alone takes {rho:.2f} of the time")
        beta_s = rate_rps * float((prompts_s**2).mean())
        gamma_s2 = rate_rps * float((prompts_s**3).mean())
        mean_s = s / (1.0 - rho)
        second_s2 = (s**2 + 2.0 * s * rho * mean_s + beta_s * mean_s) / (1.0 - rho**2)
        known_s3 = s**3 + 3.0 * s * (s * rho + beta_s) * mean_s + gamma_s2 * mean_s
        third_s3 = (known_s3 + 3.0 * rho * (s * rho + beta_s) * second_s2) / (1.0 - rho**3)
        return cls(rho=rho, beta_s=beta_s, mean_s=mean_s, second_s2=second_s2, third_s3=third_s3)


def admission_delay_s(*, step_s: float, rate_rps: float, prompts_s: FloatArray) -> tuple[float, float]:
    """Return mean [s] and second moment [s2] of the time until the iteration under way ends.

    Engines look at arrivals between iterations. One that falls into an iteration finds it length-biased and is uniform
    in it: ``E tau^2 / (2 E tau)`` and ``E tau^3 / (3 E tau)``.

    Parameters
    ----------
    step_s
        One step of all requests in service, prompts left out: a token, or a denoising pass.
    rate_rps
        Arrivals per second at one replica, whose prompts lengthen the iterations.
    prompts_s
        Time that the prompt of each of equally likely requests takes; shape ``(points,)``.

    Raises
    ------
    Unstable
        If prompts alone take all of the time.
    """
    steps = _Iterations.of(step_s=step_s, rate_rps=rate_rps, prompts_s=prompts_s)
    return steps.second_s2 / (2.0 * steps.mean_s), steps.third_s3 / (3.0 * steps.mean_s)


def prefill_law(
    state: Stationary,
    *,
    step_s: float,
    prefill_s_per_token: float,
    input_tokens: FloatArray,
    replicas: int = 1,
) -> Law:
    """Return the law of the time to first token of an autoregressive server with chunked prefill.

    Prompts that arrive during one iteration are prefilled in the next. An arrival falls into an iteration of
    length-biased length tau*, waits for the rest of it, U tau* with U uniform, and then sits through an iteration of
    one decode step s, its own prompt and those that arrived during the same tau*:

        mean     = (1/2 + rho) E[tau*] + s + own prefill
        variance = E[tau*^2] / 12 + (1/2 + rho)^2 Var tau* + beta E[tau*]

    with ``E[tau*^i] = E[tau^(i+1)] / E[tau]``. The decode step and the own prefill are certain; a gamma law describes
    the rest. A wait for a slot comes on top.

    Parameters
    ----------
    state
        The solved station; supplies the arrival rate and the wait for a slot.
    step_s
        Decode-only step at the operating point.
    prefill_s_per_token
        Prefill time of one prompt token.
    input_tokens
        Prompt lengths of equally likely requests; shape ``(points,)``. Bin them by *prompt length*: averages over
        bins of equal work would hide the spread that this law is about.
    replicas
        Servers behind ``state``, each of which prefills its share of the arrivals.

    Raises
    ------
    Unstable
        If prefill alone takes all of the time.
    ValueError
        If a time is not positive, a length negative or ``replicas`` below 1.

    Notes
    -----
    Against the recursion itself, prefill share 0.05-0.6: mean exact up to noise; p95 within 5 % and p99 within 13 % for prompts
    of CV 0.5; for heavy-tailed prompts (CV 1.3) p95 within 8 % and p99 up to 11 % too low. The recursion assumes
    that prompts fit into one iteration and that the server never rests, which overstates an idle server by half a
    step. Against an iteration-level simulation the mean was 2.7 % off up to load 0.8 (methods section 1.4).

    References
    ----------
    Own derivation in the manner of gated vacation models: Takagi, "Queueing Analysis", volume 1, 1991.
    """
    if not (step_s > 0 and prefill_s_per_token >= 0 and replicas >= 1 and input_tokens.min() >= 0):
        raise ValueError("step_s must be positive, prefill times and lengths not negative, replicas at least 1")
    prompts_s = input_tokens * prefill_s_per_token
    steps = _Iterations.of(step_s=step_s, rate_rps=state.arrival_rps / replicas, prompts_s=prompts_s)
    seen_s, seen_square_s2 = steps.second_s2 / steps.mean_s, steps.third_s3 / steps.mean_s
    variance_s2 = seen_square_s2 / 12.0 + (0.5 + steps.rho) ** 2 * (seen_square_s2 - seen_s**2) + steps.beta_s * seen_s
    certain_s = step_s + prompts_s
    return Law(
        means_s=certain_s + (0.5 + steps.rho) * seen_s,
        variances_s2=np.full_like(prompts_s, variance_s2),
        wait_probability=state.wait_probability,
        wait_given_wait_s=state.wait_given_wait_s,
        certain_s=certain_s,
    )
