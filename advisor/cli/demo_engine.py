"""`advisor demo-engine`: a server that behaves like the engine, without a GPU."""

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from advisor.cli import reading
from advisor.cli.asking import deployed, served, workload_of
from advisor.cli.commanding import Command, Options
from advisor.cli.deployment_options import DeploymentOptions
from advisor.cli.options import ProfileOptions, WorkloadOptions

if TYPE_CHECKING:
    from advisor.domain.demo import DemoQuestion


class SimulatedOptions(DeploymentOptions):
    """What is simulated."""

    title = "Deployment (--model and --gpu are required)"
    max_num_batched_tokens: Annotated[
        int | None,
        Option(
            "--max-num-batched-tokens",
            metavar="TOKENS",
            help="Tokens that one iteration may hold. Default: what all slots write, and room for prompts.",
        ),
    ] = None


class ListeningOptions(Options):
    """Where it is served, and how fast."""

    title = "Server"
    host: Annotated[
        str | None, Option("--host", metavar="ADDRESS", help="Address to listen on. Default: 127.0.0.1.")
    ] = None
    port: Annotated[
        int | None, Option("--port", metavar="NUMBER", help="Port to listen on; 0 takes a free one. Default: 8000.")
    ] = None
    served_model_name: Annotated[
        str | None,
        Option("--served-model-name", metavar="NAME", help="Name in requests. Default: that of the model."),
    ] = None
    speed: Annotated[
        float | None,
        Option("--speed", metavar="FACTOR", help="How much faster than real time, for a quick look. Default: 1."),
    ] = None
    seed: Annotated[
        int | None, Option("--seed", metavar="NUMBER", help="Start of the random numbers, 0 or more. Default: 0.")
    ] = None


def demo_engine(
    deployment: SimulatedOptions, work: WorkloadOptions, listening: ListeningOptions, data: ProfileOptions
) -> None:
    """Serve a simulated engine."""
    question = _question(deployment, work, listening, data)
    from advisor.usecases.demo_engine import demo_engine as answer  # noqa: PLC0415 - loads the server

    answer(question, profiles=data.profiles, tell=lambda line: typer.echo(line, err=True))


def _question(
    deployment: SimulatedOptions, work: WorkloadOptions, listening: ListeningOptions, data: ProfileOptions
) -> "DemoQuestion":
    replica = served(deployed(deployment), workload_of(work, profiles=data.profiles))
    from advisor.domain.demo import DemoQuestion  # noqa: PLC0415 - pydantic is loaded when a command runs

    return reading.valid(
        DemoQuestion,
        options=_OPTION_OF_FIELD,
        replica=replica,
        max_num_batched_tokens=deployment.max_num_batched_tokens,
        served_name=listening.served_model_name,
        host=listening.host,
        port=listening.port,
        speed=listening.speed,
        seed=listening.seed,
    )


_OPTION_OF_FIELD = {
    "max_num_batched_tokens": "--max-num-batched-tokens",
    "port": "--port",
    "speed": "--speed",
    "seed": "--seed",
}

COMMAND = Command(
    name="demo-engine",
    function=demo_engine,
    help="Serve a simulated engine, timed as estimated. It needs no GPU.",
    examples=(
        "advisor demo-engine --model diffusiongemma --gpu h100-sxm-80gb",
        "advisor demo-engine --model gemma-4-26b --gpu h100-sxm-80gb --speculative mtp --slots 64 --port 8001",
        "advisor demo-engine --model diffusiongemma --gpu h200 --content prose --speed 10",
    ),
)
