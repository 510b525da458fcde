"""Groups of options that several commands share."""

from pathlib import Path
from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options
from advisor.report.format import Format

Names = list[str] | None


class WorkloadOptions(Options):
    """What is asked of the models."""

    title = "Workload"
    workload: Annotated[
        str | None,
        Option("--workload", "-w", metavar="NAME|FILE", help="A workload by name (advisor workloads), or a YAML file."),
    ] = None
    trace: Annotated[
        Path | None,
        Option(
            "--trace",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="A CSV with t_s, input_tokens and output_tokens per request. To recommend and simulate it lends its "
            "arrival times too, stretched to --qps, unless --burstiness says otherwise.",
        ),
    ] = None
    isl: Annotated[
        float | None, Option("--isl", "--input-len", metavar="TOKENS", help="Mean input (prompt) length, in tokens.")
    ] = None
    osl: Annotated[
        float | None, Option("--osl", "--output-len", metavar="TOKENS", help="Mean output (reply) length, in tokens.")
    ] = None
    isl_cv: Annotated[
        float | None,
        Option(
            "--isl-cv", metavar="CV", help="Spread of input lengths: standard deviation over mean; 0 is a fixed length."
        ),
    ] = None
    osl_cv: Annotated[
        float | None,
        Option(
            "--osl-cv",
            metavar="CV",
            help="Spread of output lengths: standard deviation over mean; 0 is a fixed length.",
        ),
    ] = None
    content: Annotated[
        str | None,
        Option(
            "--content",
            metavar="KIND",
            help="What replies are made of: structured, code, chat or prose. It decides denoising steps and drafter hits.",
        ),
    ] = None
    steps: Annotated[
        float | None,
        Option(
            "--steps", metavar="STEPS", help="Denoising steps per canvas, instead of those that the content implies."
        ),
    ] = None
    cache_hit: Annotated[
        float | None,
        Option(
            "--cache-hit", metavar="SHARE", help="Share of prompt tokens found in the prefix cache, from 0 to below 1."
        ),
    ] = None


class ObjectiveOptions(Options):
    """Within which latency. Durations take a unit (500ms, 4s) and are milliseconds without one."""

    title = "Objectives (durations: 500ms, 4s; milliseconds without a unit; default: those of the workload)"
    ttft: Annotated[str | None, Option("--ttft", metavar="TIME", help="Limit on arrival to first token.")] = None
    tpot: Annotated[
        str | None,
        Option(
            "--tpot", "--itl", metavar="TIME", help="Limit on the mean gap between later tokens; no sense for canvases."
        ),
    ] = None
    ntpot: Annotated[
        str | None, Option("--ntpot", metavar="TIME", help="Limit on whole time over output tokens; fair to canvases.")
    ] = None
    e2e: Annotated[
        str | None, Option("--e2e", "--request-latency", metavar="TIME", help="Limit on arrival to last token.")
    ] = None
    percentile: Annotated[
        str,
        Option("--percentile", metavar="STAT", help="Statistic that the limits above hold for: mean, p50, p95, p99.9."),
    ] = "p95"
    slo: Annotated[
        str | None,
        Option("--slo", metavar="CLAUSES", help="Objectives with a statistic each: 'ttft:p95<500ms;e2e:p99<4s'."),
    ] = None


class AttainmentOptions(Options):
    """How many requests must be within them."""

    title = "Risk"
    attainment: Annotated[
        float | None,
        Option(
            "--attainment",
            metavar="SHARE",
            help="Share of requests to keep within all limits at once, such as 0.99, between 0 and 1. "
            "It replaces the statistics of the objectives.",
        ),
    ] = None


class SimulationOptions(Options):
    """What a simulation draws from."""

    title = "Simulation"
    seed: Annotated[
        int | None, Option("--seed", metavar="NUMBER", help="Start of the random numbers, 0 or more. Default: 0.")
    ] = None


class OutputOptions(Options):
    """How the answer is shown."""

    title = "Output"
    fmt: Annotated[
        Format | None,
        Option(
            "--format",
            "-f",
            help="Format of the answer. Default: what the name of --output ends in, else table.",
            show_choices=True,
        ),
    ] = None
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FILE", dir_okay=False, help="Write the answer to FILE, whole or not at all."),
    ] = None


class SourcedOptions(OutputOptions):
    """How an answer that rests on sources is shown."""

    explain: Annotated[bool, Option("--explain", help="Show all sources.")] = False


class ProfileOptions(Options):
    """Which profiles are read."""

    title = "Data"
    profiles: Annotated[
        Path | None,
        Option(
            "--profiles",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help="Folder with models, GPUs, engines, prices and measurements. Default: the shipped one.",
        ),
    ] = None


class DataOptions(ProfileOptions):
    """Which profiles and which measurements are read."""

    db: Annotated[
        str | None,
        Option(
            "--db",
            metavar="URL",
            help="Database of your own measurements, as an SQLAlchemy URL, e.g. sqlite:///runs.db.",
        ),
    ] = None


class EvidenceOptions(DataOptions):
    """Which profiles and which measurements are read, and which of these count."""

    allow_simulated: Annotated[
        bool,
        Option(
            "--allow-simulated", help="Let runs of the demo engine count; the answer is then simulated, and says so."
        ),
    ] = False
