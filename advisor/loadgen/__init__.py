"""Sends offered load to an OpenAI-style server and times every request.

Knows HTTP, streams, arrival processes and the statistics of a run. Refuses to know models, GPUs and whether a run counts.

The door: `inspect` a :class:`Target` to learn what it understands, say what is asked (:class:`Asks`), then `measure` a load.
"""

from advisor.loadgen.asks import Ask, Asks
from advisor.loadgen.course import Progress
from advisor.loadgen.inspecting import inspect
from advisor.loadgen.measure import Measured, measure
from advisor.loadgen.prompts import Prompts, prompts_of, shipped_prompts
from advisor.loadgen.target import Dialect, Inspected, Target, TokenRate
from advisor.loadgen.texts import read_texts

__all__ = [
    "Ask",
    "Asks",
    "Dialect",
    "Inspected",
    "Measured",
    "Progress",
    "Prompts",
    "Target",
    "TokenRate",
    "inspect",
    "measure",
    "prompts_of",
    "read_texts",
    "shipped_prompts",
]
