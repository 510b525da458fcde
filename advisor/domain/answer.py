"""What the user gets: one value per command, and the JSON contract at the same time.

Money is `Decimal` and becomes a decimal string in JSON. Every figure stands beside its basis.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from advisor.domain.assurance import Attainment, DecidedBy, Interval, Schedule
from advisor.domain.basis import Basis
from advisor.domain.certainty import Certainty, Outlook
from advisor.domain.knowledge import Knowledge
from advisor.domain.levers import Lever
from advisor.domain.model import Precision
from advisor.domain.offer import Confidence, PriceBasis, Seller
from advisor.domain.quality_answer import QualityDecision
from advisor.domain.question import Question
from advisor.domain.routing import Routing
from advisor.domain.value import Value

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """How the decision came about."""

    CHEAPER = "cheaper"
    TIE = "tie"
    ONLY_FEASIBLE = "only_feasible"


class CitedSource(Value):
    """A source that a figure of this answer rests on. `kind` says which figure: price, measurement, quality, model..."""

    kind: str
    title: str
    url: str | None
    date: date


class Caution(Value):
    """Something the reader must know. `code` is stable, `message` is a sentence."""

    code: str
    message: str


class OfferLine(Value):
    """The shape that is paid for. `shapes` of them hold all replicas."""

    provider: str
    region: str
    instance_type: str
    gpu_count: int
    shapes: int
    usd_per_hour_each: Decimal
    price_basis: PriceBasis
    seller: Seller
    confidence: Confidence
    as_of: date
    source_url: str | None


class Latency(Value):
    """Latency at the asked load. None: the figure has no meaning for this decoder (TPOT of a canvas).

    `decided_by` says whether the figures come from formulas or, where those are known to be weak, from simulation.
    `ttft_basis` is how the times to first token are known: modeled, unless the user's own runs anchor them.
    """

    ttft_p50_ms: float
    ttft_p95_ms: float
    tpot_mean_ms: float | None
    ntpot_mean_ms: float
    e2e_mean_ms: float
    e2e_p50_ms: float
    e2e_p95_ms: float
    e2e_p99_ms: float
    decided_by: DecidedBy = DecidedBy.FORMULA
    ttft_basis: Basis = Basis.MODELED


class DeploymentLine(Value):
    """What runs on what, with which settings: the head of every answer about one deployment."""

    model: str
    contender: str
    checkpoint: str
    precision: Precision
    kernel: str
    gpu: str
    tensor_parallel: int
    max_num_seqs: int
    max_num_batched_tokens: int
    speculative: str | None
    engine: str
    engine_version: str


class Candidate(DeploymentLine):
    """A sized and priced deployment that meets the question.

    `replicas` include `spares`: the objectives hold with so many of them down. `one_down_e2e_p95_ms` is the latency with
    one replica down, None where the rest cannot carry the load.
    """

    replicas: int
    spares: int
    routing: Routing
    gpus: int
    gpus_paid: int
    offer: OfferLine
    usd_per_hour: Decimal
    usd_per_month: Decimal
    usd_per_million_output_tokens: Decimal
    usd_per_million_output_tokens_saturated: Decimal
    usd_per_1k_requests: Decimal
    utilization: float
    headroom: float
    capacity_qps: float
    saturation_qps: Interval
    attainment: Attainment
    one_down_e2e_p95_ms: float | None
    in_flight_per_replica: float
    latency: Latency
    schedule: Schedule | None = None
    outlook: Outlook | None = None
    basis: Basis
    spread: float
    evidence_points: int
    notes: tuple[str, ...] = ()
    sources: tuple[CitedSource, ...]


class Decision(Value):
    """The answer in one sentence, and the candidate it names."""

    verdict: Verdict
    reason: str
    candidate: Candidate
    runner_up: Candidate | None
    saving_share: float | None


class Rejected(Value):
    """A deployment that dropped out, with the first constraint it failed."""

    deployment: str
    contender: str
    constraint: str
    reason: str


class QualityLine(Value):
    """One benchmark, and what each compared model scores on it."""

    benchmark: str
    unit: str
    higher_is_better: bool
    scores: dict[str, float]
    source_url: str
    date: date


class ExplainLine(Value):
    """One figure on the way to the answer: what it is, its value and unit, how it is known, how it came about."""

    contender: str
    figure: str
    value: str
    unit: str
    basis: Basis | None
    how: str


class Answer(Value):
    """What a reader needs to tell one answer from a later one.

    `advisor_version` is that of the code which answered; empty in answers of before it was told.
    """

    schema_version: Literal[1] = 1
    generated_at: datetime
    advisor_version: str = ""


class Recommendation(Answer):
    """The answer to `recommend`. `candidates` holds the best plan of each contender, GPU layout and price basis.

    They are `top_n`, cheapest first; precisions and slots of one layout compete for its place. `evidence_digest` stands for
    the user's own runs that it knew, empty if there were none. `certainty` is None where nothing was drawn, `quality_decision` where quality was not asked for.
    """

    question: Question
    decision: Decision
    certainty: Certainty | None = None
    candidates: tuple[Candidate, ...]
    best_by_model: dict[str, Candidate | None]
    best_by_contender: dict[str, Candidate | None]
    rejected: tuple[Rejected, ...]
    quality: tuple[QualityLine, ...]
    quality_decision: QualityDecision | None = None
    explanation: tuple[ExplainLine, ...]
    warnings: tuple[Caution, ...]
    sources: tuple[CitedSource, ...]
    deployments_considered: int
    evidence_digest: str = ""
    known: Knowledge | None = None
    sensitivity: tuple[Lever, ...] = ()


class EstimatePoint(Value):
    """Closed-loop performance of one replica with `concurrency` requests always in flight; `basis` is that of its speed."""

    concurrency: int
    in_service: int
    output_tok_s: float
    request_rate_rps: float
    ttft_mean_ms: float
    tpot_mean_ms: float | None
    ntpot_mean_ms: float
    e2e_mean_s: float
    basis: Basis
    spread: float
    ttft_basis: Basis = Basis.MODELED


class MemoryLine(Value):
    """Memory of one replica, over all its GPUs."""

    gpu_bytes: int
    usable_bytes: int
    weights_bytes: int
    kv_bytes_per_request: int
    reserved_bytes: int
    slots_limit: int
    slots_limited_by: str
    fits: bool


class Estimate(DeploymentLine, Answer):
    """The answer to `estimate`."""

    input_tokens: float
    output_tokens: float
    canvases: float | None
    steps_per_canvas: float | None
    memory: MemoryLine
    points: tuple[EstimatePoint, ...]
    warnings: tuple[Caution, ...]
    sources: tuple[CitedSource, ...]


class Listing(Value):
    """The answer of a listing command: rows of plain figures under one key, such as ``{"gpus": [...]}``."""

    key: str
    columns: tuple[str, ...]
    rows: tuple[dict[str, str | float | int | bool | list[str] | dict[str, float] | None], ...]
