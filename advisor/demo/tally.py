"""What the engine has done so far, counted as vLLM counts it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counters since the start.

    `denoising_steps` count the commit pass of a canvas too, summed over requests, and `canvas_positions` are the positions
    of all these passes, so steps per canvas are positions over committed tokens, less one. `accepted_at` counts accepted
    drafts by their place.
    """

    iterations: int = 0
    prompt_tokens: int = 0
    cached_prompt_tokens: int = 0
    generation_tokens: int = 0
    preemptions: int = 0
    denoising_steps: int = 0
    canvas_positions: int = 0
    committed_tokens: int = 0
    drafts: int = 0
    draft_tokens: int = 0
    accepted_draft_tokens: int = 0
    accepted_at: list[int] = field(default_factory=list)
    finished: dict[str, int] = field(default_factory=dict)

    def finish(self, reason: str) -> None:
        """Count a request that is over, by its reason."""
        self.finished[reason] = self.finished.get(reason, 0) + 1

    def pass_canvas(self, tokens: int, *, commits: bool) -> None:
        """Count one pass over a canvas of `tokens`."""
        self.denoising_steps += 1
        self.canvas_positions += tokens
        self.committed_tokens += tokens if commits else 0

    def verify_draft(self, proposed: int, accepted: int) -> None:
        """Count one verified bunch of drafts."""
        self.drafts += 1
        self.draft_tokens += proposed
        self.accepted_draft_tokens += accepted
        self.accepted_at.extend([0] * (proposed - len(self.accepted_at)))
        for place in range(accepted):
            self.accepted_at[place] += 1
