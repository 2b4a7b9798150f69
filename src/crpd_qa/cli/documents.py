"""The library: index, add, list, remove."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.table import Column, Table
from rich.text import Text

from crpd_qa.cli.base import (
    EXIT_ERROR,
    EXIT_NO_ANSWER,
    IndexOption,
    Steps,
    app,
    begins,
    err,
    errors,
    models,
    out,
    progress_bar,
)
from crpd_qa.errors import CrpdQaError, DocumentError, SettingsError
from crpd_qa.settings import settings

if TYPE_CHECKING:
    from crpd_qa.documents import Document
    from crpd_qa.library import DocumentEntry
    from crpd_qa.library.write import Progress


@contextmanager
def _shown_progress() -> "Iterator[Progress]":
    """A bar or a line for each step."""
    with progress_bar() as progress:
        tasks, steps = {}, Steps()

        def advance(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = progress.add_task(step, total=total)
            steps(step, done, total)
            progress.update(tasks[step], completed=done)

        yield advance


def ready(folder: Path, *, if_stale: bool) -> None:
    """Make the library in a folder, with the bundled report, as far as that is needed."""
    from crpd_qa.encode.multilingual import left_out
    from crpd_qa.library.bundled import make_ready, stale_reason

    english_only = left_out(models().multilingual)
    if english_only:
        err.print(Text(english_only), soft_wrap=True)
    reason = stale_reason(folder, models(), verify=not if_stale)
    if reason is None:
        if not if_stale:
            err.print(Text(f"The library in {folder} is up to date."))
        return
    err.print(Text(f"Making the library: {reason}."), soft_wrap=True)
    with _shown_progress() as progress:
        documents = make_ready(folder, models(), progress)
    err.print("The library is made.")
    for entry in documents:
        err.print(Text(f"{line(entry)}, in {folder}"), soft_wrap=True)


def line(entry: "DocumentEntry") -> str:
    """ "CRPD/C/KEN/1, state-report, Kenya, English, 2012: 300 paragraphs, 2 warnings" """
    from crpd_qa.languages.states import state_name

    of = [entry.symbol, entry.kind, state_name(entry.state, "en"), _LANGUAGE_NAMES[entry.language], entry.date[:4]]
    warnings = f", {entry.warnings} warnings" if entry.warnings else ""
    ours = "" if entry.numbering == "document" else " (numbered by us)"
    return f"{', '.join(filter(None, of))}: {entry.paragraphs} paragraphs{ours}{warnings}"


_LANGUAGE_NAMES = {"en": "English", "fr": "French", "es": "Spanish", "ru": "Russian"}


@app.command("index", epilog="Example: [bold]crpd-qa index --if-stale[/]")
def index_command(
    document: Annotated[
        Path | None,
        typer.Option(
            help="Make a library of this file alone, in a folder of its own.", show_default="the bundled report"
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder of the library.", show_default="CRPD_QA_INDEX, or index/library")
    ] = None,
    if_stale: Annotated[bool, typer.Option("--if-stale", help="Say nothing if the library is up to date.")] = False,
    expand: Annotated[
        bool,
        typer.Option(
            "--expand",
            help="First have the language model write the questions that each paragraph of the document answers, into "
            "the file beside it; what is there stays, and a stopped run goes on.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the language model is used.")] = False,
) -> None:
    """Make the library: export the encoder, read the bundled report. What was there stays until the new is whole."""
    with errors():
        folder = output or settings().index
        if expand:
            if document is None:
                raise typer.BadParameter("--expand needs --document: the file beside which the questions are written")
            _expand(document, yes=yes)
        if document is None:
            ready(folder, if_stale=if_stale)
        else:
            _add_alone(document, folder)


def _add_alone(source: Path, folder: Path) -> None:
    """The library of one document, which is made anew. Raises CrpdQaError where it holds another."""
    from crpd_qa.documents import read_document
    from crpd_qa.errors import IndexNotFoundError
    from crpd_qa.library.manifest import read_manifest

    symbol = read_document(source).symbol
    try:
        others = [entry.symbol for entry in read_manifest(folder).documents if entry.symbol != symbol]
    except IndexNotFoundError:
        others = []
    if others:
        raise CrpdQaError(
            f"{folder} holds {others[0]}; name another folder for {symbol} alone: --output FOLDER, or put it beside "
            f"the others: crpd-qa add {source}"
        )
    if _add([source], folder):
        raise typer.Exit(EXIT_ERROR)


def _expand(source: Path, *, yes: bool) -> None:
    from crpd_qa.answer.language_model.client import LanguageModel
    from crpd_qa.answer.language_model.expand import Expansion
    from crpd_qa.documents import read_document

    config = settings()
    if not config.language_model:
        raise SettingsError("no language model is set: give CRPD_QA_LLM_BASE_URL and CRPD_QA_LLM_MODEL")
    document = read_document(source)
    expansion = Expansion.of(document, source, config.llm_encoding)
    if not expansion.paragraphs:
        err.print(Text(f"Every paragraph has its line in {expansion.path}."))
        return
    model = LanguageModel(config)
    err.print(
        Text(
            f"{model.model} at {model.host}: {len(expansion.paragraphs)} requests, about {expansion.tokens_in:,} "
            f"tokens in and {expansion.tokens_out:,} out; written to {expansion.path}"
        )
    )
    if not yes:
        typer.confirm("Go on?", abort=True, err=True)
    begins("Writing questions for each paragraph", len(expansion.paragraphs))
    with progress_bar("paragraphs") as progress:
        for _ in progress.track(expansion.write(model), len(expansion.paragraphs), description="Writing questions"):
            pass


@app.command(epilog="Example: [bold]crpd-qa add reports/ --index index/mine[/]")
def add(
    files: Annotated[list[Path], typer.Argument(help="PDF, DOCX, HTML, Markdown or text files, or folders of them.")],
    symbol: Annotated[str, typer.Option(help="The document's symbol, if it cannot be read from it.")] = "",
    state: Annotated[str, typer.Option(help="The State, by any usual name.")] = "",
    kind: Annotated[str, typer.Option(help="The kind of document.")] = "",
    language: Annotated[str, typer.Option(help="The document's language: en, fr, es, ru.")] = "",
    title: Annotated[str, typer.Option(help="The document's title.")] = "",
    date: Annotated[str, typer.Option(help="The document's date: 2017-06-05.")] = "",
    workers: Annotated[
        int, typer.Option(min=1, help="So many processes read and embed, each with its own models.")
    ] = 1,
    ray: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="A Ray cluster reads and embeds: HOST:PORT of its head, auto for this machine's, local for a new one.",
        ),
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print each document as it was read, one a line.")] = False,
    index: IndexOption = None,
) -> None:
    """Read documents into the library. What is wrong with one file is said, and the others go on.

    A document that is there already, in the same language, is replaced. Stopped, give the command again: what was
    embedded is not embedded again. Exit code 1 if a file was refused.
    """
    with errors():
        from crpd_qa.library.given import given

        said = given(symbol=symbol, state=state, kind=kind, language=language, title=title, date=date)
        if ray and workers > 1:
            raise typer.BadParameter("give --workers or --ray: a cluster has workers of its own")
        refused = _add(files, index or settings().index, as_json=as_json, workers=workers, ray=ray, **said)
    if refused:
        raise typer.Exit(EXIT_NO_ANSWER)


def _add(
    files: list[Path], folder: Path, *, as_json: bool = False, workers: int = 1, ray: str = "", **given: str
) -> int:
    """Read files into a library, which is made first if there is none. Returns how many were refused."""
    from crpd_qa.documents.record import to_record
    from crpd_qa.library.workers import Outcome, in_processes, on_ray
    from crpd_qa.library.write import LibraryWriter, sources

    found = sources(files)
    if not found:
        raise DocumentError(
            f"there is nothing to read in {', '.join(map(str, files))}: PDF, Word (.docx), HTML, Markdown and text "
            "files are read"
        )
    if given.get("symbol") and len(found) > 1:
        raise CrpdQaError("--symbol is for one file")
    refused: list[DocumentError] = []
    with progress_bar() as progress:
        # Two bars that are told apart: the files, and what is embedded of the one at hand.
        overall = progress.add_task("Documents", total=len(found), visible=len(found) > 1)
        current = progress.add_task("", total=None, visible=False)
        threads = settings().threads
        steps = Steps()

        def advance(step: str, done: int, total: int) -> None:
            steps(step, done, total)
            progress.update(current, description=step, completed=done, total=total, visible=True)

        writer = LibraryWriter(folder, advance, threads=threads)
        writer.ensure(models())

        def one_by_one() -> Iterator[tuple[Path, Outcome]]:
            for number, path in enumerate(found, start=1):
                begins(f"Reading {path.name} ({number} of {len(found)})")
                progress.update(current, description=f"Reading {path.name}", completed=0, total=None, visible=True)
                try:
                    yield path, writer.embed(path, **given)
                except DocumentError as error:
                    yield path, error

        if ray:
            outcomes = on_ray(folder, found, given, address=ray)
        elif workers > 1:
            outcomes = in_processes(folder, found, given, workers=workers, threads=threads)
        else:
            outcomes = one_by_one()
        for path, outcome in outcomes:
            if isinstance(outcome, DocumentError):
                refused.append(outcome)
                progress.console.print(Text(f"Refused: {path}: {outcome}", style="red"), soft_wrap=True)
            else:
                entry, document = writer.put(outcome), outcome.document
                progress.console.print(Text(line(entry) + _articles(document)), soft_wrap=True)
                for warning in document.warnings:
                    progress.console.print(Text(f"  warning: {warning}", style="yellow"), soft_wrap=True)
                if as_json:
                    out.out(orjson.dumps(to_record(document)).decode(), highlight=False)
            progress.advance(overall)
        progress.update(current, visible=False)
    if refused and len(found) > 1:
        err.print(Text(f"{len(refused)} of {len(found)} files were refused:", style="red"))
        for error in refused:
            err.print(Text(f"  {error}", style="red"), soft_wrap=True)
    return len(refused)


def _articles(document: "Document") -> str:
    count = len({article for paragraph in document for article in paragraph.section.articles})
    return f", {count} articles" if count else ""


@app.command("list", epilog="Example: [bold]crpd-qa list --json[/]")
def list_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    index: IndexOption = None,
) -> None:
    """List the documents of the library."""
    with errors():
        from crpd_qa.languages.states import state_name
        from crpd_qa.library.manifest import read_manifest

        entries = sorted(read_manifest(index or settings().index).documents, key=lambda e: (e.state, e.date, e.symbol))
        if as_json:
            shown = [entry.model_dump(exclude={"segment", "sha256"}) for entry in entries]
            out.out(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode(), highlight=False)
            return
        # Narrow enough for 80 columns: kinds in words, which go on in the next line.
        symbol, language, date = (Column(heading, no_wrap=True) for heading in ("Symbol", "Language", "Date"))
        table = Table("State", symbol, "Kind", language, date, "Paragraphs", box=None, pad_edge=False)
        for entry in entries:
            ours = "" if entry.numbering == "document" else " (numbered by us)"
            warnings = f", {entry.warnings} warnings" if entry.warnings else ""
            table.add_row(
                state_name(entry.state, "en") if entry.state else "",
                Text(entry.symbol),
                entry.kind.replace("-", " "),
                _LANGUAGE_NAMES[entry.language],
                entry.date,
                f"{entry.paragraphs}{ours}{warnings}",
            )
        out.print(table if entries else "The library is empty: crpd-qa add FILE")


@app.command(epilog="Example: [bold]crpd-qa remove CRPD/C/KEN/1[/]")
def remove(
    symbol: Annotated[str, typer.Argument(help="The document's symbol.")],
    language: Annotated[str, typer.Option(help="Only this language version: en, fr, es, ru.")] = "",
    index: IndexOption = None,
) -> None:
    """Take a document out of the library."""
    with errors():
        from crpd_qa.library.write import LibraryWriter

        for entry in LibraryWriter(index or settings().index).remove(symbol, language):
            err.print(Text(f"Removed {line(entry)}"), soft_wrap=True)
