"""Prompts of a wanted length: natural text of a kind of content, or of the user's own file.

Never random tokens: block diffusion does not converge on them, and a drafter guesses none of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from hashlib import blake2b
from math import gcd
from pathlib import Path
from typing import TYPE_CHECKING, Any

from advisor.errors import DataError
from advisor.loadgen.streams import Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from advisor.domain.model import Content

CORPORA = Path(__file__).parent / "corpora"
WORD = re.compile(r"\s*\S+")
SYLLABLES = tuple(consonant + vowel for consonant in "bcdfghjklmnpqrstvwxz" for vowel in "aeiou")

Words = tuple[str, ...]


class Draw:
    """Whole numbers that depend on a seed and a place alone. A hash: a generator of its own per prompt would cost more."""

    __slots__ = ("_left",)

    def __init__(self, seed: int, place: int) -> None:
        self._left = int.from_bytes(blake2b(f"{seed}/{int(Stream.PROMPTS)}/{place}".encode()).digest())

    def below(self, limit: int) -> int:
        """Return a number from 0 to below a limit."""
        self._left, drawn = divmod(self._left, limit)
        return drawn


@dataclass(frozen=True, slots=True)
class Prompts:
    """What prompts are composed of: tasks to set, shortest first, and passages of text to set them on.

    Both are words, each with the space before it.
    """

    tasks: tuple[Words, ...]
    passages: tuple[Words, ...]

    def compose(self, place: int, words: int, *, seed: int, shared_words: int = 0) -> str:
        """Return a prompt of so many words. The same place and seed give the same prompt, and no other ones.

        It begins with a line of its own, so that the server's prefix cache knows none of it; `shared_words` of text that
        all prompts have in common stand before that line.
        """
        draw = Draw(seed, place)
        shared = _take(self._from(0, 1), shared_words)
        head = [*_mark(draw), *self._task(draw, most=(words - len(shared)) // 2)]
        rest = max(words - len(shared) - len(head), 1)
        count = len(self.passages)
        passages = self._from(draw.below(count), 1 + draw.below(count))
        return "".join((*shared, *head, *_take(passages, rest))).strip()

    def _task(self, draw: Draw, *, most: int) -> Words:
        """Return a task that leaves room for a text; none if no task does."""
        fitting = bisect_right(self.tasks, most, key=len)
        return self.tasks[draw.below(fitting)] if fitting else ()

    def _from(self, first: int, step: int) -> Iterator[Words]:
        """Yield passages from one on, by steps that reach each of them before any comes again."""
        count = len(self.passages)
        step = next(stride for stride in range(step, step + count + 1) if gcd(stride, count) == 1)
        while True:
            yield self.passages[first % count]
            first += step


def shipped_prompts(content: Content) -> Prompts:
    """Return the prompts of a kind of content that come with the package.

    Raises
    ------
    DataError
        If their file is missing or cannot be read.
    """
    import yaml  # noqa: PLC0415 - only a run needs it

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    path = CORPORA / f"{content}.yaml"
    try:
        corpus = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - both are safe loaders
        return prompts_of(corpus["passages"], tasks=corpus["tasks"])
    except (OSError, yaml.YAMLError, KeyError, TypeError) as problem:
        raise DataError(str(path), f"is no corpus: {problem}", hint="reinstall advisor") from None


def prompts_of(passages: Iterable[str], *, tasks: Iterable[str] = ()) -> Prompts:
    """Return prompts composed of texts, each of which has a word at least."""
    set_tasks = sorted((_words("\n" + task.strip()) for task in tasks), key=len)
    return Prompts(tuple(set_tasks), tuple(_words("\n\n" + passage.strip()) for passage in passages))


def word_count(text: str) -> int:
    """Return how many words a text has, as lengths of prompts are counted here."""
    return len(_words(text))


def _words(text: str) -> Words:
    return tuple(WORD.findall(text))


def _mark(draw: Draw) -> Words:
    """Return a line that no other prompt begins with: a made-up name."""
    first, second = ("".join(SYLLABLES[draw.below(len(SYLLABLES))] for _ in range(4)) for _ in range(2))
    return f"\n\n{first.capitalize()}", f" {second}."


def _take(passages: Iterator[Words], words: int) -> list[str]:
    taken: list[str] = []
    while len(taken) < words:
        taken.extend(next(passages))
    return taken[:words]
