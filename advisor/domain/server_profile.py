"""What a user measured of a server of their own: rates and latencies with so many requests always in flight."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt

from advisor.domain.value import Value

LONGEST_QUEUE = 16_384
"""Largest concurrency of a profile: beyond what any engine serves at once."""


class Run(Value):
    """What one run showed. `request_rate_rps` was completed; None: not measured, or not known."""

    request_rate_rps: PositiveFloat
    ttft_mean_ms: PositiveFloat | None = None
    ttft_p95_ms: PositiveFloat | None = None
    e2e_mean_s: PositiveFloat | None = None
    e2e_p95_s: PositiveFloat | None = None
    input_tokens: PositiveFloat | None = None
    output_tokens: PositiveFloat | None = None


class ClosedLoopRun(Run):
    """A run with `concurrency` requests always in flight: each that is done is replaced at once."""

    concurrency: Annotated[PositiveInt, Field(le=LONGEST_QUEUE)]

    @property
    def cycle_s(self) -> float:
        """Mean time that a request is in flight, by Little's law."""
        return self.concurrency / self.request_rate_rps

    @property
    def whole_s(self) -> float:
        """Mean end-to-end time: as measured, else by Little's law."""
        return self.e2e_mean_s or self.cycle_s


class ServerProfile(Value):
    """Closed-loop runs by ascending concurrency, and open-loop runs (anchors) at Poisson arrivals to one replica.

    The `request_rate_rps` of an anchor was offered.
    """

    name: str
    levels: tuple[ClosedLoopRun, ...] = Field(min_length=2)
    anchors: tuple[Run, ...] = ()
