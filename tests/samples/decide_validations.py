"""A hand-made validation of decisions. Every name says `example`, and every number is invented."""

from __future__ import annotations

from advisor.domain.decide_validation import (
    AskedLine,
    CoverageLine,
    DecideValidation,
    LawLine,
    PolicyLine,
    RegretLine,
    StopLine,
)
from tests.samples.recommendations import NOW

START, STOP = "before an example", "after an example"

DECIDE_VALIDATION = DecideValidation(
    generated_at=NOW,
    asked=(AskedLine(question="50 qps of example-chat", plans=12, cells=10, worlds=90),),
    laws=(LawLine(law="example tails", words="drawn from an invented law"),),
    policies=(
        PolicyLine(
            policy="ours",
            measurements=4.25,
            grid_share=0.425,
            target_share=0.6667,
            regrets={0: 0.25, 1: 0.1, 4: 0.02, 10: 0.015},
        ),
        PolicyLine(policy="random", measurements=9.0, grid_share=0.9, regrets={0: 0.25, 1: 0.2, 4: 0.125, 10: 0.01}),
        PolicyLine(policy="full grid", measurements=10.0, grid_share=1.0, regrets={10: 0.01}),
    ),
    stop=StopLine(
        measurements=5.5,
        grid_share=0.55,
        cost_usd=2.5,
        full_grid_cost_usd=6.25,
        announced_regret_share=0.02,
        realized_regret_share=0.015,
        full_grid_regret_share=0.01,
    ),
    regrets=(
        RegretLine(
            law=None, when=START, worlds=90, announced=0.24, realized=0.25, standard_error=0.02, miss=-0.04, target=0.2
        ),
        RegretLine(
            law="example tails",
            when=START,
            worlds=90,
            announced=0.24,
            realized=0.25,
            standard_error=0.02,
            miss=-0.04,
        ),
        RegretLine(law=None, when=STOP, worlds=9, announced=0.02, realized=0.0, standard_error=0.0, miss=None),
    ),
    coverage=(
        CoverageLine(
            group=None, when=START, figure="replicas", cases=1080, inside=0.91, at_ends=0.97, low=0.85, high=0.95
        ),
        CoverageLine(
            group=None, when=STOP, figure="replicas", cases=108, inside=0.96, at_ends=0.99, low=0.85, high=0.95
        ),
    ),
    unseen=(
        CoverageLine(
            group=None, when="an example GPU type left out", figure="speed", cases=27, inside=0.93, at_ends=0.93
        ),
    ),
    tolerance=0.01,
    seed=0,
    quick=True,
    notes=("every figure here is an example",),
)
