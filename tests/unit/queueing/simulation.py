"""A plain event simulation of the modeled server: the independent judge of the formulas.

Shares no code with ``advisor.queueing``. Every request in service progresses at the same speed, so one clock of
attained work per server says who finishes next.
"""

import heapq
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def lognormal_work(rng: np.random.Generator, *, jobs: int, scv: float) -> NDArray[np.float64]:
    """Work with mean 1 and this squared coefficient of variation."""
    variance = np.log1p(scv)
    return rng.lognormal(-variance / 2, np.sqrt(variance), size=jobs)


def poisson_arrivals_s(rng: np.random.Generator, *, arrival_rps: float, jobs: int) -> list[float]:
    """Arrival times whose mean gap is exact: a run's own load then varies less, and with it the run's latencies."""
    gaps = rng.exponential(size=jobs)
    times_s: list[float] = (gaps / gaps.mean() / arrival_rps).cumsum().tolist()
    return times_s


def sojourns_s(
    *, rates_rps: Sequence[float], arrival_rps: float, work: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Time from arrival to completion of each job at one slotted processor-sharing server, first come first served."""
    arrivals_s = poisson_arrivals_s(rng, arrival_rps=arrival_rps, jobs=work.size)
    return served_s(rates_rps=rates_rps, arrivals_s=arrivals_s, amounts=(work / work.mean()).tolist())


def served_s(
    *, rates_rps: Sequence[float], arrivals_s: Sequence[float], amounts: Sequence[float]
) -> NDArray[np.float64]:
    """Time from arrival to completion of given jobs at that server."""
    speeds = [0.0] + [rate / n for n, rate in enumerate(rates_rps, 1)]
    slots, jobs = len(rates_rps), len(amounts)
    result = [0.0] * jobs
    serving: list[tuple[float, int]] = []
    waiting: deque[int] = deque()
    now_s = attained = 0.0
    following = 0
    while following < jobs or serving:
        speed = speeds[len(serving)]
        arrival_s = arrivals_s[following] if following < jobs else float("inf")
        completion_s = now_s + (serving[0][0] - attained) / speed if serving else float("inf")
        if completion_s <= arrival_s:
            now_s = completion_s
            attained, job = heapq.heappop(serving)
            result[job] = now_s - arrivals_s[job]
            if waiting:
                job = waiting.popleft()
                heapq.heappush(serving, (attained + amounts[job], job))
        else:
            attained += (arrival_s - now_s) * speed
            now_s = arrival_s
            if len(serving) < slots:
                heapq.heappush(serving, (attained + amounts[following], following))
            else:
                waiting.append(following)
            following += 1
    return np.array(result)


def fleet_sojourns_s(
    *,
    rates_rps: Sequence[float],
    replicas: int,
    arrival_rps: float,
    work: NDArray[np.float64],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Time from arrival to completion behind a least-outstanding router, ties to a random replica."""
    ties = rng.random((work.size, replicas)).tolist()
    arrivals_s = poisson_arrivals_s(rng, arrival_rps=arrival_rps, jobs=work.size)
    amounts = (work / work.mean()).tolist()
    return routed_s(rates_rps=rates_rps, arrivals_s=arrivals_s, amounts=amounts, ties=ties)


def routed_s(
    *,
    rates_rps: Sequence[float],
    arrivals_s: Sequence[float],
    amounts: Sequence[float],
    ties: Sequence[Sequence[float]],
) -> NDArray[np.float64]:
    """Time from arrival to completion of given jobs behind that router; of replicas that tie, the lowest in its row."""
    fleet = [_Server(rates_rps) for _ in ties[0]]
    now_s = 0.0
    result = np.zeros(len(amounts))
    for job, (arrival_s, amount) in enumerate(zip(arrivals_s, amounts, strict=True)):
        for server in fleet:
            for done, done_s in server.advance(now_s, until_s=arrival_s):
                result[done] = done_s - arrivals_s[done]
        now_s = arrival_s
        chosen = min(range(len(fleet)), key=lambda i: (fleet[i].outstanding, ties[job][i]))
        fleet[chosen].admit(job, amount)
    for server in fleet:
        for done, done_s in server.advance(now_s, until_s=float("inf")):
            result[done] = done_s - arrivals_s[done]
    return result


class _Server:
    def __init__(self, rates_rps: Sequence[float]) -> None:
        self._speeds = [0.0] + [rate / n for n, rate in enumerate(rates_rps, 1)]
        self._slots = len(rates_rps)
        self._serving: list[tuple[float, int]] = []
        self._waiting: deque[tuple[int, float]] = deque()
        self._attained = 0.0

    @property
    def outstanding(self) -> int:
        return len(self._serving) + len(self._waiting)

    def admit(self, job: int, amount: float) -> None:
        if len(self._serving) < self._slots:
            heapq.heappush(self._serving, (self._attained + amount, job))
        else:
            self._waiting.append((job, amount))

    def advance(self, now_s: float, *, until_s: float) -> list[tuple[int, float]]:
        done = []
        while self._serving:
            speed = self._speeds[len(self._serving)]
            completion_s = now_s + (self._serving[0][0] - self._attained) / speed
            if completion_s > until_s:
                self._attained += (until_s - now_s) * speed
                break
            now_s = completion_s
            self._attained, job = heapq.heappop(self._serving)
            done.append((job, now_s))
            if self._waiting:
                self.admit(*self._waiting.popleft())
        return done


def prefill_waits_s(
    *,
    step_s: float,
    rate_rps: float,
    prompts_s: NDArray[np.float64],
    iterations: int,
    chains: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Time to first token of the gated recursion: what arrives in one iteration is prefilled in the next."""
    lengths_s = np.full(chains, step_s)
    waits_s = []
    for iteration in range(iterations):
        chain = np.repeat(np.arange(chains), rng.poisson(rate_rps * lengths_s))
        residuals_s = rng.random(chain.size) * lengths_s[chain]
        own_s = rng.choice(prompts_s, size=chain.size)
        lengths_s = step_s + np.bincount(chain, weights=own_s, minlength=chains)
        if iteration >= 20:
            waits_s.append(residuals_s + lengths_s[chain])
    return np.concatenate(waits_s)


def engine_times_s(
    *,
    step_s: Sequence[float],
    prefill_s_per_token: float,
    token_budget: int,
    tokens_per_step: int,
    arrivals_s: Sequence[float],
    steps: Sequence[int],
    prompts: Sequence[int],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """When each job of one engine gets its slot, has its first step and is done, by walking every single iteration."""
    jobs, slots, now_s = len(steps), len(step_s), 0.0
    starts_s, firsts_s, dones_s = (np.full(jobs, np.inf) for _ in range(3))
    stepped: dict[int, int] = {}
    waiting: deque[int] = deque()
    unread, following, finished = list(prompts), 0, 0
    while finished < jobs:
        if not stepped and not waiting:
            now_s = max(now_s, arrivals_s[following])
        while following < jobs and arrivals_s[following] <= now_s:
            waiting.append(following)
            following += 1
        entering: list[int] = []
        room, tokens = token_budget - len(stepped) * tokens_per_step, 0
        while waiting and room > 0 and len(stepped) + len(entering) < slots:
            job = waiting[0]
            starts_s[job] = min(starts_s[job], now_s)
            read = min(room, unread[job])
            unread[job] -= read
            room -= read
            tokens += read
            if unread[job]:
                break
            room -= tokens_per_step
            entering.append(waiting.popleft())
        reading = bool(waiting) and np.isfinite(starts_s[waiting[0]])
        now_s += step_s[len(stepped) + len(entering) + reading - 1] + tokens * prefill_s_per_token
        for job in entering:
            firsts_s[job] = now_s
            stepped[job] = 0
        for job in list(stepped):
            stepped[job] += 1
            if stepped[job] == steps[job]:
                dones_s[job] = now_s
                del stepped[job]
                finished += 1
    return starts_s, firsts_s, dones_s
