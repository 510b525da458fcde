"""Serving the pages: the command line of Streamlit, with settings of ours."""

from __future__ import annotations

import errno
import os
import socket
import webbrowser
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

import typer

from advisor.cli.dashboard_notes import noted, running, serves_of
from advisor.cli.dashboard_options import PORT, DashboardOptions
from advisor.cli.dashboard_started import open_soon, warm_soon
from advisor.cli.listening import listens
from advisor.errors import DataError, InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.cli.dashboard_notes import Taken
    from advisor.cli.options import EvidenceOptions

MOST_UPLOAD_MB = 20
_LAST_PORT = 65535
_PORTS_TRIED = 20

_FIXED = {
    "server.headless": "true",  # the browser is opened by us, on the link that is wanted
    "server.fileWatcherType": "none",
    "server.maxUploadSize": str(MOST_UPLOAD_MB),
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "minimal",
    "client.showErrorDetails": "type",
}
"""Settings of Streamlit: nothing is sent anywhere, nothing is watched, uploads are limited."""


def serve(where: DashboardOptions, data: EvidenceOptions, *, link: dict[str, str]) -> None:
    """Serve the pages until interrupted, and open them on a link.

    Raises
    ------
    InputError
        If Streamlit is not installed, or the port is taken.
    """

    def given(taken: Taken) -> DashboardOptions:
        check_free(where.address, where.port, taken)
        return where

    _serve(given, data, link=link)


def _serve(choose: Callable[[Taken], DashboardOptions], data: EvidenceOptions, *, link: dict[str, str]) -> None:
    """Serve the pages where `choose` says, which is told of places that other dashboards have, or have reserved."""
    if find_spec("streamlit") is None or find_spec("altair") is None:
        raise InputError(
            "the dashboard needs streamlit, which is not installed", hint="pip install 'advisor[dashboard]'"
        )
    script = app_script()
    with noted(choose, serves_of(data, script)) as where:
        _show(where, script, data, address_of(where, link))


def _show(where: DashboardOptions, script: Path, data: EvidenceOptions, url: str) -> None:
    """Load what is needed, which takes seconds, and serve until interrupted."""
    from streamlit.web.cli import main as streamlit  # noqa: PLC0415 - an extra, and slow to load

    _preload()
    typer.echo(f"dashboard at {url} (end with Ctrl-C)", err=True)
    if not where.no_open:
        open_soon(url, serves=lambda: _serves(where))
    warm_soon(script.with_name("warming.py"), serves=lambda: _serves(where))
    streamlit(["run", str(script), *_flags(where), "--", *_passed_on(data)], standalone_mode=False)


def _serves(where: DashboardOptions) -> bool:
    """Say whether it is this very process that serves there: another one may have got the port before it."""
    return listens(os.getpid(), where.port) and answers(where)


def show_link(link: dict[str, str], data: EvidenceOptions) -> None:
    """Open a question in a dashboard of this user that runs and shows the same figures, else serve one until interrupted."""
    note = running(serves_of(data, app_script()), answers=lambda address, port: answers(_at(address, port)))
    if note is None:
        _serve(first_free, data, link=link)
        return
    url = address_of(_at(note.address, note.port), link)
    typer.echo(f"dashboard at {url}", err=True)
    webbrowser.open(url)


def _at(address: str, port: int) -> DashboardOptions:
    return DashboardOptions(address=address, port=port)


def first_free(taken: Taken) -> DashboardOptions:
    """Return the usual place, or that with the next port that is free: another dashboard may run there, on another database.

    Raises
    ------
    InputError
        If none of the next ones is.
    """
    reserved = {port for _, port in taken}
    for port in range(PORT, PORT + _PORTS_TRIED):
        try:
            check_free(DashboardOptions().address, port)
        except InputError:
            continue
        if port not in reserved:
            return _at(DashboardOptions().address, port)
    hint = "end some of them, or start advisor dashboard with a --port of your own"
    raise InputError(f"ports {PORT} to {PORT + _PORTS_TRIED - 1} are all taken", hint=hint)


def address_of(where: DashboardOptions, link: dict[str, str]) -> str:
    """Return the address of the pages, on a question if there is one."""
    return f"{_root(where)}/{'?' + urlencode(link) if link else ''}"


def _root(where: DashboardOptions) -> str:
    host = "127.0.0.1" if where.address in {"0.0.0.0", "::"} else where.address  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{where.port}"


def answers(where: DashboardOptions) -> bool:
    """Say whether a server of such pages answers there. A proxy is not asked: it is on this machine."""
    try:
        with build_opener(ProxyHandler({})).open(f"{_root(where)}/_stcore/health", timeout=1.0) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False


def app_script() -> Path:
    """Return the file of the dashboard: inside an installed package, or beside it in a checkout.

    Raises
    ------
    DataError
        If neither is there.
    """
    package = Path(__file__).resolve().parent.parent
    for script in (package / "_shipped" / "dashboard" / "app.py", package.parent / "dashboard" / "app.py"):
        if script.is_file():
            return script
    raise DataError(str(package.parent / "dashboard"), "no dashboard here", hint="reinstall advisor")


def check_free(address: str, port: int, taken: Taken = frozenset()) -> None:
    """Stop where a port cannot be listened on, or another dashboard has reserved it, before anything is started.

    Raises
    ------
    InputError
        If it is taken, or the address is none of this machine.
    """
    if (address, port) in taken:
        hint = f"choose another one with --port {_beside(port)}"
        raise InputError(
            f"cannot listen on {address}:{port}: another dashboard of yours is there, or starts", hint=hint
        )
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((address, port))
        except OSError as problem:
            raise InputError(
                f"cannot listen on {address}:{port}: {problem.strerror}",
                hint=_hint_for(problem, port),
            ) from None


def _hint_for(problem: OSError, port: int) -> str:
    """Return what helps where a port cannot be listened on: another port, or another address."""
    if isinstance(problem, socket.gaierror) or problem.errno == errno.EADDRNOTAVAIL:
        return "--address takes an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all of them"
    if problem.errno == errno.EACCES:
        return "ports below 1024 are kept for the system; choose a higher one with --port 8501"
    return f"another program has it; choose another one with --port {_beside(port)}"


def _beside(port: int) -> int:
    return port + 1 if port < _LAST_PORT else port - 1


_PRELOADED = (
    "altair",
    "pandas",
    "advisor.cli.asked",
    "advisor.report.render",
    "advisor.usecases.outlooks",
    "advisor.usecases.recommend",
)
"""What pages need and takes long to load."""


def _preload() -> None:
    """Load it before the first visitor comes: visitors would wait for it, and must not load it at the same time."""
    for name in _PRELOADED:
        import_module(name)


def _flags(where: DashboardOptions) -> list[str]:
    settings = {**_FIXED, "server.address": where.address, "server.port": str(where.port)}
    return [f"--{name}={value}" for name, value in settings.items()]


def _passed_on(data: EvidenceOptions) -> list[str]:
    return [
        *(["--profiles", str(data.profiles)] if data.profiles else []),
        *(["--db", data.db] if data.db else []),
        *(["--allow-simulated"] if data.allow_simulated else []),
    ]
