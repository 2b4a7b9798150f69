"""The web app, what it kept, and the same for people's own assistants: serve, feedback, mcp."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from crpd_qa.cli.base import IndexOption, app, err, errors, open_assistant
from crpd_qa.cli.documents import ready
from crpd_qa.errors import CrpdQaError
from crpd_qa.settings import settings


@app.command(epilog="Example: [bold]crpd-qa serve --host 0.0.0.0 --port 8080[/]")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.", show_default="7860")] = None,
) -> None:
    """Serve the chat in a browser. Makes the library first if there is none, or if it is damaged or out of date."""
    with errors():
        config = settings()
        host, port = host or config.host, port or config.port
        from crpd_qa.web.server import check_address, run_server

        check_address(host, port)
        ready(config.index, if_stale=True)
        assistant = open_assistant(None)
        err.print(Text(f"Chat: http://{host}:{port}{config.base_path}  (stop with Ctrl+C)"))
        run_server(assistant, host, port)


@app.command(epilog="Example: [bold]crpd-qa feedback --output build/feedback.jsonl[/]")
def feedback(
    output: Annotated[Path, typer.Option("--output", "-o", help="JSONL, in the format of eval/SPEC.md.")],
) -> None:
    """Write the answers that people found helpful as a question set. Reads the file of CRPD_QA_FEEDBACK."""
    with errors():
        from crpd_qa.web.feedback import export_feedback

        path = settings().feedback
        if path is None:
            raise CrpdQaError("no feedback is kept: set CRPD_QA_FEEDBACK to the SQLite file that keeps it")
        helpful, unhelpful = export_feedback(path, output)
        err.print(Text(f"{helpful} helpful answers written to {output}; {unhelpful} unhelpful ones stay in {path}"))


@app.command(epilog="Example: [bold]crpd-qa mcp --index /srv/crpd/library[/]")
def mcp(index: IndexOption = None) -> None:
    """Serve the library to an assistant program over the Model Context Protocol, on standard input and output.

    The program starts this command itself: docs/mcp.md has the lines for its configuration.
    """
    with errors():
        from crpd_qa.mcp_server import run_server as run_mcp_server

        if sys.stdin is None or sys.stdout is None:
            raise CrpdQaError(
                "crpd-qa mcp talks over standard input and output, and one of them is closed; "
                "have an MCP client start it: docs/mcp.md"
            )
        assistant = open_assistant(index)
        if sys.stdin.isatty():
            err.print("This waits for an MCP client, which starts it itself (docs/mcp.md). It stops with Ctrl+D.")
        run_mcp_server(assistant)
