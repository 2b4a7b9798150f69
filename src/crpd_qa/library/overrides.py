"""Corrections of paragraphs that were misread. They survive the next reading of the file."""

from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.check import LONGEST_PARAGRAPH
from crpd_qa.documents.model import DocumentLanguage
from crpd_qa.documents.sentences import sentence_spans
from crpd_qa.errors import DocumentError
from crpd_qa.files import write_whole

FOLDER = "overrides"


class Override(BaseModel):
    """What takes the place of a paragraph's text; no text: the paragraph is none, and goes."""

    model_config = ConfigDict(extra="forbid")

    label: str
    text: str = ""


def overrides_path(folder: Path, symbol: str, language: str) -> Path:
    """The file of a document's corrections, one JSON object a line: {"label": "56", "text": "..."}."""
    from crpd_qa.library.write import slug

    return folder / FOLDER / f"{slug(symbol)}.{language}.jsonl"


def read_overrides(path: Path) -> list[Override]:
    """No file, no corrections. Raises DocumentError with the line that is wrong."""
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            found.append(Override.model_validate_json(line))
        except ValidationError as error:
            raise DocumentError(f'{path}: {{"label", "text"}} expected; {error.errors()[0]["msg"]}', number) from error
    return found


def add_override(folder: Path, symbol: str, language: str, override: Override) -> None:
    """Keep a correction; it takes the place of an earlier one of the same paragraph. Raises DocumentError."""
    if len(override.text) > LONGEST_PARAGRAPH:
        raise DocumentError(f"a text of {len(override.text):,} characters; {LONGEST_PARAGRAPH:,} at most")
    path = overrides_path(folder, symbol, language)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = [other for other in read_overrides(path) if other.label != override.label]
    write_whole(path, "".join(f"{o.model_dump_json()}\n" for o in [*kept, override]).encode())


def forget_override(folder: Path, symbol: str, language: str, label: str) -> bool:
    """Take a correction back; whether there was one."""
    path = overrides_path(folder, symbol, language)
    before = read_overrides(path)
    kept = [override for override in before if override.label != label]
    if len(kept) != len(before):
        write_whole(path, "".join(f"{o.model_dump_json()}\n" for o in kept).encode())
    return len(kept) != len(before)


def mended(document: Document, folder: Path) -> Document:
    """The document with its corrections. A correction of a paragraph that was not read is a warning."""
    path = overrides_path(folder, document.symbol, document.language)
    texts = {override.label: override.text for override in read_overrides(path)}
    if not texts:
        return document
    paragraphs = [
        _with_text(paragraph, texts.get(paragraph.label, paragraph.text), document.language)
        for paragraph in document
        if texts.get(paragraph.label, paragraph.text)
    ]
    gone = [label for label, text in texts.items() if text and document.paragraph(label) is None]
    warnings = (*document.warnings, _GONE.format(labels=", ".join(gone))) if gone else document.warnings
    return replace(document, paragraphs=tuple(paragraphs), warnings=tuple(dict.fromkeys(warnings)))


_GONE = "A correction has lost its paragraph, which was not read this time: {labels}."


def _with_text(paragraph: Paragraph, text: str, language: DocumentLanguage) -> Paragraph:
    if text == paragraph.text:
        return paragraph
    return replace(paragraph, text=text, sentences=sentence_spans(text, language))
