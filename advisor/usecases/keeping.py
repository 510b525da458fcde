"""What a database keeps: runs listed and taken back, and the recommendations that were given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import store
from advisor.domain.load import OpenLoad, TraceLoad
from advisor.domain.run_listing import History, RunLine, RunListing
from advisor.errors import DataError, InputError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.profiled import ProfiledRun

SHORTEST_PREFIX = 4
"""Characters of an identifier that are enough to name a run, if only one begins with them."""


def existing(database: str | None) -> str:
    """Return the URL of a database that there is: the one named, else the user's own.

    Raises
    ------
    DataError
        If there is none.
    """
    url = database or store.default_url()
    if not store.exists(url):
        hint = "check --db" if database else "name one with --db, or measure something: advisor profile run"
        raise DataError(url, "there is no such database", hint=hint)
    return url


def list_runs(
    *,
    database: str | None,
    campaign: str | None = None,
    models: Sequence[str] = (),
    gpus: Sequence[str] = (),
    valid_only: bool = False,
) -> RunListing:
    """Return the runs of a database, discarded ones and those that do not count too unless only valid ones are wanted.

    `campaign` is an identifier, or a name that several may have; starts of names do for models and GPUs.

    Raises
    ------
    DataError
        If there is no such database, or it cannot be read.
    UnknownNameError
        If no campaign, model or GPU of the runs goes by a name.
    """
    with store.open_store(existing(database)) as held:
        names = {record.id: record.name for record in held.campaigns()}
        if campaign is not None and campaign not in {*names, *names.values()}:
            raise UnknownNameError("campaign", campaign, {*names, *names.values()})
        found = held.runs(campaign=campaign)
    runs = _named(_named(found, "model", models), "gpu", gpus)
    lines = [_line(run, names.get(run.campaign_id, run.campaign_id)) for run in runs]
    return RunListing(runs=tuple(line for line in lines if line.valid or not valid_only))


def _named(runs: Sequence[ProfiledRun], kind: str, wanted: Sequence[str]) -> Sequence[ProfiledRun]:
    """Return the runs whose model or GPU is wanted, by its name or a start of it; all if nothing is."""
    if not wanted:
        return runs
    known = {getattr(run.conditions, kind) for run in runs}
    for start in wanted:
        if not any(name.lower().startswith(start.lower()) for name in known):
            raise UnknownNameError(kind if kind == "model" else "GPU", start, known)
    starts = tuple(start.lower() for start in wanted)
    return [run for run in runs if getattr(run.conditions, kind).lower().startswith(starts)]


def _line(run: ProfiledRun, campaign: str) -> RunLine:
    conditions = run.conditions.model_dump(exclude={"kv_bytes_per_value", "lengths", "weights"})
    figures, canvas = run.figures, run.figures.canvas
    shown = ("request_rate_rps", "output_tok_s", "ttft_ms", "tpot_ms", "ntpot_ms", "e2e_s", "requests", "completed")
    more = ("failures", "input_tokens_mean", "output_tokens_mean", "duration_s")
    discarded = (f"discarded: {run.discarded}",) if run.discarded else ()
    return RunLine(
        id=run.id,
        campaign=campaign,
        campaign_id=run.campaign_id,
        **conditions,
        load=run.load.label,
        concurrency=getattr(run.load, "concurrency", None),
        offered_rate_rps=run.load.rate_rps if isinstance(run.load, OpenLoad | TraceLoad) else None,
        repeat=run.repeat,
        **{name: getattr(figures, name) for name in (*shown, *more)},
        steps_per_canvas=canvas and canvas.steps_per_canvas,
        tokens_per_canvas=canvas and canvas.tokens_per_canvas,
        valid=run.verdict.valid and not run.discarded,
        reasons=(*run.verdict.reasons, *discarded),
        flags=run.verdict.flags,
        **run.model_dump(include={"discarded", "basis", "measured_at", "tool", "source"}),
    )


def discard_run(run_id: str, *, reason: str, database: str | None) -> RunListing:
    """Take a run back, and return its line. The start of an identifier does where only one run begins so.

    Raises
    ------
    DataError
        If there is no such database, or it cannot be written.
    UnknownNameError
        If there is no such run.
    InputError
        If several runs begin so, the run was taken back before, or no reason is given.
    """
    with store.open_store(existing(database)) as held:
        found = _one(held.runs(), run_id)
        held.discard(found.id, reason=reason)
        names = {record.id: record.name for record in held.campaigns()}
    discarded = found.model_copy(update={"discarded": reason})
    return RunListing(runs=(_line(discarded, names.get(found.campaign_id, found.campaign_id)),))


def _one(runs: Sequence[ProfiledRun], run_id: str) -> ProfiledRun:
    exact = [run for run in runs if run.id == run_id]
    begun = [run for run in runs if len(run_id) >= SHORTEST_PREFIX and run.id.startswith(run_id)]
    found = exact or begun
    if not found:
        raise UnknownNameError("run", run_id, {run.id for run in runs})
    if len(found) > 1:
        raise InputError(f"{len(found)} runs begin with {run_id!r}", hint=f"such as {found[0].id} and {found[1].id}")
    return found[0]


def list_history(*, database: str | None, last: int | None = None) -> History:
    """Return the recommendations given, the newest last; only the last few if so many are wanted.

    Raises
    ------
    DataError
        If there is no such database, or it cannot be read.
    """
    with store.open_store(existing(database)) as held:
        given = held.recommendations()
    return History(recommendations=given[-last:] if last else given)
