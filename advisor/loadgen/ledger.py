"""The requests of a run as columns: what figures are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.timing import Phase
from advisor.loadgen.pace import Lives

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.loadgen.exchange import Exchange

    FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Successes:
    """Measured requests that succeeded, in the order in which they were due."""

    intended_s: FloatArray
    ttft_s: FloatArray
    e2e_s: FloatArray
    input_tokens: FloatArray
    cached_tokens: FloatArray
    output_tokens: FloatArray
    asked_tokens: FloatArray

    @property
    def size(self) -> int:
        """How many there are."""
        return int(self.intended_s.size)

    def after(self, first: int) -> Successes:
        """Return those from a place on."""
        return Successes(*(getattr(self, name)[first:] for name in self.__slots__))


def successes(ended: Iterable[Exchange]) -> Successes:
    """Return the measured successes among requests that have ended."""
    rows = [
        (
            exchange.intended_s,
            exchange.reply.first_s - exchange.intended_s,
            exchange.reply.last_s - exchange.intended_s,
            exchange.reply.tokens("prompt_tokens"),
            exchange.reply.cached_tokens,
            exchange.reply.tokens("completion_tokens"),
            exchange.asked_tokens,
        )
        for exchange in sorted(ended, key=lambda exchange: exchange.intended_s)
        if exchange.phase is Phase.MEASURED
        and exchange.succeeded
        and exchange.reply.first_s is not None
        and exchange.reply.last_s is not None
    ]
    return Successes(*np.array(rows, dtype=np.float64).reshape(-1, 7).T)


def failures(ended: Iterable[Exchange]) -> dict[str, int]:
    """Return how often measured requests failed, by name."""
    counts: dict[str, int] = {}
    for exchange in ended:
        if exchange.phase is Phase.MEASURED and exchange.failure:
            counts[exchange.failure] = counts.get(exchange.failure, 0) + 1
    return dict(sorted(counts.items()))


def lives(ended: Sequence[Exchange], in_flight: Iterable[Exchange] = (), *, now_s: float = 0.0) -> Lives:
    """Return the lives of requests; those still in flight count until now, at the mean pace of the others."""
    rows = [(e.intended_s, e.over_s or now_s, _tokens(e), float(e.succeeded)) for e in ended]
    lived_s = sum(over_s - start_s for start_s, over_s, _, _ in rows)
    pace_tok_s = sum(tokens for _, _, tokens, _ in rows) / lived_s if lived_s > 0 else 0.0
    rows += [(e.intended_s, now_s, pace_tok_s * (now_s - e.intended_s), 0.0) for e in in_flight if e.intended_s < now_s]
    return Lives(*np.array(rows, dtype=np.float64).reshape(-1, 4).T)


def _tokens(exchange: Exchange) -> float:
    return float(exchange.reply.tokens("completion_tokens")) if exchange.succeeded else 0.0
