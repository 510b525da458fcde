"""What Typer complains about, in our words."""

from __future__ import annotations

from typing import Any

import typer

# Typer carries a copy of click from 0.26 on, and uses the real one before; this is the class in both.
UsageError: type[Exception] = typer.BadParameter.__bases__[0]


def in_words(problem: Any) -> tuple[str, str]:
    """Return the message and the hint of a usage error: an unknown option, a missing one, a value of the wrong type."""
    context = getattr(problem, "ctx", None)
    command = context.command_path if context is not None else "advisor"
    return _message(problem), f"see {command} --help"


def _message(problem: Any) -> str:
    parameter = getattr(problem, "param", None)
    name = _canonical(parameter) if parameter is not None else ""
    if name and not problem.message:
        return f"missing {name}"
    said = problem.message if name else problem.format_message()
    said = said.removeprefix("Value error, ")  # pydantic's way, inside later versions of Typer
    sentence = (said[:1].lower() + said[1:]).rstrip(".")
    return f"{name}: {sentence}" if name else sentence


def _canonical(parameter: Any) -> str:
    """Return the first long name of an option, or the name of an argument."""
    return next((name for name in parameter.opts if name.startswith("--")), str(parameter.name).upper())
