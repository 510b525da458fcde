"""Options in, use case, report out, exit code.

Knows Typer and the exit codes. Refuses to know any arithmetic. Start-up is part of the interface: nothing here imports
pydantic, rich or a use case before a command runs.
"""

from advisor.cli.app import main

__all__ = ["main"]
