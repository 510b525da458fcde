"""Servers whose every constant is known: the profile that a user would measure of them, and what they do under load.

Profiles are written down by formula; the load is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.queueing import FloatArray, Station
from advisor.queueing.simulate import Batching, Demand, Outcome, Sharing, arrival_times_s, simulate

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.prediction import PredictQuestion
    from advisor.queueing.simulate.records import Kind

COLUMNS = "concurrency,request_rate_rps,ttft_mean_ms,ttft_p95_ms,e2e_mean_s,e2e_p95_s,input_tokens,output_tokens"
REQUESTS = 100_000
EDGE = REQUESTS // 10


def written(folder: Path, *rows: str, columns: str = COLUMNS) -> Path:
    """Return a profile file of these rows."""
    path = folder / "server.csv"
    path.write_text("\n".join([columns, *rows]) + "\n", encoding="utf-8")
    return path


def _observed(kind: Kind, demand: Demand, question: PredictQuestion) -> Outcome:
    whole = simulate(kind, demand, replicas=question.replicas, routing=question.routing, seed=1)
    kept = slice(EDGE, REQUESTS - EDGE)
    return Outcome(whole.arrivals_s[kept], whole.starts_s[kept], whole.firsts_s[kept], whole.dones_s[kept])


def _arrivals_s(rng: np.random.Generator, question: PredictQuestion) -> FloatArray:
    """Return times whose mean gap is exact: a run's own load then varies less, and with it the run's latencies."""
    times_s = arrival_times_s(rng, requests=REQUESTS, arrival_rps=1.0, arrival_scv=question.burstiness)
    scale = REQUESTS / float(times_s[-1]) / question.rate_qps
    return np.asarray(times_s * scale, dtype=np.float64)


@dataclass(frozen=True)
class SharingServer:
    """A processor-sharing server with work of gamma shape. `canvas` is the work until the first text; 0: not known."""

    rates_rps: FloatArray
    work_scv: float = 1.0
    canvas: float = 0.0

    @property
    def saturation_rps(self) -> float:
        return float(self.rates_rps[-1])

    def _work(self, rng: np.random.Generator, size: int) -> FloatArray:
        if not self.work_scv:
            return np.ones(size)
        return rng.gamma(1.0 / self.work_scv, self.work_scv, size=size) + 1e-9

    def rows(self, *levels: int) -> list[str]:
        work = self._work(np.random.default_rng(0), 400_000)
        first = float(np.minimum(work, self.canvas).mean())
        rows = []
        for c in levels:
            e2e_s = c / self.rates_rps[c - 1]
            ttft_ms = f"{first * e2e_s * 1e3}" if first else ""
            p95_s = f"{np.quantile(work, 0.95) * e2e_s}" if c == 1 else ""
            rows.append(f"{c},{self.rates_rps[c - 1]},{ttft_ms},,{e2e_s},{p95_s},,")
        return rows

    def observed(self, question: PredictQuestion) -> Outcome:
        rng = np.random.default_rng(11)
        arrivals_s = _arrivals_s(rng, question)
        work = self._work(rng, REQUESTS)
        work /= work.mean()
        demand = Demand(arrivals_s, work, first=np.minimum(work, self.canvas or work))
        return _observed(Sharing(Station(self.rates_rps)), demand, question)


@dataclass(frozen=True)
class Engine:
    """An autoregressive engine: replies of exponential length, prompts of gamma length with a squared variation of a half."""

    step_s: FloatArray
    prefill_s_per_token: float
    input_tokens: float
    output_tokens: float

    @cached_property
    def prompt_s(self) -> float:
        return self.input_tokens * self.prefill_s_per_token

    def tpot_s(self, c: int) -> float:
        """Return the time between tokens with c always in flight: the others begin a prompt every `output_tokens`."""
        return float(self.step_s[c - 1]) + (c - 1) / self.output_tokens * self.prompt_s

    def rate_rps(self, c: int) -> float:
        return c / (self.output_tokens * self.tpot_s(c) + self.prompt_s)

    @property
    def saturation_rps(self) -> float:
        return self.rate_rps(self.step_s.size)

    def _lengths(self, rng: np.random.Generator, size: int) -> tuple[FloatArray, FloatArray]:
        replies = np.maximum(np.rint(rng.exponential(self.output_tokens, size=size)), 1.0)
        return replies, np.maximum(np.rint(rng.gamma(2.0, self.input_tokens / 2.0, size=size)), 1.0)

    def rows(self, *levels: int) -> list[str]:
        """Return closed-loop rows; those of one request alone have percentiles."""
        replies, prompts = self._lengths(np.random.default_rng(0), 400_000)
        alone_s = float(self.step_s[0])
        ttft_p95_ms = (alone_s + float(np.quantile(prompts, 0.95)) * self.prefill_s_per_token) * 1e3
        e2e_p95_s = float(np.quantile(replies * alone_s + prompts * self.prefill_s_per_token, 0.95))
        rows = []
        for c in levels:
            ttft_s = self.tpot_s(c) + self.prompt_s
            e2e_s = c / self.rate_rps(c)
            tails = (f"{ttft_p95_ms}", f"{e2e_p95_s}") if c == 1 else ("", "")
            rows.append(
                f"{c},{self.rate_rps(c)},{ttft_s * 1e3},{tails[0]},{e2e_s},{tails[1]},{self.input_tokens},{self.output_tokens}"
            )
        return rows

    def observed(self, question: PredictQuestion) -> Outcome:
        rng = np.random.default_rng(12)
        arrivals_s = _arrivals_s(rng, question)
        replies, prompts = self._lengths(rng, REQUESTS)
        replies *= self.output_tokens / replies.mean()
        engine = Batching(self.step_s, np.full(self.step_s.size, self.prefill_s_per_token), token_budget=8192)
        return _observed(engine, Demand(arrivals_s, replies, np.ones(REQUESTS), prompts), question)
