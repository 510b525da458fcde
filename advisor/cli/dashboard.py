"""`advisor dashboard`: the pages in a browser."""

from advisor.cli.commanding import Command
from advisor.cli.dashboard_options import DashboardOptions
from advisor.cli.options import EvidenceOptions


def dashboard(where: DashboardOptions, data: EvidenceOptions) -> None:
    """Serve the pages until interrupted."""
    from advisor.cli.dashboard_server import serve  # noqa: PLC0415 - loaded when the command runs

    serve(where, data, link={})


COMMAND = Command(
    name="dashboard",
    function=dashboard,
    help="Show the same answers in a browser.",
    examples=(
        "advisor dashboard",
        "advisor dashboard --db sqlite:///runs.db --port 8600",
        "advisor recommend --qps 50 --open",
    ),
)
