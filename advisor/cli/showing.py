"""Bringing an answer to where the user wants it: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import typer

from advisor.errors import InputError
from advisor.report.bars import plain
from advisor.report.format import Format

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.cli.options import OutputOptions
    from advisor.report.render import Answer

_WIDTH_WITHOUT_TERMINAL = 100
_NARROWEST = 40


def show(answer: Answer, options: OutputOptions, *, explain: bool = False) -> None:
    """Render the answer and print or write it."""
    from advisor.report.render import render  # noqa: PLC0415 - it loads the answer's values

    fmt = _format(options)
    to_file = options.output is not None
    text = render(
        answer,
        fmt,
        width=_WIDTH_WITHOUT_TERMINAL if to_file else _width(),
        color=fmt is Format.TABLE and not to_file and _colorful(),
        explain=explain,
    )
    if fmt is Format.CSV:
        _warn_aside(answer)
    deliver(text, options.output)


def deliver(text: str, path: Path | None) -> None:
    """Print text, or write it to a file."""
    if path is None:
        _print(text)
    else:
        deliver_file(text.encode("utf-8"), path)


def deliver_file(content: bytes, path: Path) -> None:
    """Write a file, and say so aside."""
    _write(content, path)
    typer.echo(f"written to {path}", err=True)


def _format(options: OutputOptions) -> Format:
    if options.fmt is not None:
        return options.fmt
    suffix = options.output.suffix.lstrip(".").lower() if options.output is not None else ""
    return next((fmt for fmt in Format if fmt.value == suffix), Format.TABLE)


def _width() -> int:
    if not sys.stdout.isatty() and "COLUMNS" not in os.environ:
        return _WIDTH_WITHOUT_TERMINAL
    return max(_NARROWEST, shutil.get_terminal_size((_WIDTH_WITHOUT_TERMINAL, 24)).columns)


def _colorful() -> bool:
    """Color is for terminals whose user did not opt out (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _warn_aside(answer: Answer) -> None:
    """Print to standard error the warnings that CSV has no place for."""
    for caution in getattr(answer, "warnings", ()):
        typer.echo(f"warning: {caution.message}", err=True)


def _print(text: str) -> None:
    """Write to standard output; a reader that has seen enough (`advisor ... | head`) is no failure."""
    if "utf" not in (sys.stdout.encoding or "").lower():
        text = plain(text)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as problem:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise InputError(f"cannot write to standard output: {problem.strerror}") from None


def _write(content: bytes, path: Path) -> None:
    """Write a file through a temporary neighbor, so that a reader never sees half of it.

    A link stays one: its target is replaced. What is no file (a device, a pipe) is written to as it is.
    """
    target = path.resolve() if path.is_file() or not path.exists() else path
    neighbor = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        neighbor.write_bytes(content)
        neighbor.replace(target)
    except OSError as problem:
        neighbor.unlink(missing_ok=True)
        raise InputError(
            f"cannot write {path}: {problem.strerror}", hint="does the folder exist, and may you write to it?"
        ) from None
