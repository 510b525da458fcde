"""What the simulated engine is: its speed, its limits, and the laws of what it writes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of an iteration with 1, 2, ... requests in it; three vectors of one length, the number of slots.

    An iteration takes `step_s` for all requests in it, those included whose prompt it reads, `denoising_s` on top for those
    that denoise a canvas, and `prefill_s_per_token` for each prompt token. So does the simulation of `advisor simulate`.

    Raises
    ------
    ValueError
        If the vectors are empty or differ in length, or a time is negative, or a step takes none.
    """

    step_s: tuple[float, ...]
    prefill_s_per_token: tuple[float, ...]
    denoising_s: tuple[float, ...]

    def __post_init__(self) -> None:
        lengths = {len(self.step_s), len(self.prefill_s_per_token), len(self.denoising_s)}
        if len(lengths) != 1 or not self.step_s:
            raise ValueError("the three vectors of a pace must be non-empty and of one length")
        if min(self.step_s) <= 0 or min(*self.prefill_s_per_token, *self.denoising_s) < 0:
            raise ValueError("steps must be positive, other times not negative")


@dataclass(frozen=True, slots=True)
class CanvasLaw:
    """How a canvas is written: its tokens, and a lognormal law of its denoising steps, cut at `max_steps`."""

    tokens: int
    steps_mean: float
    steps_log_sd: float
    max_steps: int


@dataclass(frozen=True, slots=True)
class DraftLaw:
    """How a drafter helps: tokens proposed per step, and tokens that a step yields on average, the sure one included."""

    tokens: int
    accepted_tokens: float


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """A simulated engine.

    Parameters
    ----------
    pace
        Seconds per iteration; its length is the number of slots (`max_num_seqs`).
    token_budget
        Tokens that one iteration may hold (`max_num_batched_tokens`).
    kv_tokens
        Tokens that the KV cache holds.
    context_tokens
        Longest prompt and reply together (`max_model_len`).
    reply_tokens
        Equally likely lengths of replies that end by themselves.
    cached_prompt_share
        Share of each prompt that the prefix cache holds, below 1.
    seed
        Start of the random numbers. Each request draws from its own, by its place in the order of arrival.

    Raises
    ------
    ValueError
        If not even one request has room, or nothing of a prompt is left to read.
    """

    pace: Pace
    token_budget: int
    kv_tokens: int
    context_tokens: int
    reply_tokens: tuple[int, ...]
    canvas: CanvasLaw | None = None
    draft: DraftLaw | None = None
    cached_prompt_share: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.token_budget < self.step_tokens:
            raise ValueError(f"a step takes {self.step_tokens} tokens, the budget is {self.token_budget}")
        if self.longest_tokens < 2:
            raise ValueError(f"a KV cache of {self.kv_tokens} tokens holds no request")
        if not 0 <= self.cached_prompt_share < 1:
            raise ValueError(f"a cached share of {self.cached_prompt_share} leaves nothing to read")

    @property
    def slots(self) -> int:
        """Requests served at once."""
        return len(self.pace.step_s)

    @property
    def step_tokens(self) -> int:
        """Tokens of the budget that a request in service takes per step: one, the drafted bunch, or a canvas."""
        if self.canvas:
            return self.canvas.tokens
        return 1 + (self.draft.tokens if self.draft else 0)

    @property
    def longest_tokens(self) -> int:
        """Longest prompt and reply that can be served: a request alone must fit into the KV cache."""
        return min(self.context_tokens, self.kv_tokens - self.step_tokens)


@dataclass(frozen=True, slots=True)
class Listening:
    """Where and under which name the engine is served, how much faster than real time, and what it tells of itself.

    `port` 0 takes a free one. `settings` are the effective ones, as plain JSON values.
    """

    served_name: str
    host: str
    port: int
    speed: float
    settings: Mapping[str, object]
