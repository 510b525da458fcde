"""The queueing formulas' lines in the table of `advisor validate`, beside what one would say without them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from advisor.domain.routing import Routing
from advisor.domain.validation_summary import JudgedCase, NamedError, Statistic, Target
from advisor.usecases.validating.judging_errors import JudgedPart, Topic, lines_of
from advisor.usecases.validating.queueing import ARRIVALS, BANDS, MOST_WORKERS, TARGETS, judge_all
from advisor.usecases.validating.queueing_grid import FIGURES, FLEETS, SCVS, SINGLE
from advisor.usecases.validating.queueing_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.domain.validation_summary import JudgedLine
    from advisor.usecases.validating.judging_errors import Asked
    from advisor.usecases.validating.queueing_grid import Cell, Judged

PART = "queueing"
TRUTH = "simulated"
QUICK_LOADS = frozenset({0.5, 0.85})
"""Loads of the part of the grid that is judged quickly: an easy one, and the hardest that the formulas are meant for."""


def validate_formulas(asked: Asked) -> JudgedPart:
    """Judge the formulas on part of the grid with a tenth of the requests, or on all of it."""
    cells = cells_of(quick=asked.quick)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    judged = judge_all(cells, quick=asked.quick, seed=asked.seed, workers=workers, watch=asked.watch)
    return part_of(judged, quick=asked.quick)


def cells_of(*, quick: bool) -> tuple[Cell, ...]:
    """Return the cells that are judged."""
    return tuple(cell for cell in SINGLE if cell.load in QUICK_LOADS) if quick else (*SINGLE, *FLEETS)


def part_of(judged: Sequence[Judged], *, quick: bool) -> JudgedPart:
    """Return the lines over some cells: one replica by arrivals and load, several by routing rule."""
    lines = (*_single_lines([one for one in judged if one.cell.replicas == 1]), *_fleet_lines(judged))
    requests = sum(one.requests for one in judged)
    shortened = " (part of the grid, a tenth of the requests; --full judges all)" if quick else ""
    return JudgedPart(
        lines=tuple(lines),
        cases=tuple(case for one in judged for case in _cases(one)),
        notes=(f"queueing: {len(judged)} cells and {requests:,} simulated requests{shortened}",) if judged else (),
    )


def _single_lines(judged: Sequence[Judged]) -> Iterator[JudgedLine]:
    for scv in SCVS:
        for band in BANDS:
            group = [
                one
                for one in judged
                if one.cell.arrival_scv == scv and band.lowest_load <= one.cell.load <= band.highest_load
            ]
            asked = TARGETS.get((ARRIVALS[scv], band.name), {})
            for column, figure in enumerate(FIGURES):
                target = _target(asked[figure]) if figure in asked else None
                rules = [(name, [_rule_error(name, one, column) for one in group]) for name in RULES]
                topic = _topic(f"{ARRIVALS[scv]}, load {band.name}", figure)
                yield from lines_of(topic, _named(group, column), rules=rules, target=target)


def _fleet_lines(judged: Sequence[Judged]) -> Iterator[JudgedLine]:
    for scv in SCVS:
        for routing in Routing:
            group = [
                one
                for one in judged
                if one.cell.replicas > 1 and one.cell.arrival_scv == scv and one.cell.routing is routing
            ]
            topic = _topic(f"{ARRIVALS[scv]}, 2 to 8 replicas, {routing}", "p95")
            yield from lines_of(topic, _named(group, FIGURES.index("p95")))


def _topic(judged: str, figure: str) -> Topic:
    return Topic(PART, f"{judged}: {figure}", TRUTH, f"{figure} of end-to-end time")


def _target(median: float) -> Target:
    return Target(statistic=Statistic.MEDIAN, at_most=median, source="asked of all stations together")


def _named(group: Sequence[Judged], column: int) -> list[NamedError]:
    return [NamedError(case=_name(one.cell), error=one.errors[column]) for one in group]


def _name(cell: Cell) -> str:
    fleet = f", {cell.replicas} replicas {cell.routing}" if cell.replicas > 1 else ""
    return f"{cell.station}, {cell.work} work, {ARRIVALS[cell.arrival_scv]}, load {cell.load:g}{fleet}"


def _rule_error(rule: str, one: Judged, column: int) -> float:
    return RULES[rule](one.cell)[column] / one.simulated_s[column] - 1.0


def _cases(one: Judged) -> Iterator[JudgedCase]:
    rule = next(iter(RULES))
    for column, figure in enumerate(FIGURES):
        true_s = one.simulated_s[column]
        yield JudgedCase(
            part=PART,
            judged=figure,
            case=_name(one.cell),
            unit="s",
            true_value=true_s,
            our_value=true_s * (1.0 + one.errors[column]),
            error=one.errors[column],
            rule_error=_rule_error(rule, one, column) if one.cell.replicas == 1 else None,
        )
