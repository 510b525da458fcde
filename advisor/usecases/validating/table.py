"""`advisor validate`: every validation of this program in one table, or one of them in detail.

To add one, write a function that returns a `JudgedPart`, and enter it in `PARTS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor import __version__, catalog
from advisor.catalog.peers import read_peer_figures
from advisor.domain.validation_summary import PartLeftOut, ValidationSummary
from advisor.usecases.validating.curve_lines import validate_curves
from advisor.usecases.validating.decide_lines import validate_decisions
from advisor.usecases.validating.estimator_lines import validate_estimator
from advisor.usecases.validating.formula_lines import validate_formulas
from advisor.usecases.validating.import_lines import validate_imports
from advisor.usecases.validating.judging_errors import Asked, JudgedPart

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from advisor.usecases.validating.judging_errors import Watch

Judge = Callable[[Asked], JudgedPart | PartLeftOut]

PARTS: Mapping[str, Judge] = {
    "estimator": validate_estimator,
    "curves": validate_curves,
    "queueing": validate_formulas,
    "decide": validate_decisions,
    "imports": validate_imports,
}

NOTES = (
    "error = ours / truth - 1; median, p90 and worst are of its size; every case counts, the worst are named",
    "truth = published rows, an event simulation of the same station, or what a file states: as each line says",
    "another tool stands beside ours only where like is measured; its figures are what its authors say unless told otherwise",
)


def validate_all(
    *,
    profiles: Path | None,
    part: str | None = None,
    full: bool = False,
    seed: int = 0,
    watch: Watch | None = None,
) -> ValidationSummary:
    """Judge every part, or one of `PARTS` with all its cases.

    Parameters
    ----------
    profiles
        The profile folder; None means the shipped one.
    part
        The only part to judge; None means all.
    full
        Whether whole grids are simulated, which takes minutes.
    seed
        Start of the random numbers, 0 or more.
    watch
        Hears how far a part that simulates has come.
    """
    root = profiles or catalog.profiles_root()
    asked = Asked(root, quick=not full, seed=seed, watch=watch)
    names = [name for name in PARTS if part in {None, name}]
    found = {name: _judged(name, asked) for name in names}
    judged = [one for one in found.values() if isinstance(one, JudgedPart)]
    return ValidationSummary(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        lines=tuple(line for one in judged for line in one.lines),
        peers=tuple(peer for peer in read_peer_figures(root) if peer.part in names),
        cases=tuple(case for one in judged for case in one.cases) if part else (),
        left_out=tuple(one for one in found.values() if isinstance(one, PartLeftOut)),
        quick=not full,
        seed=seed,
        notes=(*NOTES, *_notes(judged)),
    )


def _judged(name: str, asked: Asked) -> JudgedPart | PartLeftOut:
    found = PARTS[name](asked)
    if isinstance(found, JudgedPart) and not found.lines:
        return PartLeftOut(part=name, reason="these profiles hold nothing to judge it on")
    return found


def _notes(judged: Iterable[JudgedPart]) -> list[str]:
    return [note for one in judged for note in one.notes]
