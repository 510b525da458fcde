"""Quality beside the decision, as a table and in words."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import jsonschema  # type: ignore[import-untyped]
import pytest

from advisor.domain.basis import Basis
from advisor.domain.quality_answer import Cascade, Mistakes, ModelCost, PassRate, QualityDecision
from advisor.report.format import Format
from advisor.report.render import render
from advisor.report.structured import schema_of
from tests.samples import RECOMMENDATION
from tests.samples.recommendations import TODAY

if TYPE_CHECKING:
    from collections.abc import Callable

OWN = PassRate(
    model="example-ar-26b",
    pass_share=0.9,
    low_share=0.825,
    high_share=0.945,
    passed=90,
    graded=100,
    tasks=50,
    floor_share=0.8,
    reaches_floor_share=0.995,
    basis=Basis.MEASURED,
    source="own grades, example.csv",
    source_url=None,
    date=None,
)
PUBLISHED = OWN.model_copy(
    update={
        "model": "example-diffusion-26b",
        "pass_share": 0.771,
        "low_share": None,
        "high_share": None,
        "passed": None,
        "graded": None,
        "floor_share": None,
        "reaches_floor_share": None,
        "basis": Basis.PUBLISHED,
        "source": "Example Bench, example card",
        "source_url": "https://quality.example/",
        "date": TODAY,
    }
)
COST = ModelCost(
    model="example-ar-26b",
    contender="example-ar-26b+example-mtp",
    plan="6 x example-ar-26b fp8 on example-gpu-80gb",
    usd_per_request=Decimal("0.000177777778"),
    basis=Basis.PUBLISHED,
    pass_share=0.9,
    usd_per_success=Decimal("0.000197530864"),
    usd_per_success_low=Decimal("0.000188124634"),
    usd_per_success_high=Decimal("0.000215488216"),
    usd_with_mistakes=Decimal("0.001177777778"),
)
DECISION = QualityDecision(
    pass_rates=(OWN, PUBLISHED),
    costs=(COST,),
    mistakes=Mistakes(
        plain_model="example-ar-26b",
        mistake_usd=Decimal("0.01"),
        cheaper_model="example-ar-26b",
        differs=False,
        flips_at_usd=None,
        flips_to=None,
        sentence="No price of a mistake turns the example.",
    ),
    cascade=Cascade(
        checker="tests",
        check_usd=Decimal("0.00001"),
        right_share=0.9,
        first_model="example-diffusion-26b",
        second_model="example-ar-26b",
        first_plan="40 x example-diffusion-26b bf16 on example-gpu-80gb",
        second_plan="2 x example-ar-26b fp8 on example-gpu-80gb",
        accepted_share=0.7168,
        pass_share=0.94878,
        usd_per_request=Decimal("0.001"),
        usd_with_mistakes=Decimal("0.0015122"),
        second_alone_usd_per_request=Decimal("0.000177777778"),
        second_alone_usd_with_mistakes=Decimal("0.001177777778"),
        pays=False,
        pays_with_mistakes=False,
        cost_share=5.0,
        pays_below_share=0.66,
        worst_e2e_p95_ms=16_564.0,
        basis=Basis.MEASURED,
        sentence="The example does not pay.",
    ),
    notes=("this example is invented",),
)


def test_the_section_is_the_golden_one(assert_golden: Callable[[str, str], None]) -> None:
    rated = RECOMMENDATION.model_copy(update={"quality_decision": DECISION})
    text = render(rated, Format.TABLE, width=100)
    assert_golden(
        "recommendation-quality.txt", f"Quality in{text.partition('Quality in')[2].partition('Rejected:')[0]}"
    )


def test_there_is_no_section_where_nothing_was_asked() -> None:
    assert "Quality in the decision" not in render(RECOMMENDATION, Format.TABLE)


def test_a_cascade_that_cannot_be_is_a_warning_that_says_why() -> None:
    none = DECISION.model_copy(update={"cascade": None, "no_cascade": "no second model is known"})
    text = render(RECOMMENDATION.model_copy(update={"quality_decision": none}), Format.MD)
    assert "No cascade: no second model is known." in text


@pytest.mark.parametrize("width", [72, 100, 140])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = render(RECOMMENDATION.model_copy(update={"quality_decision": DECISION}), Format.TABLE, width=width)
    section = text.partition("Quality in")[2].partition("Rejected:")[0]
    assert max(map(len, section.splitlines())) <= width


def test_json_parses_back_into_the_same_value_and_satisfies_its_schema() -> None:
    rated = RECOMMENDATION.model_copy(update={"quality_decision": DECISION})
    text = render(rated, Format.JSON)
    assert type(rated).model_validate_json(text) == rated
    jsonschema.Draft202012Validator(schema_of("recommend")).validate(json.loads(text))
