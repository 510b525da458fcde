"""`advisor estimate`: memory and speed of one deployment."""

from typing import TYPE_CHECKING, Annotated

from typer import Option

from advisor.cli import reading
from advisor.cli.asking import workload_of
from advisor.cli.commanding import Command, Options
from advisor.cli.options import DataOptions, Names, OutputOptions, WorkloadOptions
from advisor.cli.showing import show
from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.domain.question import EstimateQuestion


class DeploymentOptions(Options):
    """What is run, and where."""

    title = "Deployment (--model and --gpu are required)"
    model: Annotated[str | None, Option("--model", metavar="NAME", help="The model; a start of its name will do.")] = (
        None
    )
    gpu: Annotated[str | None, Option("--gpu", metavar="NAME", help="The GPU type; a start of its name will do.")] = (
        None
    )
    precision: Annotated[
        str | None, Option("--precision", metavar="NAME", help="bf16, fp8, nvfp4 or int4. Default: the best that runs.")
    ] = None
    tensor_parallel: Annotated[
        int, Option("--tensor-parallel", "--tp", metavar="COUNT", help="GPUs that one replica spans.")
    ] = 1
    slots: Annotated[
        int | None,
        Option(
            "--slots",
            "--max-num-seqs",
            metavar="COUNT",
            help="Requests served at once. Default: what the engine picks.",
        ),
    ] = None
    speculative: Annotated[
        str | None, Option("--speculative", metavar="NAME", help="mtp for the drafter, none to leave it out.")
    ] = None
    concurrency: Annotated[
        Names,
        Option("--concurrency", metavar="COUNTS", help="Requests in flight to look at. Default: 1,2,4,8,16,32,64."),
    ] = None


class AnswerOptions(OutputOptions):
    """How the answer is shown."""

    explain: Annotated[bool, Option("--explain", help="Show all sources.")] = False


_OPTION_OF_FIELD = {
    "precision": "--precision",
    "tensor_parallel": "--tensor-parallel",
    "slots": "--slots",
    "concurrency": "--concurrency",
}


def estimate(deployment: DeploymentOptions, work: WorkloadOptions, out: AnswerOptions, data: DataOptions) -> None:
    """Estimate one deployment."""
    question = _question(deployment, work, data)
    from advisor.usecases.estimate import estimate as answer  # noqa: PLC0415 - loaded only for a question that can be read

    show(answer(question, profiles=data.profiles, database=data.db), out, explain=out.explain)


def _question(deployment: DeploymentOptions, work: WorkloadOptions, data: DataOptions) -> "EstimateQuestion":
    from advisor.domain.question import EstimateQuestion  # noqa: PLC0415 - pydantic is loaded when a command runs

    concurrency = reading.integers(deployment.concurrency, option="--concurrency", example="1,8,64")
    return reading.valid(
        EstimateQuestion,
        options=_OPTION_OF_FIELD,
        model=_given(deployment.model, "--model", "advisor models"),
        gpu=_given(deployment.gpu, "--gpu", "advisor gpus"),
        precision=deployment.precision and deployment.precision.lower(),
        tensor_parallel=deployment.tensor_parallel,
        slots=deployment.slots,
        speculative=deployment.speculative and deployment.speculative.lower(),
        concurrency=concurrency or None,
        workload=workload_of(work, profiles=data.profiles),
    )


def _given(name: str | None, option: str, listing: str) -> str:
    if not name:
        raise InputError(f"missing {option}", hint=f"{listing} lists the names")
    return name


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
