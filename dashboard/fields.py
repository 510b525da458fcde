"""The inputs of a question: which option of `advisor recommend` each one is, and how it is shown.

One entry here is a new input everywhere: in the form, in links, and in the command to copy.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from advisor.domain.question import MOST_DRAWS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What an input takes: a number, a whole number, words, one of several, some of several, or yes and no."""

    NUMBER = "number"
    COUNT = "count"
    TEXT = "text"
    ONE = "one"
    SOME = "some"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Field:
    """An input. `option` is the name on the command line and in links, `choices` the list of the catalog to choose from.

    `tip` explains it without jargon; `placeholder` shows what is meant where nothing is entered. Numbers lie from `least` to
    `most`, and change by a `step` where they are not typed.
    """

    option: str
    label: str
    kind: Kind
    group: str
    tip: str
    choices: str = ""
    placeholder: str = ""
    least: int = 0
    most: float | None = None
    step: float | None = None


@dataclass(frozen=True, slots=True)
class UploadField:
    """An input that takes a file. `kind` says in one word what the file holds; it takes the place of the field `instead_of`."""

    option: str
    label: str
    kind: str
    group: str
    tip: str
    instead_of: str = ""


MOST_COUNTED = 2**53 - 1
"""Largest whole number that a browser counts to."""

LOAD, WORK, LIMITS, SCOPE, QUALITY, PRICE, RISK, CHECK = (
    "Load", "Workload", "Objectives", "GPUs and models", "Quality", "Prices", "Arrivals and risk", "Check",
)  # fmt: skip

FIELDS: tuple[Field, ...] = (
    Field("qps", "Requests per second", Kind.NUMBER, LOAD, "Mean arrival rate of requests, over the whole fleet.", most=1e9, step=1.0),
    Field("workload", "Workload", Kind.ONE, LOAD, "A shipped mix of prompt and reply lengths.", "workloads", "own lengths, or chat"),
    Field("isl", "Prompt tokens", Kind.NUMBER, WORK, "Mean tokens of a prompt; replaces those of the workload.", placeholder="of the workload", step=1.0),
    Field("osl", "Reply tokens", Kind.NUMBER, WORK, "Mean tokens of a reply; replaces those of the workload.", placeholder="of the workload", step=1.0),
    Field("isl-cv", "Spread of prompts", Kind.NUMBER, WORK, "Standard deviation of prompt lengths over their mean; 0: all alike."),
    Field("osl-cv", "Spread of replies", Kind.NUMBER, WORK, "Standard deviation of reply lengths over their mean; 0: all alike."),
    Field("content", "Replies are", Kind.ONE, WORK, "What replies are made of. It decides denoising steps and drafter hits.", "contents", "of the workload"),
    Field("steps", "Denoising steps per canvas", Kind.NUMBER, WORK, "Passes over each canvas of 256 tokens that DiffusionGemma takes.", placeholder="by content"),
    Field("cache-hit", "Prompt share in cache", Kind.NUMBER, WORK, "Share of prompt tokens that the server still knows (prefix cache).", most=0.99),
    Field("e2e", "End-to-end limit", Kind.TEXT, LIMITS, "Arrival to last token, such as 12s or 900ms.", placeholder="of the workload"),
    Field("ttft", "First-token limit (TTFT)", Kind.TEXT, LIMITS, "Arrival to first token, or to the first canvas, such as 500ms."),
    Field("ntpot", "Limit per token (NTPOT)", Kind.TEXT, LIMITS, "End-to-end time over output tokens, such as 20ms."),
    Field("percentile", "Statistic", Kind.ONE, LIMITS, "Which share of requests must keep each limit.", "percentiles", "p95"),
    Field("attainment", "Share within all limits", Kind.NUMBER, LIMITS, "Share of requests that keeps all limits at once, such as 0.99.", most=0.9999),
    Field("gpus", "GPU types", Kind.SOME, SCOPE, "What may be rented. Nothing chosen: all that measurements cover.", "gpus", "all"),
    Field("models", "Models", Kind.SOME, SCOPE, "What is compared. Nothing chosen: Gemma 4 26B-A4B and DiffusionGemma.", "models", "both"),
    Field("precision", "Precisions", Kind.SOME, SCOPE, "Formats of the weights that are acceptable.", "precisions", "all"),
    Field("max-gpus", "Most GPUs", Kind.COUNT, SCOPE, "Largest fleet, in GPUs.", least=1, most=100_000),
    Field("min-quality", "Least quality", Kind.TEXT, QUALITY, "A floor on a published score, such as mmlu-pro=80."),
    Field("min-pass-rate", "Least pass rate", Kind.NUMBER, QUALITY, "Leaves out a model unless it passes so often for sure, by your graded answers.", most=0.9999),
    Field("success-benchmark", "Pass rates of benchmark", Kind.ONE, QUALITY, "Published scores to take as pass rates, where there are no graded answers.", "benchmarks", "none"),
    Field("mistake-usd", "Cost of a mistake", Kind.TEXT, QUALITY, "USD that a failed request costs beside its price, such as 0.05."),
    Field("cascade", "Check of replies", Kind.TEXT, QUALITY, "A check that you have, such as tests: what it costs to ask the diffusion model first, and the other one for what is rejected."),
    Field("check-usd", "Cost of a check", Kind.TEXT, QUALITY, "USD that one check costs, such as 0.0001; goes with a check of replies."),
    Field("checker-accuracy", "Check is right in", Kind.NUMBER, QUALITY, "Share of replies, good and bad alike, that the check judges rightly; goes with a check of replies.", most=1),
    Field("price-basis", "Price basis", Kind.SOME, PRICE, "How GPUs are paid for. Nothing chosen: on demand.", "price_bases", "on-demand"),
    Field("gpu-cost", "Own price per GPU-hour", Kind.TEXT, PRICE, "USD, such as H100=2.10; several with a comma."),
    Field("include-marketplace", "Peer marketplaces too", Kind.FLAG, PRICE, "Also use offers of peer-hosted machines."),
    Field("include-secondary", "Second-hand prices too", Kind.FLAG, PRICE, "Also use prices that were read elsewhere than at the seller."),
    Field("burstiness", "Burstiness (CV²)", Kind.TEXT, RISK, "Squared variation of the times between arrivals: 1 is random, 4 bursts.", placeholder="1, random"),
    Field("routing", "Routing", Kind.ONE, RISK, "How a request finds its replica.", "routings", "least-outstanding"),
    Field("daily-profile", "Daily profile", Kind.ONE, RISK, "How the rate follows the hours; the rate above is then its mean.", "daily", "constant rate"),
    Field("spares", "Spare replicas", Kind.COUNT, RISK, "Replicas that may be down while the rest keeps the objectives.", most=1024),
    Field("availability", "Availability", Kind.NUMBER, RISK, "Share of the time that enough replicas are up; instead of spares.", most=0.99999),
    Field("headroom", "Headroom", Kind.NUMBER, RISK, "Share of the capacity to keep free.", most=0.99),
    Field("draws", "Draws", Kind.COUNT, CHECK, "Draws of all speeds behind ranges and verdict; 0: none.", placeholder="600", most=MOST_DRAWS, step=100),
    Field("seed", "Seed", Kind.COUNT, CHECK, "Start of the random numbers of draws and simulation.", placeholder="0", most=MOST_COUNTED),
    Field("top-n", "Plans to list", Kind.COUNT, CHECK, "How many plans are shown, cheapest first.", placeholder="5", least=1, most=1000),
)  # fmt: skip

UPLOADS: tuple[UploadField, ...] = (
    UploadField("trace", "Your own trace", "trace", WORK, "A CSV with t_s, input_tokens and output_tokens per request. It takes the place of the workload.", "workload"),
    UploadField("quality-floor-from", "Graded answers", "grades", QUALITY, "A CSV with model, task and passed (true, false, 1 or 0), a row per answer. They give pass rates."),
)  # fmt: skip
"""Inputs that take a file. In a link stands what the server knows the file by, which is no name of a file of anybody."""

BY_OPTION: Mapping[str, Field] = {field.option: field for field in FIELDS}

_TERMS = frozenset({"success-benchmark", "mistake-usd", "cascade", "check-usd", "checker-accuracy"})

UNKNOWN_TO: Mapping[str, frozenset[str]] = {
    "crossover": _TERMS | {"top-n"},
    "next": _TERMS | {"top-n", "draws"},  # it draws more often than answers need
}
"""Options that other commands than `recommend` do not have, or that pages do not hand to them. They change no figure of theirs."""

GROUPS: tuple[str, ...] = tuple(dict.fromkeys(field.group for field in FIELDS))

OPEN_GROUPS = frozenset({LOAD, LIMITS})
"""Groups that stand open from the start; the others hide what most questions leave at its default."""

SIMULATE = "simulate"
"""In a link: whether plans are confirmed by simulation, which takes seconds. On the command line it is the default."""

SIMULATE_LABEL = "Confirm by simulation"
