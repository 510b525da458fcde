"""The tree of expected failures: what was wrong, where, and what to do about it.

Knows the sentence, the hint and the exit code of each kind. Refuses to know who catches it. Anything that is not an
`AdvisorError` is a bug and crashes with its traceback.

Exit codes: 0 answer, 2 wrong use, 3 nothing feasible, 4 answer below the wanted confidence, 5 not (all) measured, 6 unfit for a review.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable


MOST_NAMES = 30
"""Names that a hint lists at most."""


class AdvisorError(Exception):
    """An expected failure. `str()` is one sentence; `hint` says what to do next."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class InputError(AdvisorError):
    """The question cannot be read: a bad option, a bad value, a contradiction."""


class UnknownNameError(InputError):
    """A model, GPU, workload or benchmark that no profile describes."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.3)
        super().__init__(
            f"unknown {kind} {name!r}",
            hint=f"did you mean {', '.join(near)}?" if near else f"known: {_some(names)}",
        )


def _some(names: list[str]) -> str:
    """Return names, the first of them where they are many."""
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


class DataError(AdvisorError):
    """A file that cannot be used. `where` is the file with line or field."""

    def __init__(self, where: str, problem: str, *, hint: str = "") -> None:
        super().__init__(f"{where}: {problem}", hint=hint)
        self.where = where


class BusyError(DataError):
    """A database that another process is writing to at the moment."""


class InfeasibleError(AdvisorError):
    """No deployment meets the question. The hint names the smallest change that would."""

    exit_code = 3


class ConfidenceError(AdvisorError):
    """An answer exists, and its evidence is weaker than the user asked for."""

    exit_code = 4


class MeasureError(AdvisorError):
    """Something that was to be measured could not be: a server, an endpoint, a cluster, or cells of a campaign."""

    exit_code = 5


class ReviewError(AdvisorError):
    """An answer exists, and a price or a speed behind it is unfit for a document that is signed."""

    exit_code = 6
