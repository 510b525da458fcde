"""A measured run as rules look at it, and the figures that several of them need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.load import ClosedLoad

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.load import Load
    from advisor.domain.profiled import RunConditions
    from advisor.domain.run_figures import RunFigures
    from advisor.domain.timing import Sample

LITTLE_TOLERANCE = 0.05
"""Share by which rate times end-to-end time may differ from the requests in flight."""

QUEUED_SHARE = 0.05
"""Share of the requests in flight that wait inside the engine from which they count (assumed)."""

CANVAS_TOKENS = 256


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as the rules look at it. `diffuses` says whether replies come in canvases; `samples` are readings meanwhile.

    `canvas_tokens` is the length of a canvas by the model's profile, `room_tokens` what the server takes of prompt and reply
    together, and `longest_tokens` the most that a request asked of that; None where it is not known.
    """

    conditions: RunConditions
    load: Load
    figures: RunFigures
    diffuses: bool
    samples: Sequence[Sample] = ()
    canvas_tokens: int | None = None
    room_tokens: int | None = None
    longest_tokens: int | None = None

    @property
    def concurrency(self) -> int | None:
        """Requests always in flight; None for a load that does not wait for the server."""
        return self.load.concurrency if isinstance(self.load, ClosedLoad) else None

    @property
    def slots(self) -> int | None:
        """Requests that the engine serves at once, as far as its settings tell."""
        tokens = self.canvas_tokens or CANVAS_TOKENS
        return slots_of(self.conditions, diffuses=self.diffuses, canvas_tokens=tokens)


def slots_of(conditions: RunConditions, *, diffuses: bool, canvas_tokens: int = CANVAS_TOKENS) -> int | None:
    """Return the requests that an engine serves at once by its settings, None where they are not known.

    A canvas takes its length out of the token budget of each pass, so for block diffusion the budget limits them too.
    """
    budget = conditions.max_num_batched_tokens
    admitted = max(budget // canvas_tokens, 1) if diffuses and budget is not None else None
    return min((limit for limit in (conditions.max_num_seqs, admitted) if limit is not None), default=None)


def waiting_in_engine(load: Load, figures: RunFigures, *, slots: int | None) -> float:
    """Return the requests of a closed loop that waited inside the engine on average, for another reason than known slots.

    Either it has slots for all, or nobody told how many: then those in service are what the queue leaves. Else 0.
    """
    if not isinstance(load, ClosedLoad) or figures.engine_queue_mean is None:
        return 0.0
    if slots is not None and load.concurrency > slots:
        return 0.0
    counts = figures.engine_queue_mean > QUEUED_SHARE * load.concurrency
    return min(figures.engine_queue_mean, load.concurrency - 1.0) if counts else 0.0


def loop_error(load: Load, figures: RunFigures) -> float | None:
    """Return rate times mean end-to-end time over the requests in flight, less one; None where it means nothing."""
    if not isinstance(load, ClosedLoad) or figures.e2e_s is None or not figures.completed:
        return None
    return figures.request_rate_rps * figures.e2e_s.mean / load.concurrency - 1.0


def in_service(conditions: RunConditions, load: ClosedLoad, figures: RunFigures, *, canvas_tokens: int | None) -> int:
    """Return at how many requests in service a closed loop shows the speed: those in flight, as far as they were served.

    Fewer where the engine has fewer slots, where requests waited inside it all the same, and where the loop was not
    always full.
    """
    tokens = canvas_tokens or CANVAS_TOKENS
    slots = slots_of(conditions, diffuses=canvas_tokens is not None, canvas_tokens=tokens)
    waiting = waiting_in_engine(load, figures, slots=slots)
    missing = min(loop_error(load, figures) or 0.0, 0.0)
    flown = load.concurrency * (1.0 + missing if missing < -LITTLE_TOLERANCE else 1.0)
    return max(round(min(flown, slots or flown, load.concurrency - waiting)), 1)
