"""Runs that were imported, arranged for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.run_listing import RunListing
from advisor.report.document import Sentence, Tone
from advisor.report.figures import counted
from advisor.report.runs import arrange_runs, run_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.imported import Imported
    from advisor.report.document import Document


def arrange(answer: Imported, *, explain: bool) -> Document:
    """Return the report of an import: how much of it is new, and its runs as `advisor runs` shows them."""
    known = f"; {answer.known:,} more were there already" if answer.known else ""
    headline = Sentence(f"{counted(answer.added, 'run')} imported{known}", Tone.HEADLINE)
    return headline, *arrange_runs(RunListing(runs=answer.runs), explain=explain)


def records(answer: Imported) -> Iterator[dict[str, object]]:
    """Yield one flat record per run."""
    return run_records(RunListing(runs=answer.runs))
