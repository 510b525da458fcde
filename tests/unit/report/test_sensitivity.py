"""How flips, maps and inputs read: what is told where something is missing, and what the pictures hold."""

from __future__ import annotations

import pytest

from advisor.domain.crossover import Scope
from advisor.report.format import Format
from advisor.report.render import render
from tests.samples import CROSSOVER, CROSSOVER_MAP, RECOMMENDATION, SENSITIVITY
from tests.samples.crossovers import LEVERS


def test_a_recommendation_shows_its_inputs_only_where_they_were_looked_at() -> None:
    title = "What changes the choice, one input at a time"
    assert title not in render(RECOMMENDATION, Format.TABLE)
    more = RECOMMENDATION.model_copy(update={"sensitivity": LEVERS})
    assert title in render(more, Format.TABLE)
    assert title in render(more, Format.MD)


def test_ranges_that_are_not_the_usual_one_are_explained() -> None:
    text = render(SENSITIVITY, Format.TABLE)
    assert "speed:winner: 90 % of its spread" in text
    assert "availability: assumed" in text
    assert "0.99 to 0.9999" in text


def test_parts_without_a_flip_are_named_with_whoever_is_cheapest_there() -> None:
    assert "No flip in the range: example-gpu-80gb (example-ar-26b)." in render(CROSSOVER, Format.TABLE)


def test_flips_of_gpu_types_alone_need_no_overall_part() -> None:
    alone = CROSSOVER.model_copy(update={"scopes": tuple(s for s in CROSSOVER.scopes if s.scope is Scope.GPU)})
    text = render(alone, Format.TABLE)
    assert "example-gpu-24gb" in text
    assert "Cheapest of all plans" not in text


def test_a_map_is_drawn_with_its_highest_row_on_top_and_small_letters_where_it_is_close() -> None:
    lines = render(CROSSOVER_MAP, Format.TABLE).splitlines()
    rows = [line.split() for line in lines if line.split()[:1] in (["800"], ["50"])]
    assert rows == [["800", "BB."], ["50", "AAb"]]


def test_csv_has_a_row_for_each_point_of_a_map() -> None:
    header, *rows = render(CROSSOVER_MAP, Format.CSV).splitlines()
    assert header == ("qps,output-tokens,leader,too_close,interpolated_usd_per_hour,interpolated_other_usd_per_hour")
    assert len(rows) == len(CROSSOVER_MAP.cells)


def test_the_pictures_hold_flips_intervals_and_the_asked_point() -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    from advisor.report.crossover_plot import plotted  # noqa: PLC0415 - needs the extra
    from advisor.report.sensitivity_plot import chart  # noqa: PLC0415 - likewise

    flips = plotted(CROSSOVER, suffix="svg").decode()
    assert "all plans" in flips
    assert "example-gpu-24gb" in flips
    assert "requests/s" in flips
    drawn = chart(SENSITIVITY).to_dict()
    assert drawn["height"] == 30 * len(LEVERS)
    assert "flips at 3 s" in str(drawn)


def test_a_crossover_without_costs_and_flips_still_makes_a_picture() -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    from advisor.report.crossover_plot import plotted  # noqa: PLC0415 - needs the extra

    bare = CROSSOVER.model_copy(update={"scopes": (CROSSOVER.scopes[1],)})
    assert plotted(bare, suffix="svg").startswith(b"<svg")
