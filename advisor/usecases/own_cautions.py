"""What the reader must know of the user's own runs behind an answer: which count, which do not, and what is odd about them."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

import numpy as np

from advisor.domain.answer import Caution
from advisor.domain.basis import Basis
from advisor.domain.measurement import UNTOLD, OwnMeasurement
from advisor.evidence.anchors import STALE_DAYS
from advisor.usecases.grounding.grounds import level_of
from advisor.usecases.grounding.skipping import in_words
from advisor.usecases.grounding.text_grounds import engine_in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from advisor.usecases.curves import Curve
    from advisor.usecases.grounding.evidence import Evidence
    from advisor.usecases.grounding.grounds import Grounds, Run

CLIENT_TIME = frozenset({"client_slow", "connection_setup"})
"""Flags that say that time of the client is a part of the time to first token."""

LATENCY_ALONE = CLIENT_TIME | {"fixed_lengths", "few_requests", "ramp", "fewer_slots", "held_back"}
"""Flags that say nothing against a throughput."""

TOLD_BY_DEPLOYMENT = frozenset({"not_saturated", "engine_unknown"})


def simulated_evidence(spoken: Mapping[str, Curve]) -> Iterator[Caution]:
    """Yield the loudest of warnings where a figure rests on runs of the demo engine.

    `spoken` says what each deployment that an answer is about rests on, by its name.
    """
    resting = {name: _runs_of(curve.grounds, Basis.SIMULATED) for name, curve in spoken.items()}
    named = [f"{name} ({_counted(len(_ids(runs)))}, {_campaigns(runs)})" for name, runs in resting.items() if runs]
    if named:
        yield Caution(
            code="simulated_evidence",
            message=f"SIMULATED: the speed of {' and of '.join(named)} was seen on the demo engine, on no real machine: this "
            "answer is a rehearsal and nothing to buy by",
        )
    steps = [name for name, curve in spoken.items() if (own := curve.work.own_steps) and own.basis is Basis.SIMULATED]
    if steps:
        yield Caution(
            code="simulated_evidence",
            message=f"SIMULATED: the denoising steps of {' and of '.join(steps)} were counted on the demo engine, not by a model",
        )


def own_cautions(evidence: Evidence, spoken: Mapping[str, Curve]) -> Iterator[Caution]:
    """Yield what became of the user's runs: how many count, how many do not and why, and what is odd about them."""
    yield from _used(evidence, spoken)
    yield from _skipped(evidence)
    yield from _flagged(evidence)
    yield from _cut_campaigns(evidence)
    yield from _odd_rows(evidence)
    for name, curve in spoken.items():
        for code, said in ((code, look(name, curve)) for code, look in OF_A_DEPLOYMENT.items()):
            if said:
                yield Caution(code=code, message=said)


def _used(evidence: Evidence, spoken: Mapping[str, Curve]) -> Iterator[Caution]:
    counting = [run for run in evidence.runs if run.basis is Basis.MEASURED]
    if not _ids(counting):
        return
    shares = {name: _ids(_runs_of(curve.grounds, Basis.MEASURED)) for name, curve in spoken.items()}
    speaking = [f"{len(ids)} speak{'s' if len(ids) == 1 else ''} for {name}" for name, ids in shares.items() if ids]
    rest = "none is of a deployment shown here, they sharpen the model" if not speaking else ", ".join(speaking)
    yield Caution(
        code="own_runs", message=f"{_counted(len(_ids(counting)))} of your own count ({_campaigns(counting)}): {rest}"
    )


def _skipped(evidence: Evidence) -> Iterator[Caution]:
    own = evidence.own
    if own.skipped:
        count = len(own.skipped)
        yield Caution(
            code="own_runs_skipped",
            message=f"{_counted(count)} of your own {'does' if count == 1 else 'do'} not count: {in_words(own.skipped)}",
        )
    if own.simulated_left_out:
        count = own.simulated_left_out
        yield Caution(
            code="simulated_left_out",
            message=f"{_counted(count)} of the demo engine {'is' if count == 1 else 'are'} left out: simulated, not measured "
            "(--allow-simulated lets them count)",
        )


def _flagged(evidence: Evidence) -> Iterator[Caution]:
    """Yield a warning that counts the flags of the cells that count, with one sentence for each kind."""
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for row in (row for run in evidence.runs for row in run.own):
        for code, _, sentence in (flag.partition(": ") for flag in row.flags):
            if code not in LATENCY_ALONE | TOLD_BY_DEPLOYMENT:
                counts[code] += 1
                examples.setdefault(code, sentence)
    if counts:
        told = "; ".join(f"{count} {code} ({examples[code]})" for code, count in counts.most_common())
        yield Caution(code="own_runs_flagged", message=f"some measured levels count although they are flagged: {told}")


def _cut_campaigns(evidence: Evidence) -> Iterator[Caution]:
    """Yield a warning for each campaign of which levels are too far from the model, with the runs that do not count."""
    cut: dict[str, list[OwnMeasurement]] = defaultdict(list)
    for row in evidence.ignored:
        if isinstance(row, OwnMeasurement):
            cut[row.set_name].append(row)
    counting = {row.set_name for run in evidence.runs for row in run.own}
    for campaign, rows in cut.items():
        ids = [name for row in rows for name in row.run_ids]
        levels = ", ".join(str(row.concurrency) for row in sorted(rows, key=lambda row: row.concurrency))
        rest = "the rest of the sweep counts" if campaign in counting else "nothing of the campaign counts"
        yield Caution(
            code="row_ignored",
            message=f"{_counted(len(ids))} of campaign {campaign} ({', '.join(ids)}; {levels} in flight) "
            f"{'is' if len(ids) == 1 else 'are'} left out, more than three times off the model, and {rest}: check which GPU, "
            "precision and settings ran",
        )


def _odd_rows(evidence: Evidence) -> Iterator[Caution]:
    """Yield a warning for each entered row that is too far from the model, and one for own rows that cannot be used."""
    for row in (row for row in evidence.ignored if not isinstance(row, OwnMeasurement)):
        yield Caution(
            code="row_ignored",
            message=f"the row {row.id} ({row.value:g} {row.metric} on {row.gpu}) is left out: it is more than three "
            "times off the model, check its unit and conditions",
        )
    if evidence.unused:
        names = ", ".join(row.id for row in evidence.unused[:5]) + (", ..." if len(evidence.unused) > 5 else "")
        verb = "is" if len(evidence.unused) == 1 else "are"
        yield Caution(
            code="rows_unused",
            message=f"{len(evidence.unused)} of your own rows {verb} not used ({names}): an unknown model, GPU, precision "
            "or drafter, missing denoising steps, or no throughput figure",
        )


def _far(name: str, curve: Curve) -> str:
    runs = [run for run in curve.grounds.own_runs if run.far]
    if not runs:
        return ""
    ratio = float(np.exp(np.mean(np.concatenate([run.log_ratios for run in runs]))))
    times = f"{ratio:.3g} times faster" if ratio > 1 else f"{1 / ratio:.3g} times slower"
    return (
        f"your own runs of {name} were {times} than modeled at several levels: they are used for it, and for nothing else; "
        "check which GPU, precision and settings ran"
    )


def _stale(name: str, curve: Curve) -> str:
    runs = [run for run in curve.grounds.speaking_runs if run.stale]
    if not runs:
        return ""
    oldest = min(row.date for run in runs for row in run.rows)
    return (
        f"{name} rests on runs of your own from {oldest} that are more than {STALE_DAYS} days old ({_campaigns(runs)}): they "
        "count less, measure anew"
    )


def _other_version(name: str, curve: Curve) -> str:
    """Return that no own run is of the engine version in question, where there are some that tell theirs."""
    runs = [run for run in curve.grounds.speaking_runs if run.basis is Basis.MEASURED]
    told = [run for run in runs if not _untold(run)]
    if not told or any(run.current for run in runs):
        return ""
    seen, runs = sorted({row.engine_in_words for run in told for row in run.rows}), told
    return (
        f"{name} rests on runs of your own on {', '.join(seen)} ({_campaigns(runs)}), not on the version that is recommended: "
        "they count less"
    )


def _unknown_engine(name: str, curve: Curve) -> str:
    """Return that own runs do not tell engine or version, which may or may not be those in question."""
    runs = [run for run in curve.grounds.speaking_runs if run.basis is Basis.MEASURED and _untold(run)]
    seen = sorted({row.engine_in_words for run in runs for row in run.rows})
    return (
        f"{name} rests on runs of your own ({_campaigns(runs)}) that do not tell which engine ran in which version "
        f"({', '.join(seen)}): they count less"
        if runs
        else ""
    )


def _untold(run: Run) -> bool:
    return UNTOLD in {told for row in run.rows for told in (row.engine, row.engine_version)}


def _growing(name: str, curve: Curve) -> str:
    rows = [row for run in curve.grounds.own_runs for row in run.own]
    flags = {level_of(row): _sentence(row, "not_saturated") for row in rows}
    return f"{name}: {flags[max(flags)]}" if flags and flags[max(flags)] else ""


def _first_text(name: str, curve: Curve) -> str:
    found = curve.first_text
    if found is None:
        return ""
    noqueue = ": they show no queue, an open-loop run at a third of saturation would" if found.alone else ""
    return (
        f"the first token of {name} takes {found.factor:.2f} times as long as by formula, as {found.kind} of your own show"
        f"{noqueue}"
    )


def _old_first_text(name: str, curve: Curve) -> str:
    found = curve.first_text
    if found is None or found.fitting:
        return ""
    days = {run.measured_at.date() for run in found.runs}
    engines = ", ".join(sorted({engine_in_words(run.conditions) for run in found.runs}))
    return (
        f"the first token of {name} is corrected by runs of your own from {min(days)} on {engines}: none is both of the version "
        f"that is recommended and at most {STALE_DAYS} days old, measure anew"
    )


def _flagged_first_text(name: str, curve: Curve) -> str:
    runs = curve.first_text.runs if curve.first_text else ()
    flags = [flag.partition(": ") for run in runs for flag in run.verdict.flags]
    told = {code: sentence for code, _, sentence in flags if code in CLIENT_TIME}
    reasons = "; ".join(f"{code} ({sentence})" for code, sentence in told.items())
    return f"the first token of {name} is corrected by runs of your own that are flagged: {reasons}" if reasons else ""


def _steps(name: str, curve: Curve) -> str:
    own = curve.work.own_steps
    if own is None or own.basis is not Basis.MEASURED:
        return ""
    return f"{name} takes {own.mean:.3g} denoising steps per canvas on {own.content}, as {_counted(len(own.runs))} of your own counted"


OF_A_DEPLOYMENT = {
    "far_from_model": _far,
    "stale_runs": _stale,
    "other_engine_version": _other_version,
    "engine_unknown": _unknown_engine,
    "not_saturated": _growing,
    "ttft_anchor": _first_text,
    "ttft_anchor_old": _old_first_text,
    "ttft_anchor_flagged": _flagged_first_text,
    "own_steps": _steps,
}
"""What can be said against the own runs of a deployment: a sentence where it applies, else nothing."""


def _sentence(row: OwnMeasurement, code: str) -> str:
    return next((flag.partition(": ")[2] for flag in row.flags if flag.startswith(f"{code}: ")), "")


def _runs_of(grounds: Grounds, basis: Basis) -> list[Run]:
    return [run for run in grounds.own_runs if run.basis is basis and run.run_ids]


def _ids(runs: list[Run]) -> list[str]:
    return [name for run in runs for name in run.run_ids]


def _counted(count: int) -> str:
    return f"{count} run{'' if count == 1 else 's'}"


def _campaigns(runs: list[Run]) -> str:
    """Name the campaigns of runs, with the days on which they ran."""
    days: dict[str, set[date]] = defaultdict(set)
    for run in runs:
        days[run.rows[0].set_name] |= {row.date for row in run.rows}
    return ", ".join(f"campaign {name} of {max(dates)}" for name, dates in days.items())
