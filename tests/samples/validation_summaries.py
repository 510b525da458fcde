"""A hand-made table of everything that is judged. Every name says `example`, and every number is invented."""

from __future__ import annotations

from advisor.domain.validation_summary import (
    ErrorSizes,
    JudgedCase,
    JudgedLine,
    NamedError,
    PartLeftOut,
    PeerFigure,
    Statistic,
    Target,
    TrivialRule,
    ValidationSummary,
)
from tests.samples.recommendations import NOW, TODAY


def _sizes(cases: int, median: float) -> ErrorSizes:
    return ErrorSizes(cases=cases, median=median, p90=3 * median, mean=2 * median, worst=5 * median)


KEPT = JudgedLine(
    part="estimator",
    judged="example-ar-26b",
    truth="published",
    figure="speed on a GPU left out",
    errors=_sizes(12, 0.08),
    bias=-0.013,
    rules=(
        TrivialRule(rule="example rule", errors=_sizes(10, 0.41)),
        TrivialRule(rule="example rule without an answer", errors=None),
    ),
    target=Target(statistic=Statistic.MEDIAN, at_most=0.1, source="an example"),
    kept=True,
    worst_cases=(
        NamedError(case="example-1 on example-gpu-80gb, 8 in flight", error=-0.4),
        NamedError(case="example-2 on example-gpu-80gb, 1 in flight", error=0.22),
    ),
)
MISSED = JudgedLine(
    part="curves",
    judged="between levels",
    truth="published",
    figure="output tok/s at a level left out",
    errors=_sizes(4, 0.03),
    bias=0.02,
    rules=(TrivialRule(rule="straight line in c", errors=_sizes(4, 0.09)),),
    target=Target(statistic=Statistic.MEAN, at_most=0.047, source="an example"),
    kept=False,
    worst_cases=(NamedError(case="example sweep, 16 in flight", error=0.15),),
)
EXACT = JudgedLine(
    part="imports",
    judged="figures taken over",
    truth="what the file states",
    figure="figure of a sample",
    errors=ErrorSizes(cases=1234, median=0.0, p90=0.0, mean=1e-17, worst=1.1e-16),
    bias=0.0,
    worst_cases=(NamedError(case="example.json: ttft_ms.mean", error=1.1e-16),),
)

VALIDATION_SUMMARY = ValidationSummary(
    generated_at=NOW,
    lines=(KEPT, MISSED, EXACT),
    peers=(
        PeerFigure(
            part="estimator",
            tool="Example Tool 1.2",
            figure="TPOT on an example GPU",
            statistic="median",
            error=0.1279,
            conditions="three example models",
            comparable=True,
            remark="an unseen GPU too",
            date=TODAY,
            source_url="https://example.com/errors",
        ),
        PeerFigure(
            part="curves",
            tool="Other Example",
            figure="latency",
            statistic="not stated",
            error=0.0095,
            conditions="operators of the same GPU were measured",
            comparable=False,
            remark="its GPU is measured first | with a pipe",
            date=TODAY,
            source_url="https://example.com/paper",
        ),
    ),
    left_out=(PartLeftOut(part="queueing", reason="nothing is simulated in an example"),),
    notes=("Everything here is invented.",),
)

ONE_PART = VALIDATION_SUMMARY.model_copy(
    update={
        "lines": (KEPT,),
        "left_out": (),
        "cases": (
            JudgedCase(
                part="estimator",
                judged="example-ar-26b",
                case="example-1 on example-gpu-80gb, 8 in flight",
                unit="tok/s",
                true_value=1000.0,
                our_value=600.0,
                error=-0.4,
                rule_error=0.6,
            ),
            JudgedCase(
                part="estimator",
                judged="example-ar-26b",
                case="example-2 on example-gpu-80gb, 1 in flight",
                unit="tok/s",
                true_value=100.0,
                our_value=122.0,
                error=0.22,
            ),
        ),
    }
)
"""One part of it, with its cases."""
