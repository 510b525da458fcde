"""A server that was to be measured and is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.errors import MeasureError

if TYPE_CHECKING:
    from advisor.domain.attempt import Outcome, ServerRecord


class ServerFailed(MeasureError):  # noqa: N818 - the name says what happened; the contract between the rooms knows it
    """A server did not start, or ended. `log_tail` are the last lines of its log, `record` all that is known of it."""

    def __init__(self, outcome: Outcome, detail: str, *, log_tail: str, record: ServerRecord) -> None:
        super().__init__(detail)
        self.outcome = outcome
        self.detail = detail
        self.log_tail = log_tail
        self.record = record

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.outcome, self.detail, self.log_tail, self.record)


def _rebuilt(outcome: Outcome, detail: str, log_tail: str, record: ServerRecord) -> ServerFailed:
    """Return a failure that has come from another process."""
    return ServerFailed(outcome, detail, log_tail=log_tail, record=record)
