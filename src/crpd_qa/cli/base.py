"""What the commands share: the application, its consoles, errors as one line, options."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.text import Text
from typer.core import TyperGroup

from crpd_qa.errors import CrpdQaError
from crpd_qa.scope import Scope
from crpd_qa.settings import settings

if TYPE_CHECKING:
    from crpd_qa.assistant import Assistant
    from crpd_qa.library import Library
    from crpd_qa.library.write import Models

EXIT_NO_ANSWER = 1
EXIT_ERROR = 2
SECONDS_BETWEEN_LINES = 60


class _Commands(TyperGroup):
    """What holds for every command, before it is told from the others."""

    def main(self, *args: Any, **options: Any) -> Any:
        # Questions and documents are in five languages: a terminal that lacks a letter shows its code.
        if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
            sys.stdout.reconfigure(errors="backslashreplace")
        return super().main(*args, **options)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        with errors():
            for argument in args:
                _require_utf_8(argument)
        return super().parse_args(ctx, args)


def _require_utf_8(argument: str) -> None:
    """Bytes that are none reach Python as lone surrogates, which cannot be stored, searched for or sent."""
    try:
        argument.encode()
    except UnicodeEncodeError as error:
        shown = argument[: error.end][-40:]
        raise CrpdQaError(f"{shown!r} is not in UTF-8; type it in UTF-8, and rename a file that is called so") from None


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Ask documents of the Convention on the Rights of Persons with Disabilities: what States reported, what the "
    "Committee asked and concluded.\n\n"
    "Answers are sentences of the documents, word for word, each with its paragraph's number. "
    "Exit codes: [bold]0[/] done or answered, [bold]1[/] the documents do not answer (or some rows or files were "
    "bad), [bold]2[/] an error or wrong usage.",
)


class _Output(Console):
    """Standard output. What cannot be written to it is an error, where Python and rich end with "not answered"."""

    def print(self, *objects: Any, **options: Any) -> None:
        try:
            super().print(*objects, **options)
        except OSError as error:
            _discard_output()
            raise CrpdQaError(f"cannot write to standard output: {error.strerror}") from error

    def on_broken_pipe(self) -> None:
        """Who reads it has seen enough (`| head`), which needs no word."""
        _discard_output()
        raise typer.Exit(EXIT_ERROR)


def _discard_output() -> None:
    """Else Python fails once more at its end with what is still unwritten."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# A quotation that goes to a file or a pipe is not broken into lines.
out = _Output(highlight=False, soft_wrap=sys.stdout is None or not sys.stdout.isatty())
err = Console(stderr=True, highlight=False)

IndexOption = Annotated[
    Path | None,
    typer.Option("--index", help="Folder of the library.", show_default="CRPD_QA_INDEX, or index/library"),
]
StateOption = Annotated[
    list[str] | None,
    typer.Option("--state", help="Only documents of this State, by any usual name; give it again for more."),
]
KindOption = Annotated[
    list[str] | None,
    typer.Option(
        "--kind",
        help="Only documents of this kind: state-report, list-of-issues, replies, concluding-observations, follow-up, "
        "general-comment, other.",
    ),
]
ArticleOption = Annotated[
    list[int] | None, typer.Option("--article", help="Only paragraphs under this article of the Convention.")
]
DocumentOption = Annotated[list[str] | None, typer.Option("--document", help="Only the document of this symbol.")]
DocumentLanguageOption = Annotated[
    list[str] | None, typer.Option("--document-language", help="Only documents in this language: en, fr, es, ru.")
]
YearOption = Annotated[str, typer.Option("--year", help="Only documents of this year, or of these: 2010-2020.")]


@contextmanager
def errors() -> Iterator[None]:
    """What a person can mend is one line and exit code 2, never a traceback."""
    try:
        yield
    except CrpdQaError as error:
        err.print(Text(f"Error: {error}", style="red"), soft_wrap=True)
        raise typer.Exit(EXIT_ERROR) from None
    except KeyboardInterrupt:
        err.print("Interrupted.")
        raise typer.Exit(130) from None


def progress_bar(unit: str = "") -> Progress:
    """In a terminal; elsewhere a line says each stage as it begins (`begins`)."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )


class Steps:
    """Says where there are no bars each step as it begins, and once a minute how far it is."""

    def __init__(self) -> None:
        self._said: dict[str, float] = {}

    def __call__(self, step: str, done: int, total: int) -> None:
        now = time.monotonic()
        if step not in self._said:
            begins(step, total)
        elif now - self._said[step] >= SECONDS_BETWEEN_LINES and done < total:
            begins(f"{step}: {done:,} of {total:,}")
        else:
            return
        self._said[step] = now


def begins(stage: str, count: int = 1) -> None:
    """Say where there are no bars what is being done, and of how many."""
    if not err.is_terminal:
        err.print(Text(f"{stage} ({count:,})" if count > 1 else stage), soft_wrap=True)


def open_assistant(folder: Path | None, *, extract_only: bool = False) -> "Assistant":
    from crpd_qa.assistant import Assistant

    return Assistant.open(folder, extract_only=extract_only)


def models() -> "Models":
    from crpd_qa.library.write import Models

    config = settings()
    return Models(config.model, config.multilingual_model)


def scope_of(
    state: list[str] | None,
    kind: list[str] | None,
    article: list[int] | None,
    document: list[str] | None,
    document_language: list[str] | None,
    year: str,
    library: "Library",
) -> Scope:
    """Of the options. Raises ScopeError; DocumentNotFoundError for a document that is not there."""
    given = {
        "state": state,
        "kind": kind,
        "article": article,
        "document": document,
        "document_language": document_language,
        "year": year,
    }
    return library.require(Scope.of(given))
