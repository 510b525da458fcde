"""The formats of results that can be imported.

To add one, write a module with `NAME`, ``recognizes(source)`` and ``read(source)``, and enter it in `FORMATS`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from advisor.catalog.results import aiperf, genai_bench, guidellm, plain_csv, vllm_bench, vllm_sweep
from advisor.catalog.results.sources import SUFFIXES, source_of
from advisor.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from advisor.catalog.results.sources import Source
    from advisor.catalog.results.told import ToldRun


@dataclass(frozen=True, slots=True)
class Format:
    """A format: what it is called, how its files are recognized and read, and which other files the tool leaves beside them."""

    name: str
    recognizes: Callable[[Source], bool]
    read: Callable[[Source], tuple[ToldRun, ...]]
    is_beside_results: Callable[[Source], bool]


def _never(_: Source) -> bool:
    return False


FORMATS = (
    Format(vllm_sweep.NAME, vllm_sweep.recognizes, vllm_sweep.read, vllm_sweep.is_beside_results),
    Format(vllm_bench.NAME, vllm_bench.recognizes, vllm_bench.read, _never),
    Format(guidellm.NAME, guidellm.recognizes, guidellm.read, guidellm.is_beside_results),
    Format(aiperf.NAME, aiperf.recognizes, aiperf.read, aiperf.is_beside_results),
    Format(genai_bench.NAME, genai_bench.recognizes, genai_bench.read, genai_bench.is_beside_results),
    Format(plain_csv.NAME, plain_csv.recognizes, plain_csv.read, _never),
)
"""Tried in this order: a run of a sweep is a result of the bench too."""


def read_results(path: Path, *, name: str | None = None) -> tuple[ToldRun, ...]:
    """Return the runs of a file, or of all files below a folder; a format is recognized by content unless it is named.

    Raises
    ------
    DataError
        If there is no such file, its format is not known, or it cannot be read.
    """
    formats = tuple(fmt for fmt in FORMATS if name in {None, fmt.name})
    source = source_of(path)
    files = _below(source, formats) if source.is_folder else (source,)
    if not files:
        raise DataError(str(path), f"holds no results: no {', '.join(sorted(SUFFIXES))} file that is one")
    return tuple(chain.from_iterable(_reader(file, formats)(file) for file in files))


def recognized(folder: Path) -> tuple[tuple[Path, str], ...]:
    """Return the files below a folder that are results, by name, each with the name of its format."""
    files = _below(source_of(folder), FORMATS)
    named = ((file.path, next((fmt.name for fmt in FORMATS if fmt.recognizes(file)), None)) for file in files)
    return tuple((path, name) for path, name in named if name is not None)


def _below(folder: Source, formats: Sequence[Format]) -> tuple[Source, ...]:
    return tuple(file for file in folder.files() if not any(fmt.is_beside_results(file) for fmt in formats))


def _reader(file: Source, formats: Sequence[Format]) -> Callable[[Source], tuple[ToldRun, ...]]:
    """Return what reads a file; a format that was named is taken at its word."""
    found = formats[0] if len(formats) == 1 else next((fmt for fmt in formats if fmt.recognizes(file)), None)
    if found is None:
        hint = f"formats: {', '.join(fmt.name for fmt in FORMATS)}"
        raise DataError(str(file.path), "is no result that is known", hint=hint)
    return found.read
