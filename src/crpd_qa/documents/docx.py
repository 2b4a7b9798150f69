"""A Word file (DOCX) -> its paragraphs as whole lines, with computed numbers, footnote marks, tables, headings.

The file comes from anywhere: its size is checked before anything of it is unpacked, python-docx resolves no entities,
and nothing that it links to is fetched.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import docx
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.exceptions import InvalidXmlError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle
from lxml import etree

from crpd_qa.documents.lines import Line, Mark, Role
from crpd_qa.documents.word_numbering import LONGEST_CHAIN, Numbering
from crpd_qa.documents.word_text import Notes, WordText
from crpd_qa.errors import DocumentError

MAX_BYTES = 300 * 2**20
"""Of the file, and of all that is in it once unpacked."""
MAX_XML_BYTES = 64 * 2**20
"""Of one part that holds text, unpacked: a report of 500 paragraphs has 2 MB."""
MAX_MARKUP = 1_000_000
"""Signs that begin an element, an attribute or a reference ("<", "=", "&"), in all parts: each costs memory and time,
however few bytes it has. A report of 500 paragraphs has about 100,000."""
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROLOGUE = 4096  # bytes of a part before its root element, at most
_READ_AT_ONCE = 2**20
_BLANK = b"\xef\xbb\xbf\xfe\xff\x00 \t\r\n"  # what stands before the first sign of UTF-8 and UTF-16
_EBCDIC = b"\x4c\x6f\xa7\x94"
_FOREIGN = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']"
    rb"(?!(?:utf-?(?:8|16)|us-ascii|iso-8859-\d{1,2}|windows-125\d)[\"'])",
    re.IGNORECASE,
)
"""Of another encoding than those that have "<" where ASCII has it, as UTF-7 may not: its markup cannot be counted."""
_DEFAULT_SIZE = 10.0  # points, where the file says nothing: ECMA-376 part 1, 17.3.2.38

_HEADING = re.compile(r"heading\s?(\d)", re.IGNORECASE)
_UN_HEADING = re.compile(r"_?\s*H_?\s*(?:_\s*)?(M|SM|Ch|L|\d)[\d/_ ]*_?G?R?", re.IGNORECASE)
_UN_LEVELS = {"m": 1, "sm": 1, "l": 1, "ch": 1, "1": 2, "2": 3, "3": 3, "4": 4, "5": 5, "6": 5}
"""The United Nations' templates: "_ H _Ch_G" is a chapter, "_ H_2/3_G" a heading below an article."""
_SYMBOL = re.compile(r"\b[A-Z]{1,6}/[A-Za-z0-9.\-]{1,16}/")
_BOX = qn("w:txbxContent")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    PackageNotFoundError,
    InvalidXmlError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
    EOFError,
    RuntimeError,  # encrypted, packed in another way, nested too deeply
    etree.LxmlError,
)
"""What zipfile, lxml and python-docx raise for files that are not what they should be: python-docx takes parts,
elements and attributes for given that a damaged file lacks."""


def read_docx(path: Path) -> list[Line]:
    """All paragraphs and tables in order, then footnotes. Raises DocumentError with what would help."""
    try:
        _check(path)
        return _Reading(docx.Document(str(path))).lines()
    except _UNREADABLE as error:
        raise DocumentError(
            f"{path} is not a Word file (DOCX) that can be opened: "
            "damaged, or cut short; open it in Word and save it again"
        ) from error


def _check(path: Path) -> None:
    """Refuses what would fill the memory: sizes are those that the archive promises, which zipfile holds it to."""
    with path.open("rb") as file:
        if file.read(len(_OLD_WORD)) == _OLD_WORD:
            raise DocumentError(
                f"{path} is a file of an old Word (DOC) or protected by a password; save it as DOCX without a password"
            )
    if path.stat().st_size > MAX_BYTES:
        raise DocumentError(f"{path} is larger than {MAX_BYTES >> 20} MB; save it without its pictures")
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_BYTES:
            raise DocumentError(
                f"{path} holds more than {MAX_BYTES >> 20} MB once unpacked; save it without its pictures"
            )
        if any(part.file_size > MAX_XML_BYTES for part in parts if part.filename.endswith((".xml", ".rels"))):
            raise DocumentError(f"{path} holds a text of more than {MAX_XML_BYTES >> 20} MB; split the file")
        if "[Content_Types].xml" not in {part.filename for part in parts}:
            raise DocumentError(f"{path} is an archive that holds no Word document; add the files in it one by one")
        _check_markup(path, archive)


def _check_markup(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuses entities, and more elements than any document has, before a tree of them is built."""
    markup = 0
    for part in archive.infolist():
        with archive.open(part) as file:
            beginning = file.read(_PROLOGUE)
            is_named_so = part.filename.endswith((".xml", ".rels"))
            if is_named_so and b"<!DOCTYPE" in beginning:
                raise DocumentError(
                    f"{path} defines entities, which Word never does; open it in Word and save it again"
                )
            if not is_named_so and not beginning.lstrip(_BLANK).startswith((b"<", _EBCDIC)):
                continue  # a picture, a font
            if beginning.startswith(_EBCDIC) or _FOREIGN.search(beginning.replace(b"\0", b"")):
                raise DocumentError(f"{path} is not in UTF-8, as Word has it; open it in Word and save it again")
            chunk = beginning
            while chunk:
                markup += chunk.count(b"<") + chunk.count(b"=") + chunk.count(b"&")
                if markup > MAX_MARKUP:
                    raise DocumentError(
                        f"{path} has more paragraphs, cells and other elements than can be read; split the file"
                    )
                chunk = file.read(_READ_AT_ONCE)


class _Reading:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._numbering = Numbering(document)
        self._styles = {style.style_id: style for style in document.styles if isinstance(style, ParagraphStyle)}
        self._default = next(
            (s for s in self._styles.values() if s.element.get(qn("w:default")) in ("1", "true")), None
        )
        self._default_size = self._document_size()
        self._notes = Notes()

    def lines(self) -> list[Line]:
        body = list(self._blocks(self._document.element.body, "body"))
        return [*self._margins("header"), *body, *self._margins("footer"), *self._note_lines()]

    def _blocks(self, parent: BaseOxmlElement, role: Role) -> Iterator[Line]:
        for element in parent:
            if element.tag == qn("w:p"):
                yield from self._paragraph(element, role)
            elif element.tag == qn("w:tbl"):
                yield from self._table(element, role)
            elif element.tag == qn("w:sdt"):
                content = element.find(qn("w:sdtContent"))
                if content is not None:
                    yield from self._blocks(content, "contents" if _is_contents(element) else role)
            elif element.tag in (qn("w:ins"), qn("w:moveTo"), qn("w:customXml"), qn("w:smartTag")):
                yield from self._blocks(element, role)

    def _paragraph(self, element: BaseOxmlElement, role: Role) -> Iterator[Line]:
        style = self._style(element)
        name = style.name or "" if style is not None else ""
        text = WordText(self._notes, self._default_size, style)
        text.read(element)
        printed = self._numbering.printed(element.find(qn("w:pPr")), style)
        if text.has_text:
            if role == "body" and name.lower().startswith("toc "):
                role = "contents"
            caption = role == "body" and name.lower() == "caption" and _next_is_table(element)
            yield text.line(printed, role="table" if caption else role, caption=caption, heading=_level(element, style))
        around = next(element.iterancestors(_BOX), None)
        for box in element.iter(_BOX):
            # a box in a box is read with the paragraph that it stands in
            if next(box.iterancestors(_BOX), None) is around and next(box.iterancestors(_FALLBACK), None) is None:
                yield from self._blocks(box, role)

    def _table(self, element: BaseOxmlElement, role: Role) -> Iterator[Line]:
        elements = [list(_cells(row)) for row in element.iterfind(qn("w:tr"))]
        # one cell is a frame round text; the table with the symbol is the first page's masthead
        if role == "body" and max(map(len, elements), default=0) == 1:
            for cell in chain.from_iterable(elements):
                yield from self._blocks(cell, role)
            return
        rows = [[self._cell(cell) for cell in row] for row in elements]
        flat = [cell for row in rows for cell in row]
        masthead = role == "body" and any(_SYMBOL.search(cell) for cell in flat[:6]) and self._is_first_table(element)
        for row_cells in rows:
            if any(row_cells):
                text = "\t".join(row_cells)
                if masthead:
                    yield Line("\t".join(cell for cell in row_cells if cell), whole=True, size=self._default_size)
                else:
                    yield Line(text, role="table" if role == "body" else role, whole=True, cells=tuple(row_cells))

    def _cell(self, cell: BaseOxmlElement) -> str:
        return "\n".join(line.text for line in self._blocks(cell, "table") if line.text.strip())

    def _is_first_table(self, element: BaseOxmlElement) -> bool:
        return self._document.element.body.find(f".//{qn('w:tbl')}") is element

    def _style(self, element: BaseOxmlElement) -> ParagraphStyle | None:
        found = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return self._default if found is None else self._styles.get(found.get(qn("w:val")) or "", self._default)

    def _document_size(self) -> float:
        path = f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}/{qn('w:sz')}"
        found = self._document.styles.element.find(path)
        try:
            return int(found.get(qn("w:val"))) / 2 if found is not None else _DEFAULT_SIZE
        except (TypeError, ValueError):
            return _DEFAULT_SIZE

    def _note_lines(self) -> Iterator[Line]:
        for kind in ("footnote", "endnote"):
            part = next(
                (r.target_part for r in self._document.part.rels.values() if r.reltype.endswith(f"/{kind}s")), None
            )
            if part is None:
                continue
            root = parse_xml(part.blob)
            by_id = {note.get(qn("w:id")): note for note in root.iterfind(qn(f"w:{kind}"))}
            for (of, identity), mark in self._notes.marks.items():
                note = by_id.get(identity) if of == kind else None
                if note is None:
                    continue
                paragraphs = []
                for paragraph in note.iterfind(qn("w:p")):
                    text = WordText(self._notes, self._default_size, None)
                    text.read(paragraph)
                    paragraphs.append(text.text.strip())
                text_of_note = " ".join(filter(None, paragraphs)).removeprefix(mark).strip()
                yield Line(text_of_note, role="footnote", whole=True, marks=(Mark(0, mark),))

    def _margins(self, kind: str) -> Iterator[Line]:
        role: Role = "header" if kind == "header" else "footer"
        seen: set[str] = set()
        for section in self._document.sections:
            for part in (
                getattr(section, kind),
                getattr(section, f"first_page_{kind}"),
                getattr(section, f"even_page_{kind}"),
            ):
                if part.is_linked_to_previous:
                    continue
                for line in self._blocks(part._element, role):
                    if line.text not in seen:
                        seen.add(line.text)
                        yield line


def _level(element: BaseOxmlElement, style: ParagraphStyle | None) -> int:
    """Of a heading, from 1, by its outline level or its style's name; 0 for text."""
    found = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    for _ in range(LONGEST_CHAIN):
        if found is not None and (found.get(qn("w:val")) or "9") in "012345678":
            return int(found.get(qn("w:val"))) + 1
        if style is None:
            return 0
        name = style.name or ""
        if match := _HEADING.fullmatch(name):
            return int(match[1]) or 1
        if match := _UN_HEADING.fullmatch(name):
            return _UN_LEVELS[match[1].lower()]
        if name.lower() == "title":
            return 1
        found = style.element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
        if found is None:
            style = style.base_style if isinstance(style.base_style, ParagraphStyle) else None
    return 0


def _is_contents(element: BaseOxmlElement) -> bool:
    gallery = element.find(f"{qn('w:sdtPr')}/{qn('w:docPartObj')}/{qn('w:docPartGallery')}")
    return gallery is not None and gallery.get(qn("w:val")) == "Table of Contents"


def _next_is_table(element: BaseOxmlElement) -> bool:
    following = element.getnext()
    return following is not None and following.tag == qn("w:tbl")


def _cells(row: BaseOxmlElement) -> Iterator[BaseOxmlElement]:
    for child in row:
        if child.tag == qn("w:tc"):
            yield child
        elif child.tag == qn("w:sdt"):
            yield from child.iterfind(f"{qn('w:sdtContent')}/{qn('w:tc')}")
