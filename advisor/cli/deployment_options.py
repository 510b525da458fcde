"""The group of options that names one deployment."""

from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options


class DeploymentOptions(Options):
    """What is run, and where."""

    title = "Deployment"
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
        int | None,
        Option("--tensor-parallel", "--tp", metavar="COUNT", help="GPUs that one replica spans. Default: 1."),
    ] = None
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
