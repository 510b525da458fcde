"""Runs against the null server, in one event loop, for tests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from advisor.domain.campaign import RunRules
from advisor.domain.load import ClosedLoad
from advisor.domain.model import Content, Decode
from advisor.domain.timing import Phase
from advisor.domain.workload import LengthLaw, Workload
from advisor.loadgen import Asks, Measured, Target, TokenRate, measure, prompts_of
from tests.null_server import Habits, NullServer, null_server

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.load import Load
    from advisor.domain.timing import RequestTiming
    from advisor.loadgen import Progress

PROMPTS = prompts_of(["A few words that make up a passage of text, to be cut where it is long enough."])
QUICK = Habits(first_s=0.002, gap_s=0.0005)
CANVASES = Habits(first_s=0.004, gap_s=0.003, canvas=32, steps=8)


def workload(*, output: float = 12.0, cv: float = 0.0, **fields: Any) -> Workload:
    laws = {"input": LengthLaw(mean_tokens=40.0), "output": LengthLaw(mean_tokens=output, cv=cv)}
    return Workload.model_validate({"name": "w", "content": Content.CHAT, **laws, **fields})


def rules(**fields: Any) -> RunRules:
    return RunRules(**{"requests": 20, "warmup_s": 0.0, "max_s": 20.0, **fields})


@dataclass(frozen=True)
class Seen:
    """A run, and what the server saw of it."""

    measured: Measured
    server: NullServer = field(repr=False)

    def timings(self, phase: Phase = Phase.MEASURED) -> list[RequestTiming]:
        return [timing for timing in self.measured.timings if timing.phase is phase]


def run(
    habits: Habits = QUICK,
    load: Load | None = None,
    *,
    by: RunRules | None = None,
    asked: Workload | None = None,
    seed: int = 0,
    target: dict[str, Any] | None = None,
    watch: Callable[[Progress], None] | None = None,
    halt_if: Callable[[NullServer], bool] | None = None,
    alive_if: Callable[[NullServer], bool] | None = None,
) -> Seen:
    """Measure a null server of these habits; whether to halt, and whether it is alive, is asked with the server."""

    async def inside() -> Seen:
        async with null_server(habits) as server:
            decode = Decode.BLOCK_DIFFUSION if habits.canvas > 1 else Decode.AUTOREGRESSIVE
            aimed = Target(server.url, habits.model, **{"decode": decode, **(target or {})})
            asks = Asks(asked or workload(), PROMPTS, tokens=TokenRate(habits.per_word, habits.overhead), seed=seed)
            halt, alive = (partial(hook, server) if hook else None for hook in (halt_if, alive_if))
            offered = load or ClosedLoad(concurrency=4)
            done = await measure(aimed, offered, asks, by or rules(), watch=watch, halt=halt, alive=alive)
            return Seen(done, server)

    return asyncio.run(inside())
