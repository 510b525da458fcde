"""What a reader of a prediction must know about the profile behind it (methods section 1.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.answer import Caution
from advisor.usecases.predicting.first_token import AsSeen, Prompts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.server_profile import ServerProfile
    from advisor.usecases.predicting.closed_loop import ClosedLoop
    from advisor.usecases.predicting.first_token import FirstToken

LITTLE_TOLERANCE = 0.05
SLOWER = 0.05
"""Loss of throughput against the best level from which it counts."""
LEVELS_WANTED = 3
SAME_LENGTHS = 0.2


def profile_cautions(loop: ClosedLoop, first: FirstToken | None) -> tuple[Caution, ...]:
    """Return one sentence on each thing that makes a profile say less than it seems to."""
    return (*_shape(loop), *_little(loop.profile), *_lengths(loop.profile), *_first_token(loop, first))


def _shape(loop: ClosedLoop) -> Iterator[Caution]:
    levels = loop.profile.levels
    highest = levels[-1].concurrency
    if len(levels) < LEVELS_WANTED:
        yield Caution(
            code="few_levels",
            message=f"{len(levels)} concurrencies leave the curve between them open; three or more show it",
        )
    if loop.lowest.concurrency > 1:
        yield Caution(
            code="no_single_stream",
            message=f"speeds below {loop.lowest.concurrency} in flight are extrapolated; measure with 1 in flight too",
        )
    if loop.asked is not None and loop.asked > highest:
        yield Caution(
            code="beyond_measured_range",
            message=f"the server has {loop.asked} slots and was measured with up to {highest} in flight: "
            "the prediction lets it serve no more at once",
        )
    if not loop.saturated:
        yield Caution(
            code="not_saturated",
            message=f"throughput still grows at {highest} in flight: saturation is a lower bound, and latencies close to it are too "
            "long; measure with more in flight",
        )
    yield from _fall(loop)


def _fall(loop: ClosedLoop) -> Iterator[Caution]:
    last, best = loop.levels[-1].run, loop.best
    if loop.asked is not None and last.request_rate_rps < (1.0 - SLOWER) * best.request_rate_rps:
        yield Caution(
            code="slower_when_full",
            message=f"with all {loop.slots} slots busy the server is slower than with {best.concurrency}: set max_num_seqs to that",
        )
    highest = loop.profile.levels[-1]
    if loop.asked is None and highest.request_rate_rps < (1.0 - SLOWER) * best.request_rate_rps:
        yield Caution(
            code="throughput_falls",
            message=f"throughput falls beyond {best.concurrency} in flight: the prediction lets the rest wait, "
            f"which the server does only with max_num_seqs {best.concurrency}",
        )


def _little(profile: ServerProfile) -> Iterator[Caution]:
    off = {
        run.concurrency: run.e2e_mean_s / run.cycle_s - 1.0
        for run in profile.levels
        if run.e2e_mean_s is not None and abs(run.e2e_mean_s / run.cycle_s - 1.0) > LITTLE_TOLERANCE
    }
    if off:
        worst = max(off, key=lambda c: abs(off[c]))
        yield Caution(
            code="little",
            message=f"rate times e2e is not the concurrency at {', '.join(map(str, off))} in flight ({off[worst]:+.0%} at {worst}): "
            "the loop was not always full, or a figure is wrong",
        )


def _lengths(profile: ServerProfile) -> Iterator[Caution]:
    for name, noun in (("input_tokens", "prompts"), ("output_tokens", "replies")):
        known = [getattr(run, name) for run in profile.levels if getattr(run, name) is not None]
        if known and max(known) > (1.0 + SAME_LENGTHS) * min(known):
            yield Caution(
                code="lengths_differ",
                message=f"{noun} are {min(known):g} to {max(known):g} tokens long: levels do not compare",
            )


def _first_token(loop: ClosedLoop, first: FirstToken | None) -> Iterator[Caution]:
    if isinstance(first, AsSeen):
        yield Caution(
            code="closed_loop_ttft",
            message="TTFT is that of the closed loop, where arrivals keep step with completions: for an autoregressive server it is "
            "33 to 48 % too low with spread reply lengths, and far too high with fixed ones; add input_tokens and "
            "output_tokens, or an open-loop run",
        )
    elif isinstance(first, Prompts) and not loop.profile.anchors:
        yield Caution(
            code="ttft_without_anchor",
            message="TTFT of real servers was 23 to 30 % off where no open-loop run was known; add one at a third of saturation "
            "(a row without concurrency)",
        )
