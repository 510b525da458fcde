"""Whether the server was what it was taken to be, did what it was asked, and was ours alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.evidence.seen import Seen

SHORT_SHARE = 0.9
"""Mean length of replies over what was asked for below which they count as shorter (assumed)."""

LENGTH_TOLERANCE = 0.02
"""Share by which the counted length of a canvas may differ from the model's: a reading may cut a few passes in two (assumed)."""

FOREIGN_SHARE = 0.01
"""Requests of other clients over ours from which a run no longer shows its own load (assumed)."""

LEAST_FOREIGN = 3
"""Requests too many that a counter may show by itself: one may be told late that ended before the run (assumed)."""


def canvas_length(seen: Seen) -> str:
    """Say that the server denoised canvases of another length than the model's profile has: that is another contender."""
    canvas, wanted = seen.figures.canvas, seen.canvas_tokens
    if canvas is None or canvas.length_tokens is None or wanted is None:
        return ""
    if abs(canvas.length_tokens / wanted - 1.0) <= LENGTH_TOLERANCE:
        return ""
    return (
        f"the server denoised canvases of {canvas.length_tokens:.4g} positions (by its counters), and the model's profile has "
        f"{wanted}: it is another contender"
    )


def canvas_length_unknown(seen: Seen) -> str:
    """Say that the length of canvases was not told, so that the profile's is believed."""
    canvas = seen.figures.canvas
    if canvas is None or canvas.length_tokens is not None or seen.canvas_tokens is None:
        return ""
    return f"how long canvases were is not told, {seen.canvas_tokens} positions are assumed"


def foreign_traffic(seen: Seen) -> str:
    """Say that other clients used the server during the run; empty where its counters do not tell."""
    count = seen.figures.foreign_requests
    if count is None or count <= max(LEAST_FOREIGN, FOREIGN_SHARE * seen.figures.requests):
        return ""
    return f"the server finished {count} more requests than were sent to it: other clients used it, and its speed was shared"


def short_replies(seen: Seen) -> str:
    """Say that replies were shorter than asked: the model ended them, and the run shows another workload."""
    asked, got = seen.figures.asked_tokens_mean, seen.figures.output_tokens_mean
    if not asked or not seen.figures.completed or got >= SHORT_SHARE * asked:
        return ""
    return f"replies of {asked:.4g} tokens were asked for in the mean, and {got:.4g} came: the model ended them itself"


def engine_unknown(seen: Seen) -> str:
    """Say that nobody told which engine ran, or in which version."""
    conditions = seen.conditions
    if not conditions.engine:
        return "which engine ran is not told: it counts as the known one in an unknown version, and counts less"
    if not conditions.engine_version:
        return f"which version of {conditions.engine} ran is not told: it may be any, and counts less"
    return ""


def does_not_fit(seen: Seen) -> str:
    """Say that a prompt and its reply exceed what the server takes."""
    longest, room = seen.longest_tokens, seen.room_tokens
    if longest is None or room is None or longest <= room:
        return ""
    return (
        f"prompt and reply of a request come to {longest:,} tokens, and the server takes {room:,} (max_model_len): such "
        "requests are refused or cut short"
    )
