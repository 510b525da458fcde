"""A campaign, arranged for a reader: what it would do, and how far it has come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.domain.attempt import Stage
from advisor.domain.campaign_plan import CellState
from advisor.report.document import Block, Column, Facts, Row, Section, Sentence, Table, Tone
from advisor.report.figures import counted, money, number, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.domain.campaign_plan import (
        CampaignPlan,
        CampaignStatus,
        CellAtWork,
        CellStatus,
        PlannedCell,
        PlannedServer,
    )
    from advisor.report.document import Document

CELLS_SHOWN = 12
"""Cells of a plan that are shown unless everything is explained."""

_SERVER_COLUMNS = (
    Column("deployment", wraps=True),
    Column("GPUs", right=True),
    Column("slots", right=True, yields=3, phrase="max_num_seqs {}"),
    Column("budget", right=True, yields=4, phrase="max_num_batched_tokens {}"),
    Column("cells", right=True),
    Column("time", right=True),
    Column("GPU-hours", right=True),
    Column("cost", right=True),
    Column("spread", right=True, yields=1, phrase="spread of its speed {}"),
)
_CELL_COLUMNS = (
    Column("#", right=True),
    Column("deployment", wraps=True),
    Column("workload", yields=2, phrase="workload {}"),
    Column("load", wraps=True),
    Column("repeat", right=True, yields=1, phrase="repeat {}"),
    Column("time", right=True),
)
_STATUS_COLUMNS = (
    Column("#", right=True),
    Column("deployment", wraps=True),
    Column("workload", yields=3, phrase="workload {}"),
    Column("load", wraps=True),
    Column("repeat", right=True, yields=2, phrase="repeat {}"),
    Column("state"),
    Column("tries", right=True, yields=1, phrase="tries {}"),
    Column("last", wraps=True),
)
_WORK_COLUMNS = (
    Column("#", right=True),
    Column("deployment", wraps=True),
    Column("workload", yields=4, phrase="workload {}"),
    Column("load", wraps=True),
    Column("repeat", right=True, yields=3, phrase="repeat {}"),
    Column("try", right=True, yields=2, phrase="try {}"),
    Column("now"),
    Column("where", wraps=True),
    Column("since [UTC]", yields=1, phrase="since {} UTC"),
    Column("for", right=True),
)


def arrange_plan(answer: CampaignPlan, *, explain: bool) -> Document:
    """Return the report of a plan; explained, it lists every cell."""
    cost = "its cost is not known" if answer.usd is None else f"about {money(answer.usd)}"
    headline = (
        f"Campaign {answer.name} measures {counted(len(answer.cells), 'cell')} on "
        f"{counted(len(answer.servers), 'server')}: about {clock(answer.expected_s)} of measuring, "
        f"{number(answer.gpu_hours)} GPU-hours, {cost}. Basis of times: modeled."
    )
    shown = answer.cells if explain else answer.cells[:CELLS_SHOWN]
    more = len(answer.cells) - len(shown)
    return (
        Sentence(headline, Tone.HEADLINE),
        Facts((("campaign", answer.campaign_id), ("database", answer.database))),
        Section("Servers, the least known first"),
        Table(_SERVER_COLUMNS, tuple(map(_server_row, answer.servers))),
        Section("Cells in order, the most informative first"),
        Table(_CELL_COLUMNS, tuple(map(_cell_row, shown))),
        *((Sentence(f"and {more} more (--explain)", Tone.FAINT),) if more else ()),
        *_warnings(answer),
    )


def _server_row(server: PlannedServer) -> Row:
    return Row(
        (
            server.deployment,
            str(server.gpus),
            "default" if server.max_num_seqs is None else str(server.max_num_seqs),
            "default" if server.max_num_batched_tokens is None else str(server.max_num_batched_tokens),
            str(server.cells),
            clock(server.expected_s),
            number(server.gpu_hours),
            "?" if server.usd is None else money(server.usd),
            "unknown" if server.spread is None else share(server.spread),
        )
    )


def _cell_row(cell: PlannedCell) -> Row:
    where = (str(cell.ordinal + 1), cell.deployment, cell.workload, cell.load, str(cell.repeat))
    return Row((*where, clock(cell.expected_s)))


def arrange_status(answer: CampaignStatus, *, explain: bool) -> Document:
    """Return the report of a campaign's progress: what failed and what is open; explained, every cell."""
    counts = ", ".join(f"{count} {state}" for state, count in answer.counts.items() if count) or "nothing"
    headline = f"Campaign {answer.name}: {counts} of {counted(len(answer.cells), 'cell')}. Basis: {answer.basis}."
    told = [cell for cell in answer.cells if explain or _needs_telling(cell)]
    facts = (
        ("campaign", answer.campaign_id),
        ("database", answer.database),
        ("started", f"{answer.started_at:%Y-%m-%d %H:%M} UTC"),
        ("driver", answer.driver or "none at work"),
        ("GPU-hours used", _used(answer)),
        *_limits(answer),
    )
    stopped = (("stopped", answer.stopped_because),) if answer.stopped_because else ()
    return (
        Sentence(headline, Tone.HEADLINE),
        Facts((*facts, *stopped)),
        *((Section("Begun, and not ended"), _work_table(answer.at_work)) if answer.at_work else ()),
        *((Section("Cells" if explain else "Cells that do not count"), _status_table(told)) if told else ()),
        *_warnings(answer),
    )


def _used(answer: CampaignStatus) -> str:
    """Return the GPU-hours of attempts that have ended, and of those that have not."""
    ended, running = number(round(answer.gpu_hours, 3)), sum(cell.gpu_hours for cell in answer.running)
    return f"{ended}, and {number(round(running, 3))} by cells at work" if running else ended


def _limits(answer: CampaignStatus) -> tuple[tuple[str, str], ...]:
    hours, usd = answer.limits.gpu_hours, answer.limits.usd
    told = ("" if hours is None else f"{number(hours)} GPU-hours", "" if usd is None else money(usd))
    return (("limit", " and ".join(filter(None, told))),) if any(told) else ()


def _work_table(cells: tuple[CellAtWork, ...]) -> Block:
    return Table(_WORK_COLUMNS, tuple(map(_work_row, cells)))


def _work_row(cell: CellAtWork) -> Row:
    what = (str(cell.ordinal + 1), cell.deployment, cell.workload, cell.load, str(cell.repeat), str(cell.attempt))
    return Row((*what, doing(cell), where(cell), f"{cell.started_at:%Y-%m-%d %H:%M:%S}", clock(cell.lasted_s)))


def doing(cell: CellAtWork) -> str:
    """Return what is done with a cell at the moment; nothing, where whoever had it measured is gone."""
    if cell.interrupted:
        return "interrupted"
    return "its server starts" if cell.stage is Stage.STARTING else "measuring"


def where(cell: CellAtWork) -> str:
    """Return on which machine and which GPUs a cell is measured."""
    return ": ".join(filter(None, (cell.node, "; ".join(cell.gpus))))


def _needs_telling(cell: CellStatus) -> bool:
    """Return whether something is the matter with a cell: it does not count, or was tried and is still open."""
    tried = cell.state is CellState.OPEN and cell.last_outcome is not None
    return tried or cell.state in {CellState.FAILED, CellState.FLAGGED}


def _status_table(cells: list[CellStatus]) -> Block:
    return Table(_STATUS_COLUMNS, tuple(map(_status_row, cells)))


def _status_row(cell: CellStatus) -> Row:
    last = ": ".join(filter(None, (cell.last_outcome or "", cell.detail)))
    where = (str(cell.ordinal + 1), cell.deployment, cell.workload, cell.load, str(cell.repeat))
    return Row((*where, cell.state, str(cell.attempts), last))


def _warnings(answer: CampaignPlan | CampaignStatus) -> tuple[Block, ...]:
    return tuple(Sentence(f"warning: {caution.message}", Tone.WARNING) for caution in answer.warnings)


def clock(duration_s: float) -> str:
    """Return a duration as people plan with it: seconds, minutes, or hours and minutes."""
    minutes = round(duration_s / 60.0)
    if duration_s < 100:
        return f"{duration_s:.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


def plan_records(answer: CampaignPlan) -> Iterator[dict[str, object]]:
    """Yield the cells of a plan."""
    return (cell.model_dump(mode="json") for cell in answer.cells)


def status_records(answer: CampaignStatus) -> Iterator[dict[str, object]]:
    """Yield the cells of a campaign with their state, and where and since when those that are at work are measured."""
    at_work = {cell.cell_id: cell for cell in answer.at_work}
    for cell in answer.cells:
        yield cell.model_dump(mode="json") | _work_record(at_work.get(cell.cell_id))


def _work_record(cell: CellAtWork | None) -> dict[str, object]:
    if cell is None:
        return dict.fromkeys(("now", "node", "gpus", "since"), "")
    told = cell.model_dump(mode="json", include={"node", "started_at"})
    return {"now": doing(cell), "node": told["node"], "gpus": "; ".join(cell.gpus), "since": told["started_at"]}
