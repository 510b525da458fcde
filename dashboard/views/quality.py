"""What quality does to a decision: pass rates, cost per success, mistakes and a cascade, as the command line tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.document import Section, Sentence, Table, Tone
from advisor.report.quality import in_the_decision
from dashboard.parts import escaped
from dashboard.tables import table
from dashboard.wording import in_labels

if TYPE_CHECKING:
    from advisor.domain.answer import Recommendation
    from advisor.report.document import Block


def section(answer: Recommendation) -> None:
    """Show it; nothing where the question says nothing of it."""
    title = ""
    for block in in_the_decision(answer):
        title = block.title if isinstance(block, Section) else title
        _show(block, title)


def _show(block: Block, title: str) -> None:
    """Show a block of the section of that title, after which the file of a table is called."""
    match block:
        case Section():
            st.subheader(block.title)
        case Table():
            table(_rows(block), name=title)
        case Sentence(tone=Tone.WARNING):
            st.warning(escaped(in_labels(block.text)), icon=":material/warning:")
        case Sentence(tone=Tone.FAINT):
            st.caption(escaped(in_labels(block.text)))
        case Sentence():
            st.markdown(escaped(in_labels(block.text)))


def _rows(block: Table) -> list[dict[str, str]]:
    """Return rows by the titles of their columns, without columns that say nothing."""
    told = [place for place in range(len(block.columns)) if any(row.cells[place] for row in block.rows)]
    return [{block.columns[place].title: row.cells[place] for place in told} for row in block.rows]
