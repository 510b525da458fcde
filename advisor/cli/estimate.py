"""`advisor estimate`: memory and speed of one deployment."""

from typing import Annotated

from typer import Option

from advisor.cli import reading
from advisor.cli.asking import deployed, served, workload_of
from advisor.cli.commanding import Command
from advisor.cli.deployment_options import DeploymentOptions
from advisor.cli.options import EvidenceOptions, Names, SourcedOptions, WorkloadOptions
from advisor.cli.showing import show


class ReplicaOptions(DeploymentOptions):
    """What is run, and with how many requests in flight."""

    title = "Deployment (--model and --gpu are required)"
    concurrency: Annotated[
        Names,
        Option("--concurrency", metavar="COUNTS", help="Requests in flight to look at. Default: 1,2,4,8,16,32,64."),
    ] = None


def estimate(deployment: ReplicaOptions, work: WorkloadOptions, out: SourcedOptions, data: EvidenceOptions) -> None:
    """Estimate one deployment."""
    question = served(
        {**deployed(deployment), "concurrency": _concurrency(deployment) or None},
        workload_of(work, profiles=data.profiles),
    )
    from advisor.usecases.estimate import estimate as answer  # noqa: PLC0415 - loaded only for a question that can be read

    found = answer(question, profiles=data.profiles, database=data.db, allow_simulated=data.allow_simulated)
    show(found, out, explain=out.explain)


def _concurrency(deployment: ReplicaOptions) -> tuple[int, ...]:
    return reading.integers(deployment.concurrency, option="--concurrency", example="1,8,64")


COMMAND = Command(
    name="estimate",
    function=estimate,
    help="Estimate memory and speed of one deployment. Speed is given by requests in flight.",
    examples=(
        "advisor estimate --model diffusiongemma --gpu h100",
        "advisor estimate --model gemma-4 --gpu l40s --precision fp8 --tp 2 --speculative none --concurrency 1,8,64",
        "advisor estimate --model diffusiongemma --gpu h100 --isl 800 --osl 300 --steps 12 -f json",
    ),
)
