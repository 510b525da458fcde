"""The ways in which a measured figure misleads: one rule for each.

To add one, write what it says in one function, empty where all is well, and enter it in `RULES`. What only shows over
several runs is in `sweeps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from advisor.domain.load import RampLoad
from advisor.domain.run_figures import StopReason
from advisor.evidence.arithmetic import impossible, token_rate
from advisor.evidence.balance import broken_loop, not_settled, overloaded, short_loop
from advisor.evidence.client import connecting, held_back, late, slow
from advisor.evidence.seen import waiting_in_engine
from advisor.evidence.serving import (
    canvas_length,
    canvas_length_unknown,
    does_not_fit,
    engine_unknown,
    foreign_traffic,
    short_replies,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.evidence.seen import Seen

FAILED_SHARE = 0.01
"""Share of failed requests above which the rest no longer shows how the server does under that load (assumed)."""

FIXED_LENGTH_CV = 0.05
"""Variation of reply lengths (standard deviation over mean) below which they count as fixed (assumed)."""

LEAST_REQUESTS = 5
"""Completed requests below which nothing is said about a server (assumed)."""

PRECISE_SHARE = 0.03
"""Half width of a 95 % interval, over the figure, within which a run is precise: what campaigns ask for by default."""

CACHED_SHARE = 0.05
"""Share of prompt tokens found in a cache from which reading prompts is faster than it would be (assumed)."""

THROTTLED_SHARE = 0.05
"""Share of the readings of a GPU that show it slowed down from which the run does not show its usual speed (assumed)."""

THROTTLING = 0x08 | 0x20 | 0x40 | 0x80
"""NVML's bits for a GPU slowed down by heat or by a failing supply; its ordinary power limit (0x04) is none of them."""

THROTTLE_READING = "gpu_throttle_reasons"

REQUESTS_FOR = {"p95": 59, "p99": 299}
"""Requests of which the slowest lies above a percentile with 95 % probability: ln 0.05 / ln q."""

RANDOM = "random"


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked at: `says` is a sentence where the rule is broken, else empty. `voids` a run, or only flags it."""

    code: str
    voids: bool
    says: Callable[[Seen], str]
    source: str


def _nothing(seen: Seen) -> str:
    figures = seen.figures
    if not figures.completed:
        return f"none of {figures.requests} requests was completed{_named(figures.failures)}"
    return "" if figures.request_rate_rps and figures.output_tok_s else "no throughput was seen"


def _failures(seen: Seen) -> str:
    figures = seen.figures
    failed = sum(figures.failures.values())
    share = failed / max(figures.requests, failed, 1)
    return f"{failed} of {figures.requests} requests ({share:.1%}) failed{_named(figures.failures)}" if failed else ""


def _many_failures(seen: Seen) -> str:
    failed = sum(seen.figures.failures.values())
    too_many = seen.figures.completed and failed > FAILED_SHARE * max(seen.figures.requests, failed)
    return f"{_failures(seen)}; at most {FAILED_SHARE:.0%} may" if too_many else ""


def _some_failures(seen: Seen) -> str:
    return "" if _many_failures(seen) or not seen.figures.completed else _failures(seen)


def _named(failures: Mapping[str, int]) -> str:
    most_first = sorted(failures.items(), key=lambda item: (-item[1], item[0]))
    return f" ({', '.join(f'{count} {name}' for name, count in most_first)})" if failures else ""


def _drafted(seen: Seen) -> str:
    per_step = seen.figures.accepted_tokens_per_step
    if per_step is None or seen.conditions.speculative:
        return ""
    return f"the engine drafted ({per_step:.3g} tokens per verified step), and no drafter is named: it is another contender"


def _undrafted(seen: Seen) -> str:
    figures = seen.figures
    if not seen.conditions.speculative or figures.accepted_tokens_per_step is not None or figures.preemptions is None:
        return ""
    return f"{seen.conditions.speculative} is named, and the engine's counters show no draft"


def _too_few(seen: Seen) -> str:
    done = seen.figures.completed
    return f"{done} requests are no measurement, {LEAST_REQUESTS} are the least" if 0 < done < LEAST_REQUESTS else ""


def _ramp(seen: Seen) -> str:
    return "the rate changed all the time: no steady state" if isinstance(seen.load, RampLoad) else ""


def _no_canvases(seen: Seen) -> str:
    if not seen.diffuses or seen.figures.canvas is not None or not seen.figures.completed:
        return ""
    return "steps per canvas and how full canvases were are not known, and they decide the speed"


def _random_prompts(seen: Seen) -> str:
    if not seen.diffuses or RANDOM not in seen.conditions.workload.lower():
        return ""
    return f"the prompts of {seen.conditions.workload} are random tokens: canvases then run to the cap of steps"


def _throttled(seen: Seen) -> str:
    told = (sample.value for sample in seen.samples if sample.name.startswith(THROTTLE_READING))
    reasons = [int(value) for value in told if isfinite(value)]
    slowed = sum(1 for reason in reasons if reason & THROTTLING)
    if not reasons or slowed <= THROTTLED_SHARE * len(reasons):
        return ""
    return f"the GPU slowed itself down in {slowed / len(reasons):.0%} of its readings (heat or supply)"


def _halted(seen: Seen) -> str:
    return "it was stopped before its end" if seen.figures.stopped_by is StopReason.HALTED else ""


def _fixed_lengths(seen: Seen) -> str:
    figures = seen.figures
    if seen.concurrency is None or figures.completed <= 1 or figures.output_tokens_cv >= FIXED_LENGTH_CV:
        return ""
    return (
        f"reply lengths hardly differ (variation {figures.output_tokens_cv:.2g}), which makes a closed loop march in step: "
        "its time to first token is not used, its throughput is"
    )


def _few_requests(seen: Seen) -> str:
    done = seen.figures.completed
    short = [f"{name} ({needed} needed)" for name, needed in REQUESTS_FOR.items() if 0 < done < needed]
    return f"{done} requests say little about {' and '.join(short)}" if short else ""


def _not_precise(seen: Seen) -> str:
    figures = seen.figures
    widths = {"throughput": figures.throughput_half_width_share, "end-to-end time": figures.e2e_half_width_share}
    wide = [f"{name} to {share:.1%}" for name, share in widths.items() if share is not None and share > PRECISE_SHARE]
    if figures.stopped_by not in {StopReason.TIME, StopReason.COUNT}:
        return ""
    if figures.completed and None in widths.values() and not isinstance(seen.load, RampLoad):
        untold = " and ".join(name for name, share in widths.items() if share is None)
        return f"it ended by {figures.stopped_by} too soon to tell how precise its {untold} is"
    if not wide:
        return ""
    return f"it ended by {figures.stopped_by} with {' and '.join(wide)}, {PRECISE_SHARE:.0%} was wanted"


def _fewer_slots(seen: Seen) -> str:
    if seen.concurrency is None or seen.slots is None or seen.slots >= seen.concurrency:
        return ""
    return f"the engine served {seen.slots} of {seen.concurrency} in flight at once: it counts as a run of {seen.slots}"


def _queued(seen: Seen) -> str:
    waiting = waiting_in_engine(seen.load, seen.figures, slots=seen.slots)
    return (
        f"{waiting:.3g} of {seen.concurrency} requests waited inside the engine on average though it has slots for them: "
        "memory or the token budget is short"
        if waiting
        else ""
    )


def _preempted(seen: Seen) -> str:
    count = seen.figures.preemptions
    return f"memory for contexts ran out: {count} preemptions cost work that was done twice" if count else ""


def _cached(seen: Seen) -> str:
    share = seen.figures.cached_prompt_share
    return f"{share:.0%} of the prompt tokens were found in a cache and not read" if share > CACHED_SHARE else ""


def _random_weights(seen: Seen) -> str:
    if seen.conditions.weights != RANDOM:
        return ""
    return "the server ran with random weights: its replies, denoising steps and accepted drafts mean nothing"


METHODS = "methods section 1.6"
LOAD_GENERATORS = "comparison of load generators, decision"
ASSUMED = "assumed"

RULES = (
    Rule("nothing_completed", True, _nothing, ASSUMED),
    Rule("impossible", True, impossible, "arithmetic"),
    Rule("token_rate", True, token_rate, ASSUMED),
    Rule("foreign_traffic", True, foreign_traffic, ASSUMED),
    Rule("canvas_length", True, canvas_length, ASSUMED),
    Rule("failures", True, _many_failures, ASSUMED),
    Rule("halted", True, _halted, ASSUMED),
    Rule("little", True, broken_loop, METHODS),
    Rule("overload", True, overloaded, METHODS),
    Rule("too_few", True, _too_few, ASSUMED),
    Rule("drafter", True, _drafted, ASSUMED),
    Rule("no_canvas_figures", True, _no_canvases, METHODS),
    Rule("random_prompts", True, _random_prompts, METHODS),
    Rule("client_late", True, late, LOAD_GENERATORS),
    Rule("failures", False, _some_failures, ASSUMED),
    Rule("little", False, short_loop, METHODS),
    Rule("client_slow", False, slow, LOAD_GENERATORS),
    Rule("connection_setup", False, connecting, LOAD_GENERATORS),
    Rule("held_back", False, held_back, LOAD_GENERATORS),
    Rule("gpu_throttled", False, _throttled, ASSUMED),
    Rule("not_settled", False, not_settled, METHODS),
    Rule("no_drafts", False, _undrafted, ASSUMED),
    Rule("ramp", False, _ramp, ASSUMED),
    Rule("fixed_lengths", False, _fixed_lengths, METHODS),
    Rule("few_requests", False, _few_requests, "order statistics: 1 - q^n >= 0.95"),
    Rule("not_precise", False, _not_precise, LOAD_GENERATORS),
    Rule("short_replies", False, short_replies, ASSUMED),
    Rule("does_not_fit", False, does_not_fit, "the server's own max_model_len"),
    Rule("engine_unknown", False, engine_unknown, METHODS),
    Rule("canvas_length", False, canvas_length_unknown, ASSUMED),
    Rule("fewer_slots", False, _fewer_slots, METHODS),
    Rule("queued_in_engine", False, _queued, ASSUMED),
    Rule("preemptions", False, _preempted, "methods section 8"),
    Rule("cached_prompts", False, _cached, ASSUMED),
    Rule("random_weights", False, _random_weights, METHODS),
)
"""What voids a run, then what only qualifies it."""
