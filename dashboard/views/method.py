"""How an answer comes about, what its words mean, how wrong it is, what it rests on, and what it does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from advisor.report.glossary import GLOSSARY
from advisor.report.limits import LIMITS
from dashboard import parts
from dashboard.answers import Failure, recommendation
from dashboard.method_answers import all_errors, estimator_errors, figures
from dashboard.tables import csv_download, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.domain.answer import Recommendation
    from advisor.domain.fixed_figures import FixedFigures
    from advisor.domain.judged import ErrorLine, Validation
    from advisor.domain.validation_summary import JudgedLine, PeerFigure, ValidationSummary
    from dashboard.state import Asked

CHAIN: Mapping[str, str] = {
    "Workload": "How long prompts and replies are, what they are made of, how often they come, and what is asked of latency.",
    "Evidence": """Your own runs first, then dated public measurements, then a physical model fitted to those. Stronger evidence
        corrects weaker; the weakest of a chain is the basis that is shown.""",
    "Curve": """The speed of each deployment by requests in flight: a pass through the model costs the bytes it reads and the
        arithmetic it does. DiffusionGemma pays whole canvases of 256 tokens, Gemma 4 token by token.""",
    "Queue": """The curve becomes a server with slots, and a load becomes latencies under it: by formula, and where formulas are
        weak by simulation, request by request.""",
    "Fleet": "The fewest replicas that keep the objectives, with spares and headroom, kept away from saturation.",
    "Price": "Whole shapes at dated prices. Plans are ranked by price, ties within 2 % by latency.",
}
"""The way from a question to its answer."""


def page(asked: Asked) -> None:
    """Show the method behind the answers."""
    st.markdown("### How an answer comes about")
    _chain()
    _this_answer(asked)
    _glossary()
    _how_wrong()
    _fixed()
    _limits(asked)


def _chain() -> None:
    places = (*st.columns(3), *st.columns(3))
    for step, (place, (name, told)) in enumerate(zip(places, CHAIN.items(), strict=True), start=1):
        with place.container(border=True, height="stretch"):
            st.markdown(f"**{step}. {name}**")
            st.markdown(" ".join(told.split()))


def _this_answer(asked: Asked) -> None:
    answer = recommendation(asked)
    if isinstance(answer, Failure):
        parts.failed(answer)
        return
    with st.expander("The same for this question, figure by figure", icon=":material/calculate:"):
        table(_explained(answer), name="figure-by-figure")


def _explained(answer: Recommendation) -> list[dict[str, object]]:
    return [
        {
            "contender": line.contender,
            "figure": line.figure,
            "value": line.value,
            "unit": line.unit,
            "basis": "" if line.basis is None else str(line.basis),
            "how": line.how,
        }
        for line in answer.explanation
    ]


def _glossary() -> None:
    st.subheader("Words")
    head = "| word | meaning |\n|---|---|\n"
    st.markdown(head + "".join(f"| **{word}** | {meaning} |\n" for word, meaning in GLOSSARY.items()))
    csv_download([{"word": word, "meaning": meaning} for word, meaning in GLOSSARY.items()], name="words")


def _how_wrong() -> None:
    st.subheader("How wrong it is")
    with st.spinner("Fitting the constants without each GPU in turn", show_time=True):
        found = estimator_errors()
    if isinstance(found, Failure):
        parts.failed(found)
        return
    _estimator(found)
    st.markdown(
        "**Everything it is judged on**: curves, queueing formulas, decisions and imports, beside trivial rules."
    )
    if st.button("Judge everything now (up to a minute)", icon=":material/fact_check:", key="method_judge"):
        st.session_state["method_judged"] = True
    if st.session_state.get("method_judged"):
        with st.spinner("Simulating, and judging every part", show_time=True):
            summary = all_errors()
        if isinstance(summary, Failure):
            parts.failed(summary)
        else:
            _summary(summary)
    st.code("advisor validate", language="bash")


def _estimator(found: Validation) -> None:
    by_model = [_error_row(line) for line in found.lines if line.scope == "model"]
    st.caption(
        "Speed predicted for each GPU by constants that were fitted without any of its rows, against what was published. Sizes of "
        "the relative errors; bias is positive where the estimate is too fast. Reference: the errors of the prototype."
    )
    table(by_model, name="estimator-errors-by-model", columns=_ERROR_COLUMNS)
    with st.expander("By GPU and by source", icon=":material/table_rows:"):
        rows = [_error_row(line) for line in (*found.lines, *found.batching_gain) if line.scope != "model"]
        table(rows, name="estimator-errors-by-gpu-and-source", columns=_ERROR_COLUMNS)
        for note in found.notes:
            st.caption(parts.escaped(note))
    with st.expander("Published rows that it is not judged on, and why", icon=":material/block:"):
        table([line.model_dump() for line in found.excluded], name="rows-not-judged")


_ERROR_COLUMNS = {
    name: st.column_config.NumberColumn(f"{name} error", format="percent")
    for name in ("median", "p90", "mean", "worst")
} | {
    "bias": st.column_config.NumberColumn("bias", format="percent"),
    "reference": st.column_config.NumberColumn("reference, mean", format="percent"),
    "source_url": st.column_config.LinkColumn("source", display_text="open"),
}


def _error_row(line: ErrorLine) -> dict[str, object]:
    return line.model_dump()


def _summary(found: ValidationSummary) -> None:
    table([_judged_row(line) for line in found.lines], name="validations", columns=_ERROR_COLUMNS)
    for left_out in found.left_out:
        st.caption(parts.escaped(f"Not judged: {left_out.part}, as {left_out.reason}."))
    if found.peers:
        st.markdown("**What other tools publish about themselves**")
        peers = [_peer_row(peer) for peer in found.peers]
        table(peers, name="other-tools", columns=_ERROR_COLUMNS | _PEER_COLUMNS)
    for note in found.notes:
        st.caption(parts.escaped(note))


_KEPT = {True: "✓ kept", False: "✕ missed", None: ""}
_PEER_COLUMNS = {"error": st.column_config.NumberColumn("error", format="percent")}


def _judged_row(line: JudgedLine) -> dict[str, object]:
    return {
        "part": line.part,
        "judged": line.judged,
        "cases": line.errors.cases,
        "median": line.errors.median,
        "p90": line.errors.p90,
        "worst": line.errors.worst,
        "bias": line.bias,
        "asked": f"{line.target.statistic} at most {line.target.at_most:.0%}" if line.target else "",
        "kept": _KEPT[line.kept] if line.target else "",
        "against": line.truth,
        "trivial rules": "; ".join(
            f"{rule.rule}: median {rule.errors.median:.0%}" if rule.errors else f"{rule.rule}: no answer"
            for rule in line.rules
        ),
    }


def _peer_row(peer: PeerFigure) -> dict[str, object]:
    return {
        "tool": peer.tool,
        "figure": peer.figure,
        "error": peer.error,
        "statistic": str(peer.statistic),
        "like ours": "yes" if peer.comparable else "no",
        "remark": peer.remark,
        "conditions": peer.conditions,
        "date": peer.date.isoformat(),
        "source_url": peer.source_url,
    }


def _fixed() -> None:
    st.subheader("What it rests on beside measurements")
    found = figures()
    if isinstance(found, Failure):
        parts.failed(found)
        return
    _constants(found)
    rows = [{**line.model_dump(), "date": line.date.isoformat()} for line in found.assumptions]
    st.markdown("**Assumptions about running replicas**")
    table(rows, name="assumptions", columns=_ERROR_COLUMNS)


def _constants(found: FixedFigures) -> None:
    rows = [
        {
            "constant": line.name,
            "fitted": line.value,
            "unit": line.unit,
            "believed before": line.prior_value,
            "log sd": line.prior_log_sd,
            "meaning": line.meaning,
            "why": line.why,
            "source_url": line.source_url,
        }
        for line in found.constants
    ]
    st.markdown("**Constants of the physics**: the same for all GPUs and models, fitted to the published rows.")
    figure = st.column_config.NumberColumn(format="%.4g")
    table(rows, name="constants", columns=_ERROR_COLUMNS | {"fitted": figure, "believed before": figure})


def _limits(asked: Asked) -> None:
    st.subheader("What it does not know")
    st.markdown("".join(f"- {limit}\n" for limit in LIMITS))
    answer = recommendation(asked)
    if not isinstance(answer, Failure):
        st.markdown("**And of this question**")
        parts.warnings(answer.warnings)
        parts.sources(answer.sources)
