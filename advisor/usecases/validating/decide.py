"""`advisor validate decide`: do our rules of choosing and measuring hold where the truth is known, and on rows left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from advisor import __version__
from advisor.domain.decide_validation import AskedLine, CoverageLine, DecideValidation, LawLine
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.validating.decide_arenas import Asked, arena_of
from advisor.usecases.validating.decide_runs import Played, Task, Watch, play_all, workers_here
from advisor.usecases.validating.decide_summary import (
    SAME_REGRET,
    policy_lines,
    regret_lines,
    stop_line,
    world_coverage,
)
from advisor.usecases.validating.decide_truths import LAWS
from advisor.usecases.validating.decide_unseen import by_contender, unseen_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from advisor.usecases.grounding.shipped import Shipped
    from advisor.usecases.validating.decide_arenas import Arena

NO_DATABASE = "sqlite://"
"""What the user measured is no part of the validation: it must come out alike for everybody."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How thoroughly is validated: questions, worlds per question and law, those gone through by every rule, and draws."""

    asked: tuple[Asked, ...]
    worlds: int
    whole: int
    draws: int


FEW_GPUS = ("h100-sxm-80gb", "h100-pcie-80gb", "l40s-48gb")
WHOLE = Effort(
    asked=(
        Asked("chat", 5.0),
        Asked("chat", 50.0),
        Asked("rag", 10.0),
        Asked("code-generation", 20.0),
    ),
    worlds=60,
    whole=8,
    draws=600,
)
QUICK = Effort(asked=(Asked("chat", 50.0, FEW_GPUS),), worlds=12, whole=2, draws=300)

NOTES = (
    "truths are invented and differ from what is believed in ways named above; evidence, sizing, prices and rules are the real ones",
    "published runs stay where they are, and what they say is invented with the truth; a measurement is off by 5 % (one sd)",
    "regret is what the chosen plan costs over the best one once all speeds are known, over the price of the best plan",
    "ours measures the likeliest rival or the chosen plan, worth most the cell that one step of looking ahead makes worth most",
    "both stop where nothing is worth its GPU time over 12 months",
    "unseen rows: constants and evidence without any row of the GPU type; the form of the model was chosen with them in sight",
)


def validate_decide(
    *, profiles: Path | None, quick: bool = False, seed: int = 0, watch: Watch | None = None
) -> DecideValidation:
    """Judge choosing and measuring on invented worlds, and the intervals on rows of GPU types that are left out.

    Parameters
    ----------
    profiles
        The profile folder; None means the shipped one.
    quick
        Whether a few worlds of one question are enough.
    seed
        Start of the random numbers, 0 or more.
    watch
        Hears of each world that is done.
    """
    effort = QUICK if quick else WHOLE
    shipped = open_profiles(profiles, database=NO_DATABASE)
    arenas = [arena_of(asked, shipped) for asked in effort.asked]
    tasks = list(_tasks(effort))
    workers = 1 if quick else workers_here()
    results = play_all(tasks, arenas, draws=effort.draws, seed=seed, workers=workers, watch=watch)
    return _summary(arenas, results, shipped, quick=quick, seed=seed)


def _tasks(effort: Effort) -> Iterator[Task]:
    for number in range(effort.worlds):
        for arena in range(len(effort.asked)):
            for law in LAWS:
                yield Task(arena, law, number, whole=number < effort.whole)


def _summary(
    arenas: Sequence[Arena], results: Sequence[Played], shipped: Shipped, *, quick: bool, seed: int
) -> DecideValidation:
    kept = [one for one in results if one.start is not None]
    worlds = [sum(one.task.arena == i for one in kept) for i in range(len(arenas))]
    return DecideValidation(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        asked=tuple(
            AskedLine(question=a.name, plans=len(a.cell_of), cells=len(a.cells), worlds=count)
            for a, count in zip(arenas, worlds, strict=True)
        ),
        laws=tuple(LawLine(law=name, words=law.words) for name, law in LAWS.items()),
        policies=tuple(policy_lines(kept, arenas)),
        stop=stop_line(kept, arenas),
        regrets=tuple(regret_lines(kept)),
        coverage=tuple(world_coverage(kept)),
        unseen=tuple(_unseen(shipped, seed=seed)),
        tolerance=SAME_REGRET,
        seed=seed,
        quick=quick,
        notes=NOTES,
    )


def _unseen(shipped: Shipped, *, seed: int) -> Iterator[CoverageLine]:
    seen = unseen_rows(shipped, seed=seed)
    for group, rows in ((None, seen), *by_contender(seen).items()):
        inside = float(np.mean([LOW <= row.place <= HIGH for row in rows]))
        yield CoverageLine(
            group=group, when="unseen GPU type", figure="speed", cases=len(rows), inside=inside, at_ends=inside
        )


LOW, HIGH = 0.05, 0.95
"""Ends of the interval that holds 90 % of draws."""
