"""Pieces that several pages show: failures, figures with their basis, sources, downloads, and the command to copy."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.figures import counted
from advisor.report.format import Format
from advisor.report.render import render
from dashboard.tables import table
from dashboard.wording import in_labels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.domain.answer import Caution, CitedSource
    from advisor.report.render import Answer
    from dashboard.answers import Failure
    from dashboard.state import Asked

INFEASIBLE_CODE = 3

BASIS_COLORS = {"measured": "green", "published": "blue", "modeled": "orange", "simulated": "red"}
BASIS_ICONS = {
    "measured": ":material/straighten:",
    "published": ":material/menu_book:",
    "modeled": ":material/function:",
    "simulated": ":material/science:",
}
BASIS_TIPS = {
    "measured": "Your own runs at this load.",
    "published": "Dated public measurements at this load.",
    "modeled": "The physical model, corrected by measurements elsewhere.",
    "simulated": "Runs of the demo engine: no evidence.",
}


def escaped(text: str) -> str:
    """Return text that Markdown shows as it is: names come from files and links."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()<>#+!|$~:^" else c for c in text)


def failed(problem: Failure) -> None:
    """Say what was wrong and what to do; the page stays usable."""
    told = f"**{escaped(problem.message)}**" + (f"\n\n{escaped(problem.hint)}" if problem.hint else "")
    if problem.exit_code == INFEASIBLE_CODE:
        st.warning(f"Nothing meets this question. {told}", icon=":material/block:")
    else:
        st.error(told, icon=":material/error:")
    st.caption("Change the question on the left; nothing was lost.")


def basis_chip(basis: str) -> None:
    """Show how a figure is known, by color, sign and word."""
    st.badge(
        f"{basis}",
        icon=BASIS_ICONS.get(basis),
        color=BASIS_COLORS.get(basis, "gray"),  # type: ignore[arg-type]  # a literal of color names
        help=BASIS_TIPS.get(basis),
    )


def command(asked: Asked) -> None:
    """Show the same question on the command line, to copy."""
    st.code(asked.command, language="bash", wrap_lines=True)


def downloads(answer: Answer, *, name: str) -> None:
    """Offer an answer as files of every format that the command line writes."""
    kinds = (
        (Format.JSON, "json", "application/json"),
        (Format.CSV, "csv", "text/csv"),
        (Format.MD, "md", "text/markdown"),
    )
    line = st.container(horizontal=True)
    for fmt, suffix, mime in kinds:
        line.download_button(
            suffix.upper(),
            partial(render, answer, fmt),
            file_name=f"{name}.{suffix}",
            mime=mime,
            icon=":material/download:",
            key=f"download-{name}-{suffix}",
            on_click="ignore",
        )


def warnings(cautions: Iterable[Caution]) -> None:
    """Show what the reader must know."""
    listed = list(cautions)
    if not listed:
        return
    with st.expander(counted(len(listed), "warning"), icon=":material/warning:"):
        for caution in listed:
            st.markdown(f"- {escaped(in_labels(caution.message))}")


def sources(cited: Sequence[CitedSource]) -> None:
    """Show what the figures rest on, each with its date and address."""
    rows = [{"figure": s.kind, "source": s.title, "date": s.date.isoformat(), "address": s.url} for s in cited]
    with st.expander(counted(len(rows), "source"), icon=":material/link:"):
        table(rows, name="sources", columns={"address": st.column_config.LinkColumn("address")})
