"""Do plans hold? Random questions, every plan of each answer simulated anew: longer, and with other seeds.

A plan must keep what it promises, and the same plan with one replica fewer must not, unless the answer says why there is no
smaller one (it may saturate, or the simulation could not tell). Run by hand:

    python tests/benchmarks/sweep_plans.py --questions 200
"""

from __future__ import annotations

import argparse
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from advisor import catalog
from advisor.domain.assurance import OneFewer
from advisor.domain.routing import Routing
from advisor.errors import InfeasibleError
from advisor.usecases.confirming import fewest_secure, one_fewer
from advisor.usecases.judging import Effort, Trials
from advisor.usecases.market import Market
from tests.shipped import ROOT, SHIPPED, question, workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.domain.question import Question
    from advisor.usecases.judging import Judgment
    from advisor.usecases.plans import Plan

OTHER_SEED = 1_000_003
LONGER_RUNS = 8
LONGER_REQUESTS = 500_000  # four times what a plan may be judged by
GPUS = ("h100-sxm", "h200", "b200", "l40s", "a100-sxm-80gb", "rtx-pro-6000", "rtx-4090")


@dataclass(frozen=True)
class Finding:
    """One plan looked at again. `promise` and `smaller` are None where they hold, else what was found instead.

    `clear` says that the whole interval of the longer simulation is on the wrong side, not just its middle. `too_large` is what
    two replicas fewer do, where one fewer was a tie and they would keep the promise.
    """

    asked: str
    plan: str
    reason: OneFewer
    promise: str | None
    smaller: str | None
    clear: bool
    too_large: str | None = None


def drawn(number: int) -> Question:
    """Return the question of a number: load, lengths, objective, burstiness, routing and risk at random."""
    draw = random.Random(number)
    named = draw.choice(["chat", "rag", "code-generation", "structured-extraction", "agent", None])
    work = (
        workload(draw.uniform(200, 4000), draw.uniform(50, 1000), cv=draw.choice([0.0, 0.5, 1.0]))
        if named is None
        else catalog.read_workload(ROOT, named)
    )
    percentile, limit_s = draw.choice(["p50", "p90", "p95", "p99", "mean"]), 10 ** draw.uniform(-0.3, 1.7)
    slo = draw.choice(
        [
            f"e2e:{percentile}<{limit_s:.2f}s",
            f"e2e:{percentile}<{limit_s:.2f}s",
            f"ttft:{percentile}<{limit_s / 8:.3f}s",
            f"ntpot:{percentile}<{limit_s * 3:.1f}ms",
            f"ttft:p95<{limit_s / 6:.3f}s;e2e:p99<{2 * limit_s:.2f}s",
        ]
    )
    more: dict[str, Any] = {
        "burstiness": draw.choice([None, None, 0.0, 0.3, 2.0, 4.0, 15.0]),
        "routing": draw.choice([Routing.LEAST_OUTSTANDING] * 3 + list(Routing)),
        "attainment": draw.choice([None, None, 0.9, 0.99]),
        "spares": draw.choice([None, None, 1]),
        "headroom": draw.choice([0.0, 0.0, 0.2]),
        "gpus": tuple(draw.sample(GPUS, 3)),
        "top_n": 3,
    }
    return question(10 ** draw.uniform(-0.5, 2.5), slo, work=work, prices={}, **more)


def findings(asked: Question, *, runs: int = LONGER_RUNS) -> list[Finding]:
    """Return every plan of the answer to a question, looked at again; none where nothing is feasible."""
    try:
        market = Market.of(asked, SHIPPED)
        plans = [plan for group in market.plans().values() for plan in group]
    except InfeasibleError:
        return []
    return [_look_again(plan, runs=runs) for plan in plans]


def _look_again(plan: Plan, *, runs: int) -> Finding:
    trials = plan.trials
    assert trials is not None
    fresh = Trials(
        trials.replay,
        trials.asked,
        OTHER_SEED,
        patient=True,
        most_requests=LONGER_REQUESTS,
        effort=Effort(left=10**9, of_a_plan=10**9),
    )
    whole = fresh.at(plan.needed, plan.rate_rps, most_runs=runs)
    fewer = one_fewer(plan)
    smaller, clear = None, whole.fails
    if fewer.reason is OneFewer.FAILS:
        again = fresh.at(plan.needed - 1, plan.rate_rps, most_runs=runs)
        smaller, clear = (_words(again) if _keeps(again) else None), clear or again.passes
    too_large = None
    if fewer.reason is OneFewer.TIE and plan.needed - 2 >= fewest_secure(trials, plan.rate_rps):
        again = fresh.at(plan.needed - 2, plan.rate_rps, most_runs=runs)
        too_large = _words(again) if _keeps(again) else None
    return Finding(
        asked=f"{plan.rate_rps:.3g} rps, {', '.join(c.words for c in trials.asked)}, scv {plan.question.burstiness}",
        plan=f"{plan.needed} x {plan.deployment.label}, {plan.question.routing}",
        reason=fewer.reason,
        promise=None if _keeps(whole) else _words(whole),
        smaller=smaller,
        clear=clear,
        too_large=too_large,
    )


def _keeps(judgment: Judgment) -> bool:
    return all(verdict.margin.value >= verdict.criterion.bar for verdict in judgment.verdicts)


def _words(judgment: Judgment) -> str:
    tightest = judgment.tightest
    return f"{tightest.margin.value:.4f} of {tightest.criterion.bar:.4f} in {judgment.requests:,} requests"


def _of(number: int) -> list[Finding]:
    return findings(drawn(number))


def _report(found: Sequence[Finding], *, questions: int) -> str:
    reasons = {reason: sum(f.reason is reason for f in found) for reason in OneFewer}
    lines = [
        (
            f"{questions} questions, {len(found)} plans: {sum(f.promise is not None for f in found)} do not keep their promise, "
            f"{sum(f.smaller is not None for f in found)} have a smaller fleet that would; of both "
            f"{sum(f.clear for f in found)} by more than the interval of the longer simulation"
        ),
        "why no smaller fleet: " + ", ".join(f"{count} {reason}" for reason, count in reasons.items() if count),
    ]
    lines.append(
        f"more than one replica above the smallest that keeps it: {sum(f.too_large is not None for f in found)}"
    )
    bad = [f for f in found if f.promise or f.smaller or f.too_large]
    lines += [
        f"  {f.asked} | {f.plan} | promise {f.promise or 'kept'} | one fewer {f.smaller or 'fails'} | two fewer {f.too_large or '-'}"
        for f in bad
    ]
    return "\n".join(lines)


def main() -> None:
    """Ask, look again, and print what did not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--first", type=int, default=0, help="number of the first question")
    options = parser.parse_args()
    numbers = range(options.first, options.first + options.questions)
    with ProcessPoolExecutor(2) as workers:
        found = [finding for group in workers.map(_of, numbers) for finding in group]
    print(_report(found, questions=len(numbers)))  # noqa: T201 - this is what it is for


if __name__ == "__main__":
    main()
