"""An outline as a Word file with real footnotes, which python-docx does not know: their part is made here."""

import re
from collections.abc import Iterable
from io import BytesIO

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import OxmlElement, parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt
from docx.styles.style import CharacterStyle, ParagraphStyle
from docx.text.paragraph import Paragraph

from crpd_qa.web.export.outline import PROGRAM, Outline

_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no XML can hold: https://www.w3.org/TR/xml/#charsets"""
_NO_NOTES = f"""<w:footnotes {nsdecls("w")}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
</w:footnotes>"""


def to_docx(outline: Outline) -> bytes:
    """Headings are headings and each text bears its language, for screen readers and spelling."""
    document = docx.Document()
    document.core_properties.title = outline.title
    document.core_properties.author = PROGRAM
    document.core_properties.comments = ""
    document.core_properties.language = outline.language
    notes = _Footnotes(document)

    def add(text: str, style: str, language: str = outline.language) -> Paragraph:
        paragraph = document.add_paragraph(style=style)
        run = paragraph.add_run(_in_xml(text))
        run._r.get_or_add_rPr().append(_element("w:lang", val=language))
        return paragraph

    add(outline.title, "Title")
    for text in (outline.made, *outline.remarks):
        add(text, "Normal")
    for answer in outline.answers:
        add(answer.question, "Heading 1", answer.language)
        for section in answer.sections:
            if section.heading:
                add(section.heading, "Heading 2")
            for sentence in section.sentences:
                notes.add(add(sentence.text, "Normal", sentence.language), sentence.notes)
        for remark in filter(None, answer.remarks):
            add(remark, "Normal").runs[0].italic = True
    if outline.documents:
        add(outline.documents_title, "Heading 1")
        for text in outline.documents:
            add(text, "List Bullet")
    file = BytesIO()
    document.save(file)
    return file.getvalue()


class _Footnotes:
    """Of one document (ECMA-376 part 1, 17.11)."""

    def __init__(self, document: Document) -> None:
        self._notes = parse_xml(_NO_NOTES)
        part = XmlPart(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, self._notes, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
        reference = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER)
        text = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(reference, CharacterStyle)
        assert isinstance(text, ParagraphStyle)
        reference.font.superscript = True
        text.font.size = Pt(9)
        self._reference, self._text = reference.style_id, text.style_id
        self._count = 0

    def add(self, paragraph: Paragraph, notes: Iterable[str]) -> None:
        """At the end of a paragraph."""
        for note in notes:
            self._count += 1
            number = str(self._count)
            paragraph._p.append(self._mark(_element("w:footnoteReference", id=number)))
            text = _element("w:t")
            text.text = _in_xml(f" {note}.")
            text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            style = _around("w:pPr", _element("w:pStyle", val=self._text))
            line = _around("w:p", style, self._mark(_element("w:footnoteRef")), _around("w:r", text))
            footnote = _around("w:footnote", line)
            footnote.set(qn("w:id"), number)
            self._notes.append(footnote)

    def _mark(self, number: BaseOxmlElement) -> BaseOxmlElement:
        return _around("w:r", _around("w:rPr", _element("w:rStyle", val=self._reference)), number)


def _element(name: str, **attributes: str) -> BaseOxmlElement:
    element: BaseOxmlElement = OxmlElement(name)
    for attribute, value in attributes.items():
        element.set(qn(f"w:{attribute}"), value)
    return element


def _around(name: str, *parts: BaseOxmlElement) -> BaseOxmlElement:
    element = _element(name)
    element.extend(parts)
    return element


def _in_xml(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)
