"""How a server failed, by what its log says. The texts are those of vLLM 0.32, of torch, and of the libraries below them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from signal import Signals

from advisor.domain.attempt import Outcome

LONGEST_DETAIL = 400
KILLED_BY_KERNEL = " (the kernel does that where the machine's memory is used up)"
NO_PORT = "the port was taken by another process"

_PREFIX = re.compile(
    r"^(?:\([^()\n]*pid=\d+\) )?(?:(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL) [\d-]+ [\d:]+ \[[^\]\n]+\] )?",
    re.MULTILINE,
)
_EXCEPTION = re.compile(
    r"^(?P<detail>(?:(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt)\b|error: ).*)$", re.MULTILINE
)
_FOLLOWS = re.compile(r"EngineDeadError|Engine core initialization failed|EngineCore encountered an issue")
"""Exceptions that only report that there was another one."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What in a log means that outcome. The group `detail`, or the whole match, says it to a reader after `saying`."""

    pattern: re.Pattern[str]
    outcome: Outcome
    saying: str = ""

    def read(self, text: str) -> str | None:
        """Return what is told to a reader if the sign is there."""
        found = self.pattern.search(text)
        if found is None:
            return None
        detail = found.groupdict().get("detail") or found.group()
        return ": ".join(filter(None, (self.saying, detail.strip())))[:LONGEST_DETAIL]


def _sign(pattern: str, outcome: Outcome, saying: str = "") -> Sign:
    return Sign(re.compile(pattern, re.MULTILINE), outcome, saying)


PORT_TAKEN = _sign(r"\[Errno (?:98|48)\].*|EADDRINUSE.*|[Aa]ddress already in use.*", Outcome.CRASHED_AT_START, NO_PORT)

MEMORY = tuple(
    _sign(pattern, Outcome.OUT_OF_MEMORY)
    for pattern in (
        r"^\S.*\b(?:CUDA|HIP|XPU) (?:error: )?out of memory.*$",
        r"^(?:[\w.]*\.)?OutOfMemoryError: .*$",
        r"No available memory for the cache blocks\.",
        r"Free memory on device.*is less than (?:desired|the engine's budget).*$",
        r"Available memory on node.*is less than.*$",
        r"To serve at least one request.*larger than the available KV cache memory \([\d.]+ GiB\)",
        r"^\S.*(?:CUBLAS|CUDNN|CUSPARSE)_STATUS_ALLOC_FAILED.*$",
        r"^\S.*(?:can't allocate memory|Cannot allocate memory|std::bad_alloc).*$",
        r"^MemoryError\b.*$",
    )
)

CHECKPOINT = (
    r"^[\w.]*\b(?:LocalEntry|EntryNot|Repository|Revision|GatedRepo|HFValidation)\w*Error: (?P<detail>.*)$",
    r"^OSError: (?P<detail>.*is not a local folder and is not a valid model identifier.*)$",
    r"^\w*Error: (?P<detail>.*(?:Cannot find any model weights|does not appear to have a file named).*)$",
)

REFUSING = (
    r"not supported|unsupported|not support|only supports?|must be|should be|cannot be|can only be|[Ii]nvalid|not valid"
    r"|[Uu]nknown|not divisible|requires?|incompatible|not compatible|not allowed"
)
"""How engines say that they will not run with a setting."""

FLAGS = (
    r"^[\w ./-]+: error: (?P<detail>.*)$",
    r"^error: (?P<detail>(?:no such option|[Ii]nvalid value|[Mm]issing option|option|--).*)$",
    r"ValidationErrors?: \d+ validation errors? for \w+\s+(?:[\w.-]+\n\s+)?(?:Value error, )?(?P<detail>.+?)(?: \[type=|$)",
    r"^ValueError: (?P<detail>Model architectures .* (?:are not supported|failed to be inspected).*)$",
    r"^ValueError: (?P<detail>(?:No valid|Selected) .*backend.*)$",
    rf"^(?:ValueError|NotImplementedError|AssertionError|KeyError): (?P<detail>.*\b(?:{REFUSING})\b.*)$",
)

ENGINE_GONE = _sign(r"(?:[Ee]ngine ?[Cc]ore|[Ww]orker)\b.*(?:exited|died) unexpectedly[^;\n]*", Outcome.CRASHED)

AT_START = (
    *MEMORY,
    PORT_TAKEN,
    *(_sign(pattern, Outcome.CRASHED_AT_START, "the checkpoint cannot be had") for pattern in CHECKPOINT),
    *(_sign(pattern, Outcome.REFUSED) for pattern in FLAGS),
)


def failed_start(text: str, exited: int | None) -> tuple[Outcome, str]:
    """Return how a start ended that left this log, and what says so."""
    return _read(AT_START, text) or (Outcome.CRASHED_AT_START, _cause(text, _ending(exited)))


def failed_serving(text: str, exited: int | None) -> tuple[Outcome, str]:
    """Return how a server ended that had been ready, from the log since then."""
    ending = "the server runs and its engine is dead" if exited is None else _ending(exited)
    return _read(MEMORY, text) or (Outcome.CRASHED, _cause(text, ending))


def lost_its_port(detail: str) -> bool:
    """Say whether a start failed for want of its port, so that another port will do."""
    return detail.startswith(NO_PORT)


def without_prefixes(text: str) -> str:
    """Return a log without the process, level, time and place that the engine puts before its lines."""
    return _PREFIX.sub("", text)


def _read(signs: tuple[Sign, ...], text: str) -> tuple[Outcome, str] | None:
    plain = without_prefixes(text)
    told = ((sign.outcome, said) for sign in signs if (said := sign.read(plain)) is not None)
    return next(told, None)


def _cause(text: str, ending: str) -> str:
    """Return what went wrong first, as far as the log tells, and how the process ended."""
    plain = without_prefixes(text)
    raised = (found["detail"][:LONGEST_DETAIL] for found in _EXCEPTION.finditer(plain))
    first = next((detail for detail in raised if not _FOLLOWS.search(detail)), None) or ENGINE_GONE.read(plain)
    return "; ".join(filter(None, (first, ending)))


def _ending(exited: int | None) -> str:
    if exited is None:
        return "the server never ran"
    if exited < 0:
        return f"the server was ended by {Signals(-exited).name}{KILLED_BY_KERNEL * (exited == -Signals.SIGKILL)}"
    return f"the server ended by itself with exit code {exited}"
