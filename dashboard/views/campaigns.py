"""Campaigns as they stand, what to measure next and what that is worth, and the commands for both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.domain.campaign_plan import CellState
from advisor.report.figures import counted, money, number
from dashboard import parts
from dashboard.answers import Failure
from dashboard.campaign_answers import campaigns, overview, profile_command
from dashboard.page_inputs import page_input
from dashboard.tables import table
from dashboard.views import campaign_next, campaign_now

if TYPE_CHECKING:
    from advisor.domain.campaign_plan import CellStatus
    from advisor.usecases.profile.overview import CampaignOverview, FailedAttempt, KnownCampaign
    from dashboard.state import Asked

EVERY_S = 2.0
"""How often a campaign that runs is looked at."""

DEMO = "profiles/campaigns/demo.yaml"

MOST_LOGS = 10
"""Failures whose log is shown."""


def page(asked: Asked) -> None:
    """Show the campaigns of the database, and what to measure next for the question."""
    st.markdown("### Campaigns: what is being measured, and what to measure next")
    _campaigns()
    campaign_next.section(asked)


def _campaigns() -> None:
    found = campaigns()
    if isinstance(found, Failure):
        parts.failed(found)
        return
    if not found:
        _none_yet()
        return
    by_id = {known.record.id: known for known in found}
    names = list(by_id)
    running = next((name for name in names if by_id[name].driver), names[0])
    chosen = st.selectbox(
        "Campaign",
        names,
        key=page_input("campaigns.campaign", running, names),
        format_func=lambda name: _name(by_id[name]),
    )
    known = by_id[chosen]
    st.fragment(_live, run_every=EVERY_S if known.driver else None)(known)
    with st.expander(f"{counted(len(found), 'campaign')} in all", icon=":material/list:"):
        table([_line(one) for one in found], name="campaigns", columns=_CAMPAIGN_COLUMNS)


def _none_yet() -> None:
    with st.container(border=True):
        st.markdown("**No campaign has been started yet.** A try-out without any GPU takes two minutes (simulated):")
        st.code(profile_command("run", DEMO), language="bash", wrap_lines=True)
        st.markdown("Its file explains every field: copy it to make your own. On a Ray cluster, with a limit:")
        st.code("advisor profile plan h100.yaml", language="bash", wrap_lines=True)
        st.code("advisor profile run h100.yaml --address auto --max-usd 40", language="bash", wrap_lines=True)


def _name(known: KnownCampaign) -> str:
    record = known.record
    at_work = " (running)" if known.driver else ""
    return (
        f"{record.name}{at_work}, {_shouted(record.basis)}, started {record.created_at:%Y-%m-%d %H:%M} UTC, {record.id}"
    )


def _shouted(basis: str) -> str:
    return "SIMULATED" if basis == "simulated" else str(basis)


_CAMPAIGN_COLUMNS = {"started": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm")}


def _line(known: KnownCampaign) -> dict[str, object]:
    record = known.record
    return {
        "campaign": record.name,
        "title": record.title,
        "basis": _shouted(record.basis),
        "started": record.created_at,
        "at work": known.driver or "nobody",
        "identifier": record.id,
        "database": known.database,
        "file": record.git.path,
        "commit": f"{record.git.commit[:12]}{' and changes' if record.git.dirty else ''}",
    }


def _live(known: KnownCampaign) -> None:
    """Show one campaign as it stands now; while it runs, this part alone is drawn anew."""
    found = overview(known)
    if isinstance(found, Failure):
        parts.failed(found)
        return
    if known.driver and not found.status.driver:
        st.rerun()  # it has ended: the rest of the page learns of it
    _progress(found)
    campaign_now.at_work(found)
    _used(found)
    campaign_now.budget(found)
    _failures(found)
    _cells(found)
    _commands(known, found)


def _progress(found: CampaignOverview) -> None:
    status = found.status
    total = len(status.cells)
    with st.container(horizontal=True):
        parts.basis_chip(status.basis)
        words, icon, color = (
            (status.driver, ":material/sync:", "green")
            if status.driver
            else ("nobody at work", ":material/pause:", "gray")
        )
        st.badge(words, icon=icon, color=color)  # type: ignore[arg-type]  # a literal of color names
    if status.basis == "simulated":
        st.warning("SIMULATED: demo servers make these figures. They are no evidence.", icon=":material/science:")
    if not total:
        st.info(
            "These results were imported, or measured without a plan: there are no cells to follow.",
            icon=":material/database:",
        )
        return
    counts = ", ".join(f"{count} {state}" for state, count in status.counts.items() if count)
    st.progress(found.settled / total, text=f"{found.settled:,} of {counted(total, 'cell')} settled: {counts}")


def _used(found: CampaignOverview) -> None:
    status = found.status
    last = f"{found.last_ended_at:%H:%M:%S}" if found.last_ended_at else "none yet"
    told = (
        (
            "GPU-hours used",
            number(round(status.gpu_hours_so_far, 3)),
            f"Server starts included; {number(round(status.gpu_hours, 3))} by attempts that have ended",
        ),
        (
            "Money used",
            money(found.usd_so_far),
            "GPU-hours at the cheapest on-demand list price of today that is accepted by default; not a bill",
        ),
        ("Failed attempts", f"{found.failed:,}", "Of cells, whether or not another try went well"),
        ("Last result [UTC]", last, f"{found.last_ended_at:%Y-%m-%d}" if found.last_ended_at else "Nothing has ended"),
    )
    for column, (label, value, tip) in zip(st.columns(len(told)), told, strict=True):
        column.metric(label, value, help=tip, border=True)
    if found.unpriced:
        st.caption(f"No price is known of {parts.escaped(', '.join(found.unpriced))}: its hours are not in the money.")


def _failures(found: CampaignOverview) -> None:
    if not found.failures:
        return
    with st.expander(
        f"{counted(found.failed, 'failed attempt')}, the newest first", icon=":material/error:", expanded=True
    ):
        rows = [_failure(failure) for failure in found.failures]
        table(rows, name=f"failures-{found.status.campaign_id}", columns=_FAILURE_COLUMNS)
        for failure in found.failures[:MOST_LOGS]:
            st.markdown(f"**{parts.escaped(failure.what)}**: {failure.outcome.replace('_', ' ')}")
            st.code(failure.log_tail or "no log was kept", language=None, wrap_lines=True, height=160)
        if found.failed > MOST_LOGS:
            st.caption(f"Logs of the newest {MOST_LOGS} are shown; `advisor export` writes all of them.")


_FAILURE_COLUMNS = {"ended": st.column_config.DatetimeColumn("ended [UTC]", format="YYYY-MM-DD HH:mm:ss")}


def _failure(failure: FailedAttempt) -> dict[str, object]:
    return {
        "cell": failure.what,
        "outcome": str(failure.outcome),
        "detail": failure.detail,
        "ended": failure.ended_at,
        "GPU-hours": failure.gpu_hours,
    }


def _cells(found: CampaignOverview) -> None:
    cells = found.status.cells
    if not cells:
        return
    with st.expander(f"{counted(len(cells), 'cell')} of the plan", icon=":material/grid_on:"):
        table([_cell(cell) for cell in cells], name=f"campaign-{found.status.campaign_id}")


_SIGNS = {
    CellState.OPEN: "○ open",
    CellState.MEASURED: "● measured",
    CellState.FLAGGED: "▲ flagged",
    CellState.FAILED: "✕ failed",
}


def _cell(cell: CellStatus) -> dict[str, object]:
    return {
        "#": cell.ordinal + 1,
        "state": _SIGNS[cell.state],
        "deployment": cell.deployment,
        "workload": cell.workload,
        "load": cell.load,
        "repeat": cell.repeat,
        "tries": cell.attempts,
        "last": cell.last_outcome and str(cell.last_outcome),
        "detail": cell.detail,
        "run": cell.run_id,
    }


def _commands(known: KnownCampaign, found: CampaignOverview) -> None:
    """Offer what can be done with the campaign as it stands, on the command line."""
    file = known.record.git.path or "CAMPAIGN.yaml"
    lines = [profile_command("status", known.record.id, known)]
    if found.status.driver:
        lines.append(profile_command("cancel", known.record.id, known))
    elif not found.status.done:
        lines.append(profile_command("resume", file, known))
    elif found.status.counts.get(CellState.FAILED):
        lines.append(f"{profile_command('resume', file, known)} --retry-failed")
    st.code("\n".join(lines), language="bash", wrap_lines=True)
