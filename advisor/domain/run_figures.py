"""What a run showed in sum, and whether it counts."""

from enum import StrEnum

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from advisor.domain.value import Value


class Percentiles(Value):
    """Statistics of one latency over the successful requests of a run, in the unit that its field names."""

    mean: NonNegativeFloat
    p50: NonNegativeFloat
    p95: NonNegativeFloat
    p99: NonNegativeFloat


class StopReason(StrEnum):
    """Why a run ended."""

    PRECISE = "precise"
    COUNT = "count"
    TIME = "time"
    TRACE_ENDED = "trace_ended"
    HALTED = "halted"


class CanvasFigures(Value):
    """What block diffusion did, from the engine's counters over the measured part of the run.

    `steps_per_canvas` leaves the commit pass out. `fill_share` is the share of committed positions that became output.
    """

    canvases: NonNegativeFloat
    committed_tokens: NonNegativeInt
    denoising_steps: NonNegativeInt
    steps_per_canvas: PositiveFloat
    tokens_per_canvas: PositiveFloat
    fill_share: NonNegativeFloat


class RunFigures(Value):
    """What a run showed. Latencies are of successful requests; rates are of the part in which the load was on in full.

    `requests` are those of the measured phase, failures included. `overload_p` is the smaller significance of the two
    trends of an open-loop run, requests in flight and TTFT; None where it does not apply. `lateness_p99_ms` is how late
    the client itself sent. `truncated_start_requests` were left out as not yet steady.
    """

    duration_s: NonNegativeFloat
    requests: NonNegativeInt
    completed: NonNegativeInt
    failures: dict[str, PositiveInt] = Field(default={})
    input_tokens_mean: NonNegativeFloat = 0.0
    input_tokens_cv: NonNegativeFloat = 0.0
    output_tokens_mean: NonNegativeFloat = 0.0
    output_tokens_cv: NonNegativeFloat = 0.0
    output_tokens_total: NonNegativeInt = 0
    cached_prompt_share: NonNegativeFloat = 0.0
    request_rate_rps: NonNegativeFloat = 0.0
    output_tok_s: NonNegativeFloat = 0.0
    in_flight_mean: NonNegativeFloat = 0.0
    ttft_ms: Percentiles | None = None
    tpot_ms: Percentiles | None = None
    ntpot_ms: Percentiles | None = None
    e2e_s: Percentiles | None = None
    throughput_half_width_share: NonNegativeFloat | None = None
    e2e_half_width_share: NonNegativeFloat | None = None
    lateness_p99_ms: NonNegativeFloat | None = None
    in_flight_trend_p: NonNegativeFloat | None = None
    ttft_trend_p: NonNegativeFloat | None = None
    truncated_start_requests: NonNegativeInt = 0
    stopped_by: StopReason | None = None
    canvas: CanvasFigures | None = None
    accepted_tokens_per_step: PositiveFloat | None = None
    preemptions: NonNegativeInt | None = None
    kv_cache_usage_max_share: NonNegativeFloat | None = None
    engine_queue_mean: NonNegativeFloat | None = None


class Verdict(Value):
    """Whether a run counts. `reasons` say why not; `flags` qualify a run that counts: each a code, a colon, a sentence."""

    valid: bool
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
