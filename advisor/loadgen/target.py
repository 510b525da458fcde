"""What is measured: a server, one of its models, and how that may be asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from advisor.domain.campaign import Lengths
from advisor.domain.model import Decode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.model import Content


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server understands beyond the plain request: options that others refuse or overlook."""

    stream_usage: bool = True
    continuous_usage: bool = False
    ignore_eos: bool = True


@dataclass(frozen=True, slots=True)
class Target:
    """A model on a server. `url` may end in the interface's version (``/v1``); `extra_body` is put into every request.

    Nothing is sent that block diffusion refuses: no temperature, no seed, no least length. Autoregressive models get the
    server's own sampling settings too.
    """

    url: str
    served_name: str
    decode: Decode = Decode.AUTOREGRESSIVE
    api_key: str = field(default="", repr=False)
    chat: bool = True
    lengths: Lengths = Lengths.FORCED
    extra_body: Mapping[str, Any] = field(default_factory=dict)
    dialect: Dialect = Dialect()

    @property
    def running_counts(self) -> bool:
        """Whether to ask for the usage so far in every event: understood, and cheap where an event is a canvas."""
        return self.dialect.continuous_usage and self.decode is Decode.BLOCK_DIFFUSION

    @property
    def forced(self) -> bool:
        """Whether replies end at the length that is asked for, so that a shorter one lacks tokens."""
        return self.lengths is Lengths.FORCED and self.dialect.ignore_eos


@dataclass(frozen=True, slots=True)
class TokenRate:
    """How many tokens a prompt of so many words has: those of the words, and those that a chat template adds.

    `of_content` holds the tokens per word of the shipped prompts by kind of content, where they are known: code has more.
    """

    per_word: float = 1.3
    overhead: float = 10.0
    of_content: Mapping[Content, float] = field(default_factory=dict)

    def per_word_of(self, content: Content) -> float:
        """Return the tokens per word of prompts of a kind of content."""
        return self.of_content.get(content, self.per_word)

    def words(self, tokens: float, content: Content) -> int:
        """Return how many words make a prompt of this many tokens, at least one."""
        return max(round((tokens - self.overhead) / self.per_word_of(content)), 1)


USUAL = TokenRate()
"""English words on the tokenizers of today; `inspect` finds out the rate of a server."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a server tells of itself, and what two small requests showed. Empty and None stand for not told."""

    served_name: str
    models: tuple[str, ...] = ()
    engine: str = ""
    engine_version: str = ""
    max_model_len: int | None = None
    dialect: Dialect = Dialect()
    tokens: TokenRate = USUAL
    has_metrics: bool = False
