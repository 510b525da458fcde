"""Offered load: how requests are sent to a server that is measured.

To add a pattern, write one class here, enter it in `Load`, and say in `loadgen/pacing.py` when its requests are due.
"""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt

from advisor.domain.server_profile import LONGEST_QUEUE
from advisor.domain.value import Value


class ClosedLoad(Value):
    """So many requests are always in flight: each that is done is replaced at once."""

    kind: Literal["closed"] = "closed"
    concurrency: Annotated[PositiveInt, Field(le=LONGEST_QUEUE)]

    @property
    def label(self) -> str:
        """Name the load to a reader."""
        return f"{self.concurrency} in flight"


class OpenLoad(Value):
    """Requests arrive whatever the server does. `burstiness` is the squared variation of the gaps between them.

    0 is constant, 1 Poisson, any other a gamma law. With `max_in_flight` arrivals beyond it are held back; their latency
    still counts from the intended arrival.
    """

    kind: Literal["open"] = "open"
    rate_rps: PositiveFloat
    burstiness: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0
    max_in_flight: PositiveInt | None = None

    @property
    def label(self) -> str:
        """Name the load to a reader."""
        law = {0.0: "constant", 1.0: "Poisson"}.get(self.burstiness, f"CV2 {self.burstiness:g}")
        return f"{self.rate_rps:g} requests/s, {law}"


class TraceLoad(Value):
    """Requests arrive when those of the workload's own trace did, stretched to `rate_rps` where one is given."""

    kind: Literal["trace"] = "trace"
    rate_rps: PositiveFloat | None = None
    max_in_flight: PositiveInt | None = None

    @property
    def label(self) -> str:
        """Name the load to a reader."""
        return "the trace" if self.rate_rps is None else f"the trace at {self.rate_rps:g} requests/s"


class RampLoad(Value):
    """The arrival rate changes linearly over `duration_s`. It shows where a server tips over; it is no steady state."""

    kind: Literal["ramp"] = "ramp"
    from_rps: NonNegativeFloat
    to_rps: PositiveFloat
    duration_s: PositiveFloat
    burstiness: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0

    @property
    def label(self) -> str:
        """Name the load to a reader."""
        return f"{self.from_rps:g} to {self.to_rps:g} requests/s in {self.duration_s:g} s"


Load = Annotated[ClosedLoad | OpenLoad | TraceLoad | RampLoad, Field(discriminator="kind")]
