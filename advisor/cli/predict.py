"""`advisor predict`: latency under open-loop load of a server that the user profiled."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from advisor.cli import reading
from advisor.cli.arrival_options import StreamOptions
from advisor.cli.commanding import Command, Options
from advisor.cli.options import OutputOptions, SimulationOptions
from advisor.cli.showing import show
from advisor.errors import InputError

if TYPE_CHECKING:
    from advisor.domain.prediction import PredictQuestion


class ServerOptions(Options):
    """What was measured of one replica."""

    title = "Server (--profile is required)"
    profile: Annotated[
        Path | None,
        Option(
            "--profile",
            metavar="FILE",
            help="A CSV of closed-loop runs of one replica: concurrency and request_rate_rps, and where known ttft_mean_ms, "
            "ttft_p95_ms, e2e_mean_s, e2e_p95_s, input_tokens, output_tokens. A row without concurrency is an open-loop run "
            "at that rate, which corrects the prediction.",
        ),
    ] = None
    slots: Annotated[
        int | None,
        Option(
            "--slots",
            "--max-num-seqs",
            metavar="COUNT",
            help="Requests that one replica serves at once. Default: where the throughput of the profile stops growing.",
        ),
    ] = None
    decode: Annotated[
        str | None,
        Option(
            "--decode",
            metavar="KIND",
            help="How the model writes: autoregressive or block-diffusion. Default: read off the profile.",
        ),
    ] = None


class OpenLoopOptions(StreamOptions):
    """What arrives, and where it is sent."""

    title = "Arrivals and routing (--rate is required)"
    rate: Annotated[
        float | None,
        Option(
            "--rate", "--qps", "--request-rate", metavar="RATE", help="Requests per second at all replicas together."
        ),
    ] = None
    replicas: Annotated[
        int | None, Option("--replicas", metavar="COUNT", help="Replicas behind the router. Default: 1.")
    ] = None


class RehearsalOptions(SimulationOptions):
    """Whether and how a load is simulated where the formulas are weak."""

    no_simulate: Annotated[
        bool, Option("--no-simulate", help="Answer from formulas even where they are known to be weak.")
    ] = False


_OPTION_OF_FIELD = {
    "rate_qps": "--rate",
    "burstiness": "--burstiness",
    "replicas": "--replicas",
    "slots": "--slots",
    "seed": "--seed",
}


def predict(server: ServerOptions, load: OpenLoopOptions, rehearsal: RehearsalOptions, out: OutputOptions) -> None:
    """Predict the latencies of one open loop."""
    if server.profile is None:
        raise InputError(
            "missing --profile", hint="name a CSV with concurrency and request_rate_rps per closed-loop run"
        )
    question = _question(server, load, rehearsal)
    from advisor.usecases.predicting.predict import predict as answer  # noqa: PLC0415 - loaded only for a question that can be read

    show(answer(question, profile=server.profile), out)


def _question(server: ServerOptions, load: OpenLoopOptions, rehearsal: RehearsalOptions) -> "PredictQuestion":
    from advisor.domain.prediction import PredictQuestion  # noqa: PLC0415 - pydantic is loaded when a command runs

    if load.rate is None:
        raise InputError("missing --rate", hint="say how many requests arrive per second, for example --rate 20")
    return reading.valid(
        PredictQuestion,
        options=_OPTION_OF_FIELD,
        rate_qps=load.rate,
        burstiness=reading.burstiness(load.burstiness),
        replicas=load.replicas,
        routing=reading.routing(load.routing),
        slots=server.slots,
        decode=reading.decode(server.decode),
        simulate=not rehearsal.no_simulate,
        seed=rehearsal.seed,
    )


COMMAND = Command(
    name="predict",
    function=predict,
    help="Predict latency under load of a server that you profiled. Nothing about models and GPUs is needed.",
    examples=(
        "advisor predict --profile my-server.csv --rate 20",
        "advisor predict --profile my-server.csv --rate 80 --replicas 4 --routing round-robin --burstiness 4",
        "advisor predict --profile my-server.csv --rate 20 --slots 64 -f json -o answer.json",
    ),
)
