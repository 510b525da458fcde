"""`advisor schema`: the JSON Schema of each answer."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from advisor.cli.commanding import Command, Options
from advisor.cli.showing import deliver
from advisor.errors import UnknownNameError


class SchemaOptions(Options):
    """Whose schema, and where to."""

    title = "Schema"
    answer: Annotated[
        str,
        Argument(
            metavar="[COMMAND]",
            help="The command whose --format json is meant: recommend, estimate, simulate, validate, calibrate, models, gpus, ...",
        ),
    ] = "recommend"
    output: Annotated[
        Path | None, Option("--output", "-o", metavar="FILE", dir_okay=False, help="Write the schema to FILE.")
    ] = None


def schema(options: SchemaOptions) -> None:
    """Print a JSON Schema."""
    import json  # noqa: PLC0415 - only this command needs it

    from advisor.report.structured import ANSWERS, schema_of  # noqa: PLC0415 - it loads the answers' values

    if options.answer not in ANSWERS:
        raise UnknownNameError("command", options.answer, ANSWERS)
    deliver(json.dumps(schema_of(options.answer), indent=2) + "\n", options.output)


COMMAND = Command(
    "schema",
    schema,
    "Print the JSON Schema of the answer of a command.",
    ("advisor schema", "advisor schema estimate", "advisor schema recommend -o recommend.schema.json"),
)
