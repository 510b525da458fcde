"""Everything that is judged, arranged for a reader: ours, the trivial rule beside it, what is asked, and other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Row, Section, Sentence, Table, Tone
from advisor.report.figures import number, share, signed_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.validation_summary import (
        ErrorSizes,
        JudgedCase,
        JudgedLine,
        PeerFigure,
        TrivialRule,
        ValidationSummary,
    )
    from advisor.report.document import Document

_LINE_COLUMNS = (
    Column("part"),
    Column("judged", wraps=True),
    Column("cases", right=True),
    Column("median", right=True),
    Column("p90", right=True),
    Column("worst", right=True),
    Column("asked"),
    Column("kept"),
    Column("trivial rule: median / p90 / worst", yields=9, phrase="trivial: {}"),
)
_WORST_COLUMNS = (Column("case", wraps=True), Column("error", right=True), Column("of", wraps=True))
_PEER_COLUMNS = (
    Column("tool"),
    Column("error", right=True),
    Column("statistic"),
    Column("of", wraps=True),
    Column("like ours", wraps=True),
    Column("under", yields=8, phrase="under: {}"),
    Column("source", yields=9, phrase="{}"),
)
_CASE_COLUMNS = (
    Column("case", wraps=True),
    Column("judged", yields=9, phrase="{}"),
    Column("true", right=True),
    Column("ours", right=True),
    Column("unit"),
    Column("error", right=True),
    Column("trivial", right=True),
)
_KEPT = {True: "yes", False: "NO", None: "unsure"}
_TINY = 5e-6
"""An error below this is rounding: shown as 0."""


def arrange(answer: ValidationSummary, *, explain: bool) -> Document:
    """Return the report of all validations. The cases of a single part are listed; it has nothing more to explain."""
    del explain
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        *_left_out(answer),
        *_lines(answer),
        *_worst(answer),
        *_cases(answer),
        *_peers(answer),
        Section("Notes"),
        *(Sentence(f"- {note}") for note in answer.notes),
    )


def _headline(answer: ValidationSummary) -> str:
    if not answer.lines:
        return "Nothing to judge this program on."
    told = [line.kept for line in answer.lines if line.target is not None or line.kept is not None]
    missed = [line for line in answer.lines if line.kept is False]
    count = sum(line.errors.cases for line in answer.lines if not line.sums_up)
    over = f", over {count:,} cases" if count else ""
    kept = f"Targets: {told.count(True)} kept, {told.count(False)} not kept, {told.count(None)} not decided{over}"
    return f"{kept}; not kept: {'; '.join(map(_missed, missed))}." if missed else f"{kept}."


def _missed(line: JudgedLine) -> str:
    if line.target is None:
        return line.judged
    shown = _error(getattr(line.errors, line.target.statistic))
    return f"{line.part}, {line.judged} ({line.target.statistic} {shown}, asked {_error(line.target.at_most)})"


def _left_out(answer: ValidationSummary) -> tuple[Block, ...]:
    return tuple(Sentence(f"Not judged: {one.part}, as {one.reason}.", Tone.WARNING) for one in answer.left_out)


def _lines(answer: ValidationSummary) -> tuple[Block, ...]:
    rows = tuple(_line_row(line) for line in answer.lines)
    return (Section("Size of the errors"), Table(_LINE_COLUMNS, rows)) if rows else ()


def _line_row(line: JudgedLine) -> Row:
    sizes = line.errors
    target = "-" if line.target is None else f"{line.target.statistic} {_error(line.target.at_most)}"
    kept = _KEPT[line.kept] if line.target else "-"
    errors = (_error(sizes.median), _error(sizes.p90), _error(sizes.worst))
    rules = "; ".join(_rule(rule, cases=sizes.cases) for rule in line.rules)
    return Row((line.part, line.judged, f"{sizes.cases:,}", *errors, target, kept, rules))


def _rule(rule: TrivialRule, *, cases: int) -> str:
    if rule.errors is None:
        return f"{rule.rule}: no answer"
    partly = "" if rule.errors.cases == cases else f" on {rule.errors.cases:,} cases"
    return f"{rule.rule}: {_three(rule.errors)}{partly}"


def _three(sizes: ErrorSizes) -> str:
    """Return median, 90th percentile and largest with one sign of percent; of a single case, that case."""
    if sizes.cases == 1:
        return _error(sizes.worst)
    figures = (_error(sizes.median), _error(sizes.p90), _error(sizes.worst))
    return " / ".join(figure.removesuffix(" %") for figure in figures) + " %"


def _error(fraction: float) -> str:
    """Return the size of an error as a percentage; what is nothing but rounding is 0."""
    return share(0.0 if abs(fraction) < _TINY else fraction)


def _worst(answer: ValidationSummary) -> tuple[Block, ...]:
    """Arrange the worst case of each line; the worst few where a single part is shown."""
    rows = tuple(
        Row((one.case, signed_share(one.error), f"{line.part}, {line.judged}"))
        for line in answer.lines
        for one in (line.worst_cases if answer.cases else line.worst_cases[:1])
        if abs(one.error) >= _TINY
    )
    return (Section("Worst cases"), Table(_WORST_COLUMNS, rows)) if rows else ()


def _cases(answer: ValidationSummary) -> tuple[Block, ...]:
    rows = tuple(_case_row(case) for case in answer.cases)
    return (Section("All cases"), Table(_CASE_COLUMNS, rows)) if rows else ()


def _case_row(case: JudgedCase) -> Row:
    figures = (number(case.true_value), number(case.our_value), case.unit)
    error = signed_share(0.0 if abs(case.error) < _TINY else case.error)
    return Row(
        (case.case, case.judged, *figures, error, "-" if case.rule_error is None else signed_share(case.rule_error))
    )


def _peers(answer: ValidationSummary) -> tuple[Block, ...]:
    rows = tuple(_peer_row(peer) for peer in answer.peers)
    return (Section("What is published of other tools"), Table(_PEER_COLUMNS, rows)) if rows else ()


def _peer_row(peer: PeerFigure) -> Row:
    alike = f"in part: {peer.remark}" if peer.comparable else f"not comparable: {peer.remark}"
    of = f"{peer.figure} ({peer.part})"
    source = f"{peer.date} {peer.source_url}"
    return Row((peer.tool, f"{peer.error * 100:.3g} %", peer.statistic, of, alike, peer.conditions, source))


def records(answer: ValidationSummary) -> Iterator[dict[str, object]]:
    """Yield one flat record per line, per figure of another tool, and per case where they are told."""
    yield from map(_line_record, answer.lines)
    for peer in answer.peers:
        yield {"table": "other tool", **peer.model_dump(mode="json")}
    for case in answer.cases:
        yield {"table": "case", **case.model_dump(mode="json")}
    for one in answer.left_out:
        yield {"table": "left out", **one.model_dump(mode="json")}


def _line_record(line: JudgedLine) -> dict[str, object]:
    flat = line.model_dump(mode="json", exclude={"errors", "rules", "target", "worst_cases"})
    target = line.target.model_dump(mode="json") if line.target else {}
    rule = line.rules[0] if line.rules else None
    return {
        "table": "judged",
        **flat,
        **line.errors.model_dump(),
        **{f"target_{name}": value for name, value in target.items()},
        "rule": rule.rule if rule else None,
        **{f"rule_{name}": value for name, value in (rule.errors.model_dump() if rule and rule.errors else {}).items()},
        "worst_case": line.worst_cases[0].case if line.worst_cases else None,
    }
