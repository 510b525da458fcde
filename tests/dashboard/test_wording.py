"""Messages of the command line in the words of the form."""

from __future__ import annotations

import pytest

pytest.importorskip("streamlit")


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("--max-gpus 3 is too few", '"Most GPUs" 3 is too few'),
        ("--gpu-cost is for H100, which --gpus leaves out", '"Own price per GPU-hour" is for H100, which "GPU types" leaves out'),
        ("--trace brings its own lengths", '"Your own trace" brings its own lengths'),
        ("ask for formulas alone with --no-simulate", 'ask for formulas alone with "Confirm by simulation" off'),
        ("check --db, or leave it out", "check --db, or leave it out"),
        ("see advisor recommend --qps 5 --help", "see advisor recommend --qps 5 --help"),
        ("write `advisor simulate --seed 3`, or leave --seed out", 'write `advisor simulate --seed 3`, or leave "Seed" out'),
        ("a gap--seed", "a gap--seed"),
        ("leave the price out, or write a draft with --draft", 'leave the price out, or write a draft with "Draft"'),
        ("loosen a limit, or widen --range", "loosen a limit"),
        ("older than 90 days (--max-price-age)", "older than 90 days"),
        ("ask for fewer with --requests or --duration, or less", 'ask for fewer with "Requests to simulate", or less'),
        ("see --help for what it takes", ""),
        ("requests per second, for example --qps 50", "requests per second, for example 50"),
        ("for example --cascade tests --check-usd 0.1", 'for example "Check of replies" tests "Cost of a check" 0.1'),
    ],
)  # fmt: skip
def test_options_are_called_as_their_fields_and_commands_are_left_alone(told: str, shown: str) -> None:
    from dashboard.wording import in_labels  # noqa: PLC0415 - an extra

    assert in_labels(told) == shown


def test_every_input_is_called_by_its_label() -> None:
    from dashboard.fields import FIELDS, UPLOADS  # noqa: PLC0415 - likewise
    from dashboard.wording import in_labels  # noqa: PLC0415 - likewise

    for option, label in [(f.option, f.label) for f in FIELDS] + [(u.option, u.label) for u in UPLOADS]:
        assert in_labels(f"--{option}=x") == f'"{label}"=x'


def test_a_failure_carries_labels_in_message_and_hint() -> None:
    from advisor.errors import InputError  # noqa: PLC0415 - likewise
    from dashboard.answers import Failure  # noqa: PLC0415 - likewise

    failure = Failure.of(InputError("--spares and --availability exclude each other", hint="leave --spares out"))
    assert failure.message == '"Spare replicas" and "Availability" exclude each other'
    assert failure.hint == 'leave "Spare replicas" out'


def test_a_number_out_of_range_is_told_as_a_number_and_without_help_that_pages_lack() -> None:
    from dashboard.answers import Failure, question  # noqa: PLC0415 - likewise
    from dashboard.state import Asked  # noqa: PLC0415 - likewise

    failure = question(
        Asked((("qps", "5"), ("workload", "chat"), ("success-benchmark", "MMLU-Pro"), ("mistake-usd", "1e300")))
    )
    assert isinstance(failure, Failure)
    assert failure.message.startswith('"Cost of a mistake"')
    assert failure.message.endswith("got 1E+300")
    assert failure.hint == ""
