"""Breaking text into lines without tearing a number from its unit, or an address apart."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNITS = frozenset(("%", "ms", "s", "min", "h", "GiB", "MiB", "GB", "TB/s", "GB/s", "qps", "tok/s", "steps", "tokens"))
_TRAILING = ",.;:)"
_STATISTIC = re.compile(r"p\d+(\.\d+)?")
_BREAKS = re.compile(r"(?<=[+/_-])(?=\w)")


def wrapped(text: str, width: int) -> list[str]:
    """Return lines no longer than `width`, save where one number or address alone is longer."""
    lines = [""]
    for word in _words(text, width):
        glue = " " if lines[-1] and not word.continues else ""
        if lines[-1] and len(lines[-1]) + len(glue) + len(word) > width:
            lines.append(str(word))
        else:
            lines[-1] += glue + word
    return lines


class _Piece(str):
    """A word, or a later part of a long one, which then follows without a space."""

    __slots__ = ("continues",)
    continues: bool


def _piece(text: str, *, continues: bool) -> _Piece:
    piece = _Piece(text)
    piece.continues = continues
    return piece


def _words(text: str, width: int) -> Iterator[_Piece]:
    for word in _units_kept(text.split()):
        parts = _BREAKS.split(word) if len(word) > width and "://" not in word else [word]
        for index, part in enumerate(parts):
            yield _piece(part, continues=index > 0)


def _units_kept(words: list[str]) -> list[str]:
    kept: list[str] = []
    for word in words:
        if kept and _belongs(word, kept[-1]):
            kept[-1] += f" {word}"
        else:
            kept.append(word)
    return kept


def _belongs(word: str, before: str) -> bool:
    """Return whether a word stays with the one before it: a unit with its number, a figure with its percentile."""
    is_unit = before[-1:].isdigit() and word.rstrip(_TRAILING) in _UNITS
    return is_unit or (word[0].isdigit() and _STATISTIC.fullmatch(before) is not None)
