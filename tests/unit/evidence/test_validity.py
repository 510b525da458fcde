"""Which runs count, and what is said of those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.domain.campaign import RunRules
from advisor.domain.load import ClosedLoad, Load, OpenLoad, RampLoad, TraceLoad
from advisor.domain.run_figures import CanvasFigures, Percentiles, RunFigures, StopReason, Verdict
from advisor.domain.timing import Sample
from advisor.evidence.rules import PRECISE_SHARE, REQUESTS_FOR, RULES
from advisor.evidence.seen import LITTLE_TOLERANCE, in_service, loop_error, slots_of, waiting_in_engine
from advisor.evidence.validity import judge
from tests.runs import CANVAS, CONCURRENCY, conditions, figures

if TYPE_CHECKING:
    from collections.abc import Sequence

CLOSED = ClosedLoad(concurrency=CONCURRENCY)
OPEN = OpenLoad(rate_rps=2.0)
QUICK = Percentiles(mean=3.0, p50=3.0)
E2E_S = CONCURRENCY / 2.0


def judged(
    load: Load = CLOSED,
    *,
    under: dict[str, Any] | None = None,
    diffuses: bool = False,
    samples: Sequence[Sample] = (),
    asked: dict[str, int] | None = None,
    **showing: Any,
) -> Verdict:
    told = {"canvas_tokens": 256 if diffuses else None, **(asked or {})}
    return judge(conditions(**(under or {})), load, figures(**showing), diffuses=diffuses, samples=samples, **told)


def canvases_of(length_tokens: float | None) -> CanvasFigures:
    return CANVAS.model_copy(update={"length_tokens": length_tokens})


def rising(p50: float | None, p95: float | None, p99: float | None) -> Percentiles:
    return Percentiles(mean=E2E_S, p50=p50, p95=p95, p99=p99)


def throttled(*reasons: int) -> list[Sample]:
    return [Sample(float(i), "gpu_throttle_reasons", float(reason)) for i, reason in enumerate(reasons)]


def e2e(mean_s: float) -> Percentiles:
    """Return end-to-end times that hardly differ: chance explains nothing then but the ends of a run."""
    return Percentiles(mean=mean_s, p50=mean_s, p95=mean_s, p99=mean_s)


def codes(texts: tuple[str, ...]) -> list[str]:
    return [text.partition(": ")[0] for text in texts]


def test_a_run_without_fault_counts_and_nothing_is_said_of_it() -> None:
    assert judged() == Verdict(valid=True)
    assert judged(diffuses=True, canvas=CANVAS) == Verdict(valid=True)
    assert judged(OPEN, in_flight_trend_p=0.4, ttft_trend_p=0.6) == Verdict(valid=True)


VOIDED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("nothing_completed", {"completed": 0, "failures": {"http_500": 400}}, {}),
    ("nothing_completed", {"output_tok_s": 600.0, "request_rate_rps": 0.0}, {}),
    ("impossible", {"completed": 401}, {"completed": 400}),
    ("impossible", {"e2e_s": rising(3.0, 2.9, 9.0)}, {"e2e_s": rising(3.0, 3.0, 9.0)}),
    ("impossible", {"e2e_s": rising(9.0, None, 8.0)}, {"e2e_s": rising(8.0, None, 8.0)}),
    ("impossible", {"tpot_ms": rising(1.0, 3.0, 2.0)}, {"tpot_ms": rising(1.0, 2.0, 2.0)}),
    (
        "impossible",
        {"ttft_ms": Percentiles(mean=1.01e3 * E2E_S, p50=50.0)},
        {"ttft_ms": Percentiles(mean=1e3 * E2E_S, p50=50.0)},
    ),
    (
        "impossible",
        {"load": OPEN, "request_rate_rps": 2.8, "output_tok_s": 840.0},
        {"load": OPEN, "request_rate_rps": 2.6, "output_tok_s": 780.0},
    ),
    ("token_rate", {"output_tokens_mean": 500.0}, {"output_tokens_mean": 380.0}),
    ("token_rate", {"output_tokens_mean": 200.0}, {"output_tokens_mean": 230.0}),
    ("token_rate", {"output_tokens_mean": 500.0, "completed": 400}, {"output_tokens_mean": 500.0, "completed": 12}),
    ("foreign_traffic", {"foreign_requests": 5}, {"foreign_requests": 4}),
    ("foreign_traffic", {"requests": 40, "completed": 40, "foreign_requests": 4}, {"foreign_requests": None}),
    (
        "canvas_length",
        {"diffuses": True, "canvas": canvases_of(128.0)},
        {"diffuses": True, "canvas": canvases_of(252.0)},
    ),
    (
        "canvas_length",
        {"diffuses": True, "canvas": canvases_of(256.0), "asked": {"canvas_tokens": 32}},
        {"diffuses": True, "canvas": canvases_of(32.0), "asked": {"canvas_tokens": 32}},
    ),
    ("failures", {"failures": {"http_500": 5}, "completed": 395}, {"failures": {"http_500": 4}, "completed": 396}),
    ("halted", {"stopped_by": StopReason.HALTED}, {"stopped_by": StopReason.TRACE_ENDED}),
    ("little", {"e2e_s": e2e(E2E_S * 1.051)}, {"e2e_s": e2e(E2E_S * 1.049)}),
    ("little", {"e2e_s": e2e(E2E_S * 0.949)}, {"e2e_s": e2e(E2E_S * 0.951)}),
    ("too_few", {"completed": 4}, {"completed": 5}),
    (
        "drafter",
        {"accepted_tokens_per_step": 2.6},
        {"accepted_tokens_per_step": 2.6, "under": {"speculative": "mtp"}},
    ),
    ("client_late", {"lateness_p99_ms": 5.1}, {"lateness_p99_ms": 4.9}),
    ("client_late", {"lateness_p99_ms": 1.1, "ttft_ms": QUICK}, {"lateness_p99_ms": 0.9, "ttft_ms": QUICK}),
    (
        "overload",
        {"load": OPEN, "in_flight_trend_p": 0.009, "ttft_trend_p": 0.009},
        {"load": OPEN, "in_flight_trend_p": 0.009, "ttft_trend_p": 0.011},
    ),
    (
        "overload",
        {"load": TraceLoad(), "in_flight_trend_p": 0.001, "ttft_trend_p": 0.002},
        {"load": TraceLoad(), "in_flight_trend_p": 0.001, "ttft_trend_p": None},
    ),
    ("no_canvas_figures", {"diffuses": True}, {"diffuses": True, "canvas": CANVAS}),
    (
        "random_prompts",
        {"diffuses": True, "canvas": CANVAS, "under": {"workload": "random"}},
        {"diffuses": False, "under": {"workload": "random"}},
    ),
]


@pytest.mark.parametrize(("code", "beyond", "within"), VOIDED, ids=[f"{c[0]}-{i}" for i, c in enumerate(VOIDED)])
def test_a_run_beyond_a_limit_is_void_and_one_within_counts(
    code: str, beyond: dict[str, Any], within: dict[str, Any]
) -> None:
    void = judged(**beyond)
    assert not void.valid
    assert code in codes(void.reasons)
    assert judged(**within).valid


FLAGGED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("failures", {"failures": {"http_429": 1}, "completed": 399}, {}),
    ("little", {"completed": 40, "e2e_s": e2e(E2E_S * 1.06)}, {"completed": 40, "e2e_s": e2e(E2E_S * 1.04)}),
    (
        "little",
        {"completed": 40, "e2e_s": Percentiles(mean=E2E_S * 1.15, p50=E2E_S, p95=E2E_S * 2.5, p99=E2E_S * 3)},
        {"completed": 40, "e2e_s": Percentiles(mean=E2E_S * 1.04, p50=E2E_S, p95=E2E_S * 2.5, p99=E2E_S * 3)},
    ),
    (
        "not_settled",
        {"load": OPEN, "in_flight_trend_p": 0.001, "ttft_trend_p": 0.001, "duration_s": 9.9 * E2E_S},
        {"load": OPEN, "in_flight_trend_p": 0.001, "ttft_trend_p": 0.02, "duration_s": 9.9 * E2E_S},
    ),
    (
        "no_drafts",
        {"under": {"speculative": "mtp"}, "preemptions": 0},
        {"under": {"speculative": "mtp"}, "preemptions": None},
    ),
    ("short_replies", {"asked_tokens_mean": 340.0}, {"asked_tokens_mean": 330.0}),
    ("short_replies", {"asked_tokens_mean": 1000.0}, {"asked_tokens_mean": None}),
    (
        "does_not_fit",
        {"asked": {"room_tokens": 2048, "longest_tokens": 2049}},
        {"asked": {"room_tokens": 2048, "longest_tokens": 2048}},
    ),
    ("engine_unknown", {"under": {"engine": ""}}, {"under": {"engine": "sglang"}}),
    ("engine_unknown", {"under": {"engine_version": ""}}, {}),
    (
        "canvas_length",
        {"diffuses": True, "canvas": canvases_of(None)},
        {"diffuses": True, "canvas": canvases_of(256.0)},
    ),
    ("connection_setup", {"connecting_p95_ms": 5.1}, {"connecting_p95_ms": 4.9}),
    (
        "not_precise",
        {"stopped_by": StopReason.COUNT, "throughput_half_width_share": None},
        {"stopped_by": None, "throughput_half_width_share": None},
    ),
    ("client_slow", {"client_lag_p99_ms": 5.1}, {"client_lag_p99_ms": 4.9}),
    ("held_back", {"load": OPEN, "held_back_requests": 1}, {"load": OPEN, "held_back_requests": 0}),
    ("gpu_throttled", {"samples": throttled(0x40, 0x20, *[0] * 18)}, {"samples": throttled(0x08, *[0x04] * 19)}),
    ("ramp", {"load": RampLoad(from_rps=0.0, to_rps=4.0, duration_s=60.0)}, {"load": OPEN}),
    ("fixed_lengths", {"output_tokens_cv": 0.049}, {"output_tokens_cv": 0.05}),
    ("fixed_lengths", {"output_tokens_cv": 0.0}, {"load": OPEN, "output_tokens_cv": 0.0}),
    ("few_requests", {"completed": 298}, {"completed": 299}),
    (
        "not_precise",
        {"stopped_by": StopReason.TIME, "throughput_half_width_share": 0.031},
        {"stopped_by": StopReason.TIME, "throughput_half_width_share": 0.03},
    ),
    (
        "not_precise",
        {"stopped_by": StopReason.COUNT, "e2e_half_width_share": 0.2},
        {"stopped_by": StopReason.TRACE_ENDED, "e2e_half_width_share": 0.2},
    ),
    ("fewer_slots", {"under": {"max_num_seqs": 7}}, {"under": {"max_num_seqs": 8}}),
    (
        "fewer_slots",
        {"diffuses": True, "canvas": CANVAS, "under": {"max_num_batched_tokens": 2047}},
        {"diffuses": True, "canvas": CANVAS, "under": {"max_num_batched_tokens": 2048}},
    ),
    ("queued_in_engine", {"engine_queue_mean": 0.41}, {"engine_queue_mean": 0.39}),
    ("preemptions", {"preemptions": 1}, {"preemptions": None}),
    ("cached_prompts", {"cached_prompt_share": 0.06}, {"cached_prompt_share": 0.05}),
    ("random_weights", {"under": {"weights": "random"}}, {"under": {"weights": "trained"}}),
]


@pytest.mark.parametrize(("code", "beyond", "within"), FLAGGED, ids=[f"{c[0]}-{i}" for i, c in enumerate(FLAGGED)])
def test_what_only_qualifies_a_run_is_flagged_beyond_its_limit_and_the_run_counts(
    code: str, beyond: dict[str, Any], within: dict[str, Any]
) -> None:
    flagged = judged(**beyond)
    assert flagged.valid
    assert code in codes(flagged.flags)
    assert code not in codes(judged(**within).flags)


def test_every_rule_has_a_case_on_each_side_of_its_limit() -> None:
    cases = {(True, code) for code, *_ in VOIDED} | {(False, code) for code, *_ in FLAGGED}
    assert cases == {(rule.voids, rule.code) for rule in RULES}


def test_sentences_have_the_figures_in_them() -> None:
    (late,) = judged(lateness_p99_ms=12.5).reasons
    told = "the client itself was up to 12.5 ms late (p99), more than a tenth of the median time to first token (50 ms)"
    assert late == f"client_late: {told}"
    (failed,) = judged(failures={"http_500": 8, "stalled": 2}, completed=390).reasons
    assert failed == "failures: 10 of 400 requests (2.5%) failed (8 http_500, 2 stalled); at most 1% may"
    (little,) = judged(e2e_s=e2e(E2E_S * 1.25)).reasons
    assert "is 10, not the 8 in flight (+25%)" in little


def test_a_run_that_failed_as_a_whole_is_told_once() -> None:
    verdict = judged(completed=0, failures={"connection_refused": 400}, e2e_s=None, ttft_ms=None)
    assert verdict.reasons == ("nothing_completed: none of 400 requests was completed (400 connection_refused)",)
    assert verdict.flags == ()


def test_what_contradicts_itself_is_told_with_the_figures() -> None:
    (told,) = judged(completed=900, requests=400, e2e_s=rising(9.0, 4.0, None)).reasons
    assert told == (
        "impossible: 900 requests completed of 400 sent; p50 of the end-to-end time is 9 and above its p95 of 4"
    )
    (rate,) = judged(output_tok_s=600.0, request_rate_rps=2.0, output_tokens_mean=30.0).reasons
    assert (
        rate
        == "token_rate: 600 output tokens/s are 10 times the 2 requests/s of 30 tokens each: one of the three is wrong"
    )


def test_a_run_that_was_shared_says_by_how_many_requests() -> None:
    (told,) = judged(foreign_requests=37).reasons
    assert told.startswith("foreign_traffic: the server finished 37 more requests than were sent to it")


def test_replies_that_the_model_ended_are_told_with_what_was_asked_and_what_came() -> None:
    (told,) = judged(asked_tokens_mean=1000.0).flags
    assert (
        told
        == "short_replies: replies of 1000 tokens were asked for in the mean, and 300 came: the model ended them itself"
    )


def test_an_engine_that_nobody_named_is_unknown_and_no_other_one() -> None:
    assert codes(judged(under={"engine": "", "engine_version": ""}).flags) == ["engine_unknown"]
    (told,) = judged(under={"engine_version": ""}).flags
    assert told.startswith("engine_unknown: which version of vllm ran is not told")


@given(
    rate_rps=st.floats(0.01, 100.0),
    tokens=st.floats(1.0, 5000.0),
    off=st.floats(-0.9, 9.0),
    completed=st.integers(5, 100_000),
)
def test_token_rates_count_as_wrong_only_beyond_a_quarter_and_chance(
    rate_rps: float, tokens: float, off: float, completed: int
) -> None:
    shown: dict[str, Any] = {
        "completed": completed,
        "requests": completed,
        "output_tokens_mean": tokens,
        "ttft_ms": None,
    }
    seen = figures(request_rate_rps=rate_rps, output_tok_s=rate_rps * tokens * (1.0 + off), **shown)
    verdict = judge(conditions(), TraceLoad(), seen, diffuses=False)
    ratio = max(1.0 + off, 1.0 / (1.0 + off))
    bound = 1.25 + 2.0 * seen.output_tokens_cv / completed**0.5
    if abs(ratio - bound) > 1e-6:
        assert ("token_rate" in codes(verdict.reasons)) is (ratio > bound)


def test_an_open_loop_knows_no_law_of_little_and_no_fixed_lengths() -> None:
    assert judged(OPEN, e2e_s=e2e(99.0), output_tokens_cv=0.0) == Verdict(valid=True)


def test_few_requests_are_said_for_the_percentiles_they_are_too_few_for() -> None:
    assert judged(completed=58).flags == (
        "few_requests: 58 requests say little about p95 (59 needed) and p99 (299 needed)",
    )
    assert judged(completed=59).flags == ("few_requests: 59 requests say little about p99 (299 needed)",)


def test_so_many_requests_are_needed_that_one_lies_above_the_percentile() -> None:
    for name, needed in REQUESTS_FOR.items():
        share = float(name[1:]) / 100.0
        assert 1.0 - share**needed >= 0.95 > 1.0 - share ** (needed - 1)


def test_a_run_is_precise_where_campaigns_end_it_by_default() -> None:
    assert RunRules().half_width_share == PRECISE_SHARE


@pytest.mark.parametrize(
    ("max_num_seqs", "budget", "diffuses", "slots"),
    [
        (None, None, True, None),
        (8, None, True, 8),
        (None, 2048, True, 8),
        (16, 2048, True, 8),
        (16, 2048, False, 16),
        (4, 100, True, 1),
    ],
)
def test_slots_are_limited_by_the_token_budget_of_canvases_too(
    max_num_seqs: int | None, budget: int | None, diffuses: bool, slots: int | None
) -> None:
    told = conditions(max_num_seqs=max_num_seqs, max_num_batched_tokens=budget)
    assert slots_of(told, diffuses=diffuses) == slots


def test_a_loop_without_slots_for_all_queues_as_it_must() -> None:
    waiting = figures(engine_queue_mean=4.0)
    assert waiting_in_engine(CLOSED, waiting, slots=4) == 0.0
    assert waiting_in_engine(CLOSED, waiting, slots=8) == 4.0
    assert waiting_in_engine(CLOSED, waiting, slots=None) == 4.0, "nobody told the slots: the queue tells them"


@pytest.mark.parametrize(
    ("under", "showing", "served"),
    [
        ({}, {}, 8),
        ({"max_num_seqs": 4}, {"engine_queue_mean": 4.0}, 4),
        ({}, {"engine_queue_mean": 3.2}, 5),
        ({}, {"engine_queue_mean": 0.3}, 8),
        ({}, {"completed": 20, "e2e_s": e2e(E2E_S * 0.85)}, 7),
        ({}, {"e2e_s": e2e(E2E_S * 0.96)}, 8),
        ({"max_num_seqs": None, "max_num_batched_tokens": 512}, {}, 8),
    ],
)
def test_a_loop_counts_at_what_was_served_at_once(under: dict[str, Any], showing: dict[str, Any], served: int) -> None:
    assert in_service(conditions(**under), CLOSED, figures(**showing), canvas_tokens=None) == served


def test_canvases_that_the_budget_does_not_admit_are_not_served() -> None:
    assert in_service(conditions(max_num_batched_tokens=512), CLOSED, figures(), canvas_tokens=256) == 2
    assert in_service(conditions(max_num_batched_tokens=512), CLOSED, figures(), canvas_tokens=64) == 8


@given(
    concurrency=st.integers(1, 512),
    rate_rps=st.floats(0.01, 1000.0),
    off=st.floats(-0.9, 2.0),
    completed=st.integers(5, 100_000),
)
def test_a_loop_off_by_more_than_its_ends_explain_never_counts_and_one_within_always_does(
    concurrency: int, rate_rps: float, off: float, completed: int
) -> None:
    seen = figures(
        output_tok_s=300.0 * rate_rps,
        requests=completed,
        completed=completed,
        ttft_ms=None,
        e2e_s=e2e((1.0 + off) * concurrency / rate_rps),
    )
    load = ClosedLoad(concurrency=concurrency)
    error = loop_error(load, seen)
    assert error == pytest.approx(off, abs=1e-9)
    verdict = judge(conditions(max_num_seqs=512), load, seen, diffuses=False)
    bound = max(LITTLE_TOLERANCE, concurrency / (2 * completed))
    if abs(abs(off) - bound) > 1e-6:
        assert verdict.valid is (abs(off) < bound)


fractions = st.floats(0.0, 3.0)


@given(
    load=st.sampled_from([CLOSED, OPEN, TraceLoad(), RampLoad(from_rps=0, to_rps=1, duration_s=9)]),
    diffuses=st.booleans(),
    shown=st.builds(
        RunFigures,
        duration_s=fractions,
        requests=st.integers(0, 500),
        completed=st.integers(0, 500),
        failures=st.dictionaries(st.sampled_from(["reset", "http_500"]), st.integers(1, 20)),
        request_rate_rps=fractions,
        output_tok_s=fractions,
        e2e_s=st.none() | st.builds(Percentiles, mean=fractions, p50=st.none() | fractions),
        ttft_ms=st.none() | st.builds(Percentiles, mean=fractions, p50=st.none() | fractions),
        lateness_p99_ms=st.none() | fractions,
        in_flight_trend_p=st.none() | fractions,
        ttft_trend_p=st.none() | fractions,
        canvas=st.none() | st.just(CANVAS),
        stopped_by=st.none() | st.sampled_from(StopReason),
    ),
)
def test_a_run_counts_if_and_only_if_no_reason_is_given_and_every_text_is_a_code_and_a_sentence(
    load: Load, diffuses: bool, shown: RunFigures
) -> None:
    verdict = judge(conditions(), load, shown, diffuses=diffuses)
    assert verdict.valid is (not verdict.reasons)
    known = {rule.code for rule in RULES}
    for text in (*verdict.reasons, *verdict.flags):
        code, colon, sentence = text.partition(": ")
        assert code in known
        assert colon
        assert sentence
        assert "None" not in sentence
        assert "nan" not in sentence
