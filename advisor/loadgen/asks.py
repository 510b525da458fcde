"""What is asked in a run: the prompt and the length of each request, by its place, always the same for the same seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.domain.load import TraceLoad
from advisor.loadgen.lengths import draw_lengths, replay_lengths
from advisor.loadgen.target import USUAL, Target, TokenRate

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.domain.load import Load
    from advisor.domain.workload import Workload
    from advisor.loadgen.lengths import Lengths
    from advisor.loadgen.prompts import Prompts


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: what it says, and how many tokens its reply may have."""

    prompt: str
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Asks:
    """What is asked: a workload, the prompts that stand for it, and how long these come out.

    Give each run a seed of its own: a server's prefix cache would know the prompts of an earlier one. Arrivals, lengths and
    prompts are drawn from it apart.
    """

    workload: Workload
    prompts: Prompts
    tokens: TokenRate = USUAL
    seed: int = 0

    def of(self, load: Load) -> Callable[[int], Ask]:
        """Return a function from the place of a request to the request; a replayed trace keeps its order."""
        lengths = self._lengths(load)
        shared, content = self.workload.cached_prompt_share, self.workload.content

        def ask(index: int) -> Ask:
            input_tokens, output_tokens = lengths(index)
            words = self.tokens.words(input_tokens, content)
            shared_words = round(shared * input_tokens / self.tokens.per_word_of(content))
            prompt = self.prompts.compose(index, words, seed=self.seed, shared_words=min(shared_words, words - 1))
            return Ask(prompt, output_tokens)

        return ask

    def longest_tokens(self, load: Load, requests: int) -> int | None:
        """Return the most tokens that prompt and reply of one of the first requests come to; None of no requests."""
        lengths = self._lengths(load)
        return max((sum(lengths(index)) for index in range(requests)), default=None)

    def _lengths(self, load: Load) -> Callable[[int], Lengths]:
        replayed = isinstance(load, TraceLoad) and bool(self.workload.pairs)
        return replay_lengths(self.workload) if replayed else draw_lengths(self.workload, seed=self.seed)


def request_body(target: Target, ask: Ask, *, running_counts: bool) -> bytes:
    """Return the JSON body of a request that streams its reply, with its usage so far in every event if wanted."""
    said = {"messages": [{"role": "user", "content": ask.prompt}]} if target.chat else {"prompt": ask.prompt}
    options = {"include_usage": True} | ({"continuous_usage_stats": True} if running_counts else {})
    body = {
        "model": target.served_name,
        **said,
        "max_tokens": ask.max_tokens,
        "stream": True,
        **({"stream_options": options} if target.dialect.stream_usage else {}),
        **({"ignore_eos": True} if target.forced else {}),
        **target.extra_body,
    }
    return json.dumps(body).encode()


def completions_path(target: Target, api: str) -> str:
    """Return the path of the endpoint that a target is asked at."""
    return f"{api}/chat/completions" if target.chat else f"{api}/completions"
