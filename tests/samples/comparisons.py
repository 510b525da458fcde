"""A hand-made comparison. Every name says `example`, and every number is invented: nothing here is evidence."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from advisor.domain.answer import Caution, Verdict
from advisor.domain.basis import Basis
from advisor.domain.comparison import Attribution, Cause, Change, ComparedAnswer, Comparison, Substitution
from advisor.domain.reproduction import Hindrance, Reproduction
from tests.samples.recommendations import NOW

BEFORE = ComparedAnswer(
    name="before.json",
    generated_at=NOW,
    advisor_version="",
    verdict=Verdict.CHEAPER,
    contender="example-ar-26b",
    plan="6 x example-ar-26b fp8 on example-gpu-80gb",
    replicas=6,
    gpus=6,
    usd_per_hour=Decimal("32.00"),
    usd_per_month=Decimal("23360.00"),
    basis=Basis.PUBLISHED,
)
AFTER = ComparedAnswer(
    name="12",
    generated_at=NOW + timedelta(days=9),
    advisor_version="0.0.2",
    verdict=Verdict.TIE,
    contender="example-diffusion-26b",
    plan="9 x example-diffusion-26b fp8 on (2x example-gpu-80gb)",
    replicas=9,
    gpus=18,
    usd_per_hour=Decimal("36.90"),
    usd_per_month=Decimal("26937.00"),
    basis=Basis.MODELED,
)
COMPARISON = Comparison(
    generated_at=NOW + timedelta(days=10),
    before=BEFORE,
    after=AFTER,
    summary="The choice changes from example-ar-26b to example-diffusion-26b: $3,577.00 more per month.",
    usd_per_hour_change=Decimal("4.90"),
    usd_per_month_change=Decimal("3577.00"),
    changes=(
        Change(cause=Cause.QUESTION, what="qps", before="50", after="60"),
        Change(
            cause=Cause.PRICE,
            what="example-cloud example-8x (example-gpu-80gb), example-1, on-demand",
            before="$32.0000/h each, list price of 2000-01-02",
            after="$30.0000/h each, list price of 2000-01-09",
        ),
        Change(cause=Cause.EVIDENCE, what="own runs known", before="none", after="4f53cda18c2b"),
        Change(cause=Cause.EVIDENCE, what="source of measurement", before=None, after="Example run | 3"),
        Change(cause=Cause.CODE, what="version of advisor", before="not told", after="0.0.2"),
        *(
            Change(
                cause=Cause.CANDIDATES,
                what=f"rejected example-huge bf16 on {gpus}x example-gpu-80gb",
                before="memory: weights need 120.0 GiB and 71.2 GiB are usable",
                after=None,
            )
            for gpus in range(1, 15)
        ),
    ),
    attribution=Attribution(
        price_change_usd_per_hour=Decimal("-2.00"),
        first_question_today_usd_per_hour=Decimal("30.00"),
        second_question_today_usd_per_hour=None,
        substitutions=(
            Substitution(
                group="load",
                fields=("qps", "burstiness"),
                alone_usd_per_hour=Decimal("36.90"),
                alone_change_usd_per_hour=Decimal("6.90"),
                in_turn_usd_per_hour=Decimal("36.90"),
                in_turn_change_usd_per_hour=Decimal("6.90"),
                in_turn_plan="9 x example-ar-26b fp8 on (2x example-gpu-80gb)",
            ),
            Substitution(
                group="objectives",
                fields=("slo",),
                alone_usd_per_hour=Decimal("30.00"),
                alone_change_usd_per_hour=Decimal(0),
                in_turn_usd_per_hour=None,
                in_turn_change_usd_per_hour=None,
                in_turn_plan="",
                problem="no deployment meets e2e p95 <= 1 s at 60 qps with the allowed offers",
            ),
        ),
        rest_change_usd_per_hour=None,
        rest_is="not attributable: evidence or code",
    ),
    warnings=(Caution(code="version_not_told", message="an answer does not tell the version that made it"),),
)

REPRODUCTION = Reproduction(
    generated_at=NOW + timedelta(days=10),
    advisor_version="0.0.2",
    before=BEFORE,
    again=AFTER.model_copy(update={"name": "again"}),
    same=False,
    hindrances=(
        Hindrance(what="advisor version", before="not told", now="0.0.2"),
        Hindrance(what="profiles", before="4f53cda18c2b", now="9b74c9897bac"),
    ),
    changes=COMPARISON.changes[3:5],
)
