"""The price page: the book as the question uses it, and what a price does to the decision."""

from __future__ import annotations

from shlex import split

import pytest

from tests.dashboard.looking import look, words

pytest.importorskip("streamlit")

QUICK = {"qps": "5", "workload": "chat", "gpus": "h100-sxm-80gb,l40s-48gb"}


def test_the_price_of_the_chosen_plan_is_varied_first() -> None:
    shown = look("prices", **QUICK)
    assert not shown.exception
    gpu = shown.selectbox(key="p_prices.gpu").value
    assert str(gpu) in QUICK["gpus"]
    assert f"At ${shown.slider[0].value:,.2f} per GPU-hour of {gpu}" in words(shown).replace("\\", "")


def test_the_slider_answers_as_the_command_below_it() -> None:
    from advisor.cli.asked import question_in  # noqa: PLC0415 - the extra is there
    from advisor.usecases.recommend import recommend  # noqa: PLC0415 - likewise

    shown = look("prices", **QUICK)
    shown.slider[0].set_value(shown.slider[0].max).run()
    assert not shown.exception
    command = next(code.value for code in shown.code if "--gpu-cost" in code.value)
    best = recommend(question_in(split(command)[2:]), profiles=None, database=None).decision.candidate
    assert {metric.label: metric.value for metric in shown.metric}["Cost per hour"] == f"${best.usd_per_hour:,.2f}"
    assert any(f"={shown.slider[0].value:g}" in part for part in split(command))


def test_the_book_opens_with_the_gpus_of_the_question_and_own_prices_first() -> None:
    shown = look("prices", **QUICK, gpu_cost="l40s=0.90")
    book = shown.dataframe[0].value
    assert set(book["gpu"]) == {"h100-sxm-80gb", "l40s-48gb"}
    assert book["provider"][0] == "own price"
    assert book["usd_per_gpu_hour"][0] == 0.9
    assert set(book[book["gpu"] == "l40s-48gb"]["used"][1:]) == {"your own price of this GPU is used instead"}


def test_why_a_price_is_not_used_is_told_by_labels() -> None:
    book = look("prices", **QUICK).dataframe[0].value
    assert 'on a marketplace ("Peer marketplaces too")' in set(book["used"])
    assert not any("--" in told for told in book["used"])


def test_filters_narrow_the_book() -> None:
    shown = look("prices", **QUICK)
    before = len(shown.dataframe[0].value)
    shown.multiselect(key="p_prices.basis-only").set_value(["spot"]).run()
    assert 0 < len(shown.dataframe[0].value) < before
    assert set(shown.dataframe[0].value["price_basis"]) == {"spot"}
    shown.toggle(key="p_prices.used").set_value(True).run()
    assert "No price passes these filters" in shown.info[-1].value


def test_a_question_without_an_answer_still_shows_the_book() -> None:
    shown = look("prices", **QUICK, e2e="5ms")
    assert not shown.exception
    assert "Nothing meets this question" in words(shown)
    assert len(shown.dataframe) == 1


def test_a_gpu_that_the_question_leaves_out_has_no_price_to_vary() -> None:
    shown = look("prices", **QUICK)
    shown.selectbox(key="p_prices.gpu").set_value("b200-sxm-180gb").run()
    assert not shown.exception
    assert "not among the GPUs" in shown.info[0].value


def test_the_chart_marks_where_another_contender_leads() -> None:
    from advisor.domain.crossover import FlipLine  # noqa: PLC0415 - likewise
    from dashboard.charts import prices as charts  # noqa: PLC0415 - likewise
    from tests.priced import EFFECT  # noqa: PLC0415 - likewise

    flip = FlipLine(value=3.0, low=2.9, high=3.1, below="a", above="b", changes_model=True)
    (scope,) = EFFECT.crossover.scopes
    crossover = EFFECT.crossover.model_copy(update={"scopes": (scope.model_copy(update={"flips": (flip,)}),)})
    drawn = charts.chart(EFFECT.model_copy(update={"crossover": crossover}), at_usd=2.5).to_json()
    for told in ("today $2.00", "looked at $2.50", "b from $3.00", "other-gpu from $4.00"):
        assert told in drawn
