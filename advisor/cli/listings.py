"""`advisor models`, `gpus`, `workloads` and `prices`: what the profiles describe."""

from typing import Annotated

from typer import Option

from advisor.cli import reading
from advisor.cli.commanding import Command, Options
from advisor.cli.options import Names, OutputOptions, ProfileOptions
from advisor.cli.showing import show


class OfferOptions(Options):
    """Which offers are listed."""

    title = "Offers"
    gpus: Annotated[
        Names,
        Option(
            "--gpus", "--gpu", "--system", metavar="NAMES", help="GPU types; a start of a name will do. Default: all."
        ),
    ] = None
    price_basis: Annotated[
        Names,
        Option(
            "--price-basis",
            "--pricing-model",
            metavar="NAMES",
            help="on-demand, spot, 1y (reserved-1y), 3y (reserved-3y). Default: all.",
        ),
    ] = None


def models(out: OutputOptions, data: ProfileOptions) -> None:
    """List the models."""
    from advisor.usecases.listing import list_models  # noqa: PLC0415 - use cases are loaded when a command runs

    show(list_models(data.profiles), out)


def gpus(out: OutputOptions, data: ProfileOptions) -> None:
    """List the GPUs."""
    from advisor.usecases.listing import list_gpus  # noqa: PLC0415 - likewise

    show(list_gpus(data.profiles), out)


def workloads(out: OutputOptions, data: ProfileOptions) -> None:
    """List the workloads."""
    from advisor.usecases.listing import list_workloads  # noqa: PLC0415 - likewise

    show(list_workloads(data.profiles), out)


def prices(offers: OfferOptions, out: OutputOptions, data: ProfileOptions) -> None:
    """List the offers."""
    bases = reading.price_bases(offers.price_basis)
    from advisor.usecases.listing import list_prices  # noqa: PLC0415 - likewise

    show(list_prices(data.profiles, gpus=reading.names(offers.gpus, option="--gpus"), price_bases=bases), out)


COMMANDS = (
    Command("models", models, "List the models that can be compared.", ("advisor models", "advisor models -f json")),
    Command(
        "gpus", gpus, "List the GPUs that are known, with what they can do.", ("advisor gpus", "advisor gpus -f csv")
    ),
    Command("workloads", workloads, "List the workloads that --workload takes by name.", ("advisor workloads",)),
    Command(
        "prices",
        prices,
        "List the known prices, each with date and address.",
        ("advisor prices --gpus h100,l40s", "advisor prices --price-basis spot -f csv -o spot.csv"),
    ),
)
