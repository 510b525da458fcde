"""What a campaign does now: the cells at work, where and since when, and what is used up of its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.campaign import clock, doing, where
from advisor.report.figures import counted, money, number, share
from dashboard import parts
from dashboard.tables import table

if TYPE_CHECKING:
    from advisor.domain.campaign_plan import CellAtWork
    from advisor.usecases.profile.overview import CampaignOverview

MOST_NEXT = 3
"""Deployments whose next cell is named."""


def at_work(found: CampaignOverview) -> None:
    """Say which cells are measured now, where and since when; which a process left that is gone; and what comes next."""
    status = found.status
    running, left = len(status.running), len(status.at_work) - len(status.running)
    if status.driver and not running and not status.done:
        st.info("No cell is at work this moment: workers begin, or wait for a machine.", icon=":material/hourglass:")
    if status.at_work:
        heads = (f"{counted(running, 'cell')} at work now", f"{counted(left, 'cell')} interrupted")
        st.markdown(f"**{', '.join(head for head, some in zip(heads, (running, left), strict=True) if some)}**")
        rows = [_work_row(cell) for cell in status.at_work]
        caption = (
            "Interrupted: whoever measured there is gone, and the time counts until it was last seen." if left else ""
        )
        table(rows, name=f"at-work-{status.campaign_id}", columns=_WORK_COLUMNS, caption=caption)
    _next(found)


def _next(found: CampaignOverview) -> None:
    if not found.next_cells:
        return
    shown = " and ".join(f"**{parts.escaped(cell)}**" for cell in found.next_cells[:MOST_NEXT])
    more = len(found.next_cells) - MOST_NEXT
    verb = "Next by the plan" if found.status.driver else "Open"
    st.markdown(f"{verb}: {shown}" + (f" and {more} more deployments" if more > 0 else ""))


_WORK_COLUMNS = {"since": st.column_config.DatetimeColumn("since [UTC]", format="YYYY-MM-DD HH:mm:ss")}


def _work_row(cell: CellAtWork) -> dict[str, object]:
    """Return a row whose first columns are those that a narrow screen shows."""
    return {
        "now": doing(cell),
        "for": clock(cell.lasted_s),
        "load": cell.load,
        "where": where(cell),
        "deployment": cell.deployment,
        "since": cell.started_at,
        "workload": cell.workload,
        "repeat": cell.repeat,
        "try": cell.attempt,
        "#": cell.ordinal + 1,
    }


def budget(found: CampaignOverview) -> None:
    """Show what is used up of the limits that the last process that worked on the campaign had to keep to."""
    limits, status = found.status.limits, found.status
    if found.gpu_hours_share is not None and limits.gpu_hours is not None:
        used = f"{number(round(status.gpu_hours_so_far, 3))} of {number(limits.gpu_hours)} GPU-hours"
        _bar(found.gpu_hours_share, used)
    if found.usd_share is not None and limits.usd is not None:
        _bar(found.usd_share, f"{money(found.usd_so_far)} of {money(limits.usd)}")
    if limits.gpu_hours is None and limits.usd is None:
        st.caption("No limit of GPU-hours or money is set: `--max-gpu-hours` and `--max-usd` set one.")


def _bar(used_share: float, used: str) -> None:
    st.progress(min(used_share, 1.0), text=parts.escaped(f"{used} used, {share(used_share)} of the limit"))
