"""`advisor import`: results of other load generators, plain CSV, and exported campaigns."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

from typer import Argument, Option

from advisor.cli.commanding import Command, Options
from advisor.cli.options import DataOptions, OutputOptions
from advisor.cli.showing import show
from advisor.errors import InputError
from advisor.report.format import Format

if TYPE_CHECKING:
    from datetime import datetime
    from enum import StrEnum

    from advisor.catalog.results import Told

    WordT = TypeVar("WordT", bound=StrEnum)

AUTO = "auto"


class ResultOptions(Options):
    """What is imported."""

    title = "Results"
    paths: Annotated[
        list[Path],
        Argument(
            metavar="PATH...",
            help="Files of results, folders of them, or a folder that advisor export wrote. A CSV has the columns of advisor "
            "runs -f csv, of which concurrency and request_rate_rps are enough.",
        ),
    ]
    file_format: Annotated[
        str,
        Option(
            "--format",
            metavar="FORMAT",
            help="Of the files: vllm-bench, vllm-sweep, guidellm, aiperf, genai-bench, csv, or auto: by content (the default). A vllm bench "
            "result also tells what it was run with as --metadata gpu=h100 precision=fp8 engine_version=0.33.0.",
        ),
    ] = AUTO


class ServedOptions(Options):
    """What was measured, as far as the files do not say it."""

    title = "What was measured (asked for where the files do not say it; a contradiction is refused)"
    model: Annotated[str | None, Option("--model", metavar="NAME", help="The model, as advisor models lists it.")] = (
        None
    )
    gpu: Annotated[str | None, Option("--gpu", metavar="NAME", help="What it ran on, as advisor gpus lists it.")] = None
    precision: Annotated[
        str | None, Option("--precision", metavar="NAME", help="Of the weights: bf16, fp8, nvfp4 or int4.")
    ] = None
    tensor_parallel: Annotated[
        int | None,
        Option("--tensor-parallel", "--tp", metavar="COUNT", min=1, help="GPUs that the server spans. Default: 1."),
    ] = None
    slots: Annotated[
        int | None,
        Option("--slots", "--max-num-seqs", metavar="COUNT", min=1, help="Requests that it serves at once."),
    ] = None
    engine: Annotated[
        str | None,
        Option("--engine", metavar="NAME", help="The engine. Default: vllm where --engine-version is given."),
    ] = None
    engine_version: Annotated[
        str | None, Option("--engine-version", metavar="VERSION", help="Its version, such as 0.33.0.")
    ] = None
    speculative: Annotated[
        str | None, Option("--speculative", metavar="NAME", help="mtp if it drafts with the model's drafter.")
    ] = None
    content: Annotated[
        str | None,
        Option("--content", metavar="KIND", help="What replies are made of: structured, code, chat or prose."),
    ] = None
    workload: Annotated[
        str | None,
        Option(
            "--workload",
            "-w",
            metavar="NAME",
            help="What was asked: one of advisor workloads, which also tells content and lengths where the files do not, or "
            "a name of your own; random for random tokens.",
        ),
    ] = None
    date: Annotated[
        str | None,
        Option(
            "--date", metavar="YYYY-MM-DD", help="When it was measured. Default: the day of the file's last change."
        ),
    ] = None


class ShownOptions(OutputOptions):
    """How the runs are shown. The format of the answer is --show here, as --format is that of the files."""

    title = "Output"
    fmt: Annotated[
        Format | None,
        Option(
            "--show",
            "-f",
            help="Format of the answer. Default: what the name of --output ends in, else table.",
            show_choices=True,
        ),
    ] = None


def import_(what: ResultOptions, served: ServedOptions, out: ShownOptions, data: DataOptions) -> None:
    """Import results."""
    given = _told(served)
    from advisor.catalog.results import FORMATS  # noqa: PLC0415 - loaded when a command runs
    from advisor.usecases.results.importing import import_results  # noqa: PLC0415 - likewise

    names = [fmt.name for fmt in FORMATS]
    if what.file_format not in {AUTO, *names}:
        raise InputError(f"--format: unknown format {what.file_format!r}", hint=f"use {AUTO}, {', '.join(names)}")
    fmt = None if what.file_format == AUTO else what.file_format
    show(import_results(what.paths, given, fmt=fmt, profiles=data.profiles, database=data.db), out)


def _told(served: ServedOptions) -> "Told":
    from advisor.catalog.results import Told  # noqa: PLC0415 - likewise
    from advisor.domain.model import Content, Precision  # noqa: PLC0415 - likewise

    return Told(
        model=served.model,
        gpu=served.gpu,
        precision=_choice(served.precision, Precision, option="--precision"),
        tensor_parallel=served.tensor_parallel,
        slots=served.slots,
        engine=served.engine,
        engine_version=served.engine_version,
        speculative=served.speculative,
        content=_choice(served.content, Content, option="--content"),
        workload=served.workload,
        measured_at=_date(served.date),
    )


def _choice(text: str | None, kind: "type[WordT]", *, option: str) -> "WordT | None":
    """Return the one of a few words that a text is."""
    if text is None:
        return None
    try:
        return kind(text.strip().lower())
    except ValueError:
        raise InputError(f"{option}: unknown {text!r}", hint=f"use {', '.join(kind)}") from None


def _date(text: str | None) -> "datetime | None":
    from datetime import UTC, date, datetime, time  # noqa: PLC0415 - likewise

    if text is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise InputError(f"--date: {text!r} is no date", hint="write it as YYYY-MM-DD") from None


COMMAND = Command(
    name="import",
    function=import_,
    help="Import results of other load generators, CSV, or campaigns.",
    examples=(
        "advisor import results/ --model gemma-4-26b-a4b --gpu h100 --precision fp8 --engine-version 0.33.0",
        "advisor import benchmarks.json --gpu h200 --content chat --db sqlite:///runs.db",
        "advisor import my-server.csv --model diffusiongemma-26b-a4b --gpu l40s --workload chat --date 2026-07-04",
        "advisor import profiles/measurements/campaigns/h100-chat",
    ),
)
