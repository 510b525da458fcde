"""Finds and ends what earlier attempts have left behind on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.profiling.servers import marks
from advisor.profiling.servers.ending import kill_all
from advisor.profiling.servers.folders import sweep_folders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import psutil


def sweep(campaign_id: str | None = None) -> tuple[int, ...]:
    """End servers of ours whose owner or keeper is gone, and remove their folders; return the processes that were killed.

    Servers of a living owner are left alone, whichever campaign they are of. None looks at all campaigns; servers of other
    users are never looked at.
    """

    def leftovers() -> Iterator[psutil.Process]:
        found = marks.marked(campaign_id=campaign_id)
        return (process for process, environment in found if _is_abandoned(environment))

    met, _ = kill_all(leftovers)
    sweep_folders()
    return tuple(sorted(met))


def _is_abandoned(environment: Mapping[str, str]) -> bool:
    return not (marks.is_there(environment.get(marks.OWNER, "")) and marks.is_there(environment.get(marks.KEEPER, "")))
