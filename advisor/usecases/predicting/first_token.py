"""Time to the first token, from closed-loop runs: in one of three ways, by how the model writes and what is known.

Prompts read between the steps of an autoregressive server; the first canvas of a block-diffusion server as the first part
of its work; or, where neither can be told, the TTFT of the closed loop as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from advisor.domain.model import Decode
from advisor.evidence import gamma_lattice, level_curve, scv_of_p95
from advisor.queueing import FloatArray, Law, prefill_law, size_bins, sojourn_law
from advisor.usecases.predicting.closed_loop import DRAWN, UNKNOWN_SCV, ClosedLoop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.evidence import LevelCurve
    from advisor.queueing import FleetState

FOLLOWS_E2E = 0.6
"""Growth of TTFT over that of e2e from which the first text counts as a part of the work."""
CANVAS_SHARE = 0.2
"""TTFT over e2e from which the first text may be a canvas."""
LEVELS_NEEDED = 2
SLOWDOWNS = 101
MS_PER_S = 1e3


class FirstToken(Protocol):
    """How the first token comes about."""

    def law(self, fleet: FleetState) -> Law:
        """Return the law of TTFT of a solved fleet."""
        ...

    @property
    def note(self) -> str:
        """What is assumed, as a sentence."""
        ...


def in_service(fleet: FleetState) -> float:
    """Return the requests in service per replica, on average, the one that is looked at included."""
    return max((fleet.state.mean_in_system - fleet.state.mean_waiting) / fleet.replicas, 1.0)


@dataclass(frozen=True)
class Prompts:
    """An autoregressive server: prompts that arrive during one iteration are read in the next (methods section 1.4).

    Attributes
    ----------
    prefill_s_per_token
        Time that one prompt token takes, which holds up everybody.
    step
        Seconds of a step without prompts, by requests in service.
    input_tokens
        Mean prompt length.
    input_scv
        Squared coefficient of variation of prompt lengths.
    fixed_s
        Part of TTFT that holds up nobody else: network, tokenizing, scheduling.
    """

    prefill_s_per_token: float
    step: LevelCurve
    input_tokens: float
    input_scv: float
    fixed_s: float = 0.0

    @property
    def lengths(self) -> FloatArray:
        """Equally likely prompt lengths [tokens]."""
        return gamma_lattice(self.input_scv, points=DRAWN) * self.input_tokens

    @property
    def prompt_s(self) -> float:
        """Mean time that reading a prompt takes."""
        return self.input_tokens * self.prefill_s_per_token

    def law(self, fleet: FleetState) -> Law:
        """Return the law of the time to the first token.

        Raises
        ------
        Unstable
            If prompts alone take all of the time.
        """
        read = prefill_law(
            fleet.state,
            step_s=float(self.step.at(in_service(fleet))),
            prefill_s_per_token=self.prefill_s_per_token,
            input_tokens=_binned(self.lengths),
            replicas=fleet.replicas,
        )
        return read.delayed(mean_s=self.fixed_s, second_s2=self.fixed_s**2)

    @property
    def note(self) -> str:
        """What is assumed of prompts."""
        fixed = f" beside {self.fixed_s * MS_PER_S:.3g} ms that hold up nobody" if self.fixed_s else ""
        return (
            f"TTFT: prompts of {self.input_tokens:.0f} tokens (squared variation {self.input_scv:.2g}) take "
            f"{self.prefill_s_per_token * 1e6:.3g} us per token{fixed}, read between decode steps; TTFT of the closed loop is "
            "used with the fewest in flight only, as arrivals there keep step with completions"
        )


@dataclass(frozen=True)
class FirstCanvas:
    """A block-diffusion server: prompt and first canvas are the first part of the work.

    Attributes
    ----------
    sizes
        That part of equally likely requests, relative to the work of a mean request.
    limit, scv
        The same as a gamma law of its own, of mean ``limit`` and this squared variation, cut at the work of each request.
    """

    sizes: FloatArray
    limit: float
    scv: float

    def law(self, fleet: FleetState) -> Law:
        """Return the law of the time to the first canvas."""
        return sojourn_law(fleet.state, sizes=self.sizes)

    @property
    def note(self) -> str:
        """What is assumed of the first canvas."""
        return (
            f"TTFT: prompt and first canvas are {self.sizes.mean():.0%} of the work of a mean request (block diffusion; "
            "a model that writes token by token needs --decode autoregressive)"
        )


@dataclass(frozen=True)
class AsSeen:
    """A server of which only the TTFT of its closed loop is known: that of as many in service as an arrival finds.

    Attributes
    ----------
    ttft
        Seconds to the first token, by requests in service.
    scv
        Squared coefficient of variation of TTFT among requests with equally many in service.
    slowdowns_s
        Seconds per unit of work with 1..K in service; shape ``(K,)``.
    """

    ttft: LevelCurve
    scv: float
    slowdowns_s: FloatArray

    def law(self, fleet: FleetState) -> Law:
        """Return TTFT mixed over what arrivals find, plus their wait for a slot.

        What they find is read off the slow-down, whose mean and variance over arrivals are known for every routing rule.
        """
        mean_s, variance_s2 = fleet.state.slowdown_s, fleet.state.slowdown_variance_s2
        seen_s = mean_s * gamma_lattice(variance_s2 / mean_s**2, points=SLOWDOWNS)
        ascending_s = np.maximum.accumulate(self.slowdowns_s)
        found = np.interp(seen_s, ascending_s, np.arange(1.0, ascending_s.size + 1.0))
        means_s = self.ttft.at(found)
        return Law(means_s, self.scv * means_s**2, fleet.state.wait_probability, fleet.state.wait_given_wait_s)

    @property
    def note(self) -> str:
        """What is assumed of the closed loop."""
        return "TTFT: that of the closed loop with as many in flight as an arrival finds, plus the wait for a slot"


def first_token(loop: ClosedLoop, decode: Decode | None) -> FirstToken | None:
    """Return how the first token of a server comes about; None where the profile has no TTFT.

    Parameters
    ----------
    loop
        The closed-loop profile.
    decode
        How the model writes, where the user says so.
    """
    if (decode or recognized(loop)) is Decode.BLOCK_DIFFUSION and first_share(loop):
        return _first_canvas(loop)
    return _prompts(loop) or _as_seen(loop)


def recognized(loop: ClosedLoop) -> Decode:
    """Return how the model seems to write: in canvases where TTFT is a good part of e2e and grows as e2e does."""
    runs = [level.run for level in loop.levels if level.run.ttft_mean_ms is not None and not level.waits]
    if len(runs) < LEVELS_NEEDED or runs[0] is not loop.lowest:
        return Decode.AUTOREGRESSIVE
    low, high = runs[0], runs[-1]
    growth = (high.ttft_mean_ms or 0.0) / (low.ttft_mean_ms or 1.0) / (high.whole_s / low.whole_s)
    canvases = growth > FOLLOWS_E2E and first_share(loop) >= CANVAS_SHARE
    return Decode.BLOCK_DIFFUSION if canvases else Decode.AUTOREGRESSIVE


def first_share(loop: ClosedLoop) -> float:
    """Return TTFT over e2e with the fewest in flight; 0 where TTFT is not known."""
    return min((loop.lowest.ttft_mean_ms or 0.0) / MS_PER_S / loop.lowest.whole_s, 1.0)


def _first_canvas(loop: ClosedLoop) -> FirstCanvas:
    """Return the first canvas, as variable as TTFT is with the fewest in flight.

    Without that figure it takes everybody equally long, but never longer than the whole reply.
    """
    share, p95_ms, mean_ms = first_share(loop), loop.lowest.ttft_p95_ms, loop.lowest.ttft_mean_ms
    work = gamma_lattice(loop.work_scv, points=DRAWN)
    if p95_ms is None or mean_ms is None:
        limit = _limit(np.ones(DRAWN), work, share=share)
        return FirstCanvas(_binned(np.minimum(work, limit)), limit, scv=0.0)
    scv = scv_of_p95(p95_ms / mean_ms)
    drawn = gamma_lattice(scv, points=DRAWN)
    limit = _limit(np.random.default_rng(0).permutation(drawn), work, share=share)
    return FirstCanvas(share * _binned(drawn), limit, scv)


def _binned(sizes: FloatArray) -> FloatArray:
    return size_bins(sizes).average(sizes)


def _limit(firsts: FloatArray, work: FloatArray, *, share: float) -> float:
    """Return the factor of first parts that, cut at the work, make up a share of it on average, by bisection."""
    low, high = 0.0, float(work.max())
    while high - low > 1e-6 * high:
        middle = (low + high) / 2.0
        low, high = (middle, high) if np.minimum(middle * firsts, work).mean() < share * work.mean() else (low, middle)
    return high


def _prompts(loop: ClosedLoop) -> Prompts | None:
    """Return how prompts are read, None where lengths are not known or the figures contradict each other."""
    known = [(level, level.tpot_s) for level in loop.levels]
    steps = [(level, tpot_s) for level, tpot_s in known if tpot_s is not None and tpot_s > 0]
    tokens, ttft_ms = loop.input_tokens, loop.lowest.ttft_mean_ms
    if tokens is None or ttft_ms is None or len(steps) < LEVELS_NEEDED or steps[0][0].run is not loop.lowest:
        return None
    alone_s = steps[0][1]
    before_s = max(ttft_ms / MS_PER_S - alone_s, 0.0)
    rates = [(level.run.request_rate_rps, tpot_s) for level, tpot_s in steps]
    reading_s = _reading_s(before_s, rates)
    decoding_s = [tpot_s * (1.0 - rate_rps * reading_s) for rate_rps, tpot_s in rates]
    if min(decoding_s) <= 0 or loop.station.saturation_rps * reading_s >= 1.0:
        return None
    return Prompts(
        prefill_s_per_token=reading_s / tokens,
        step=level_curve([level.in_service for level, _ in steps], decoding_s),
        input_tokens=tokens,
        input_scv=_input_scv(loop, reading_s=reading_s, step_s=alone_s + before_s - reading_s),
        fixed_s=before_s - reading_s,
    )


def _reading_s(before_s: float, rates: Sequence[tuple[float, float]]) -> float:
    """Return how much of the time before the first step holds up others.

    TTFT of a request alone contains what no other feels. What others feel is bounded by the throughput: a step without
    prompts, ``TPOT(c) (1 - X(c) reading)``, is no shorter with c in flight than with the fewest. `rates` are X(c)
    [requests/s] and TPOT(c) [s] by rising c.
    """
    (lowest_rps, alone_s), *more = rates
    excess = ((tpot_s - alone_s, tpot_s * rate_rps - alone_s * lowest_rps) for rate_rps, tpot_s in more)
    return min([before_s, *(max(slower_s, 0.0) / busier for slower_s, busier in excess if busier > 0)])


def _input_scv(loop: ClosedLoop, *, reading_s: float, step_s: float) -> float:
    """Return the squared variation of prompt lengths: TTFT of one request alone is a step and its prompt."""
    p95_ms = loop.lowest.ttft_p95_ms
    if p95_ms is None or reading_s <= 0:
        return UNKNOWN_SCV
    return scv_of_p95((p95_ms / MS_PER_S - step_s) / reading_s)


def _as_seen(loop: ClosedLoop) -> AsSeen | None:
    runs = [(level.in_service, level.run) for level in loop.levels if not level.waits]
    seen = [(count, run.ttft_mean_ms / MS_PER_S) for count, run in runs if run.ttft_mean_ms is not None]
    if not seen:
        return None
    p95_ms, mean_ms = loop.lowest.ttft_p95_ms, loop.lowest.ttft_mean_ms
    return AsSeen(
        ttft=level_curve([count for count, _ in seen], [ttft_s for _, ttft_s in seen]),
        scv=0.0 if p95_ms is None or mean_ms is None else scv_of_p95(p95_ms / mean_ms),
        slowdowns_s=loop.station.slowdowns_s,
    )
