"""The runs of a database for whoever looks at them: all of them, and why some are no evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import store
from advisor.domain.basis import Basis
from advisor.domain.run_listing import RunListing
from advisor.usecases.grounding.recognizing import owned_up
from advisor.usecases.grounding.shipped import open_profiles
from advisor.usecases.grounding.skipping import KINDS
from advisor.usecases.keeping import existing, list_runs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SIMULATED = "simulated (--allow-simulated)"


def all_runs(database: str | None) -> RunListing:
    """Return all runs of a database; none where none is named and the user has none yet.

    Raises
    ------
    DataError
        If the database is named and not there, or cannot be read.
    """
    return list_runs(database=database) if _is_there(database) else RunListing(runs=())


def why_no_evidence(*, profiles: Path | None, database: str | None, allow_simulated: bool) -> Mapping[str, str]:
    """Return why a run is no evidence, by its identifier; runs that are evidence are not there.

    Raises
    ------
    DataError
        If the database is named and not there, or cannot be read.
    """
    if not _is_there(database):
        return {}
    own = open_profiles(profiles, database=database, allow_simulated=allow_simulated).own
    skipped = {one.run.id: _why(one.kind, one.about) for one in own.skipped}
    runs = () if allow_simulated else map(owned_up, store.read_runs(existing(database)))
    return {**skipped, **{run.id: SIMULATED for run in runs if run.basis is Basis.SIMULATED}}


def _is_there(database: str | None) -> bool:
    return database is not None or store.exists(store.default_url())


def _why(kind: str, about: tuple[str, ...]) -> str:
    return f"{KINDS[kind]} ({', '.join(about)})" if about else KINDS[kind]
