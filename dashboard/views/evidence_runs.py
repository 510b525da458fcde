"""The runs of the database with what qualifies them; one of them is looked at close up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.domain.run_listing import RunListing
from advisor.report.figures import counted
from dashboard import parts
from dashboard.answers import Failure
from dashboard.evidence_answers import close_up, no_evidence, runs
from dashboard.page_inputs import page_input
from dashboard.tables import choice
from dashboard.views import evidence_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.domain.run_listing import RunLine

MOST_LINES = 2000
"""Runs that the table shows at most, the newest; the downloads have all."""

PICK = "evidence_picked_run"


def section() -> None:
    """Show the runs, and the one that was chosen."""
    st.subheader("Runs in the database")
    found = runs()
    if isinstance(found, Failure):
        parts.failed(found)
        return
    if not found.runs:
        st.info(
            "None yet. `advisor profile run` measures, `advisor import` takes in results of other tools.",
            icon=":material/database:",
        )
        return
    lines = _filtered(found.runs)
    _table(lines)
    parts.downloads(RunListing(runs=tuple(lines)), name="runs")
    if lines:
        _one(lines)


def _filtered(lines: Sequence[RunLine]) -> list[RunLine]:
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    campaigns = list(dict.fromkeys(line.campaign_id for line in lines))
    wanted = left.multiselect(
        "Campaigns", campaigns, key=page_input("evidence.campaigns", [], campaigns), placeholder="all"
    )
    valid = right.toggle("Only runs that count", key=page_input("evidence.valid", default=False))
    kept = [line for line in lines if not wanted or line.campaign_id in wanted]
    return [line for line in kept if line.valid or not valid]


def _table(lines: Sequence[RunLine]) -> None:
    """Show the newest runs; a click on one looks at it close up."""
    unused = no_evidence()
    shown = list(reversed(lines))[:MOST_LINES]
    valid = sum(line.valid for line in lines)
    told = f"{counted(len(lines), 'run')}, {valid:,} of them valid. Choose a row to look at one close up."
    if len(shown) < len(lines):
        told += f" The newest {len(shown):,} are shown; the downloads have all."
    st.caption(told)
    place = choice([_row(line, unused) for line in shown], key=PICK, columns=_COLUMNS)
    if place is not None and st.session_state.get(f"{PICK}_last") != place:
        st.session_state["p_evidence.run"] = shown[place].id
    st.session_state[f"{PICK}_last"] = place


_COLUMNS = {
    "req/s": st.column_config.NumberColumn(format="%.3g"),
    "tok/s": st.column_config.NumberColumn("output tok/s", format="%.0f"),
    "TTFT p50": st.column_config.NumberColumn("TTFT p50 [ms]", format="%.0f"),
    "TTFT p95": st.column_config.NumberColumn("TTFT p95 [ms]", format="%.0f"),
    "e2e p50": st.column_config.NumberColumn("e2e p50 [s]", format="%.2f"),
    "e2e p95": st.column_config.NumberColumn("e2e p95 [s]", format="%.2f"),
    "measured at": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
}


def _row(line: RunLine, unused: Mapping[str, str]) -> dict[str, object]:
    return {
        "run": line.id[: evidence_run.SHORT],
        "counts": "yes" if line.valid else "no",
        "evidence": unused.get(line.id, "yes"),
        "basis": _shouted(line.basis),
        "deployment": _deployment(line),
        "engine": f"{line.engine} {line.engine_version}".strip(),
        "workload": line.workload,
        "load": line.load,
        "req/s": line.request_rate_rps,
        "tok/s": line.output_tok_s,
        "TTFT p50": line.ttft_ms and line.ttft_ms.p50,
        "TTFT p95": line.ttft_ms and line.ttft_ms.p95,
        "e2e p50": line.e2e_s and line.e2e_s.p50,
        "e2e p95": line.e2e_s and line.e2e_s.p95,
        "requests": line.requests,
        "failed": ", ".join(f"{count} {name}" for name, count in line.failures.items()),
        "why not": "; ".join(line.reasons),
        "flags": "; ".join(line.flags),
        "campaign": line.campaign,
        "measured at": line.measured_at,
        "tool": line.tool,
    }


def _shouted(basis: str) -> str:
    return "SIMULATED" if basis == "simulated" else str(basis)


def _deployment(line: RunLine) -> str:
    model = f"{line.model}+{line.speculative}" if line.speculative else line.model
    gpus = line.gpu if line.tensor_parallel == 1 else f"{line.tensor_parallel}x {line.gpu}"
    return " ".join(filter(None, (model, line.precision, "on", gpus)))


def _one(lines: Sequence[RunLine]) -> None:
    """Let the visitor choose a run, and show it."""
    st.subheader("One run close up")
    by_id = {line.id: line for line in reversed(lines)}
    names = list(by_id)
    run_id = st.selectbox(
        "Run",
        names,
        key=page_input("evidence.run", names[0], names),
        format_func=lambda name: f"{name[: evidence_run.SHORT]}: {_deployment(by_id[name])}, {by_id[name].load}",
    )
    look = close_up(run_id)
    if isinstance(look, Failure):
        parts.failed(look)
        return
    evidence_run.show(by_id[run_id], look)
