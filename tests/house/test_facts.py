"""Facts live in the profiles: code holds no price and no address. And the project speaks of no machine but the user's."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.house.source import ROOT, Module, is_text, modules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SCHEMA_IDS = ("https://json-schema.org/",)
ADDRESS = re.compile(r"https?://\w")
FIGURE = re.compile(r"\d+(\.\d+)?")
MONEY = re.compile(r"\$ ?\d")
MONEY_NAME = re.compile(r"(^|_)(usd|price|cost)(_|$)")
NO_MONEY = re.compile(r"_(days|share)$")
FOLDERS_OF_A_MACHINE = ("home", "root", "tmp", "work", "Users")
MACHINE = re.compile(rf"(?<![\w.:/~*-])/({'|'.join(FOLDERS_OF_A_MACHINE)})/\w")
OURS = (".ci", "advisor", "dashboard", "tests")  # profiles/ has its own tests of integrity


def _texts(module: Module) -> Iterator[tuple[str, str]]:
    """Yield place and value of each string that is no docstring."""
    documentation = {id(node.value) for node in module.nodes(ast.Expr) if is_text(node)}
    for node in module.nodes(ast.Constant):
        if isinstance(node.value, str) and id(node) not in documentation:
            yield module.place(node), node.value


def _is_figure(value: ast.expr) -> bool:
    """Say whether a value is written down in figures: 2.5, Decimal("2.5"), {"h100": 2.5}; computed ones are not."""
    parts = list(ast.walk(value))
    computed = any(isinstance(part, ast.Name) and part.id not in {"Decimal", "float"} for part in parts)
    figures = [str(part.value) for part in parts if isinstance(part, ast.Constant)]
    return not computed and any(FIGURE.fullmatch(figure) and float(figure) for figure in figures)


def _named_values(module: Module) -> Iterator[tuple[str, ast.expr]]:
    for plain in module.nodes(ast.Assign):
        yield from ((target.id, plain.value) for target in plain.targets if isinstance(target, ast.Name))
    for annotated in module.nodes(ast.AnnAssign):
        if isinstance(annotated.target, ast.Name) and annotated.value is not None:
            yield annotated.target.id, annotated.value
    for keyword in module.nodes(ast.keyword):
        if keyword.arg is not None:
            yield keyword.arg, keyword.value


def _money(module: Module) -> Iterator[str]:
    """Yield places where a name of money gets a number."""
    for name, value in _named_values(module):
        lowered = name.lower()
        if MONEY_NAME.search(lowered) and not NO_MONEY.search(lowered) and _is_figure(value):
            yield f"{module.place(value)} {name}"


def _files() -> Iterator[Path]:
    """Yield the text files of the project."""
    yield from (path for path in ROOT.iterdir() if path.suffix in {".md", ".toml", ".txt"})
    for folder in OURS:
        found = (ROOT / folder).rglob("*")
        yield from (p for p in found if p.is_file() and "__pycache__" not in p.parts and p.suffix != ".png")


def test_code_holds_no_address() -> None:
    texts = [found for module in modules("advisor", "dashboard") for found in _texts(module)]
    addresses = [(place, text) for place, text in texts if ADDRESS.search(text) and not text.startswith(SCHEMA_IDS)]
    assert addresses == []


def test_code_holds_no_price() -> None:
    product = modules("advisor", "dashboard")
    assert [place for module in product for place in _money(module)] == []
    assert [found for module in product for found in _texts(module) if MONEY.search(found[1])] == []


def test_a_price_in_code_would_be_noticed() -> None:
    planted = "H100_USD_PER_HOUR = 2.5\nbook(price_usd_per_hour=Decimal('3'))\nCOSTS = price = {'h100': 3.1}\n"
    assert len(list(_money(Module(ROOT / "planted.py", planted, ast.parse(planted))))) == 3


def test_no_file_names_a_folder_of_the_machine_it_was_written_on() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in _files()}
    assert len(texts) > 100
    assert {str(path): found[0] for path, text in texts.items() if (found := MACHINE.search(text))} == {}


def test_a_folder_of_a_machine_would_be_noticed() -> None:
    assert all(MACHINE.search(f"see /{folder}/someone") for folder in FOLDERS_OF_A_MACHINE)
    assert not any(MACHINE.search(f"github.com/o/r/tree/main/{folder}/x") for folder in FOLDERS_OF_A_MACHINE)
