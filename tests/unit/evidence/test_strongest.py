"""Which rows of a cell speak for requests of given lengths: fresh ones before others, but not in the place of fitting ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.evidence import Cell
from advisor.usecases.grounding.evidence import strongest
from advisor.usecases.grounding.grounds import Lengths, Run
from tests.rows import measured
from tests.runs import conditions, figures, keep, profiled
from tests.shipped import NO_DATABASE, SHIPPED, TODAY, estimated, workload

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.profiled import ProfiledRun

CELL = Cell("gemma", "gemma-fp8", "h100", 1)
ASKED = Lengths(800.0, 300.0)
FITTING, SHORT, LONG = (800, 300), (800, 50), (8000, 300)
LEVELS = (1, 8, 64)


def run(name: str, lengths: tuple[int, int], *levels: int, current: bool = True) -> Run:
    prompt, reply = lengths
    rows = tuple(
        replace(measured(f"{name}-{level}", concurrency=level), input_tokens=prompt, output_tokens=reply)
        for level in levels
    )
    return Run(CELL, rows, np.zeros(len(levels)), current)


def kept(*runs: Run) -> set[str]:
    return {row.id for found in strongest(runs, ASKED) for row in found.rows}


@pytest.mark.parametrize("other", [SHORT, LONG])
def test_fresh_rows_of_other_lengths_leave_older_ones_of_the_right_lengths(other: tuple[int, int]) -> None:
    assert kept(run("new", other, 8), run("old", FITTING, 8, current=False)) == {"new-8", "old-8"}


def test_fresh_rows_of_the_right_lengths_displace_older_ones_near_their_level() -> None:
    assert kept(run("new", FITTING, 8), run("old", FITTING, 4, 16, 32, current=False)) == {"new-8", "old-32"}


@pytest.mark.parametrize("fresh", [FITTING, SHORT])
def test_older_rows_of_other_lengths_step_back_behind_any_fresh_one(fresh: tuple[int, int]) -> None:
    assert kept(run("new", fresh, 8), run("old", LONG, 8, current=False)) == {"new-8"}


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def sweep(name: str, factor: float, *, output_tokens: float, version: str) -> list[ProfiledRun]:
    """Return a campaign on replies of a length, each level so many times as fast as estimated for it."""
    asked = workload(800, output_tokens)
    points = estimated(database=NO_DATABASE, concurrency=LEVELS, workload=asked).points
    return [
        profiled(
            f"{name}-{p.concurrency}",
            concurrency=p.concurrency,
            campaign_id=name,
            showing=figures(
                concurrency=p.concurrency,
                output_tok_s=p.output_tok_s * factor,
                output_tokens_mean=output_tokens,
                ttft_ms=None,
            ),
            under=conditions(engine_version=version),
            measured_at=datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(days=3),
        )
        for p in points
    ]


def test_an_estimate_rests_on_an_older_sweep_of_its_lengths_and_not_on_a_fresh_one_of_others(database: str) -> None:
    old = sweep("old", 0.6, output_tokens=300, version="0.27.1")
    keep(database, *old, *sweep("new", 0.95, output_tokens=20, version=SHIPPED.engine.version))
    before, after = (estimated(database=url, concurrency=LEVELS) for url in (NO_DATABASE, database))
    for plain, shown in zip(before.points, after.points, strict=True):
        assert shown.output_tok_s == pytest.approx(0.6 * plain.output_tok_s, rel=0.03)
    assert "other_engine_version" in {caution.code for caution in after.warnings}


def test_a_sweep_of_other_lengths_is_not_what_a_warning_is_about(database: str) -> None:
    new = sweep("new", 0.6, output_tokens=300, version=SHIPPED.engine.version)
    keep(database, *new, *sweep("old", 0.95, output_tokens=20, version="0.27.1"))
    assert "other_engine_version" not in {caution.code for caution in estimated(database=database).warnings}
