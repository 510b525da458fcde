"""Which campaign is meant: by its file, or by the name or identifier that a database knows it by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from advisor import catalog, store
from advisor.errors import InputError, UnknownNameError
from advisor.usecases.addresses import shown
from advisor.usecases.profile.opening import DEMO_DATABASE, database_of, open_campaign

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.attempt import CampaignRecord
    from advisor.domain.campaign import Campaign, RunRules

FILES = frozenset({".yaml", ".yml"})
START_IT = "start it with advisor profile run, or name its database with --db"


@dataclass(frozen=True, slots=True)
class Started:
    """A campaign that was started: the database that knows it, and the rules that its attempts are counted by."""

    url: str
    campaign_id: str
    rules: RunRules


def find_started(which: str, *, profiles: Path | None, database: str | None) -> Started:
    """Return the campaign of a file, of a name or of an identifier.

    A name needs no file: the database keeps what a campaign was started with. Without `database` a name is looked for
    among the user's own campaigns and the simulated ones.

    Raises
    ------
    InputError
        If it has not been started there, or if several campaigns have the name.
    UnknownNameError
        If no campaign there has the name.
    """
    path = Path(which)
    if path.is_file():
        return _of_file(path, profiles=profiles, database=database)
    if path.suffix in FILES:
        raise InputError(f"there is no file {which}", hint="name a campaign by its file, its name or its identifier")
    urls = [database] if database else [store.default_url(), store.default_url(DEMO_DATABASE)]
    url, record = _named(which, urls)
    return Started(url, record.id, catalog.rules_of(record.text, where=f"campaign {record.id} in {shown(url)}"))


def _of_file(path: Path, *, profiles: Path | None, database: str | None) -> Started:
    _, prepared = open_campaign(path, profiles=profiles, database=database)
    campaign, url = prepared.campaign, database_of(prepared.basis, database)
    known = _records(url)
    if campaign.id not in {record.id for record in known}:
        raise _not_started(campaign, [record.id for record in known if record.name == campaign.name], url)
    return Started(url, campaign.id, campaign.rules)


def _not_started(campaign: Campaign, others: Sequence[str], url: str) -> InputError:
    """Return why the campaign of a file is not found; an earlier one of its name was started from another text."""
    if not others:
        return InputError(f"campaign {campaign.name} has not been started in {shown(url)}", hint=START_IT)
    return InputError(
        f"campaign {campaign.name}, as the file says now, has not been started in {shown(url)}",
        hint=f"an earlier text of it was: name that by its identifier, {' or '.join(others)}",
    )


def _named(which: str, urls: Sequence[str]) -> tuple[str, CampaignRecord]:
    known = [(url, record) for url in urls for record in _records(url)]
    found = [pair for pair in known if pair[1].id == which] or [pair for pair in known if pair[1].name == which]
    if not known:
        raise InputError(f"no campaign has been started in {' or '.join(map(shown, urls))}", hint=START_IT)
    if not found:
        raise UnknownNameError("campaign", which, {name for _, record in known for name in (record.name, record.id)})
    if len(found) > 1:
        told = ", ".join(f"{record.id} (started {record.created_at:%Y-%m-%d %H:%M}, {shown(u)})" for u, record in found)
        raise InputError(
            f"{len(found)} campaigns are called {which}", hint=f"name one by its identifier, or its database: {told}"
        )
    return found[0]


def _records(url: str) -> tuple[CampaignRecord, ...]:
    """Return the campaigns of a database; none, and no new file, where there is none."""
    if store.is_blank(url):
        return ()
    with store.open_store(url) as held:
        return held.campaigns()
