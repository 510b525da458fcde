"""Charts of answers: whether one can be drawn is said before the work that it shows is done."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from advisor.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_SUFFIXES = ("png", "svg", "html")


def plotter(path: Path, drawing: str = "plot") -> Callable[[Any], bytes]:
    """Return what draws an answer as the file's name wants it. `drawing` is the module of `advisor.report` that knows how.

    Raises
    ------
    InputError
        If the name ends in nothing that can be drawn, its folder is none, or the libraries that draw are not installed.
    """
    suffix = path.suffix.lstrip(".").lower()
    if suffix not in _SUFFIXES:
        raise InputError(f"--plot: {path.name!r} is no kind of picture", hint="end the name in .png, .svg or .html")
    if not path.absolute().parent.is_dir():
        raise InputError(f"--plot: there is no folder {path.absolute().parent}", hint="make it, or name another file")
    try:
        plotted = import_module(f"advisor.report.{drawing}").plotted
    except ModuleNotFoundError as problem:
        if (problem.name or "").startswith("advisor"):
            raise
        raise InputError(
            f"--plot needs {problem.name}, which is not installed", hint="pip install 'advisor[plot]'"
        ) from None
    return partial(plotted, suffix=suffix)
