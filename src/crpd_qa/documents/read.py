"""A file of any form -> Document: lines, structure, metadata, check."""

import stat
from dataclasses import replace
from pathlib import Path
from typing import get_args

from crpd_qa.documents.check import LONGEST_PARAGRAPH, language_of, refuse_unreadable, warnings_of
from crpd_qa.documents.lines import Line
from crpd_qa.documents.metadata import read_metadata
from crpd_qa.documents.model import Document, DocumentLanguage, Kind, Paragraph
from crpd_qa.documents.pdf import read_pdf
from crpd_qa.documents.references import references
from crpd_qa.documents.sentences import sentence_spans
from crpd_qa.documents.structure import Structure, structure
from crpd_qa.documents.text import MAX_BYTES as MAX_TEXT_BYTES
from crpd_qa.documents.text import read_text
from crpd_qa.errors import DocumentError

MAX_BYTES = 200_000_000
"""Of a PDF or Word file, pictures included."""

FEWEST_WORDS = 10
"""Of a document without numbered paragraphs: what has less is a note, or the rest of a file."""

_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RICH_TEXT = b"{\\rtf"
_PDF = b"%PDF-"
_ZIP = b"PK\x03\x04"
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in b"\t\n"}
_CONTROLS |= dict.fromkeys(b"\v\f\r", " ")
_PDF_HEADER_WITHIN = 1024  # bytes: what readers allow before "%PDF-"
_OTHER_FORMS = {
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"II*\x00": "a picture",
    b"MM\x00*": "a picture",
    b"GIF8": "a picture",
}


def read_document(
    path: str | Path,
    *,
    symbol: str = "",
    state: str = "",
    kind: Kind | str = "",
    language: DocumentLanguage | str = "",
    title: str = "",
    date: str = "",
) -> Document:
    """Read a PDF, Word (.docx), HTML, Markdown or text file. What is given goes before what the document says.

    Raises DocumentError with the reason and what would help: a scan, a password, a damaged file, a language that
    cannot be read, too large a file.
    """
    path = Path(path)
    if any("\udc80" <= letter <= "\udcff" for letter in str(path)):  # bytes that are none, as Python has them
        raise DocumentError(f"{str(path)!r}: its name is not in UTF-8; rename the file")
    if kind and kind not in get_args(Kind):
        raise DocumentError(f"{kind!r} is no kind of document; one of {', '.join(get_args(Kind))} was expected")
    if language and language not in get_args(DocumentLanguage):
        raise DocumentError(f"{language!r} is no language that can be read; one of en, fr, es, ru was expected")
    lines, warnings = read_lines(path)
    lines = [_without_controls(line) for line in lines]
    refuse_unreadable(lines, path)
    found = structure(lines)
    if not found.paragraphs:
        raise DocumentError(f"{path} holds no paragraph: a title, headings or tables only")
    words = sum(len(paragraph.text.split()) for paragraph in found.paragraphs)
    if found.numbering == "ours" and words < FEWEST_WORDS:
        raise DocumentError(
            f"{path} has too little text for a document: {words} words beside its title and headings, and no "
            f"paragraphs numbered in turn; {FEWEST_WORDS} words are expected at least"
        )
    longest = max(found.paragraphs, key=lambda paragraph: len(paragraph.text))
    if len(longest.text) > LONGEST_PARAGRAPH:
        raise DocumentError(
            f"{path}: a paragraph of {len(longest.text):,} characters ({longest.label}); "
            f"{LONGEST_PARAGRAPH:,} at most: this is not the text of a document"
        )
    metadata = read_metadata(lines, path)
    detected = language or metadata.language
    spoken = language_of([paragraph.text for paragraph in found.paragraphs], path, detected)  # type: ignore[arg-type]
    said = replace(
        metadata,
        symbol=symbol or metadata.symbol or path.stem.replace("_", "/").replace("#", ""),  # "#" parts off a label
        state=state or metadata.state,
        kind=kind or metadata.kind or "other",  # type: ignore[arg-type]
        language=language or spoken,  # type: ignore[arg-type]
        date=date or metadata.date,
        title=title or metadata.title or path.stem,
    )
    return Document(
        symbol=said.symbol,
        title=said.title,
        paragraphs=_paragraphs(found, said.symbol, said.language, said.kind),  # type: ignore[arg-type]
        state=said.state,
        kind=said.kind or "other",
        language=said.language or "en",
        date=said.date,
        numbering=found.numbering,
        tables=tuple(found.tables),
        warnings=warnings + warnings_of(found, lines),
    )


def read_lines(path: Path) -> tuple[list[Line], tuple[str, ...]]:
    """All lines of a file, by the form that its content has, and warnings. Raises DocumentError."""
    beginning = _beginning(path)
    suffix = path.suffix.lower()
    if _PDF in beginning[:_PDF_HEADER_WITHIN]:
        return read_pdf(path)
    if beginning.startswith(_ZIP):
        from crpd_qa.documents.docx import read_docx

        return read_docx(path), ()
    if beginning.startswith(_OLD_WORD):
        raise DocumentError(f"{path} is in Word's old form (.doc); save it as .docx and add that")
    if beginning.startswith(_RICH_TEXT):
        raise DocumentError(f"{path} is Rich Text; save it as .docx and add that")
    for magic, what in _OTHER_FORMS.items():
        if beginning.startswith(magic):
            raise DocumentError(f"{path} is {what}; a PDF, Word, HTML, Markdown or text file was expected")
    if form := {".pdf": "PDF", ".docx": "Word"}.get(suffix):
        raise DocumentError(f"{path} is not a {form} file that can be opened: damaged, or cut short; download it again")
    if path.stat().st_size > MAX_TEXT_BYTES:
        raise DocumentError(f"{path} has {path.stat().st_size:,} bytes; a text may have {MAX_TEXT_BYTES:,} at most")
    start = beginning.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if suffix in (".html", ".htm", ".xhtml") or start.startswith((b"<!doctype html", b"<html", b"<?xml")):
        from crpd_qa.documents.html import read_html

        return read_html(path), ()
    if suffix in (".md", ".markdown"):
        from crpd_qa.documents.markdown import read_markdown

        return read_markdown(path), ()
    return read_text(path), ()


def _without_controls(line: Line) -> Line:
    """A terminal would obey them. A sign stands for each, so that footnotes' marks keep their places and a warning
    names the paragraph: a page in Windows' encoding that says another has its dashes and quotation marks there.
    """
    text = line.text.translate(_CONTROLS)
    if text == line.text:
        return line
    return replace(line, text=text, cells=tuple(cell.translate(_CONTROLS) for cell in line.cells))


def _beginning(path: Path) -> bytes:
    """The first bytes of a regular file of bearable size; nothing of any other."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DocumentError(f"{path} is a folder; give a document's file")
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError(f"{path} is a device or a pipe, not a file")
        if status.st_size > MAX_BYTES:
            raise DocumentError(f"{path} has {status.st_size:,} bytes; a document may have {MAX_BYTES:,} at most")
        if not status.st_size:
            raise DocumentError(f"{path} is empty; a document was expected")
        with path.open("rb") as file:
            return file.read(4096)
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from error


def _paragraphs(found: Structure, symbol: str, language: DocumentLanguage, kind: Kind) -> tuple[Paragraph, ...]:
    labels = {paragraph.label for paragraph in found.paragraphs if paragraph.number is not None}
    # "para. 12" in what the Committee asks and the State replies is a paragraph of the report
    own_references = found.numbering == "document" and kind not in ("list-of-issues", "replies")
    return tuple(
        Paragraph(
            label=draft.label,
            number=draft.number,
            text=draft.text,
            section=draft.section,
            sentences=sentence_spans(draft.text, language),
            references=references(draft.text, labels, draft.label, language, symbol) if own_references else (),
            page=draft.page,
            footnotes=tuple(draft.footnotes),
        )
        for draft in found.paragraphs
        if draft.text
    )
