"""What was seen of single requests and of the engine meanwhile."""

from dataclasses import dataclass
from enum import StrEnum


class Failure(StrEnum):
    """What went wrong with a request. A status other than 200 is no member: it is called ``http_500``, ``http_429``."""

    REFUSED = "connection_refused"
    RESET = "connection_reset"
    CLOSED = "closed_mid_stream"
    TRUNCATED = "truncated"
    STALLED = "stalled"
    MALFORMED = "malformed_event"
    ERROR_EVENT = "error_event"
    EMPTY_CHOICES = "empty_choices"
    NO_USAGE = "no_usage"
    TIMED_OUT = "timed_out"


class Phase(StrEnum):
    """Where in a run a request belongs; only measured ones make figures."""

    WARMUP = "warmup"
    MEASURED = "measured"
    DRAIN = "drain"


@dataclass(frozen=True, slots=True)
class RequestTiming:
    """One request. Times are seconds on the clock of the run; `failure` is empty for a success, else a name of `Failure`.

    `intended_s` is when the request was due, and latency counts from there; `sent_s` when its bytes left. `first_s` is the
    first event that carried text (for block diffusion the first canvas), `last_s` the last one. Tokens are the server's
    `usage`; `events` counts stream events that carried text. `asked_tokens` is `max_tokens`.
    """

    index: int
    phase: Phase
    intended_s: float
    sent_s: float
    first_s: float | None
    last_s: float | None
    input_tokens: int
    cached_tokens: int
    asked_tokens: int
    output_tokens: int
    events: int
    failure: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of the engine's metrics or of the GPU: `name` is the metric's own, labels included."""

    at_s: float
    name: str
    value: float
