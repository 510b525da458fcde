"""How a campaign comes along, on standard error: live, a line per event, or an object per line for programs."""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from advisor.errors import UnknownNameError
from advisor.report.figures import number, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from advisor.domain.campaign_plan import CampaignEvent

    Watch = Callable[[CampaignEvent], None]

NEWS = "news"
"""The kind of event that only a live view shows."""
LAST_WORDS = frozenset({"worker_lost", "no_node", "campaign_ended"})
"""Kinds of event after which nobody works on a deployment."""
WAYS = ("auto", "live", "plain", "json", "none")


@contextmanager
def watching(how: str) -> Iterator[Watch]:
    """Give out what hears of every event, and shows it in the way asked for.

    Raises
    ------
    UnknownNameError
        If there is no such way.
    """
    gc.enable()  # a campaign lasts hours, not the half second that a process without collection is meant for
    if how not in WAYS:
        raise UnknownNameError("way of progress", how, WAYS)
    if how == "none":
        yield lambda _event: None
    elif how == "json":
        yield _as_json
    elif how == "live" or (how == "auto" and sys.stderr.isatty()):
        with _live() as watch:
            yield watch
    else:
        yield _as_line


def _as_json(event: CampaignEvent) -> None:
    sys.stderr.write(event.model_dump_json(exclude_defaults=True) + "\n")
    sys.stderr.flush()


def _as_line(event: CampaignEvent) -> None:
    if event.event != NEWS:
        sys.stderr.write(f"{in_words(event)}\n")
        sys.stderr.flush()


def in_words(event: CampaignEvent) -> str:
    """Return an event as one line: how far the campaign is, what happened, and what it showed."""
    where = f"[{event.done}/{event.total}]"
    what = event.cell or event.deployment or event.campaign_id
    return " ".join(filter(None, (where, what + ":" if what else "", _happened(event))))


def _happened(event: CampaignEvent) -> str:
    if event.outcome is None:
        return event.text or event.event.replace("_", " ")
    shown = [
        f"{number(event.output_tok_s)} output tok/s" if event.output_tok_s is not None else "",
        f"e2e p50 {seconds(event.e2e_p50_s)}" if event.e2e_p50_s is not None else "",
        "" if event.valid is not False else f"does not count ({'; '.join(event.reasons)})",
        event.text,
    ]
    return ", ".join(filter(None, (event.outcome.replace("_", " "), *shown)))


@contextmanager
def _live() -> Iterator[Watch]:
    """Show a bar of cells, and under it one line for each deployment at work; what ends is printed above."""
    from rich.console import Console  # noqa: PLC0415 - only a terminal pays for rich
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415 - likewise

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TextColumn("{task.fields[told]}"))
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        yield _LiveView(progress).hear


class _LiveView:
    """One bar for the campaign, one for each deployment at work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._cells = progress.add_task("cells", total=None, told="")
        self._of: dict[str, TaskID] = {}

    def hear(self, event: CampaignEvent) -> None:
        """Show an event."""
        hours = f"{number(event.gpu_hours)} GPU-hours" if event.gpu_hours else ""
        told = f"{event.done} of {event.total} {hours}"
        self._progress.update(self._cells, completed=event.done, total=event.total, told=told)
        if event.event == NEWS:
            self._at_work(event)
        else:
            self._progress.console.print(in_words(event), markup=False, highlight=False)
        if event.event in LAST_WORDS:
            self._gone(event.deployment)

    def _at_work(self, event: CampaignEvent) -> None:
        if event.deployment not in self._of:
            self._of[event.deployment] = self._progress.add_task(event.deployment, total=1.0, told="")
        told = " ".join(filter(None, (event.stage, event.text)))
        self._progress.update(self._of[event.deployment], completed=event.done_share or 0.0, told=told)
        if event.stage == "stopping":
            self._gone(event.deployment)

    def _gone(self, deployment: str) -> None:
        task = self._of.pop(deployment, None)
        if task is not None:
            self._progress.remove_task(task)
