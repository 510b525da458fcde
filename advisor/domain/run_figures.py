"""What a run showed in sum, and whether it counts."""

from enum import StrEnum

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt

from advisor.domain.value import Value


class Percentiles(Value):
    """Statistics of one latency over the successful requests of a run, in the unit that its field names.

    Our own runs have all of them. Another tool's summary may lack a percentile: it is None, never a neighbor's figure.
    """

    mean: NonNegativeFloat
    p50: NonNegativeFloat | None = None
    p95: NonNegativeFloat | None = None
    p99: NonNegativeFloat | None = None


class StopReason(StrEnum):
    """Why a run ended."""

    PRECISE = "precise"
    COUNT = "count"
    TIME = "time"
    TRACE_ENDED = "trace_ended"
    HALTED = "halted"


class CanvasFigures(Value):
    """What block diffusion did for the measured requests.

    `canvases` are those that their tokens needed. `steps_per_canvas` is that of the engine's counters from an idle server to an
    idle one, the commit pass left out. `fill_share` is the share of the positions of the canvases that became output.
    `length_tokens` is how long a canvas was by the counters, positions over passes; None where they do not tell.
    """

    canvases: NonNegativeFloat
    committed_tokens: NonNegativeInt
    denoising_steps: NonNegativeInt
    steps_per_canvas: PositiveFloat
    tokens_per_canvas: PositiveFloat
    fill_share: NonNegativeFloat
    length_tokens: PositiveFloat | None = None


class RunFigures(Value):
    """What a run showed. Latencies are of successful requests; rates are of the part in which the load was on in full.

    `requests` are those of the measured phase, failures included. `in_flight_trend_p` and `ttft_trend_p` are the
    significances of the two trends of an open-loop run; None where they do not apply. `lateness_p99_ms` is how late
    the client itself sent, `client_lag_p99_ms` how late its event loop came round to anything, and `connecting_p95_ms` how
    long requests waited for a connection to be set up, which is a part of their latency. `held_back_requests` waited for
    a cap on requests in flight; their wait counts. `truncated_start_requests` were left out as not yet steady.
    `asked_tokens_mean` is the mean length that replies were asked for. `foreign_requests` are those that the server
    finished over the whole run beyond ours. `preemptions`, like every figure of a counter, needs two readings. None is unknown.
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
    asked_tokens_mean: PositiveFloat | None = None
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
    client_lag_p99_ms: NonNegativeFloat | None = None
    connecting_p95_ms: NonNegativeFloat | None = None
    held_back_requests: NonNegativeInt = 0
    in_flight_trend_p: NonNegativeFloat | None = None
    ttft_trend_p: NonNegativeFloat | None = None
    truncated_start_requests: NonNegativeInt = 0
    stopped_by: StopReason | None = None
    canvas: CanvasFigures | None = None
    accepted_tokens_per_step: PositiveFloat | None = None
    preemptions: NonNegativeInt | None = None
    kv_cache_usage_max_share: NonNegativeFloat | None = None
    engine_queue_mean: NonNegativeFloat | None = None
    foreign_requests: NonNegativeInt | None = None


class Verdict(Value):
    """Whether a run counts. `reasons` say why not; `flags` qualify a run that counts: each a code, a colon, a sentence."""

    valid: bool
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
