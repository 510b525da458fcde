"""Tries at the cells of a campaign: how each ended, on which server and which machine."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt

from advisor.domain.basis import Basis
from advisor.domain.profiled import ProfiledRun
from advisor.domain.timing import RequestTiming, Sample
from advisor.domain.value import Value

Setting = str | int | float | bool | None


class Outcome(StrEnum):
    """How an attempt at a cell ended."""

    MEASURED = "measured"
    OUT_OF_MEMORY = "out_of_memory"
    REFUSED = "refused_flags"
    CRASHED_AT_START = "crashed_at_start"
    NOT_READY = "not_ready"
    CRASHED = "crashed_under_load"
    STALLED = "stalled"
    LOST = "worker_lost"
    NO_NODE = "no_node"
    CANCELLED = "cancelled"


RETRIED_FREELY = frozenset({Outcome.LOST, Outcome.NO_NODE, Outcome.CANCELLED})
"""Outcomes that say nothing about the cell: they do not use up its attempts."""


class Hardware(Value):
    """The machine of a server. `gpus` are names as the driver tells them; figures are of the first one."""

    hostname: str = ""
    gpus: tuple[str, ...] = ()
    driver: str = ""
    memory_bytes: NonNegativeInt | None = None
    sm_clock_mhz: NonNegativeFloat | None = None
    memory_clock_mhz: NonNegativeFloat | None = None
    power_limit_w: NonNegativeFloat | None = None
    cpu: str = ""
    cpu_count: PositiveInt | None = None


class Software(Value):
    """What a server ran: versions, the command with its flags, the container image, and who measured."""

    engine: str = ""
    engine_version: str = ""
    torch: str = ""
    cuda: str = ""
    python: str = ""
    image: str = ""
    command: tuple[str, ...] = ()
    advisor_version: str = ""


class ServerRecord(Value):
    """One start of a server. `effective` are the settings that it really ran with, by name; `outcome` is None if it served."""

    id: str
    campaign_id: str
    deployment: str
    hardware: Hardware
    software: Software
    effective: dict[str, Setting] = Field(default={})
    started_at: datetime
    ready_after_s: NonNegativeFloat | None = None
    outcome: Outcome | None = None
    detail: str = ""
    log_tail: str = ""


class Attempt(Value):
    """One try at a cell. `run` is there if it was measured. `gpu_s` are GPU-seconds that it used, start-up share included."""

    id: str
    cell_id: str
    server_id: str = ""
    started_at: datetime
    ended_at: datetime
    outcome: Outcome
    detail: str = ""
    log_tail: str = ""
    gpu_s: NonNegativeFloat = 0.0
    run: ProfiledRun | None = None


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """What a worker hands to the one who writes: the attempt, its requests, and the readings taken meanwhile."""

    attempt: Attempt
    server: ServerRecord | None = None
    timings: tuple[RequestTiming, ...] = ()
    samples: tuple[Sample, ...] = ()


class Stage(StrEnum):
    """What a worker is doing."""

    SWEEPING = "sweeping"
    STARTING = "starting"
    LOADING = "loading"
    READY = "ready"
    WARMING = "warming"
    MEASURING = "measuring"
    STOPPING = "stopping"


class CellStart(Value):
    """When and where a worker began with a cell: with its load, or before that with the server which it is to be measured on.

    `stage` says which of the two. `node` is the machine, or the address of a server that runs anyway. `gpus` are those that
    the server may use, as their driver names them, each with its number on the machine.
    """

    cell_id: str
    stage: Stage
    node: str = ""
    gpus: tuple[str, ...] = ()
    started_at: datetime


@dataclass(frozen=True, slots=True)
class BegunCell:
    """A cell that was begun and has no result yet. `attempt` counts tries from 1.

    `began_at` is when the time of this try began, the start of its server included. `driven` says whether the process that
    had it measured still works on the campaign; `seen_at` is when that process last said that it lives.
    """

    start: CellStart
    attempt: int
    began_at: datetime
    seen_at: datetime
    driven: bool


@dataclass(frozen=True, slots=True)
class WorkerNews:
    """What a worker does at the moment, for whoever watches; `done_share` says how far that has come, where known.

    `start` is there where it begins with a cell.
    """

    deployment: str
    stage: Stage
    cell_id: str = ""
    text: str = ""
    done_share: float | None = None
    start: CellStart | None = None


class GitState(Value):
    """Where the campaign file stood in version control; empty where it did not."""

    commit: str = ""
    dirty: bool = False
    path: str = ""


class CampaignRecord(Value):
    """A campaign as it was started: the file word for word, and its state in version control."""

    id: str
    name: str
    title: str = ""
    text: str = ""
    git: GitState = GitState()
    basis: Basis = Basis.MEASURED
    created_at: datetime
