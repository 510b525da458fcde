"""Coming to a Ray cluster, this machine's own or one that runs, and leaving it."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from advisor.errors import InputError, MeasureError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.profiling.cluster.options import ClusterAccess

OBJECT_STORE_BYTES = 128 * 2**20
"""Results are small: what a whole run hands over is some megabytes."""
MOST_LOCAL_CPUS = 16
"""Ray starts an idle worker per CPU, and a job takes one: more serve nobody."""
CONNECT_S = 5.0
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0", "RAY_worker_niceness": "0"}
"""No usage reports; a task without GPUs keeps the environment that it has; workers and their servers run at our own priority."""
PROBE = (sys.executable, "-m", "ray.scripts.scripts", "health-check", "--skip-version-check", "--address")
PROBE_S = 20.0
"""Ray itself tries to reach a cluster for many minutes, and cannot be interrupted meanwhile: so a process asks first."""
DIFFER = re.compile(r"Ray: (\S+)\s+Python: (\S+)")


@contextmanager
def joined(options: ClusterAccess) -> Iterator[Any]:
    """Yield Ray, connected; what was started here is gone afterwards.

    Raises
    ------
    MeasureError
        If Ray is not installed, nobody answers at the address, or Python or Ray differ from the cluster's.
    InputError
        If the address is one of Ray's remote clients, which get no results while a job runs.
    """
    _check_address(options.address)
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    ray = _library()
    _check_answer(options.address)
    from advisor.profiling.cluster.leftovers import own_folder, sweep_ray  # noqa: PLC0415 - psutil comes with Ray's extra
    from advisor.profiling.servers import sweep  # noqa: PLC0415 - likewise

    sweep()
    sweep_ray()
    with own_folder() if options.address is None else nullcontext() as folder:
        _connect(ray, options, folder)
        try:
            yield ray
        finally:
            with suppress(Exception):
                ray.shutdown()
            sweep()


def _library() -> Any:
    try:
        import ray  # noqa: PLC0415 - half a second, and an extra that endpoints do without
    except ModuleNotFoundError:
        raise MeasureError(
            "campaigns need Ray", hint="pip install 'advisor[profile]', or measure with --endpoint"
        ) from None
    return ray


def _connect(ray: Any, options: ClusterAccess, folder: Path | None) -> None:
    """Connect. `local` is said aloud, since Ray would otherwise follow RAY_ADDRESS in the environment."""
    told: dict[str, Any] = {"log_to_driver": False, "logging_level": "CRITICAL", "address": options.address or "local"}
    if options.runtime_env:
        told["runtime_env"] = dict(options.runtime_env)
    if options.address is None:
        # Ray guards what it starts by a token, and would put one into the user's home for good
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        cpus = min(os.cpu_count() or 1, MOST_LOCAL_CPUS)
        told |= {"include_dashboard": False, "object_store_memory": OBJECT_STORE_BYTES, "num_cpus": cpus}
        told |= {"_temp_dir": str(folder)} | ({} if options.num_gpus is None else {"num_gpus": options.num_gpus})
    try:
        with _hushed(), _own_signals():
            ray.init(**told)
    except (ray.exceptions.RayError, ConnectionError, RuntimeError, ValueError, OSError) as problem:
        raise _refused(options.address, " ".join(str(problem).split())) from None
    ray._private.worker._worker_logs_enabled = False  # noqa: SLF001 - events of the cluster would be printed among ours


def _refused(address: str | None, said: str) -> MeasureError:
    """Return in one line why a cluster could not be joined."""
    differ = DIFFER.findall(said)
    if "Version mismatch" in said and len(differ) == 2:
        (ray, python), (own_ray, own_python) = differ
        return MeasureError(
            f"the cluster at {address} runs Ray {ray} on Python {python}, and here is Ray {own_ray} on Python {own_python}",
            hint="use the same versions here and there",
        )
    if "Could not find any running Ray instance" in said:
        return MeasureError(f"no Ray cluster runs on this machine (--address {address})", hint="see ray start --help")
    return MeasureError(
        f"cannot join a Ray cluster at {address or 'this machine'}: {said[:300]}",
        hint="run this on a machine of the cluster, with its Python and Ray",
    )


def _check_address(address: str | None) -> None:
    """Refuse an address that cannot work, and one where nobody listens: Ray itself would try for minutes."""
    if address is not None and address.startswith("ray://"):
        raise InputError(
            f"{address} is Ray's remote client, which hands over nothing before a job has ended",
            hint="run this on a machine of the cluster with --address auto; ray job submit does so from elsewhere",
        )
    host, _, port = (address or "").rpartition(":")
    if not host or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S).close()
    except OSError as problem:
        raise MeasureError(
            f"nobody answers at {address}: {problem.strerror or problem}",
            hint="ray status tells the address of a cluster",
        ) from None


def _check_answer(address: str | None) -> None:
    """Refuse an address where no head of a cluster answers."""
    if address is None:
        return
    hint = "ray status tells the address of a cluster"
    try:
        asked = subprocess.run([*PROBE, address], capture_output=True, text=True, timeout=PROBE_S, check=False)  # noqa: S603 - Ray's own command
    except subprocess.TimeoutExpired:
        raise MeasureError(f"no head of a Ray cluster answers at {address} within {PROBE_S:g} s", hint=hint) from None
    if "AuthenticationError" in asked.stderr:
        _check_token(address)
    elif asked.returncode:
        last = (asked.stderr.strip() or "it does not say why").splitlines()[-1]
        raise _refused(address, last) from None


def _check_token(address: str) -> None:
    """Refuse a cluster that asks for a token, unless Ray is to look for one by itself: it does so for ``auto``."""
    if address == "auto" and "RAY_AUTH_MODE" not in os.environ:
        return
    raise MeasureError(
        f"the cluster at {address} asks for a token that is not given",
        hint="set RAY_AUTH_MODE=token, and RAY_AUTH_TOKEN or RAY_AUTH_TOKEN_PATH unless the token is where Ray keeps it",
    )


@contextmanager
def _hushed() -> Iterator[None]:
    """Send to nowhere what is written to standard error meanwhile: Ray's core writes there before it has its log."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep our answer to a request to terminate: Ray replaces it by one that waits for half a minute."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)
