"""A driver of its own: runs a job that needs no GPU where its arguments say, and prints a line for each event.

python -m tests.cluster.driver [ADDRESS] [FLAG=VALUE ...]
"""

from __future__ import annotations

import json
import signal
import sys

from advisor.errors import AdvisorError
from advisor.profiling.cluster import ClusterAccess, ResultCame, run_jobs
from tests.cluster.works import job_on, tell_where


def main(arguments: list[str]) -> None:
    address = next((word for word in arguments if "=" not in word), None)
    flags = {name: float(value) for name, value in (word.split("=") for word in arguments if "=" in word)}
    job = job_on("h100-sxm-80gb", server="demo", flags=flags)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with run_jobs([job], tell_where, options=ClusterAccess(address=address), should_stop=lambda: "") as running:
            say(event="Joined", signals_kept=signal.getsignal(signal.SIGTERM) is before)
            for event in running:
                told = event.result.attempt.detail if isinstance(event, ResultCame) else "{}"
                say(event=type(event).__name__, **json.loads(told))
    except AdvisorError as problem:
        say(refused=str(problem), hint=problem.hint)


def say(**told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
