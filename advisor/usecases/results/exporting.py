"""Carrying a campaign out of a database as files, and into one again."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor import catalog, store
from advisor.errors import DataError, InputError
from advisor.usecases.keeping import existing
from advisor.usecases.results.campaign_files import RECORD, files_of
from advisor.usecases.results.campaign_reading import is_export, read_export, read_record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from advisor.domain.contents import CampaignContents


@dataclass(frozen=True, slots=True)
class Exported:
    """Where a campaign was written to, in how many files, with how many runs."""

    folder: Path
    files: int
    runs: int


def export_campaign(
    name_or_id: str, *, database: str | None, profiles: Path | None, to: Path | None, requests: bool
) -> Exported:
    """Write a campaign as files, whole or not at all; the same campaign always gives the same files.

    Without a folder it goes into `measurements/campaigns` of the profiles. An earlier export of it is replaced.

    Raises
    ------
    UnknownNameError
        If there is no such campaign.
    DataError
        If there is no such database, or it cannot be read.
    InputError
        If the folder holds something else, or cannot be written.
    """
    with store.open_store(existing(database)) as held:
        contents = held.contents(name_or_id, requests=requests)
    folder = to or (profiles or catalog.profiles_root()) / "measurements" / "campaigns" / contents.record.id
    files = files_of(contents)
    _replace(folder, contents, files)
    return Exported(folder, len(files), len(contents.runs))


def _replace(folder: Path, contents: CampaignContents, files: Mapping[str, str]) -> None:
    """Put files into a folder that appears whole, through a neighbor that takes its name."""
    target = folder.resolve()
    neighbor, old = (target.with_name(f".{target.name}.{os.getpid()}.{end}") for end in ("part", "old"))
    try:
        _check_free(target, contents)
        for name, text in files.items():
            path = neighbor / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        if target.exists():
            target.rename(old)
        neighbor.rename(target)
    except OSError as problem:
        if old.exists() and not target.exists():
            old.rename(target)
        hint = "does its folder exist, and may you write to it? --to names another one"
        raise InputError(f"cannot write {folder}: {problem.strerror}", hint=hint) from None
    finally:
        shutil.rmtree(neighbor, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _check_free(folder: Path, contents: CampaignContents) -> None:
    """Refuse to replace anything but an earlier export of the same campaign, or an empty folder."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not is_export(folder) or read_record(folder).id != contents.record.id:
        raise InputError(
            f"{folder} holds something else", hint="name an empty folder, or one that is yet to come, with --to"
        )


def import_campaign(folder: Path, database: str | None) -> tuple[str, int]:
    """Bring a campaign that an export wrote into a database; return its identifier, and how many runs were new.

    Importing again adds nothing. The database is made where there is none.

    Raises
    ------
    DataError
        If the folder holds no export, a file of it cannot be, or the database cannot be written.
    """
    if not is_export(folder):
        raise DataError(str(folder), f"holds no exported campaign: there is no {RECORD}", hint="name the folder of one")
    contents = read_export(folder)
    with store.open_store(database or store.default_url()) as held:
        return contents.record.id, held.add_contents(contents)
