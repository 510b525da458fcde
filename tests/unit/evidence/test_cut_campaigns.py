"""Levels of an own campaign that are too far from the model are left out, and the user reads which runs they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.runs import conditions, keep, profiled
from tests.shipped import NO_DATABASE, SHIPPED, estimated

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.domain.profiled import ProfiledRun

LEVELS = (1, 8, 64)


@pytest.fixture
def database(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.db'}"


def sweep(factors: dict[int, float], **more: Any) -> list[ProfiledRun]:
    points = estimated(database=NO_DATABASE, concurrency=tuple(factors)).points
    under = conditions(engine_version=SHIPPED.engine.version)
    return [
        profiled(
            f"{more.get('repeat', 0)}-{p.concurrency}",
            concurrency=p.concurrency,
            output_tok_s=p.output_tok_s * factors[p.concurrency],
            under=under,
            **more,
        )
        for p in points
    ]


def told(database: str) -> list[str]:
    return [c.message for c in estimated(database=database).warnings if c.code == "row_ignored"]


def test_a_sweep_that_is_cut_names_the_runs_that_do_not_count(database: str) -> None:
    factors = {1: 0.9, 8: 0.1, 64: 0.9}
    keep(database, *sweep(factors), *sweep(factors, repeat=1))
    (message,) = told(database)
    assert message.startswith(
        "2 runs of campaign chat-h100-0123abcd (0-8, 1-8; 8 in flight) are left out, more than three"
    )
    assert "and the rest of the sweep counts" in message


def test_a_campaign_of_which_nothing_is_left_says_so_once(database: str) -> None:
    keep(database, *sweep(dict.fromkeys(LEVELS, 0.1), tool="guidellm"))
    (message,) = told(database)
    assert "(0-1, 0-8, 0-64; 1, 8, 64 in flight) are left out" in message
    assert "and nothing of the campaign counts" in message


def test_a_whole_sweep_that_counts_is_not_warned_about(database: str) -> None:
    keep(database, *sweep(dict.fromkeys(LEVELS, 0.9)))
    assert told(database) == []
