"""The name of a number carries its unit, or the number is on the list of those that have none.

Looked at: annotated fields and parameters of the rooms that think, where most numbers are physical.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.house.source import modules

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOMS = [f"advisor/{room}" for room in ("domain", "physics", "queueing", "evidence", "cost", "planning")]
NUMBERS = {"float", "PositiveFloat", "NonNegativeFloat", "Fraction", "Array", "FloatArray", "Number", "Decimal"}

UNITS = {
    "s", "s2", "s3", "ms", "mhz", "w", "days", "months", "bytes", "flops", "rps", "qps", "usd", "hours", "share", "shares",
}  # fmt: skip
COUNTED = {"canvases", "counts", "queries", "rows", "sequences", "steps", "tokens"}

WITHOUT_UNIT = {
    "shares of one, by a name of the field": {
        "gpu_memory_utilization", "headroom", "utilization", "percentile", "statistic", "fractions",
        "wait_probability", "join_probability", "rho", "load", "max_load", "full", "p", "found", "found_full", "present", "starts",
        "attainment", "availability", "simulated", "one_fewer", "one_fewer_nominal", "relative_rate",
        "as_planned", "feasible", "best", "probability", "rival_probability", "plan_probability",
        "announced", "realized", "inside", "at_ends", "tolerance",
    },
    "relative errors and their statistics": {
        "bias", "mean", "median", "noise", "p90", "reference", "reference_median", "reference_p90", "spread",
        "at_most", "error", "rule_error", "worst", "miss", "standard_error", "deviations",
    },
    "significance of a trend": {"in_flight_trend_p", "ttft_trend_p"},
    "logarithms, ratios and powers": {
        "input_tokens_cv", "output_tokens_cv",
        "count_dispersion", "exponent", "factor", "floor_exponent", "log_ratios", "log_sd", "log_t", "log_weights", "ratio",
        "roofline_exponent", "routing_skew", "skew", "cv", "scv", "arrival_scv", "work_scv", "luck", "floor", "log_windows", "ratios",
        "burstiness", "speed", "flip_ratio", "log_factors", "noise_log_sd", "prior_log_sd", "worth_per_cost",
    },
    "counts of things in flight or passes": {
        "canvas_logit_passes", "canvas_logit_passes_day0", "in_flight_mean", "in_flight_per_replica", "engine_queue_mean", "in_service",
        "logit_passes", "mean_in_system", "mean_waiting", "n", "prompts_per_pass", "tensor_parallel", "measurements",
    },
    "counts of graded answers, with fractions for those to come": {"passed", "graded"},
    "weights (parameters), counted by part of a model": {"dense", "experts", "head"},
    "work and time relative to those of other requests": {"relaxation_work", "residence", "sizes", "work"},
    "times, windows and rates in mean gaps between arrivals": {
        "ends", "leaves", "rate", "rates", "times", "window", "window_gaps",
    },
    "statistics of a time whose unit is in the name of the field that holds them": {"p05", "p50", "p95", "p99"},
    "money in any one currency and period": {"costs", "below_costs", "above_costs", "planned", "regrets", "regret_after"},
    "figures whose unit stands beside them": {"min_quality", "our_value", "scores", "true_value", "value", "prior_value", "asked_value", "flip_value", "across_values", "up_values"},
    "coefficients and arguments of a fit or a distribution, defined in its docstring": {
        "a", "b", "d", "columns", "excess", "flux", "first", "freedom", "high", "highest", "law", "low", "low_norms", "means",
        "low_shapes", "lowest", "normal", "offsets", "rest", "second", "slopes", "target", "uniform", "values", "z",
    },
}  # fmt: skip


def _is_number(annotation: ast.expr | None) -> bool:
    names = (
        {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)} if annotation is not None else set()
    )
    return bool(names & NUMBERS) and "Callable" not in names


def _says_unit(name: str) -> bool:
    """Say whether a word of the name is a unit (weights_bytes, bytes_per_s, qps) or a thing that is counted."""
    return not (UNITS | COUNTED).isdisjoint(name.split("_"))


def _numbers() -> Iterator[tuple[str, str]]:
    """Yield name and place of every annotated number."""
    for module in modules(*ROOMS):
        for owner in module.nodes(ast.ClassDef):
            for field in owner.body:
                if isinstance(field, ast.AnnAssign) and _is_number(field.annotation):
                    yield ast.unparse(field.target), module.place(field)
        for function in module.nodes(ast.FunctionDef):
            for parameter in (*function.args.args, *function.args.kwonlyargs):
                if _is_number(parameter.annotation):
                    yield parameter.arg, module.place(parameter)


FOUND = list(_numbers())
UNITLESS = set().union(*WITHOUT_UNIT.values())


def test_every_number_says_its_unit() -> None:
    assert [f"{place} {name}" for name, place in FOUND if not _says_unit(name) and name not in UNITLESS] == []


def test_the_list_of_numbers_without_unit_names_only_numbers_that_exist() -> None:
    assert {name for name in UNITLESS if name not in {found for found, _ in FOUND}} == set()


def test_a_name_without_unit_would_be_noticed() -> None:
    assert len(FOUND) > 200
    assert not _says_unit("latency")
    assert not _says_unit("memory_bandwidth")
    assert _says_unit("memory_bandwidth_bytes_per_s")
