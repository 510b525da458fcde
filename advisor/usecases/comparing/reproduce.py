"""`advisor reproduce`: an earlier recommendation, asked again with what was known then."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor import __version__
from advisor.domain.reproduction import Hindrance, Reproduction
from advisor.usecases.comparing.attributing import check_repeatable
from advisor.usecases.comparing.compare import compared, read
from advisor.usecases.comparing.differences import changes
from advisor.usecases.recommend import recommend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from advisor.domain.answer import Recommendation

UNTOLD = "not told"
WITHOUT_TIMES = "run the command again with the file of the trace; an answer with --burstiness can be reproduced"
_SHOWN = 12


def reproduce(
    name: str, *, profiles: Path | None, database: str | None, say: Callable[[str], None] | None = None
) -> Reproduction:
    """Answer the question of an earlier recommendation again, from the first so many runs, and compare the two.

    Parameters
    ----------
    name
        A file with the JSON of a recommendation, or the number of one in the log.
    profiles, database
        What it is answered from, and where the log is.
    say
        Takes the name of what is simulated next.

    Raises
    ------
    DataError
        If it is no recommendation, or there is no such database.
    UnknownNameError
        If the log has no such number.
    InputError
        If its question came from a trace, whose times of arrival no answer carries.
    InfeasibleError
        If nothing meets the question any more.
    """
    before = read(name, database=database)
    check_repeatable(before, name, hint=WITHOUT_TIMES)
    known = before.known
    again = recommend(
        before.question,
        profiles=profiles,
        database=database,
        allow_simulated=known is not None and known.allow_simulated,
        known=known,
        say=say,
    )
    return Reproduction(
        generated_at=datetime.now(UTC),
        advisor_version=__version__,
        before=compared(before, name),
        again=compared(again, "again"),
        same=_figures(before) == _figures(again),
        hindrances=tuple(_hindrances(before, again)),
        changes=changes(before, again),
    )


def _figures(answer: Recommendation) -> str:
    """Return all of an answer but when and by which version it was made."""
    return answer.model_dump_json(exclude={"generated_at", "advisor_version", "known"})


def _hindrances(before: Recommendation, again: Recommendation) -> Iterator[Hindrance]:
    told = (
        ("advisor version", before.advisor_version, again.advisor_version),
        ("profiles", *(answer.known.profiles_digest if answer.known else "" for answer in (before, again))),
        ("own runs that count", before.evidence_digest, again.evidence_digest),
    )
    for what, then, now in told:
        if then != now:
            yield Hindrance(what=what, before=then[:_SHOWN] or UNTOLD, now=now[:_SHOWN] or UNTOLD)
