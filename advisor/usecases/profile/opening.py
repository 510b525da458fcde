"""From a campaign file to what is needed to run it: profiles, cells, the database, the file's state in version control."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from advisor import catalog, store
from advisor.domain.attempt import CampaignRecord, GitState
from advisor.domain.basis import Basis
from advisor.errors import DataError
from advisor.usecases.grounding.shipped import Shipped, open_profiles
from advisor.usecases.profile.preparing import Prepared, prepare

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.store.database import Store

DEMO_DATABASE = "demo"
GIT_PATIENCE_S = 10.0


def open_campaign(path: Path, *, profiles: Path | None, database: str | None) -> tuple[Shipped, Prepared]:
    """Return the profiles in use, and a campaign with its cells in order.

    What is known already decides the order, so the database is read where there is one.
    """
    shipped = open_profiles(profiles, database=database if database and store.exists(database) else None)
    return shipped, prepare(catalog.read_campaign(path, root=shipped.root), shipped)


def database_of(basis: Basis, database: str | None) -> str:
    """Return the database that runs of a basis go to: the one named, else the user's own; simulated runs have their own."""
    if database is not None:
        return database
    return store.default_url(DEMO_DATABASE) if basis is Basis.SIMULATED else store.default_url()


def check_unmixed(held: Store, basis: Basis, url: str) -> None:
    """Refuse a database that holds measurements for simulated runs, and the other way round.

    Raises
    ------
    DataError
        If it holds campaigns of the other kind.
    """
    others = [
        record for record in held.campaigns() if (record.basis is Basis.SIMULATED) is not (basis is Basis.SIMULATED)
    ]
    if others:
        raise DataError(
            store.place(url),
            f"holds {others[0].basis} runs ({others[0].name}), these would be {basis}",
            hint="name another database with --db: simulated and measured runs are never mixed",
        )


def now_utc() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def record_of(prepared: Prepared, path: Path, *, now: datetime) -> CampaignRecord:
    """Return a campaign as it is started: its file word for word, and where that stands in version control."""
    campaign = prepared.campaign
    return CampaignRecord(
        id=campaign.id,
        name=campaign.name,
        title=campaign.title,
        text=path.read_text(encoding="utf-8"),
        git=git_state(path),
        basis=prepared.basis,
        created_at=now,
    )


def git_state(path: Path) -> GitState:
    """Return the commit that a file stands at and whether it was changed since; empty where git does not know it."""
    folder = path.resolve().parent
    commit = _git(folder, "rev-parse", "HEAD")
    tracked = _git(folder, "ls-files", "--full-name", "--error-unmatch", path.name)
    if not (commit and tracked):
        return GitState()
    return GitState(commit=commit, dirty=bool(_git(folder, "status", "--porcelain", "--", path.name)), path=tracked)


def _git(folder: Path, *arguments: str) -> str:
    """Return what git says; nothing where it fails, or is not installed."""
    try:
        done = subprocess.run(  # noqa: S603 - fixed arguments and a file name
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the user's own git
            capture_output=True,
            text=True,
            timeout=GIT_PATIENCE_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
