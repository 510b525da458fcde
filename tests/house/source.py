"""The project's own text, parsed once for all house rules."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
NodeT = TypeVar("NodeT", bound=ast.AST)


@dataclass(frozen=True)
class Module:
    """One Python file: where it is, its text and its syntax tree."""

    path: Path
    text: str
    tree: ast.Module

    def place(self, node: ast.stmt | ast.expr | ast.arg) -> str:
        """Return file and line, for the message of a failing rule."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"

    def nodes(self, kind: type[NodeT]) -> Iterator[NodeT]:
        """Yield all nodes of a kind."""
        return (node for node in ast.walk(self.tree) if isinstance(node, kind))


@lru_cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Return all modules below some folders of the checkout."""
    paths = sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return tuple(Module(path, text, ast.parse(text)) for path, text in zip(paths, texts, strict=True))


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the statements that do something."""
    return body[1:] if is_text(body[0]) else body


def is_text(statement: ast.stmt) -> bool:
    """Say whether a statement is a docstring: a text that stands alone."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
