"""A library under its operator's eyes: check, mend, export, import."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from crpd_qa.cli.base import IndexOption, app, err, errors, out
from crpd_qa.cli.documents import line
from crpd_qa.errors import CrpdQaError
from crpd_qa.settings import settings

LanguageOption = Annotated[
    str, typer.Option(help="The language version, where the library has several: en, fr, es, ru.")
]


@app.command(
    epilog="Examples: [bold]crpd-qa check CRPD/C/KEN/1 --output kenya.html[/], [bold]crpd-qa check kenya.pdf[/]"
)
def check(
    document: Annotated[str, typer.Argument(help="A document's symbol; or a file, which is not added.")],
    language: LanguageOption = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The page.", show_default="the document's name and .html")
    ] = None,
    index: IndexOption = None,
) -> None:
    """Write what was read of a document as one HTML page, to lay beside the original.

    Page by page: every paragraph with its label and heading, footnotes, tables, and above them every warning. The page
    holds all it needs and opens in any browser. What is wrong in it is corrected with crpd-qa mend.
    """
    with errors():
        from crpd_qa.documents import read_document
        from crpd_qa.library.write import LibraryWriter, slug
        from crpd_qa.web.checking import check_page

        path = Path(document)
        if path.exists():
            found, name = read_document(path, **({"language": language} if language else {})), path.name
        else:
            entry, found = LibraryWriter(index or settings().index).read(document, language)
            name = entry.source.name
        target = output or Path(f"{slug(found.symbol)}.{found.language}.html")
        try:
            target.write_text(check_page(found, name), encoding="utf-8")
        except OSError as error:
            raise CrpdQaError(f"cannot write {target}: {error.strerror}") from error
        warnings = f"{len(found.warnings)} warnings" if found.warnings else "no warning"
        err.print(Text(f"{found.symbol}: {len(found)} paragraphs, {warnings}; written to {target}"), soft_wrap=True)


@app.command(epilog='Example: [bold]crpd-qa mend CRPD/C/KEN/1 56 --text "The paragraph as it is printed."[/]')
def mend(
    symbol: Annotated[str, typer.Argument(help="The document's symbol.")],
    label: Annotated[str, typer.Argument(help='The paragraph, by its label: 56, "annex II, 3".')],
    text: Annotated[str, typer.Option(help="Its right text.")] = "",
    file: Annotated[
        Path | None, typer.Option(help="A UTF-8 file with its right text; - reads it from the terminal or a pipe.")
    ] = None,
    remove: Annotated[
        bool, typer.Option("--remove", help="It is no paragraph of the document (a page's footer): take it out.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take an earlier correction back.")] = False,
    language: LanguageOption = "",
    index: IndexOption = None,
) -> None:
    """Correct a paragraph that was misread. The correction stays when the file is read again.

    If a later reading finds no paragraph of that label, the document is read all the same, and a warning says so.
    Corrections are kept in the library's folder "overrides", one JSON object a line.
    """
    with errors():
        from crpd_qa.library.overrides import Override
        from crpd_qa.library.write import LibraryWriter

        if sum((bool(text), file is not None, remove, undo)) != 1:
            raise typer.BadParameter("give one of --text, --file, --remove and --undo")
        writer = LibraryWriter(index or settings().index)
        if undo:
            entry = writer.restore(symbol, language, label)
        else:
            right = "" if remove else _text(text, file)
            entry = writer.mend(symbol, language, Override(label=label, text=right))
        err.print(Text(f"Mended paragraph {label}: {line(entry)}"), soft_wrap=True)


def _text(text: str, file: Path | None) -> str:
    if file:
        if str(file) == "-" and sys.stdin is None:
            raise CrpdQaError("cannot read -: standard input is closed; give --text, or --file with a file's name")
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
            text.encode()  # where the locale is C, bytes that are no UTF-8 come in as surrogates
        except (OSError, UnicodeError) as error:
            raise CrpdQaError(f"cannot read {file}: {error}") from error
    if not text.strip():
        raise CrpdQaError("the text is empty; to take the paragraph out give --remove")
    return text.strip()


@app.command(
    "export", epilog="Example: [bold]crpd-qa export library.zip[/], then there [bold]crpd-qa import library.zip[/]"
)
def export_command(
    file: Annotated[Path, typer.Argument(help="The ZIP file to write.")],
    models: Annotated[
        bool,
        typer.Option(
            "--models/--no-models",
            help="Carry the encoder too, some 90 MB: without it the file can be imported only into a library that has "
            "the same one.",
        ),
    ] = True,
    index: IndexOption = None,
) -> None:
    """Write the whole library into one file: documents, originals, corrections, vectors, models."""
    with errors():
        from crpd_qa.library.move import export_library

        count = export_library(index or settings().index, file, models=models)
        documents = "1 document" if count == 1 else f"{count} documents"
        err.print(Text(f"{documents} written to {file}, {file.stat().st_size / 1e6:,.0f} MB"), soft_wrap=True)


@app.command("import", epilog="Example: [bold]crpd-qa import library.zip --index index/mine[/]")
def import_command(
    file: Annotated[Path, typer.Argument(help="A file that crpd-qa export wrote.")],
    index: IndexOption = None,
) -> None:
    """Read an exported library into this one, or make a new one of it. Nothing is embedded anew.

    A document that is there already is replaced. Everything in the file is checked before anything of it gets its
    place; whether you trust who made it is yours to know.
    """
    with errors():
        from crpd_qa.library.move import import_library

        for entry in import_library(file, index or settings().index):
            out.print(Text(line(entry)), soft_wrap=True)
