"""Whatever a page draws as a table or a plot can be taken along: pages draw by `dashboard.tables` alone."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.house.source import ROOT, Module, modules

if TYPE_CHECKING:
    from collections.abc import Iterator

COMPONENT = "dashboard/tables.py"
DRAWING = {
    "altair_chart", "area_chart", "bar_chart", "bokeh_chart", "data_editor", "dataframe", "graphviz_chart", "line_chart", "map",
    "plotly_chart", "pydeck_chart", "pyplot", "scatter_chart", "table", "vega_lite_chart",
}  # fmt: skip
"""What Streamlit draws tables and plots by."""

MARKDOWN_TABLE = "|---"
OFFERS_ITSELF = {"choice": "downloads", MARKDOWN_TABLE: "csv_download"}
"""Tables without a download of their own, and what the module that draws them must call: their files come from there."""

EXCEPTIONS: set[str] = set()
"""Functions that may draw by themselves, each as file and name: none."""


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (found for found in ast.walk(node) if isinstance(found, ast.Call))


def _ours(module: Module) -> set[str]:
    """Return the names under which a module knows parts of the dashboard: `marks.table` is none of Streamlit's."""
    found = module.nodes(ast.ImportFrom)
    return {a.asname or a.name for one in found if (one.module or "").startswith("dashboard") for a in one.names}


def _draws(call: ast.Call, ours: set[str]) -> bool:
    drawn = call.func
    if not isinstance(drawn, ast.Attribute) or drawn.attr not in DRAWING:
        return False
    return not (isinstance(drawn.value, ast.Name) and drawn.value.id in ours)


def bare(module: Module) -> list[str]:
    """Return the functions of a module that draw by Streamlit itself."""
    path, ours = str(module.path.relative_to(ROOT)), _ours(module)
    functions = [f for f in module.nodes(ast.FunctionDef) if any(_draws(call, ours) for call in _calls(f))]
    inside = {id(call) for function in functions for call in _calls(function)}
    outside = [call for call in _calls(module.tree) if _draws(call, ours) and id(call) not in inside]
    return [*(f"{path} {function.name}" for function in functions), *(module.place(call) for call in outside)]


def without_files(module: Module) -> list[str]:
    """Return what a module draws without a download, where it calls nothing that offers the files."""
    called = {
        call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        for call in _calls(module.tree)
    }
    texts = (node.value for node in module.nodes(ast.Constant) if isinstance(node.value, str))
    drawn = called | ({MARKDOWN_TABLE} if any(MARKDOWN_TABLE in text for text in texts) else set())
    return [
        f"{module.path.name} {kind}" for kind, needs in OFFERS_ITSELF.items() if kind in drawn and needs not in called
    ]


def _planted(text: str) -> Module:
    return Module(ROOT / "dashboard" / "planted.py", text, ast.parse(text))


PAGES = [module for module in modules("dashboard") if str(module.path.relative_to(ROOT)) != COMPONENT]


def test_no_page_draws_a_table_or_a_plot_without_its_download() -> None:
    assert len(PAGES) > 20
    assert set().union(*map(bare, PAGES)) - EXCEPTIONS == set()


def test_what_has_no_download_of_its_own_is_offered_by_its_page() -> None:
    assert [found for module in PAGES for found in without_files(module)] == []


def test_every_exception_is_one() -> None:
    assert set().union(*map(bare, PAGES)) >= EXCEPTIONS


def test_a_bare_table_or_plot_would_be_noticed() -> None:
    planted = "from dashboard.charts import marks\ndef page():\n    column.altair_chart(marks.table(rows))\nst.dataframe(rows)\n"
    assert bare(_planted(planted)) == ["dashboard/planted.py page", "dashboard/planted.py:4"]
    assert bare(_planted("from dashboard.charts import marks\nmarks.table(rows)\n")) == []
    assert without_files(_planted("choice(rows, key='x')\nst.markdown('|a|\\n|---|')\n")) == [
        "planted.py choice",
        "planted.py |---",
    ]
