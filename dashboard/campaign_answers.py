"""Answers about campaigns. How far one has come is read anew each time; what to measure next is kept as the others are."""

from __future__ import annotations

from shlex import join
from typing import TYPE_CHECKING

from advisor.cli.asked import question_in
from advisor.domain.next_measurement import LOOKAHEAD_DRAWS
from advisor.usecases.addresses import shown
from advisor.usecases.measuring_next.measurement import next_measurement
from advisor.usecases.profile.overview import campaign_overview, known_campaigns
from dashboard.answers import Failure, kept, told
from dashboard.settings import settings

if TYPE_CHECKING:
    from advisor.domain.next_measurement import NextMeasurement
    from advisor.usecases.profile.overview import CampaignOverview, KnownCampaign
    from dashboard.state import Asked


@told
def campaigns() -> tuple[KnownCampaign, ...]:
    """Return all campaigns as they stand now, the newest first, or the expected failure."""
    return known_campaigns(settings().database)


@told
def overview(known: KnownCampaign) -> CampaignOverview:
    """Return one campaign as it stands now, or the expected failure."""
    return campaign_overview(known.record.id, url=known.url, profiles=settings().profiles)


def what_next(asked: Asked) -> tuple[NextMeasurement, str] | Failure:
    """Return what to measure next for a question, with the campaign file for it, empty where nothing pays."""
    return _what_next(asked.arguments)


@kept()
def _what_next(arguments: tuple[str, ...]) -> tuple[NextMeasurement, str]:
    question = question_in(arguments).model_copy(update={"draws": LOOKAHEAD_DRAWS})
    found = next_measurement(question, **settings().sources)
    return found.answer, found.campaign_text


def next_command(asked: Asked) -> str:
    """Return the question to `advisor next`, to copy."""
    return asked.command_of("next")


def profile_command(verb: str, what: str, known: KnownCampaign | None = None) -> str:
    """Return a command of `advisor profile` about a campaign, to copy."""
    database = () if known is None or settings().database is None else ("--db", shown(known.database))
    return join(("advisor", "profile", verb, what, *database))
