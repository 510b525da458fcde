"""Starts a server, and says what came of it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.domain.attempt import Hardware, Outcome, ServerRecord, Software, Stage, WorkerNews
from advisor.profiling.servers.asking import Address
from advisor.profiling.servers.command import CannotStartError, NotInstalledError, command_of
from advisor.profiling.servers.effective import differences, effective_settings
from advisor.profiling.servers.failing import ServerFailed
from advisor.profiling.servers.folders import new_folder
from advisor.profiling.servers.kept import KEEPER_LOST, Kept
from advisor.profiling.servers.logs import Log
from advisor.profiling.servers.machine import hardware_of
from advisor.profiling.servers.outcomes import failed_start, lost_its_port
from advisor.profiling.servers.ports import reserved_port
from advisor.profiling.servers.progress import StartProgress
from advisor.profiling.servers.readiness import DiedError, NotReadyError, await_ready
from advisor.profiling.servers.software import confirmed, software_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.domain.campaign import ServedDeployment
    from advisor.profiling.servers.command import Command

READY_WITHIN_S = 1800.0
"""Weights of 50 GB are downloaded in a quarter of an hour, and large graphs take minutes to compile."""
PORT_TRIES = 3


@dataclass(frozen=True, slots=True)
class Started:
    """A server that became ready: its process, its log and how long that was by then, and where it listens."""

    kept: Kept
    log: Log
    command: Command
    address: Address
    ready_at_byte: int


class Start:
    """One start of a deployment."""

    def __init__(
        self,
        deployment: ServedDeployment,
        campaign_id: str,
        server_id: str,
        tell: Callable[[WorkerNews], None],
        canvas_tokens: int | None,
    ) -> None:
        self.deployment = deployment
        self.canvas_tokens = canvas_tokens
        self._began = time.monotonic()
        self._doing = ""
        self._tell = tell
        self._record = ServerRecord(
            id=server_id,
            campaign_id=campaign_id,
            deployment=deployment.label,
            hardware=Hardware(),
            software=Software(),
            started_at=datetime.now(UTC),
        )

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Yield a folder for the log of the server.

        Raises
        ------
        ServerFailed
            If there is no room for one.
        """
        try:
            folder = new_folder()
        except OSError as error:
            raise self._failed(Outcome.CRASHED_AT_START, f"no log can be written: {error}") from None
        with folder as name:
            yield Path(name)

    def run(self, folder: Path, ready_within_s: float, *, tries: int = PORT_TRIES) -> tuple[Started, ServerRecord]:
        """Return the server once it answers; where another process takes its port first, another one is tried.

        Raises
        ------
        ServerFailed
            If it does not come to that. Nothing of it is left by then.
        """
        try:
            with reserved_port() as port:
                return self._try(folder / "server.log", port, ready_within_s)
        except ServerFailed as failed:
            if tries == 1 or not lost_its_port(failed.detail):
                raise
        return self.run(folder, ready_within_s, tries=tries - 1)

    def _try(self, path: Path, port: int, ready_within_s: float) -> tuple[Started, ServerRecord]:
        command = self._command(port)
        self._describe(command)
        self._news(StartProgress(Stage.STARTING, f"{Path(command.arguments[0]).name} on port {port}"))
        path.unlink(missing_ok=True)
        record = self._record
        kept = Kept(command.arguments, env=command.env, log=path, server_id=record.id, campaign_id=record.campaign_id)
        try:
            log = Log(path, command.secrets)
            address = Address(port, command.api_key)
            self._wait(kept, log, address, command.served_name, ready_within_s)
            started = Started(kept, log, command, address, ready_at_byte=log.size())
            return started, self._completed(started)
        except BaseException:
            kept.stop()
            raise

    def _command(self, port: int) -> Command:
        try:
            return command_of(self.deployment, port=port, canvas_tokens=self.canvas_tokens)
        except CannotStartError as error:
            outcome = Outcome.CRASHED_AT_START if isinstance(error, NotInstalledError) else Outcome.REFUSED
            raise self._failed(outcome, str(error)) from None

    def _describe(self, command: Command) -> None:
        """Enter what is known before the server runs into the record."""
        hardware = hardware_of(command.env, gpus=self.deployment.tensor_parallel)
        software = software_of(command, self.deployment.server)
        self._record = self._record.model_copy(update={"hardware": hardware, "software": software})

    def _wait(self, kept: Kept, log: Log, address: Address, served_name: str, within_s: float) -> None:
        try:
            await_ready(kept, log, address, served_name=served_name, within_s=within_s, tell=self._news)
        except DiedError:
            kept.stop()  # whatever is still to be written into the log is there after that
            outcome, detail = failed_start(log.text(), kept.exited)
            detail = KEEPER_LOST if kept.lost else kept.refused or detail
            raise self._failed(outcome, detail, log.tail()) from None
        except NotReadyError:
            doing = f", while {self._doing}" if self._doing else ""
            raise self._failed(Outcome.NOT_READY, f"not ready after {within_s:g} s{doing}", log.tail()) from None

    def _completed(self, started: Started) -> ServerRecord:
        """Return the record with what the server itself tells, now that it answers."""
        ready_after_s = time.monotonic() - self._began
        effective, system = effective_settings(started.address, started.log.text(), started.command.env)
        return self._record.model_copy(
            update={
                "software": confirmed(self._record.software, started.address, system),
                "effective": effective,
                "ready_after_s": ready_after_s,
                "detail": "; ".join(differences(started.command.sizes, effective)),
            }
        )

    def _failed(self, outcome: Outcome, detail: str, log_tail: str = "") -> ServerFailed:
        record = self._record.model_copy(update={"outcome": outcome, "detail": detail, "log_tail": log_tail})
        return ServerFailed(outcome, detail, log_tail=log_tail, record=record)

    def _news(self, progress: StartProgress) -> None:
        self._doing = progress.text
        self._tell(
            WorkerNews(self.deployment.label, progress.stage, text=progress.text, done_share=progress.done_share)
        )
