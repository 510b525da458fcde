"""The words of this program, each with its meaning: the one place that the README and the dashboard take them from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOSSARY: Mapping[str, str] = {
    "TTFT": "time to first token, from arrival; for DiffusionGemma to the first canvas",
    "TPOT": "mean time between later tokens of one request; without meaning for a model that shows 256 tokens at once",
    "NTPOT": "end-to-end time over output tokens; fair to both",
    "e2e": "end-to-end time, from arrival to last token",
    "canvas": "the 256 tokens that DiffusionGemma writes together, paid whole",
    "denoising step": "one pass over a canvas; few for structured text, many for prose",
    "slot": "room for one request in service (`max_num_seqs`); others wait",
    "SLO": "service level objective: a limit on a latency and a statistic, `e2e:p95<12s`",
    "basis": "how a number is known: measured, published or modeled; the weakest of a chain is shown",
    "contender": "what competes: a model, with or without its drafter",
    "deployment": "a contender made concrete: checkpoint, GPU, tensor parallelism, slots, engine version",
    "replica": "one running copy of a deployment",
    "offer": "a shape for rent, paid whole, at a dated price",
    "attainment": "share of requests within their limits",
    "burstiness": "squared variation of the times between arrivals (CV2): 0 constant, 1 Poisson; of a trace, its count dispersion",
    "campaign, cell, run": "what is to be measured; one deployment under one load of one workload, once; what measuring it showed",
    "headroom": "share of the capacity within the SLO that the load leaves free",
    "saturation": "the load at which all slots are always busy and queues grow without end",
}
"""Meanings by word, in Markdown."""


def in_markdown() -> str:
    """Return the rows of a Markdown table, without its head."""
    return "".join(f"| {word} | {meaning} |\n" for word, meaning in GLOSSARY.items())
