"""Where the dashboard is served."""

from typing import Annotated

from typer import Option

from advisor.cli.commanding import Options

PORT = 8501
LOCAL = "127.0.0.1"


class DashboardOptions(Options):
    """Where the pages are served."""

    title = "Dashboard"
    port: Annotated[int, Option("--port", metavar="PORT", min=1, max=65535, help="Port to listen on.")] = PORT
    address: Annotated[
        str,
        Option(
            "--address",
            metavar="ADDRESS",
            help="Address to listen on. Another one than this machine's own lets everybody on the network in: there is no login.",
        ),
    ] = LOCAL
    no_open: Annotated[bool, Option("--no-open", help="Do not open a browser.")] = False
