"""How choosing and measuring by our rules fare where the truth is known, arranged for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.report.document import Block, Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, number, share, signed_share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.domain.decide_validation import CoverageLine, DecideValidation
    from advisor.report.document import Document

_ALL = "all"
_POLICY_COLUMNS = (
    Column("rule"),
    Column("measurements for the same regret", right=True, wraps=True),
    Column("of all cells", right=True),
    Column("asked", right=True, yields=1, phrase="asked: {}"),
    Column("kept"),
)
_REGRET_COLUMNS = (
    Column("truths"),
    Column("worlds", right=True, yields=2, phrase="{} worlds"),
    Column("announced", right=True),
    Column("realized", right=True),
    Column("error of it", right=True, yields=1, phrase="standard error {}"),
    Column("announced over realized", right=True, wraps=True),
    Column("asked", right=True, yields=3, phrase="asked: {}"),
    Column("kept"),
)
_COVERAGE_COLUMNS = (
    Column("what"),
    Column("figure"),
    Column("cases", right=True, yields=2, phrase="{} cases"),
    Column("inside", right=True),
    Column("ends counted in", right=True, yields=1, phrase="{} with the ends"),
    Column("asked", right=True, yields=3, phrase="asked: {}"),
    Column("kept"),
)


def arrange(answer: DecideValidation, *, explain: bool) -> Document:
    """Return the report of a validation of decisions; it has nothing more to explain."""
    del explain
    moments = list(dict.fromkeys(line.when for line in answer.regrets))
    return (
        Sentence(_headline(answer), Tone.HEADLINE),
        Sentence(_size(answer), Tone.FAINT),
        *_policies(answer),
        *_stop(answer),
        *(block for when in moments for block in _regrets(answer, when)),
        *(
            block
            for when in moments
            for block in _coverage(answer.coverage, f"Truth within 90 % of draws, {when}", when)
        ),
        *_coverage(answer.unseen, "Measured rows within the 90 % given without their GPU type"),
        Section("Truths"),
        Facts(tuple((law.law, law.words) for law in answer.laws)),
        Section("Notes"),
        *(Sentence(f"- {note}") for note in answer.notes),
    )


def _headline(answer: DecideValidation) -> str:
    asked = [line for line in answer.policies if line.target_share is not None]
    told = "; ".join(
        f"{line.policy} comes to the regret of the full grid with {number(line.measurements)} measurements, "
        f"{share(line.grid_share)} of it (asked: {share(line.target_share or 0.0)} at most)"
        for line in asked
    )
    verdicts = [
        *(line.kept for line in answer.policies),
        *(line.kept for line in answer.regrets),
        *(line.kept for line in answer.coverage),
    ]
    kept = [verdict for verdict in verdicts if verdict is not None]
    return f"{told[:1].upper()}{told[1:]}. {sum(kept)} of {len(kept)} targets kept."


def _verdict(*, kept: bool | None) -> str:
    return {None: "", True: "yes", False: "no"}[kept]


def _size(answer: DecideValidation) -> str:
    worlds = sum(line.worlds for line in answer.asked)
    asked = ", ".join(f"{line.question} ({counted(line.cells, 'cell')})" for line in answer.asked)
    quick = ", a small part of the whole validation" if answer.quick else ""
    return f"{counted(worlds, 'invented world')}{quick}; {asked}; seed {answer.seed}."


def _policies(answer: DecideValidation) -> tuple[Block, ...]:
    rows = tuple(
        Row(
            (
                line.policy,
                number(line.measurements),
                share(line.grid_share),
                "" if line.target_share is None else f"{share(line.target_share)} at most",
                _verdict(kept=line.kept),
            )
        )
        for line in answer.policies
    )
    steps = sorted({step for line in answer.policies for step in line.regrets})
    between = (Column(f"{n:,}", right=True, yields=n, phrase=f"after {n:,}: {{}}") for n in steps[1:-1])
    columns = (Column("rule"), Column("0", right=True), *between, Column(f"{steps[-1]:,}", right=True))
    curves = tuple(
        Row((line.policy, *(share(line.regrets[n]) if n in line.regrets else "" for n in steps)))
        for line in answer.policies
    )
    same = f"Measurements until regret stays within {share(answer.tolerance)} of the full grid's"
    return (
        Section(same),
        Table(_POLICY_COLUMNS, rows),
        Section("Realized regret over the best price, by number of measurements"),
        Table(columns, curves),
    )


def _stop(answer: DecideValidation) -> tuple[Block, ...]:
    stop = answer.stop
    facts = (
        ("measurements", f"{number(stop.measurements)}, {share(stop.grid_share)} of all cells"),
        ("GPU time", f"${stop.cost_usd:,.2f}, the full grid ${stop.full_grid_cost_usd:,.2f}"),
        ("regret", f"announced {share(stop.announced_regret_share)}, realized {share(stop.realized_regret_share)}"),
        ("full grid", f"realized {share(stop.full_grid_regret_share)}"),
    )
    return Section("Where ours stops: nothing is worth its GPU time over 12 months"), Facts(facts)


def _regrets(answer: DecideValidation, when: str) -> tuple[Block, ...]:
    rows = tuple(
        Row(
            (
                line.law or _ALL,
                f"{line.worlds:,}",
                share(line.announced),
                share(line.realized),
                share(line.standard_error),
                "-" if line.miss is None else signed_share(line.miss),
                "" if line.target is None else f"within {share(line.target)}",
                _verdict(kept=line.kept),
            )
        )
        for line in answer.regrets
        if line.when == when
    )
    return Section(f"Regret over the best price, {when}"), Table(_REGRET_COLUMNS, rows)


def _coverage(lines: Sequence[CoverageLine], title: str, when: str | None = None) -> tuple[Block, ...]:
    rows = tuple(
        Row(
            (
                line.group or _ALL,
                line.figure,
                f"{line.cases:,}",
                share(line.inside),
                share(line.at_ends),
                _range(line),
                _verdict(kept=line.kept),
            )
        )
        for line in lines
        if when in {None, line.when}
    )
    return Section(title), Table(_COVERAGE_COLUMNS, rows)


def _range(line: CoverageLine) -> str:
    return (
        "" if line.low is None or line.high is None else f"{share(line.low).removesuffix(' %')} to {share(line.high)}"
    )


def records(answer: DecideValidation) -> Iterator[dict[str, object]]:
    """Yield one flat record per line of each table."""
    for policy in answer.policies:
        flat = policy.model_dump(mode="json", exclude={"regrets"})
        yield {"table": "policies", **flat, **{f"regret_after_{n}": value for n, value in policy.regrets.items()}}
    for table, lines in (("regrets", answer.regrets), ("coverage", answer.coverage), ("unseen", answer.unseen)):
        for line in lines:
            yield {"table": table, **line.model_dump(mode="json")}
    yield {"table": "stop", **answer.stop.model_dump(mode="json")}
