from __future__ import annotations

import pytest

from advisor.domain.timing import Sample
from advisor.loadgen import scraping
from advisor.loadgen.scraping import Readings, read_metrics

PAGE = b"""# HELP vllm:num_requests_waiting Number of requests waiting.
# TYPE vllm:num_requests_waiting gauge
vllm:num_requests_waiting{engine="0",model_name="a {b} c"} 3.0
vllm:num_requests_waiting{engine="1",model_name="a {b} c"} 4.0
vllm:num_requests_waiting_by_reason{engine="0",reason="capacity"} 9.0
vllm:num_preemptions_total{engine="0"} 2.0
vllm:num_preemptions_created{engine="0"} 1.7e9
vllm:kv_cache_usage_perc{engine="0"} NaN
vllm:kv_cache_usage_perc{engine="1"} 0.25
llamacpp:requests_deferred 5
python_gc_objects_collected_total{generation="0"} 8
"""


def test_only_the_wanted_names_are_read_and_with_their_labels() -> None:
    found = {sample.name: sample.value for sample in read_metrics(PAGE, at_s=1.5)}
    assert found == {
        'vllm:num_requests_waiting{engine="0",model_name="a {b} c"}': 3.0,
        'vllm:num_requests_waiting{engine="1",model_name="a {b} c"}': 4.0,
        'vllm:num_preemptions_total{engine="0"}': 2.0,
        'vllm:kv_cache_usage_perc{engine="1"}': 0.25,
        "llamacpp:requests_deferred": 5.0,
    }


def readings(*rows: tuple[float, str, float]) -> Readings:
    return Readings([Sample(*row) for row in rows])


def test_a_counter_grows_from_the_first_page_to_the_last_over_all_engines() -> None:
    name = scraping.PREEMPTIONS[0]
    seen = readings(
        (0.0, f"{name}{{a}}", 5), (0.0, f"{name}{{b}}", 1), (9.0, f"{name}{{a}}", 7), (9.0, f"{name}{{b}}", 4)
    )
    assert seen.growth(scraping.PREEMPTIONS) == 5.0
    assert seen.growth(scraping.STEPS) is None


def test_a_gauge_has_a_mean_over_the_pages_and_a_highest_reading() -> None:
    name = scraping.WAITING[0]
    seen = readings(
        (0.0, f"{name}{{a}}", 2), (0.0, f"{name}{{b}}", 2), (1.0, f"{name}{{a}}", 0), (1.0, f"{name}{{b}}", 0)
    )
    assert seen.mean(scraping.WAITING) == pytest.approx(2.0)
    assert seen.highest(scraping.WAITING) == 2.0
    assert seen.highest(scraping.CACHE_USAGE) is None


def test_a_span_has_its_own_readings() -> None:
    name = scraping.PREEMPTIONS[0]
    seen = readings((0.0, name, 0), (1.0, name, 3), (2.0, name, 9)).between(0.5, 2.0)
    assert seen.growth(scraping.PREEMPTIONS) == 6.0


def test_one_page_alone_tells_no_growth() -> None:
    name = scraping.PREEMPTIONS[0]
    assert readings((0.0, f"{name}{{a}}", 5), (0.0, f"{name}{{b}}", 1)).growth(scraping.PREEMPTIONS) is None
    assert readings((0.0, name, 5), (2.0, name, 5)).growth(scraping.PREEMPTIONS) == 0.0


def test_a_counter_that_falls_tells_no_growth() -> None:
    name = scraping.FINISHED[0]
    assert readings((0.0, name, 900), (2.0, name, 3), (4.0, name, 950)).growth(scraping.FINISHED) is None


def test_finished_requests_are_counted_over_all_reasons() -> None:
    name = scraping.FINISHED[0]
    pages = [(at_s, f'{name}{{finished_reason="{reason}"}}', n) for at_s, n in ((0.0, 2), (5.0, 9)) for reason in "ab"]
    assert readings(*pages).growth(scraping.FINISHED) == 14.0
