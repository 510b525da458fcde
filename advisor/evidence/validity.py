"""Whether a run counts. Only who judges runs loads this: it is no part of the door of the room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.run_figures import Verdict
from advisor.evidence.rules import RULES
from advisor.evidence.seen import Seen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.load import Load
    from advisor.domain.profiled import RunConditions
    from advisor.domain.run_figures import RunFigures
    from advisor.domain.timing import Sample


def judge(
    conditions: RunConditions,
    load: Load,
    figures: RunFigures,
    *,
    diffuses: bool,
    samples: Sequence[Sample] = (),
    canvas_tokens: int | None = None,
    room_tokens: int | None = None,
    longest_tokens: int | None = None,
) -> Verdict:
    """Return whether a run counts, with a code and a sentence for each rule that it breaks.

    Parameters
    ----------
    conditions
        The deployment with the settings that it really ran with.
    load
        What was sent.
    figures
        What was seen.
    diffuses
        Whether the model writes in canvases.
    samples
        Readings of the GPU during the run, where there are some.
    canvas_tokens
        Length of a canvas by the model's profile; None where no profile tells.
    room_tokens
        Tokens that the server takes of prompt and reply together; None where it did not say.
    longest_tokens
        The most tokens that prompt and reply of one request came to, as asked; None where that is not known.

    References
    ----------
    Methods section 1.6, and the comparison of load generators; each rule names its own source.
    """
    seen = Seen(conditions, load, figures, diffuses, samples, canvas_tokens, room_tokens, longest_tokens)
    broken = [(rule.voids, f"{rule.code}: {said}") for rule in RULES if (said := rule.says(seen))]
    reasons = tuple(text for voids, text in broken if voids)
    return Verdict(valid=not reasons, reasons=reasons, flags=tuple(text for voids, text in broken if not voids))
