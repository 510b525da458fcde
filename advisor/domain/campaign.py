"""A measuring campaign: deployments x workloads x loads x repeats, and the rules that each run follows."""

import hashlib
import json
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from advisor.domain.load import Load
from advisor.domain.model import Precision
from advisor.domain.value import Fraction, Name, Value
from advisor.domain.workload import Workload


class ServerKind(StrEnum):
    """What is measured: a vLLM server that we start, the demo engine, or a server that already runs."""

    VLLM = "vllm"
    DEMO = "demo"
    ENDPOINT = "endpoint"


class Lengths(StrEnum):
    """Where replies end: at the drawn length whatever the model says (`ignore_eos`), or where the model stops."""

    FORCED = "forced"
    NATURAL = "natural"


Flag = str | int | float | bool


class ServedDeployment(Value):
    """What a server runs, and on what.

    `checkpoint` is a repository or a folder on the worker; empty stands for the default one of the precision. `flags` are
    further engine flags (``enforce-eager: true``), `env` further environment variables of the server process alone.
    `executable` is the engine's command on the worker. `accelerator_type` is Ray's name of the GPU type; empty derives it
    from `gpu`. `endpoint` and `served_name` are those of a server that already runs.
    """

    model: str
    gpu: str
    server: ServerKind = ServerKind.VLLM
    checkpoint: str = ""
    precision: Precision | None = None
    tensor_parallel: PositiveInt = 1
    max_num_seqs: PositiveInt | None = None
    max_num_batched_tokens: PositiveInt | None = None
    speculative: str | None = None
    flags: dict[str, Flag] = Field(default={})
    env: dict[str, str] = Field(default={})
    executable: str = ""
    accelerator_type: str = ""
    endpoint: str = ""
    served_name: str = ""

    @property
    def label(self) -> str:
        """Name the deployment to a reader."""
        gpus = self.gpu if self.tensor_parallel == 1 else f"{self.tensor_parallel}x {self.gpu}"
        drafted = f"+{self.speculative}" if self.speculative else ""
        slots = f"{self.max_num_seqs} slots" if self.max_num_seqs else ""
        served = " ".join(filter(None, (f"{self.model}{drafted}", self.precision, "on", gpus)))
        return ", ".join(filter(None, (served, slots)))

    @property
    def rented_gpus(self) -> int:
        """GPUs that are paid for while it is measured: none for a simulated server, or one that runs anyway."""
        return self.tensor_parallel if self.server is ServerKind.VLLM else 0


class CampaignDeployment(ServedDeployment):
    """A deployment of a campaign; `loads` replace those of the campaign."""

    loads: tuple[Load, ...] = ()


class RunRules(Value):
    """When a run is warm, when it ends, and when it counts.

    A run ends when 95 % intervals of the median end-to-end time and of throughput are within `half_width_share`, or at
    `max_requests`, or after `max_s`; never before `min_requests` have been completed. `requests` fixes the count instead.
    An open load is also given three mean end-to-end times to fill the server, `max_s` at most, unless `warmup_s` is 0.
    A request without any event for `stall_s` has stalled. `attempts` is how often a cell is tried before it is given up.
    """

    repeats: PositiveInt = 3
    requests: PositiveInt | None = None
    warmup_requests_per_stream: NonNegativeInt = 1
    warmup_s: NonNegativeFloat = 5.0
    min_requests: PositiveInt = 40
    max_requests: PositiveInt = 5000
    max_s: PositiveFloat = 240.0
    half_width_share: Fraction = 0.03
    stall_s: PositiveFloat = 60.0
    lengths: Lengths = Lengths.FORCED
    attempts: PositiveInt = 2
    seed: NonNegativeInt = 0

    @model_validator(mode="after")
    def _least_below_most(self) -> "RunRules":
        if self.min_requests > self.max_requests:
            raise ValueError(f"min_requests {self.min_requests} exceeds max_requests {self.max_requests}")
        return self


class Limits(Value):
    """What a campaign may use up; None stands for no limit."""

    gpu_hours: PositiveFloat | None = None
    usd: Annotated[Decimal, Field(gt=0)] | None = None


class Campaign(Value):
    """What is to be measured: one YAML file. `prompts` is a file of one's own prompts; empty takes the shipped ones.

    `fingerprint` stands for what the file only names: the content of the prompts, and the arrival times of traces.
    """

    name: Name
    title: str = ""
    deployments: tuple[CampaignDeployment, ...] = Field(min_length=1)
    workloads: tuple[Workload, ...] = Field(min_length=1)
    loads: tuple[Load, ...] = ()
    rules: RunRules = RunRules()
    limits: Limits = Limits()
    prompts: str = ""
    fingerprint: str = ""

    @cached_property
    def id(self) -> str:
        """Identify the campaign by its name and by what is measured, limits aside: the same file, the same campaign."""
        return f"{self.name}-{digest(self.model_dump(mode='json', exclude={'limits', 'prompts', 'title'}))[:8]}"


class Cell(Value):
    """One deployment under one load of one workload, once: what an attempt measures. `ordinal` is its place in the plan."""

    campaign_id: str
    ordinal: NonNegativeInt
    deployment: ServedDeployment
    workload: Workload
    load: Load
    repeat: NonNegativeInt

    @cached_property
    def id(self) -> str:
        """Identify the cell by what it is, so that a plan made anew finds the results of the old one."""
        what = self.model_dump(mode="json", include={"campaign_id", "deployment", "workload", "load", "repeat"})
        return digest(what)[:16]

    def named(self, stored_id: str) -> "Cell":
        """Return the cell under the identifier that it was stored with: a later version may tell cells apart by more."""
        cell = self.model_copy()
        vars(cell)["id"] = stored_id
        return cell

    @property
    def label(self) -> str:
        """Name the cell to a reader."""
        return f"{self.deployment.label}, {self.workload.name}, {self.load.label}, repeat {self.repeat + 1}"


def digest(value: object) -> str:
    """Return the SHA-256 of a JSON value in canonical form, in hexadecimal."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
