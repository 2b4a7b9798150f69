"""What every reader yields, whatever the form of the file: printed lines, with what the form knows of each.

pdf.py, docx.py, html.py, text.py: file -> lines; metadata.py: lines -> Metadata; structure.py: lines -> paragraphs.
"""

from dataclasses import dataclass
from typing import Literal

from crpd_qa.documents.model import DocumentLanguage, Kind

Role = Literal["body", "header", "footer", "footnote", "table", "contents"]
"""What a line is on its page. Only `body` becomes paragraphs and headings, only `footnote` notes, `table` tables."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A footnote's mark in running text. It is not in the line's text: it stands before `text[offset]`."""

    offset: int
    mark: str


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line (PDF, text), or a whole paragraph where the form keeps those (DOCX, HTML, Markdown: `whole`).

    A number or bullet at the start is part of `text`, as printed, followed by a tab where the form shows a gap:
    "12.\\tThe State party", "(a)\\tHealth", "•\\tSchools". Positions are points from the page's upper left corner;
    a form without pages leaves them 0 and `page` None.
    """

    text: str
    role: Role = "body"
    page: int | None = None
    """Of the file, from 1."""
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    bottom: float = 0.0
    size: float = 0.0
    """Font size in points, that of most characters; 0 where unknown."""
    bold: bool = False
    """Of nearly all its letters."""
    italic: bool = False
    centred: bool = False
    heading: int = 0
    """Level where the form says that this is a heading (Word's "Heading 2", HTML's h2, Markdown's ##): 1 is the
    outermost, 0 is "the form does not say"."""
    whole: bool = False
    """The line is a whole paragraph: the next line never goes on with it. A break inside it is "\\n" in the text."""
    marks: tuple[Mark, ...] = ()
    """Footnote marks in `text`. For role `footnote`: one mark at offset 0 on the first line of each note."""
    cells: tuple[str, ...] = ()
    """For role `table`: the row's cells; `text` is them joined by tabs. Consecutive `table` lines are one table."""
    caption: bool = False
    """For role `table`: the line is the table's caption."""
    width: float = 0.0
    """Of the page, in points; 0 where unknown."""
    height: float = 0.0
    block: int = 0
    """Lines that the form itself holds in one paragraph share a number; 0 where the form does not say."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the first page says of the document; "" is what it does not say.

    metadata.py: `read_metadata(lines: Sequence[Line], path: Path) -> Metadata`. `path` is only a last resort
    (a file called "CRPD_C_KEN_1.pdf"). `lines` are all lines of the document, headers and footers included.
    """

    symbol: str = ""
    """ "CRPD/C/KEN/1"."""
    state: str = ""
    """ISO 3166 alpha-3."""
    kind: Kind | Literal[""] = ""
    language: DocumentLanguage | Literal[""] = ""
    date: str = ""
    """ISO 8601, as much as is known: "2017-06-05", "2017"."""
    title: str = ""
    received: str = ""
    """When the State handed it in, where that is printed: ISO 8601."""
