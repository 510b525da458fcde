"""Bringing results of other tools into the database: read all, fill in what the user says, judge, then store all at once."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from advisor import catalog, store
from advisor.catalog.results import read_results
from advisor.domain.attempt import CampaignRecord
from advisor.domain.campaign import digest
from advisor.domain.imported import Imported
from advisor.domain.profiled import ProfiledRun
from advisor.errors import InputError
from advisor.usecases.keeping import list_runs
from advisor.usecases.results.campaign_reading import is_export, read_export
from advisor.usecases.results.conditions import Described, conditions_of
from advisor.usecases.results.figures import figures_of
from advisor.usecases.results.lengths import with_lengths
from advisor.usecases.results.verdicts import verdict_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from advisor.catalog.results import Told, ToldRun
    from advisor.domain.contents import CampaignContents
    from advisor.domain.profiled import RunConditions
    from advisor.store import Store

CONTENT_DIGITS, CONDITION_DIGITS = 12, 4
"""Parts of an identifier: what the file says of the run, and under what conditions it was imported."""

_DATE_OF_FILE = (
    "date_of_file: neither the file nor --date says when it was measured; the day of the file's last change was taken"
)


@dataclass(frozen=True, slots=True)
class Read:
    """What all files held, before anything is stored."""

    runs: tuple[ProfiledRun, ...]
    campaigns: tuple[CampaignContents, ...]


def import_results(
    paths: Sequence[Path], given: Told, *, fmt: str | None, profiles: Path | None, database: str | None
) -> Imported:
    """Import files and folders of results, and folders that ``advisor export`` wrote. Nothing is stored unless all can be read.

    What a file says is taken from it, `given` fills the rest. Importing again adds nothing. The database is made where there
    is none.

    Raises
    ------
    DataError
        If a file cannot be read, contradicts what is given, or the database cannot be written.
    InputError
        If something needed is said by neither file nor user, or the same result is there under other conditions.
    """
    found = read_all(paths, given, fmt=fmt, described=describe(profiles or catalog.profiles_root()))
    url = database or store.default_url()
    with store.open_store(url) as held:
        _refuse_twice(found.runs, held.runs())
        added = sum(held.add_contents(contents) for contents in found.campaigns) + _add(held, found.runs)
    ids = [run.id for run in chain(found.runs, *(contents.runs for contents in found.campaigns))]
    listed = {line.id: line for line in list_runs(database=url).runs}
    return Imported(added=added, known=len(ids) - added, runs=tuple(listed[run_id] for run_id in dict.fromkeys(ids)))


def describe(root: Path) -> Described:
    """Return what a profile folder describes."""
    return Described(
        models=catalog.read_models(root),
        gpus=catalog.spec_names(root, "gpus"),
        workloads=catalog.read_workloads(root),
        engine=catalog.read_newest_engine(root).name,
    )


def read_all(paths: Iterable[Path], given: Told, *, fmt: str | None, described: Described) -> Read:
    """Return what files and folders hold.

    Raises
    ------
    DataError
        If one cannot be read, or contradicts what is given.
    InputError
        If something needed is said by neither.
    """
    runs: dict[str, ProfiledRun] = {}
    campaigns: list[CampaignContents] = []
    for path in paths:
        exported = _exports(path) if fmt is None else []
        campaigns += map(read_export, exported)
        for told in () if exported else read_results(path, name=fmt):
            run = _run(told, given, described, changed_at=_changed_at(path))
            runs[run.id] = run
    return Read(tuple(runs.values()), tuple(campaigns))


def _exports(path: Path) -> list[Path]:
    """Return the exported campaign that a folder is, or those that it holds."""
    folders = [path, *(sorted(path.iterdir()) if path.is_dir() else ())]
    return [folder for folder in folders if is_export(folder)]


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _run(told: ToldRun, given: Told, described: Described, *, changed_at: datetime) -> ProfiledRun:
    conditions, model = conditions_of(told, given, described)
    told = with_lengths(told, described.workloads.get(conditions.workload))
    figures = figures_of(told, model)
    measured_at = told.told.measured_at or given.measured_at
    verdict = verdict_of(told, conditions, figures, model)
    if measured_at is None:
        verdict = verdict.model_copy(update={"flags": (*verdict.flags, _DATE_OF_FILE)})
    return ProfiledRun(
        id=told.kept.id if told.kept else _identifier(told, conditions),
        campaign_id=_campaign_id(told, conditions),
        conditions=conditions,
        load=told.load,
        repeat=told.repeat,
        figures=figures,
        verdict=verdict,
        basis=told.basis,
        measured_at=measured_at or changed_at,
        tool=told.tool,
        source=(told.kept.source if told.kept else "") or told.source,
    )


def _identifier(told: ToldRun, conditions: RunConditions) -> str:
    under = digest(conditions.model_dump(mode="json"))
    return f"{told.content[:CONTENT_DIGITS]}-{under[:CONDITION_DIGITS]}"


_DEPLOYMENT = frozenset({
    "model", "gpu", "checkpoint", "precision", "tensor_parallel", "engine", "engine_version", "speculative", "max_num_seqs",
    "max_num_batched_tokens",
})  # fmt: skip


def _campaign_id(told: ToldRun, conditions: RunConditions) -> str:
    """Return the campaign of all results of a tool about one deployment, whenever they come in: they make one sweep."""
    what = {**conditions.model_dump(mode="json", include=set(_DEPLOYMENT)), "basis": str(told.basis)}
    return f"{_campaign_name(told.tool)}-{digest(what)[:8]}"


def _campaign_name(tool: str) -> str:
    return f"imported-{tool}"


def _refuse_twice(runs: Sequence[ProfiledRun], held: Iterable[ProfiledRun]) -> None:
    """Refuse a result that is there under other conditions: it would count as two measurements."""
    there = {_content(run): run for run in held if not run.discarded}
    for run in runs:
        before = there.get(_content(run))
        if before is not None and before.id != run.id:
            raise InputError(
                f"{run.source} is there already as run {before.id}, {_difference(before, run)}",
                hint=f"take that one back first: advisor runs --discard {before.id} --reason ...",
            )


def _content(run: ProfiledRun) -> tuple[str, str]:
    """Return what tells the content of an imported result; the whole identifier of a run that was not imported so."""
    content, dash, under = run.id.rpartition("-")
    made_so = dash and len(content) == CONTENT_DIGITS and len(under) == CONDITION_DIGITS
    return run.tool, content if made_so else run.id


def _difference(before: ProfiledRun, run: ProfiledRun) -> str:
    old, new = before.conditions.model_dump(mode="json"), run.conditions.model_dump(mode="json")
    told = [f"{name} {_word(old[name])} instead of {_word(new[name])}" for name in old if old[name] != new[name]]
    return f"with {', '.join(told)}"


def _word(value: object) -> str:
    return "unknown" if value in {None, ""} else str(value)


def _add(held: Store, runs: Iterable[ProfiledRun]) -> int:
    by_campaign: Mapping[str, list[ProfiledRun]] = defaultdict(list)
    for run in runs:
        by_campaign[run.campaign_id].append(run)
    return sum(held.add_runs(_record(members), members) for members in by_campaign.values())


def _record(runs: Sequence[ProfiledRun]) -> CampaignRecord:
    first = runs[0]
    conditions = first.conditions
    what = " ".join(
        filter(None, (conditions.model, conditions.speculative, conditions.precision, "on", conditions.gpu))
    )
    return CampaignRecord(
        id=first.campaign_id,
        name=_campaign_name(first.tool),
        title=f"{what}, results of {first.tool}",
        basis=first.basis,
        created_at=min(run.measured_at for run in runs),
    )
