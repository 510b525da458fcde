"""`advisor validate imports`: what the importers make of each sample, beside what its file states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor import catalog
from advisor.catalog.results import Told, read_results, recognized, stated_figures
from advisor.domain.run_figures import Percentiles
from advisor.domain.validation_summary import JudgedCase, PartLeftOut, Statistic, Target
from advisor.usecases.results.conditions import conditions_of
from advisor.usecases.results.figures import figures_of
from advisor.usecases.results.importing import describe
from advisor.usecases.validating.judging_errors import JudgedPart, Topic, lines_of_cases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.catalog.results import ToldRun
    from advisor.domain.run_figures import RunFigures
    from advisor.usecases.results.conditions import Described
    from advisor.usecases.validating.judging_errors import Asked

PART = "imports"
TAKEN, MADE = "figures taken over", "latencies made of single requests"
TRUTH = "what the file states"
FIGURE = "figure of a sample"
ROUNDING = Target(statistic=Statistic.WORST, at_most=1e-6, source="to rounding")
CLOSE = Target(statistic=Statistic.MEDIAN, at_most=1e-6, source="to rounding")
"""Asked of the median only: some tools take percentiles by rank, and open loops count from when a request was due."""

UNREAD = -1.0
"""Error of a figure that a file states and the importer does not find."""

SOMEWHERE = Told(gpu="h100-sxm-80gb")
UNTOLD = {"csv": Told(model="gemma-4-26b-a4b", gpu="h100-sxm-80gb")}
"""What a sample does not tell and must be said, by format. It changes no figure."""


def validate_imports(asked: Asked) -> JudgedPart | PartLeftOut:
    """Read each sample as `advisor import` does, and its plain fields once more. Profiles of the user's own play no part."""
    del asked
    samples = catalog.samples_root()
    if samples is None:
        return PartLeftOut(part=PART, reason="the sample results are not installed here; a checkout has them")
    described = describe(catalog.profiles_root())
    files = recognized(samples)
    cases = [case for path, name in files for case in _cases(path, name, samples, described)]
    return JudgedPart(
        lines=(
            *lines_of_cases(Topic(PART, TAKEN, TRUTH, FIGURE), cases, target=ROUNDING),
            *lines_of_cases(Topic(PART, MADE, TRUTH, FIGURE), cases, target=CLOSE),
        ),
        cases=tuple(cases),
        notes=(
            f"imports: {len(files)} sample files in {len({name for _, name in files})} formats; rates made anew are of the time of full load, and not compared",
            "imports: latencies made anew include a wait at the client's own cap (vllm-bench/held-back); their percentiles interpolate, as not all tools do",
            "imports: samples are results of small runs against a local server: evidence of the importers and of nothing else",
        ),
    )


def _cases(path: Path, name: str, samples: Path, described: Described) -> Iterator[JudgedCase]:
    where = path.relative_to(samples).as_posix()
    runs, stated = read_results(path, name=name), stated_figures(path, name)
    for place, (run, figures) in enumerate(zip(runs, stated, strict=True), start=1):
        whose = f"{where} run {place}" if len(runs) > 1 else where
        made = _made(run, UNTOLD.get(name, SOMEWHERE), described)
        for figure, true_value in figures.items():
            yield _case(TAKEN, f"{whose}: {figure}", true_value, _value(run.summary, figure))
            if made is not None and "." in figure and _value(made, figure) is not None:
                yield _case(MADE, f"{whose}: {figure}", true_value, _value(made, figure))


def _made(run: ToldRun, given: Told, described: Described) -> RunFigures | None:
    """Return what is made of the single requests of a run; None where its file lists none."""
    if run.requests is None:
        return None
    _, model = conditions_of(run, given, described)
    return figures_of(run, model)


def _value(figures: RunFigures, name: str) -> float | None:
    """Return a figure by its name, or one statistic of a latency by both names."""
    owner, _, statistic = name.partition(".")
    found = getattr(figures, owner)
    if isinstance(found, Percentiles):
        found = getattr(found, statistic)
    return None if found is None else float(found)


def _case(judged: str, case: str, true_value: float, our_value: float | None) -> JudgedCase:
    return JudgedCase(
        part=PART,
        judged=judged,
        case=case,
        unit=_unit(case),
        true_value=true_value,
        our_value=our_value or 0.0,
        error=UNREAD if our_value is None else _relative(our_value, true_value),
    )


def _relative(ours: float, true_value: float) -> float:
    return ours / true_value - 1.0 if true_value else float(ours != 0.0)


def _unit(case: str) -> str:
    """Return the unit that the name of a figure ends in; nothing for a count."""
    name = case.rpartition(": ")[2].partition(".")[0]
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")


UNITS = {"_tok_s": "tok/s", "_ms": "ms", "_s": "s", "_rps": "requests/s", "_mean": "tokens", "_total": "tokens"}
