"""What is sent to a worker: one deployment, and the cells that are measured on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.domain.campaign import Cell, RunRules, ServedDeployment


@dataclass(frozen=True, slots=True)
class Job:
    """Cells of one deployment in measuring order, and all that a worker must know: it sees no file of the driver's.

    `texts` are the user's own prompts, empty for the shipped ones. `canvas_tokens` is None for a model that writes token by
    token.
    """

    deployment: ServedDeployment
    cells: tuple[Cell, ...]
    rules: RunRules
    campaign_id: str
    texts: tuple[str, ...] = ()
    canvas_tokens: int | None = None
