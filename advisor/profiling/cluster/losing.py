"""Why a worker is gone, in a line: what Ray raises, and what that means."""

from __future__ import annotations

from typing import Any

MOST_CHARACTERS = 300
MEANINGS = {
    "NodeDiedError": "its node died, or can no longer be reached",
    "ActorUnavailableError": "its node can no longer be reached",
    "LocalRayletDiedError": "Ray on this machine died",
    "WorkerCrashedError": "its process was killed, or crashed",
    "OutOfMemoryError": "Ray ended it, since its node was out of memory",
    "TaskCancelledError": "it was cancelled from outside",
    "OwnerDiedError": "what it told was lost with its node",
    "ObjectLostError": "what it told was lost with its node",
    "ObjectFetchTimedOutError": "what it told was lost with its node",
    "GetTimeoutError": "what it told does not arrive",
    "RuntimeEnvSetupError": "its environment could not be made",
}
"""What Ray's exceptions say of a job. Only the last one needs Ray's own words."""
IN_RAYS_WORDS = {"RuntimeEnvSetupError", "OutOfMemoryError"}


def in_words(problem: BaseException) -> str:
    """Return why a worker is gone."""
    cause: Any = getattr(problem, "cause", None)
    if isinstance(cause, ImportError) or "ModuleNotFoundError" in str(problem):
        last = str(problem).strip().splitlines()[-1].strip()
        return f"its node cannot load what it is to run ({_short(last)}): is the same advisor installed there?"
    name = next((kind.__name__ for kind in type(problem).__mro__ if kind.__name__ in MEANINGS), "")
    if not name:
        return f"{type(problem).__name__}: {_short(str(problem))}"
    return f"{MEANINGS[name]}: {_short(str(problem))}" if name in IN_RAYS_WORDS else MEANINGS[name]


def _short(text: str) -> str:
    return " ".join(text.split())[:MOST_CHARACTERS]
