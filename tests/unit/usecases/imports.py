"""Importing as tests do it: without a database where none is needed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor import catalog
from advisor.catalog.results import Told
from advisor.usecases.results.importing import describe, import_results, read_all
from tests.unit.catalog.results.told import SAMPLES, written

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.imported import Imported
    from advisor.domain.profiled import ProfiledRun

DESCRIBED = describe(catalog.profiles_root())
DAY = datetime(2026, 11, 24, tzinfo=UTC)
ON_H100 = Told(gpu="h100")
DETAILED = SAMPLES / "vllm-bench" / "detailed.json"
ENOUGH = Told(model="gemma-4-26b", gpu="h100", measured_at=DAY)


def runs_of(*paths: Path, given: Told = ON_H100, fmt: str | None = None) -> tuple[ProfiledRun, ...]:
    return read_all(paths, given, fmt=fmt, described=DESCRIBED).runs


def only(path: Path, given: Told = ON_H100) -> ProfiledRun:
    (run,) = runs_of(path, given=given)
    return run


def bring(database: str, *paths: Path, given: Told = ON_H100) -> Imported:
    return import_results(paths, given, fmt=None, profiles=None, database=database)


def table(folder: Path, *lines: str, name: str = "mine.csv") -> Path:
    return written(folder, name, "\n".join(lines))


def codes(sentences: tuple[str, ...]) -> list[str]:
    return [sentence.partition(":")[0] for sentence in sentences]
