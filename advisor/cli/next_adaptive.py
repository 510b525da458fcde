"""`advisor profile run --adaptive`: options in, the loop of measuring, its answer and exit code out."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from advisor.cli import reading
from advisor.cli.campaign_progress import watching
from advisor.cli.next_measurement import horizon_months
from advisor.cli.showing import show
from advisor.errors import MeasureError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.cli.next_options import AdaptiveOptions
    from advisor.cli.options import DataOptions, SourcedOptions
    from advisor.cli.profile_options import ClusterOptions, ProgressOptions
    from advisor.domain.campaign import Limits, RunRules
    from advisor.domain.next_measurement import AdaptiveRun


def adapt(
    adaptive: AdaptiveOptions,
    cluster: ClusterOptions,
    *,
    limits: Limits,
    rules: RunRules | None,
    prompts: Path | None,
    how: ProgressOptions,
    out: SourcedOptions,
    data: DataOptions,
) -> None:
    """Measure until nothing is worth its cost, and show what was measured."""
    from advisor.domain.campaign import ServerKind  # noqa: PLC0415 - pydantic is loaded when a command runs
    from advisor.usecases.measuring_next.adaptive import Adapting, measure_until_settled, question_in  # noqa: PLC0415 - likewise
    from advisor.usecases.profile.driving import Driving  # noqa: PLC0415 - likewise

    driving = Driving(
        address=cluster.address, node_wait_s=reading.seconds(cluster.node_wait, option="--node-wait"), limits=limits
    )
    with _folder(adaptive.campaigns) as folder, watching(how.progress) as watch:
        adapting = Adapting(
            folder=folder,
            server=ServerKind.DEMO if adaptive.demo else ServerKind.VLLM,
            horizon_months=horizon_months(adaptive.horizon_months),
            most_cells=adaptive.most_cells,
            limits=limits,
            driving=driving,
            rules=rules,
            prompts="" if prompts is None else str(prompts.resolve()),
        )
        found = measure_until_settled(
            question_in(Path(str(adaptive.adaptive))),
            profiles=data.profiles,
            database=data.db,
            adapting=adapting,
            watch=watch,
        )
    _end(found, out)


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    """Give out the folder for campaign files; one that nobody named is gone afterwards."""
    if kept is not None:
        yield kept
        return
    with TemporaryDirectory(prefix="advisor-campaigns-") as folder:
        yield Path(folder)


def _end(found: AdaptiveRun, out: SourcedOptions) -> None:
    """Show what was measured; a decision that is not settled, or cells that failed, decide the exit code."""
    show(found, out, explain=out.explain)
    typer.echo(f"stored in {found.database}; see: advisor runs --db {found.database}", err=True)
    if found.stopped_because:
        raise MeasureError(
            f"not settled: {found.stopped_because}", hint="the same command goes on; what was measured stays"
        )
    failed = [step.deployment for step in found.steps if step.failed]
    if failed:
        raise MeasureError(
            f"settled, but not all of {', '.join(failed)} was measured", hint="advisor runs says why runs do not count"
        )
