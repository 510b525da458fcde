"""What to measure next for the question: what each measurement is worth, what it costs, and the campaign for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.figures import money, share
from dashboard import parts
from dashboard.answers import Failure
from dashboard.campaign_answers import next_command, profile_command, what_next
from dashboard.page_inputs import page_input
from dashboard.tables import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.next_measurement import CellWorth, NextMeasurement
    from dashboard.state import Asked


def section(asked: Asked) -> None:
    """Show what to measure next for the question: an answer of a few seconds, so only where it is wanted."""
    st.subheader("What to measure next")
    wanted = st.toggle(
        "Work out what a measurement is worth for this question",
        key=page_input("campaigns.next", default=False),
        help="Looks ahead: what would each measurement show, and what would the choice save then? Takes seconds.",
    )
    if not wanted:
        st.code(next_command(asked), language="bash", wrap_lines=True)
        return
    with st.spinner("Looking ahead at what each measurement may show", show_time=True):
        found = what_next(asked)
    if isinstance(found, Failure):
        parts.failed(found)
        return
    answer, text = found
    _worth(answer)
    _do_it(asked, text)
    parts.downloads(answer, name="next")


def _worth(answer: NextMeasurement) -> None:
    verdict = f"{answer.verdict[0].upper()}{answer.verdict[1:]}."
    (st.success if answer.settled else st.info)(parts.escaped(verdict), icon=":material/flag:")
    at_stake = (
        ("Chosen now", parts.escaped(answer.chosen.plan), answer.chosen),
        ("Steadiest", parts.escaped(answer.steadiest.plan), answer.steadiest),
    )
    for label, plan, stake in at_stake:
        regret = parts.escaped(f"{money(stake.expected_regret_usd_per_month)}/month")
        cost = parts.escaped(f"{money(stake.usd_per_month)}/month")
        st.markdown(f"- {label}: **{plan}**, {cost}, expected regret {regret}")
    st.caption(
        f"Modeled: {answer.plans} plans in {answer.draws:,} joint draws; worth over {answer.horizon_months:g} months."
    )
    rows = [_worth_row(place, cell) for place, cell in enumerate(answer.cells, start=1)]
    table(rows, name="measurements-worth", columns=_WORTH)
    if answer.measured:
        st.caption(f"Measured already, so left out: {parts.escaped(', '.join(answer.measured))}.")
    parts.warnings(answer.warnings)


_WORTH = {
    "worth": st.column_config.NumberColumn("worth [USD]", format="$%.2f"),
    "costs": st.column_config.NumberColumn("costs [USD]", format="$%.2f"),
    "hours": st.column_config.NumberColumn("takes [h]", format="%.2f"),
    "beats": st.column_config.NumberColumn("beats the chosen", format="percent"),
    "regret": st.column_config.NumberColumn("regret after [USD/month]", format="$%.2f"),
}


def _worth_row(place: int, cell: CellWorth) -> dict[str, object]:
    return {
        "#": place,
        "contender": cell.contender,
        "GPUs": f"{cell.tensor_parallel} x {cell.gpu}",
        "weights": str(cell.precision),
        "worth": float(cell.worth_usd),
        "costs": float(cell.cost_usd),
        "hours": cell.hours,
        "beats": cell.beats_share,
        "regret": float(cell.expected_regret_after_usd_per_month),
        "spread now": share(cell.log_sd),
        "basis": str(cell.basis),
        "pays": "yes" if cell.pays else "no",
        "why": str(cell.reason).replace("_", " "),
        "loads": ", ".join(cell.loads),
    }


def _do_it(asked: Asked, text: str) -> None:
    """Offer the campaign that measures it, and the commands."""
    commands: Sequence[str] = [f"{next_command(asked)} --write-campaign next.yaml"]
    if text:
        st.download_button(
            "Campaign file",
            text,
            file_name="next.yaml",
            mime="application/yaml",
            icon=":material/download:",
            on_click="ignore",
        )
        commands = [
            *commands,
            profile_command("plan", "next.yaml"),
            f"{profile_command('run', 'next.yaml')} --address auto",
        ]
    st.code("\n".join(commands), language="bash", wrap_lines=True)
