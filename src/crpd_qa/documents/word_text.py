"""The text of one Word paragraph as Word shows it, with its look and its notes' marks."""

from collections.abc import Iterator

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle
from docx.text.font import Font

from crpd_qa.documents.lines import Line, Mark, Role
from crpd_qa.documents.word_numbering import LONGEST_CHAIN

_TRUE = (None, "1", "true", "on")
_INLINE = tuple(
    qn(name) for name in ("w:hyperlink", "w:ins", "w:moveTo", "w:smartTag", "w:customXml", "w:dir", "w:bdo")
)


class Notes:
    """Marks of footnotes and endnotes, in the order in which the text refers to them."""

    def __init__(self) -> None:
        self.marks: dict[tuple[str, str], str] = {}
        """("footnote" or "endnote", its id) -> its mark."""
        self._counts = {"footnote": 0, "endnote": 0}

    def mark(self, reference: BaseOxmlElement) -> str:
        """The mark that Word prints for a reference: the next number, or what the file gives."""
        kind = "endnote" if reference.tag == qn("w:endnoteReference") else "footnote"
        key = (kind, reference.get(qn("w:id")) or "")
        if reference.get(qn("w:customMarkFollows")) in ("1", "true", "on"):
            following = reference.getnext()
            mark = (following.text or "").strip() if following is not None and following.tag == qn("w:t") else ""
            self.marks[key] = mark or "*"
        elif key not in self.marks:
            self._counts[kind] += 1
            number = self._counts[kind]
            self.marks[key] = str(number)
        return self.marks[key]


class WordText:
    """A paragraph's text as Word shows it: with insertions, without deletions, hidden text and fields' codes."""

    def __init__(self, notes: Notes, default_size: float, style: ParagraphStyle | None) -> None:
        self._notes = notes
        self._default_size = default_size
        self._style = style
        self._pieces: list[str] = []
        self._marks: list[Mark] = []
        self._length = 0
        self._letters: dict[tuple[bool, bool, float], int] = {}
        self._look: tuple[bool, bool, float] = (False, False, 0.0)
        self._centred = style is not None and style.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.CENTER

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    @property
    def has_text(self) -> bool:
        return any(not piece.isspace() for piece in self._pieces if piece)

    def read(self, element: BaseOxmlElement) -> None:
        aligned = element.find(f"{qn('w:pPr')}/{qn('w:jc')}")
        if aligned is not None:
            self._centred = aligned.get(qn("w:val")) == "center"
        for child in element:
            if child.tag == qn("w:r"):
                self._run(child)
            elif child.tag in _INLINE:
                self.read(child)
            elif child.tag == qn("w:sdt"):
                content = child.find(qn("w:sdtContent"))
                if content is not None:
                    self.read(content)
            elif child.tag == qn("w:fldSimple"):
                self.read(child)

    def _run(self, run: BaseOxmlElement) -> None:
        properties = run.find(qn("w:rPr"))
        if properties is not None and _is_on(properties.find(qn("w:vanish"))):
            return
        font = Font(run)
        self._look = (
            _inherited("bold", font, self._style),
            _inherited("italic", font, self._style),
            _size(font, self._style, self._default_size),
        )
        custom = False
        for child in run:
            if child.tag == qn("w:t"):
                if custom:
                    custom = False
                    continue
                self._add(child.text or "")
            elif child.tag in (qn("w:tab"), qn("w:ptab")):
                self._add("\t")
            elif child.tag in (qn("w:br"), qn("w:cr")):
                self._add("\n" if child.get(qn("w:type")) in (None, "textWrapping") else "")
            elif child.tag == qn("w:noBreakHyphen"):
                self._add("-")
            elif child.tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
                self._marks.append(Mark(self._length, self._notes.mark(child)))
                custom = child.get(qn("w:customMarkFollows")) in ("1", "true", "on")

    def _add(self, text: str) -> None:
        text = text.replace("\xad", "").replace("\xa0", " ")
        if text:
            self._pieces.append(text)
            self._length += len(text)
            self._letters[self._look] = self._letters.get(self._look, 0) + sum(map(str.isalnum, text))

    def line(self, printed: str, *, role: Role, caption: bool, heading: int) -> Line:
        """The whole paragraph, its number or bullet first."""
        raw = self.text
        left = len(raw) - len(raw.lstrip())
        text = printed + raw.strip()
        letters = sum(self._letters.values()) or 1
        size = max(self._letters, key=lambda look: self._letters[look])[2] if self._letters else 0.0
        return Line(
            text,
            role=role,
            size=size,
            bold=sum(n for look, n in self._letters.items() if look[0]) > 0.9 * letters,
            italic=sum(n for look, n in self._letters.items() if look[1]) > 0.9 * letters,
            centred=self._centred,
            heading=heading,
            whole=True,
            marks=tuple(Mark(min(max(m.offset - left, 0) + len(printed), len(text)), m.mark) for m in self._marks),
            caption=caption,
        )


def _size(run: Font, style: ParagraphStyle | None, otherwise: float) -> float:
    """Points: the run's own, else its style's, else the document's."""
    return next((float(font.size.pt) for font in _fonts(run, style) if font.size is not None), otherwise)


def _fonts(run: Font, style: ParagraphStyle | None) -> Iterator[Font]:
    yield run
    for _ in range(LONGEST_CHAIN):
        if style is None:
            return
        yield style.font
        style = style.base_style if isinstance(style.base_style, ParagraphStyle) else None


def _inherited(name: str, run: Font, style: ParagraphStyle | None) -> bool:
    return next((bool(value) for font in _fonts(run, style) if (value := getattr(font, name)) is not None), False)


def _is_on(element: BaseOxmlElement | None) -> bool:
    return element is not None and element.get(qn("w:val")) in _TRUE
