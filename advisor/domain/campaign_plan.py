"""What a campaign would do, and how far one has come."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from pydantic import NonNegativeFloat, NonNegativeInt, PositiveInt

from advisor.domain.answer import SCHEMA_VERSION, Caution
from advisor.domain.attempt import Outcome, Stage
from advisor.domain.basis import Basis
from advisor.domain.campaign import Limits
from advisor.domain.value import Value


class PlannedCell(Value):
    """One cell of a plan, in measuring order. `expected_s` is modeled; at most the rules' limit of time."""

    ordinal: NonNegativeInt
    cell_id: str
    deployment: str
    workload: str
    load: str
    repeat: PositiveInt
    expected_s: NonNegativeFloat


class PlannedServer(Value):
    """One server start of a plan, which serves all of its cells. `spread` is the log sd that evidence leaves its speed now.

    `gpu_hours` are expected, start-up included. Prices are those of the cheapest offer that is accepted by default; None
    where no price is known, or no GPU is needed.
    """

    deployment: str
    model: str
    gpu: str
    accelerator_type: str
    gpus: NonNegativeInt
    checkpoint: str
    max_num_seqs: PositiveInt | None
    max_num_batched_tokens: PositiveInt | None
    cells: PositiveInt
    expected_s: NonNegativeFloat
    gpu_hours: NonNegativeFloat
    usd_per_gpu_hour: Decimal | None
    usd: Decimal | None
    spread: NonNegativeFloat | None
    basis: Basis = Basis.MODELED


class CampaignPlan(Value):
    """What a campaign would do: servers and cells in order, time, GPU-hours and money."""

    schema_version: int = SCHEMA_VERSION
    campaign_id: str
    name: str
    title: str
    database: str
    servers: tuple[PlannedServer, ...]
    cells: tuple[PlannedCell, ...]
    expected_s: NonNegativeFloat
    gpu_hours: NonNegativeFloat
    usd: Decimal | None
    warnings: tuple[Caution, ...] = ()


class CellState(StrEnum):
    """How far a cell has come."""

    OPEN = "open"
    MEASURED = "measured"
    FLAGGED = "flagged"
    FAILED = "failed"


class CellStatus(Value):
    """One cell of a campaign: `flagged` has been measured and does not count, `failed` was tried as often as allowed."""

    ordinal: NonNegativeInt
    cell_id: str
    deployment: str
    workload: str
    load: str
    repeat: PositiveInt
    state: CellState
    attempts: NonNegativeInt
    run_id: str = ""
    last_outcome: Outcome | None = None
    detail: str = ""


class CellAtWork(Value):
    """A cell that a worker has begun and not ended: `stage` says whether its server starts or its load runs.

    `interrupted` ones were begun for a process that is gone: nobody measures them, and they are open. `lasted_s` counts until
    now, or until that process was last seen. `gpu_hours` are in no attempt yet; the start of the server counts.
    """

    ordinal: NonNegativeInt
    cell_id: str
    deployment: str
    workload: str
    load: str
    repeat: PositiveInt
    attempt: PositiveInt
    stage: Stage
    node: str
    gpus: tuple[str, ...]
    started_at: datetime
    lasted_s: NonNegativeFloat
    gpu_hours: NonNegativeFloat
    interrupted: bool


class CampaignStatus(Value):
    """How far a campaign has come. `driver` says who works on it, empty if nobody does.

    `gpu_hours` are those of attempts that have ended. `limits` are what the last process that worked on it had to keep to.
    """

    schema_version: int = SCHEMA_VERSION
    campaign_id: str
    name: str
    title: str
    database: str
    basis: Basis
    started_at: datetime
    driver: str
    counts: dict[CellState, NonNegativeInt]
    gpu_hours: NonNegativeFloat
    limits: Limits = Limits()
    at_work: tuple[CellAtWork, ...] = ()
    cells: tuple[CellStatus, ...]
    stopped_because: str = ""
    warnings: tuple[Caution, ...] = ()

    @property
    def done(self) -> bool:
        """Whether nothing is open."""
        return not self.counts.get(CellState.OPEN, 0)

    @property
    def running(self) -> tuple[CellAtWork, ...]:
        """The cells that are being measured now."""
        return tuple(cell for cell in self.at_work if not cell.interrupted)

    @property
    def gpu_hours_so_far(self) -> float:
        """GPU-hours of all attempts, those that have not ended included."""
        return self.gpu_hours + sum(cell.gpu_hours for cell in self.running)


class EventKind(StrEnum):
    """What happened in a campaign."""

    STARTED = "campaign_started"
    WAITING = "job_waiting"
    PLACED = "job_placed"
    NEWS = "news"
    CELL = "cell_ended"
    LOST = "worker_lost"
    NO_NODE = "no_node"
    LIMIT = "limit_reached"
    CANCELLED = "cancelled"
    ENDED = "campaign_ended"
    CHOSEN = "next_chosen"
    SETTLED = "settled"


class CampaignEvent(Value):
    """One line of progress: what `--progress json` prints. `without_gpu`: no machine of the cluster has any GPU."""

    event: EventKind
    at: datetime
    campaign_id: str
    done: NonNegativeInt
    total: NonNegativeInt
    gpu_hours: NonNegativeFloat = 0.0
    deployment: str = ""
    cell_id: str = ""
    cell: str = ""
    stage: str = ""
    text: str = ""
    done_share: float | None = None
    outcome: Outcome | None = None
    valid: bool | None = None
    output_tok_s: float | None = None
    e2e_p50_s: float | None = None
    reasons: tuple[str, ...] = ()
    without_gpu: bool = False
