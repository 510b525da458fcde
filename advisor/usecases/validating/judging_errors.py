"""From the errors of single cases to a line of the table: sizes, the trivial rules beside ours, and whether a target is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.validation_summary import ErrorSizes, JudgedCase, JudgedLine, NamedError, Target, TrivialRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    Watch = Callable[[int, int], None]

WORST_SHOWN = 3
P90_FROM = 0.9


@dataclass(frozen=True, slots=True)
class Asked:
    """What a part of the validation is asked: which profiles, how thoroughly, from which random numbers; who hears of it."""

    root: Path
    quick: bool = True
    seed: int = 0
    watch: Watch | None = None


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """What a part found: its lines, and the single cases behind them where it can list them."""

    lines: tuple[JudgedLine, ...]
    cases: tuple[JudgedCase, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """What a line is about: its part, what is judged, what with, and what the errors are errors of."""

    part: str
    judged: str
    truth: str
    figure: str


def sizes_of(errors: Sequence[float]) -> ErrorSizes | None:
    """Return median, 90th percentile, mean and largest of the sizes of relative errors; None for no case."""
    if not errors:
        return None
    size = np.abs(errors)
    return ErrorSizes(
        cases=len(errors),
        median=float(np.median(size)),
        p90=float(np.quantile(size, P90_FROM)),
        mean=float(size.mean()),
        worst=float(size.max()),
    )


def lines_of(
    topic: Topic,
    named: Sequence[NamedError],
    *,
    rules: Iterable[tuple[str, Sequence[float]]] = (),
    target: Target | None = None,
    enough: bool = True,
) -> tuple[JudgedLine, ...]:
    """Return the line over some cases, or nothing where there is no case.

    Parameters
    ----------
    topic
        What the line is about.
    named
        Every case with its error.
    rules
        Trivial rules, and the errors of each on the cases that it can answer.
    target
        What is asked, if anything is.
    enough
        Whether enough was judged to say that the target is kept or not.
    """
    errors = [one.error for one in named]
    sizes = sizes_of(errors)
    if sizes is None:
        return ()
    line = JudgedLine(
        part=topic.part,
        judged=topic.judged,
        truth=topic.truth,
        figure=topic.figure,
        errors=sizes,
        bias=float(np.mean(errors)),
        rules=tuple(TrivialRule(rule=rule, errors=sizes_of(found)) for rule, found in rules),
        target=target,
        kept=getattr(sizes, target.statistic) <= target.at_most if target and enough else None,
        worst_cases=tuple(sorted(named, key=lambda one: -abs(one.error))[:WORST_SHOWN]),
    )
    return (line,)


def lines_of_cases(
    topic: Topic, cases: Sequence[JudgedCase], *, rule: str = "", target: Target | None = None
) -> tuple[JudgedLine, ...]:
    """Return the line over the cases of a topic, which stand in for their errors and those of one trivial rule."""
    own = [case for case in cases if case.judged == topic.judged]
    named = [NamedError(case=case.case, error=case.error) for case in own]
    ruled = [case.rule_error for case in own if case.rule_error is not None]
    return lines_of(topic, named, rules=[(rule, ruled)] if rule else (), target=target)
