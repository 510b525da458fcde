"""Which cells of a campaign are open, which results are accepted, and what has been used up."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from advisor.domain.attempt import RETRIED_FREELY, Attempt, Outcome
from advisor.domain.campaign_plan import CellState, CellStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from advisor.domain.campaign import Cell, RunRules, ServedDeployment

FINAL = frozenset({Outcome.REFUSED, Outcome.OUT_OF_MEMORY})
"""Outcomes that another try would only repeat."""

S_PER_HOUR = 3600.0


class Tally:
    """The cells of a campaign with their attempts so far. `retry_failed` forgets failures of earlier runs."""

    def __init__(
        self,
        cells: Sequence[Cell],
        *,
        rules: RunRules,
        attempts: Iterable[Attempt] = (),
        accepted: Mapping[str, str],
        retry_failed: bool = False,
    ) -> None:
        self.cells = tuple(cells)
        self._rules = rules
        self._by_id = {cell.id: cell for cell in cells}
        self._accepted = dict(accepted)
        self._attempts: dict[str, list[Attempt]] = {cell.id: [] for cell in cells}
        self._failures: Counter[str] = Counter()
        for attempt in attempts:
            self._enter(attempt, counts=not retry_failed)

    def _enter(self, attempt: Attempt, *, counts: bool) -> None:
        self._attempts.setdefault(attempt.cell_id, []).append(attempt)
        taken_back = attempt.run is not None and attempt.run.discarded
        if counts and not taken_back and attempt.outcome not in RETRIED_FREELY:
            self._failures[attempt.cell_id] += self._rules.attempts if attempt.outcome in FINAL else 1

    def accepts(self, attempt: Attempt) -> bool:
        """Return whether an attempt is the result of its cell: a valid run, or a flagged one after the last try."""
        if attempt.outcome is not Outcome.MEASURED or attempt.run is None or attempt.cell_id in self._accepted:
            return False
        return attempt.run.verdict.valid or self._failures[attempt.cell_id] + 1 >= self._rules.attempts

    def enter(self, attempt: Attempt) -> bool:
        """Take an attempt in, and return whether it is accepted."""
        accepted = self.accepts(attempt)
        self._enter(attempt, counts=True)
        if accepted:
            self._accepted[attempt.cell_id] = attempt.id
        return accepted

    def is_open(self, cell: Cell) -> bool:
        """Return whether a cell still waits for its result."""
        return cell.id not in self._accepted and self._failures[cell.id] < self._rules.attempts

    def open_cells(self, deployment: ServedDeployment | None = None) -> tuple[Cell, ...]:
        """Return the open cells in order, those of one deployment where one is named."""
        return tuple(c for c in self.cells if self.is_open(c) and (deployment is None or deployment == c.deployment))

    def open_deployments(self) -> list[tuple[ServedDeployment, tuple[Cell, ...]]]:
        """Return deployments with open cells, in the order of their first."""
        found: dict[str, list[Cell]] = {}
        for cell in self.open_cells():
            found.setdefault(cell.deployment.model_dump_json(), []).append(cell)
        return [(cells[0].deployment, tuple(cells)) for cells in found.values()]

    def next_try(self, cell_id: str) -> int:
        """Return which try at a cell the next one is, counted from 1."""
        return len(self._attempts.get(cell_id, ())) + 1

    @property
    def settled(self) -> int:
        """Number of cells that nobody works on any more."""
        return sum(not self.is_open(cell) for cell in self.cells)

    @property
    def gpu_hours(self) -> float:
        """GPU-hours of all attempts so far."""
        return sum(a.gpu_s for attempts in self._attempts.values() for a in attempts) / S_PER_HOUR

    def usd(self, price: Callable[[ServedDeployment], Decimal | None]) -> Decimal:
        """Return what the attempts so far have cost; deployments without a known price are left out."""
        total = Decimal(0)
        for cell in self.cells:
            gpu_s = sum(attempt.gpu_s for attempt in self._attempts[cell.id])
            per_hour = price(cell.deployment) if gpu_s else None
            total += (per_hour or Decimal(0)) * Decimal(str(gpu_s / S_PER_HOUR))
        return total

    def status(self, cell: Cell) -> CellStatus:
        """Return how far a cell has come."""
        attempts = self._attempts[cell.id]
        last = attempts[-1] if attempts else None
        return CellStatus(
            ordinal=cell.ordinal,
            cell_id=cell.id,
            deployment=cell.deployment.label,
            workload=cell.workload.name,
            load=cell.load.label,
            repeat=cell.repeat + 1,
            state=self._state(cell),
            attempts=len(attempts),
            run_id=self._accepted.get(cell.id, ""),
            last_outcome=last.outcome if last else None,
            detail=_detail(last) if last else "",
        )

    def _state(self, cell: Cell) -> CellState:
        if cell.id not in self._accepted:
            return CellState.OPEN if self.is_open(cell) else CellState.FAILED
        accepted = next((a for a in self._attempts[cell.id] if a.id == self._accepted[cell.id]), None)
        counts = accepted is None or accepted.run is None or accepted.run.verdict.valid
        return CellState.MEASURED if counts else CellState.FLAGGED


def _detail(attempt: Attempt) -> str:
    run = attempt.run
    taken_back = f"discarded: {run.discarded}" if run and run.discarded else ""
    return "; ".join(filter(None, (attempt.detail, taken_back, *(run.verdict.reasons if run else ()))))
