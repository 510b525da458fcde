"""`advisor runs`, `export` and `history`: what the database keeps."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from advisor.cli import reading
from advisor.cli.commanding import Command, Options
from advisor.cli.options import DataOptions, Names, OutputOptions
from advisor.cli.showing import deliver, show
from advisor.errors import InputError


class DatabaseOptions(Options):
    """Which database."""

    title = "Data"
    db: Annotated[
        str | None,
        Option(
            "--db",
            metavar="URL",
            help="Database of your own measurements, as an SQLAlchemy URL, e.g. sqlite:///runs.db. Default: your own.",
        ),
    ] = None


class RunOptions(Options):
    """Which runs are listed, and which one is taken back."""

    title = "Runs"
    campaign: Annotated[
        str | None, Option("--campaign", metavar="NAME", help="Only those of a campaign, by its name or identifier.")
    ] = None
    models: Annotated[
        Names, Option("--models", "--model", metavar="NAMES", help="Models; a start of a name will do. Default: all.")
    ] = None
    gpus: Annotated[
        Names, Option("--gpus", "--gpu", metavar="NAMES", help="GPU types; a start of a name will do. Default: all.")
    ] = None
    valid: Annotated[bool, Option("--valid/--all", help="Only runs that count, or all of them (the default).")] = False
    discard: Annotated[
        str | None,
        Option(
            "--discard", metavar="RUN", help="Take a run back, by its identifier or the start of it. It stays, flagged."
        ),
    ] = None
    reason: Annotated[
        str | None, Option("--reason", metavar="TEXT", help="Why it is taken back; goes with --discard.")
    ] = None


class RunOutputOptions(OutputOptions):
    """How runs are shown."""

    explain: Annotated[bool, Option("--explain", help="Say in full what flags a run, not by its code alone.")] = False


def runs(wanted: RunOptions, out: RunOutputOptions, data: DatabaseOptions) -> None:
    """List runs, or take one back."""
    if (wanted.discard is None) is not (wanted.reason is None):
        raise InputError("--discard and --reason go together", hint="--discard RUN --reason 'the fan had failed'")
    models, gpus = reading.names(wanted.models, option="--models"), reading.names(wanted.gpus, option="--gpus")
    from advisor.usecases.keeping import discard_run, list_runs  # noqa: PLC0415 - use cases are loaded when a command runs

    if wanted.discard is not None:
        taken = discard_run(wanted.discard, reason=wanted.reason or "", database=data.db)
        show(taken, out, explain=out.explain)
        return
    found = list_runs(database=data.db, campaign=wanted.campaign, models=models, gpus=gpus, valid_only=wanted.valid)
    show(found, out, explain=out.explain)


class ExportOptions(Options):
    """What is exported, and where to."""

    title = "Export"
    campaign: Annotated[str, Argument(metavar="CAMPAIGN", help="A campaign by its name or identifier.")]
    to: Annotated[
        Path | None,
        Option(
            "--to",
            metavar="DIR",
            file_okay=False,
            help="Folder for the files. Default: measurements/campaigns/CAMPAIGN in the profiles.",
        ),
    ] = None
    requests: Annotated[
        bool, Option("--requests", help="Also write the timings of single requests, and readings of metrics.")
    ] = False


def export(what: ExportOptions, data: DataOptions) -> None:
    """Write a campaign as files."""
    from advisor.usecases.results.exporting import export_campaign  # noqa: PLC0415 - likewise

    done = export_campaign(what.campaign, database=data.db, profiles=data.profiles, to=what.to, requests=what.requests)
    deliver(f"{done.runs} runs in {done.files} files: {done.folder}\n", None)


class HistoryOptions(Options):
    """How far back."""

    title = "History"
    last: Annotated[
        int | None, Option("--last", metavar="COUNT", min=1, help="Only the last so many. Default: all.")
    ] = None


def history(wanted: HistoryOptions, out: OutputOptions, data: DatabaseOptions) -> None:
    """List the recommendations given."""
    from advisor.usecases.keeping import list_history  # noqa: PLC0415 - likewise

    show(list_history(database=data.db, last=wanted.last), out)


COMMANDS = (
    Command(
        "runs",
        runs,
        "List measured and imported runs. Or take one back.",
        (
            "advisor runs",
            "advisor runs --campaign h100-chat --valid --db sqlite:///runs.db -f csv",
            "advisor runs --discard 3f2a9c10 --reason 'another job was on the GPU'",
        ),
    ),
    Command(
        "export",
        export,
        "Write a campaign as files that read well in a diff.",
        ("advisor export h100-chat", "advisor export h100-chat --to h100-chat --requests --db sqlite:///runs.db"),
    ),
    Command(
        "history",
        history,
        "List the recommendations that were given.",
        ("advisor history", "advisor history --last 10"),
    ),
)
