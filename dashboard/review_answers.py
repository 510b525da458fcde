"""Review documents of the use case, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.cli.asked import question_in
from advisor.domain.review import Cover
from advisor.usecases.reviewing.review import review as composed
from dashboard.answers import Failure, kept
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.review import Review
    from dashboard.state import Asked

KEPT = 32
"""Documents that are kept at most."""


def cover_of(asked: Asked, *, title: str, owner: str, draft: bool) -> Cover:
    """Return what a document says of itself, with the command that writes it: the page shows the same one."""
    words = [
        *(("--title", title) if title else ()),
        *(("--owner", owner) if owner else ()),
        *(("--draft",) if draft else ()),
        *("--output", "review.html"),
    ]
    return Cover(title=title, owner=owner, command=asked.command_of("review", *words), draft=draft)


def review(asked: Asked, cover: Cover) -> Review | Failure:
    """Return the document of a question, or the expected failure."""
    return _review(asked.arguments, cover)


@kept(most=KEPT)
def _review(arguments: tuple[str, ...], cover: Cover) -> Review:
    return composed(question_in(arguments), cover=cover, **settings().sources)
