"""Files and functions stay short enough to be read at once. Docstrings of all public names are ruff's rule D1."""

from __future__ import annotations

import ast
from statistics import median

from tests.house.source import ROOT, modules, without_docstring

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40
MEDIAN_LINES_OF_A_FUNCTION = 9
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}

PRODUCT = modules("advisor", "dashboard")


def _length(function: ast.FunctionDef) -> int:
    """Return the lines of a body without its docstring."""
    body = without_docstring(function.body)
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1 if body else 0


LENGTHS = {
    f"{module.place(function)} {function.name}": _length(function)
    for module in PRODUCT
    for function in module.nodes(ast.FunctionDef)
}


def test_there_is_something_to_judge() -> None:
    assert len(PRODUCT) > 50
    assert len(LENGTHS) > 200


def test_no_file_is_too_long() -> None:
    lengths = {str(module.path): len(module.text.splitlines()) for module in PRODUCT}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES_OF_A_FILE} == {}


def test_no_function_is_too_long() -> None:
    assert {place: lines for place, lines in LENGTHS.items() if lines > MOST_LINES_OF_A_FUNCTION} == {}


def test_most_functions_are_a_few_lines() -> None:
    assert median(LENGTHS.values()) <= MEDIAN_LINES_OF_A_FUNCTION


def test_a_module_is_named_for_what_it_knows() -> None:
    places = [module.path.relative_to(ROOT) for module in modules("advisor", "dashboard", "tests")]
    assert [str(place) for place in places if SAYS_NOTHING & {*place.with_suffix("").parts}] == []
