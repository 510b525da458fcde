"""Flips and maps of the use case, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.cli.asked import question_in
from advisor.domain.crossover import Scope
from advisor.usecases.crossing.crossover import crossover
from advisor.usecases.crossing.mapping import crossover_map
from dashboard.answers import Failure, kept
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.crossover import Crossover, CrossoverMap
    from dashboard.state import Asked

POINTS = 64
"""Points along each axis of a map."""

KEPT = 64
"""Answers of one kind that are kept at most."""


def flips(asked: Asked, axis: str, *, by_gpu: bool = False) -> Crossover | Failure:
    """Return where along an axis another contender becomes the cheaper one, per GPU type too if wanted."""
    return _flips(asked.arguments, axis, by_gpu=by_gpu)


@kept(most=KEPT)
def _flips(arguments: tuple[str, ...], axis: str, *, by_gpu: bool) -> Crossover:
    scopes = (Scope.OVERALL, Scope.GPU) if by_gpu else (Scope.OVERALL,)
    return crossover(question_in(arguments), axis, scopes=scopes, **settings().sources)


def mapped(asked: Asked, across: str, up: str) -> CrossoverMap | Failure:
    """Return who is cheapest at each point of two axes."""
    return _mapped(asked.arguments, across, up)


@kept(most=KEPT)
def _mapped(arguments: tuple[str, ...], across: str, up: str) -> CrossoverMap:
    return crossover_map(question_in(arguments), (across, up), points=POINTS, **settings().sources)
