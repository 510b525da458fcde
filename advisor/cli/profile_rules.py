"""From the options of measuring to the rules of a run and the limits of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.cli import reading
from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.cli.profile_options import LimitOptions, RuleOptions
    from advisor.domain.campaign import Limits, RunRules

OPTION_OF_FIELD = {
    "gpu_hours": "--max-gpu-hours",
    "usd": "--max-usd",
    "requests": "--requests",
    "repeats": "--repeats",
    "concurrency": "--concurrency",
    "rate_rps": "--rate",
    "burstiness": "--burstiness",
    "lengths": "--lengths",
    "name": "--name",
    "tensor_parallel": "--tensor-parallel",
    "max_num_seqs": "--slots",
    "precision": "--precision",
}


def limits_of(options: LimitOptions) -> Limits:
    """Return what a campaign may use up."""
    from advisor.domain.campaign import Limits  # noqa: PLC0415 - pydantic is loaded when a command runs

    return reading.valid(Limits, options=OPTION_OF_FIELD, gpu_hours=options.max_gpu_hours, usd=options.max_usd)


def rules_of(options: RuleOptions) -> RunRules:
    """Return when a run is warm, when it ends and when it counts; what was not said is left to its default."""
    from advisor.domain.campaign import RunRules  # noqa: PLC0415 - pydantic is loaded when a command runs

    if options.requests is not None and options.max_time is not None:
        raise InputError("--requests and --max-time exclude each other", hint="a fixed count is measured to its end")
    return reading.valid(
        RunRules,
        options=OPTION_OF_FIELD,
        requests=options.requests,
        repeats=options.repeats,
        max_s=reading.seconds(options.max_time, option="--max-time"),
        warmup_s=reading.seconds(options.warmup, option="--warmup", zero_too=True),
        stall_s=reading.seconds(options.stall, option="--stall"),
        lengths=options.lengths and options.lengths.lower(),
    )
