"""A report's plain text -> Document. The form is that of the United Nations' treaty-body reports:

<tab><tab>Article 24            a heading, which may go on in the next line ("Education")
324.<tab>Kazakhstan ...         a numbered paragraph
•<tab>42 specialized ...        a bullet of the paragraph above
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from crpd_qa.document.model import Document, Paragraph, Section
from crpd_qa.document.questions import Questions, questions_path, read_questions
from crpd_qa.document.references import references
from crpd_qa.document.sentences import sentence_spans
from crpd_qa.errors import DocumentError

MAX_BYTES = 20_000_000
"""A report of 20 MB would hold about 50,000 paragraphs, a hundred times the longest yet."""

_BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
_PARAGRAPH = re.compile(r"\s*(\d{1,6})\.[\t ]\s*(\S.*)")
_BULLET = re.compile(r"\s*[•▪◦‣]\s*(\S.*)")
_PART = re.compile(r"\s*[IVXLC]+\.\t\s*(\S.*)")
_HEADING = re.compile(r"[ \t]*\t\s*(\S.*)")
_ARTICLE = re.compile(r"Articles?\s+(\d{1,2})\b", re.IGNORECASE)


@dataclass
class _Draft:
    number: int
    line: int
    section: Section
    lines: list[str] = field(default_factory=list)


def read_document(path: str | Path, symbol: str = "", title: str = "") -> Document:
    """Read a report from a UTF-8 text file.

    Without `symbol`, the file's name serves ("CRPD-C-KAZ-1.txt" becomes "CRPD/C/KAZ/1"). Questions that the
    paragraphs answer are read from `<stem>.questions.jsonl` beside the file, if it is there.
    Raises DocumentError with the reason, and the line where there is one.
    """
    path = Path(path)
    questions = read_questions(questions_path(path))
    return parse(_read_text(path), symbol or path.stem.replace("-", "/"), title or path.stem, questions)


def _read_text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise DocumentError(f"{path} has {size:,} bytes; a report may have {MAX_BYTES:,} at most")
        raw = path.read_bytes()
    except IsADirectoryError:
        raise DocumentError(f"{path} is a folder; give the report's text file") from None
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise DocumentError(
            f"{path} is not UTF-8 text (byte 0x{raw[error.start]:02x}); save it as UTF-8", line
        ) from error


def parse(text: str, symbol: str, title: str, questions: Questions | None = None) -> Document:
    """Parse a report's text. Raises DocumentError."""
    if not text.strip():
        raise DocumentError("the file is empty; a report with numbered paragraphs was expected")
    control = re.search(r"[\x00-\x08\x0e-\x1f]", text)
    if control:
        line = text.count("\n", 0, control.start()) + 1
        raise DocumentError("a control character: this is a binary file, not a report's text", line)

    drafts = _drafts(text)
    if not drafts:
        raise DocumentError('no numbered paragraph ("1.", a tab, the text) was found')
    paragraphs = []
    for draft in drafts:
        body = "\n".join(draft.lines)
        answered, unanswered = (questions or {}).get(draft.number, ((), ()))
        paragraphs.append(
            Paragraph(
                number=draft.number,
                text=body,
                section=draft.section,
                sentences=sentence_spans(body),
                references=references(body, len(drafts), draft.number),
                questions=answered,
                unanswered=unanswered,
            )
        )
    return Document(symbol=symbol, title=title, paragraphs=tuple(paragraphs))


def _drafts(text: str) -> list[_Draft]:
    """Paragraphs with their lines, each under its section; numbers are checked on the way."""
    drafts: list[_Draft] = []
    section = Section()
    heading: list[str] = []  # the lines of the heading being read
    for line_number, raw in enumerate(text.split("\n"), start=1):
        line = _BOOKMARK.sub("", raw).rstrip()
        if not line.strip():
            continue
        if match := _PARAGRAPH.fullmatch(line):
            if heading:
                section, heading = _place(heading, section), []
            number = int(match[1])
            _check_number(number, drafts, line_number)
            drafts.append(_Draft(number, line_number, section, [match[2]]))
        elif match := _BULLET.fullmatch(line):
            if heading or not drafts:
                raise DocumentError("a bullet that belongs to no numbered paragraph", line_number)
            drafts[-1].lines.append(f"• {match[1]}")
        elif match := _PART.fullmatch(line):
            section, heading = Section(part=match[1].strip()), []
        elif match := _HEADING.fullmatch(line):
            if heading:  # a heading directly below another: an article's first subheading
                section = _place(heading, section)
            heading = [match[1].strip()]
        elif heading:
            heading.append(line.strip())
        elif drafts:
            drafts[-1].lines.append(line.strip())
        # anything else stands before the first heading and paragraph: a title page
    return drafts


def _check_number(number: int, drafts: list[_Draft], line: int) -> None:
    expected = len(drafts) + 1
    if number == expected:
        return
    if number < expected:
        raise DocumentError(
            f"paragraph {number} occurs a second time (first in line {drafts[number - 1].line})"
            if number
            else "paragraph 0: numbers start at 1",
            line,
        )
    raise DocumentError(f"paragraph {number} where paragraph {expected} was expected: a gap", line)


def _place(heading: list[str], section: Section) -> Section:
    """The section that a heading opens. Its lines after the first are its title, or its second half."""
    first, rest = heading[0], " ".join(heading[1:])
    article = _ARTICLE.fullmatch(first)
    if article:
        return Section(section.part, int(article[1]), rest, "")
    subheading = f"{first}: {rest}" if rest else first
    return Section(section.part, section.article, section.article_title, subheading)
