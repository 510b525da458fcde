"""A request inside the engine: how far it is, and what is left to chance."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from advisor.demo.setup import CanvasLaw

LENGTH, STOP, ABORT = "length", "stop", "abort"


@dataclass(eq=False, slots=True)
class Job:
    """A request: its prompt, the length of its reply and why it ends there, and its progress.

    `unread` are prompt tokens not yet read, `passes_left` those of the canvas in work, the commit pass included. `held` are
    the tokens that it has in the KV cache or has room for; `read` says whether its prompt was read before.
    """

    number: int
    prompt_tokens: int
    output_tokens: int
    reason: str
    random: Random
    unread: int
    most_steps: int | None = None
    written: int = 0
    passes_left: int = 0
    held: int = 0
    admitted: bool = False
    read: bool = False
    gone: bool = False

    @property
    def context_tokens(self) -> int:
        """Tokens of its prompt that have been read, and those that it has written."""
        return self.prompt_tokens + self.written - self.unread

    @property
    def done(self) -> bool:
        """Whether it has written all it will."""
        return self.written >= self.output_tokens

    def write(self, tokens: int) -> int:
        """Write tokens, cut at the end of the reply, and return how many."""
        written = min(tokens, self.output_tokens - self.written)
        self.written += written
        return written


def drawn_steps(law: CanvasLaw, random: Random, *, most: int | None) -> int:
    """Return the denoising steps of one canvas: at least one, at most `most` or what the model takes.

    The law is rounded up or down by chance, which keeps its mean.
    """
    luck = exp(law.steps_log_sd * random.gauss(0.0, 1.0) - law.steps_log_sd**2 / 2.0)
    steps = floor(law.steps_mean * luck + random.random())
    return max(min(steps, law.max_steps, most or law.max_steps), 1)


def acceptance(accepted_tokens: float, draft_tokens: int) -> float:
    """Return the chance p of a draft after accepted ones that makes 1 + p + ... + p^k the tokens of a step.

    The law of Leviathan, Kalman and Matias, Fast inference from transformers via speculative decoding, ICML 2023.
    """
    low, high = 0.0, 1.0
    for _ in range(60):
        chance = (low + high) / 2.0
        tokens = sum(chance**power for power in range(draft_tokens + 1))
        low, high = (chance, high) if tokens < accepted_tokens else (low, chance)
    return (low + high) / 2.0


def drawn_accepted(chance: float, draft_tokens: int, random: Random) -> int:
    """Return how many drafts in a row are accepted."""
    accepted = 0
    while accepted < draft_tokens and random.random() < chance:
        accepted += 1
    return accepted
