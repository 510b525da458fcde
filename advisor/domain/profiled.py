"""A run that took place, and under what."""

from datetime import datetime

from pydantic import NonNegativeInt, PositiveFloat, PositiveInt

from advisor.domain.basis import Basis
from advisor.domain.campaign import Lengths
from advisor.domain.load import Load
from advisor.domain.model import Content, Precision
from advisor.domain.run_figures import RunFigures, Verdict
from advisor.domain.value import Value


class RunConditions(Value):
    """Under what a run was made: the deployment with its *effective* settings, and what was asked of it.

    `weights` is ``random`` where a server ran without trained weights. Empty and None stand for not known.
    """

    model: str
    gpu: str
    checkpoint: str = ""
    precision: Precision | None = None
    tensor_parallel: PositiveInt = 1
    engine: str = ""
    engine_version: str = ""
    speculative: str | None = None
    max_num_seqs: PositiveInt | None = None
    max_num_batched_tokens: PositiveInt | None = None
    kv_bytes_per_value: PositiveFloat = 2.0
    workload: str = ""
    content: Content | None = None
    lengths: Lengths | None = None
    weights: str = ""


class ProfiledRun(Value):
    """A run that took place: ours or another tool's, what `recommend` takes as evidence where its verdict allows.

    `id` is the attempt's, or made of the content of an imported result. `tool` is ``advisor`` or the other tool's name,
    `source` the file it came from. `discarded` is the reason of a person who took it back; the run stays.
    """

    id: str
    campaign_id: str
    cell_id: str = ""
    conditions: RunConditions
    load: Load
    repeat: NonNegativeInt = 0
    figures: RunFigures
    verdict: Verdict
    basis: Basis
    measured_at: datetime
    tool: str = "advisor"
    source: str = ""
    discarded: str = ""
