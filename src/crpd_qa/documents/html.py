"""An HTML page -> its paragraphs as whole lines, as a browser shows them: list numbers, headings, tables, notes.

Nothing in the page runs and nothing that it names is fetched: lxml parses the bytes, no more.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from crpd_qa.documents.hidden import hidden_by_style
from crpd_qa.documents.lines import Line, Mark, Role
from crpd_qa.documents.text import MAX_BYTES, decode
from crpd_qa.documents.word_numbering import formed
from crpd_qa.errors import DocumentError

# fmt: off
_UNSEEN = frozenset((
    "script", "style", "template", "noscript", "head", "title", "meta", "link", "base", "svg", "math",
    "iframe", "object", "embed", "applet", "audio", "video", "canvas", "map", "select", "option", "button",
    "textarea", "input", "datalist", "dialog", "nav",
))
_INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "time", "tt", "u", "var", "wbr",
))
# fmt: on
_HOLDS_A_NOTE = frozenset(("p", "li", "div", "dd", "aside"))
_CENTRED = re.compile(r"text-align\s*:\s*center", re.IGNORECASE)
_NO_MARKER = re.compile(r"list-style(?:-type)?\s*:[^;]{0,40}\bnone\b", re.IGNORECASE)
_NOTE_MARK = re.compile(r"\s*(?:[\[(]\s*)?(\d{1,4}|[*†‡]{1,4}|[a-z]{1,2}|[ivxlc]{1,7})\s*(?:[\])]\s*)?")
_BACK = re.compile(r"(?<![\s↑↩↵^\ufe0e])[\s↑↩↵^\ufe0e]+$")
_SYMBOL = re.compile(r"\b[A-Z]{1,6}/[A-Za-z0-9.\-]{1,16}/")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*(?:[\"']\s*)?([A-Za-z0-9_\-]{2,30})", re.IGNORECASE)
# fmt: off
_OF_THE_WEB = frozenset((
    "utf-8", "ascii", "iso8859-1", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7",
    "iso8859-8", "iso8859-9", "iso8859-10", "iso8859-11", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16",
    "tis-620", "cp866", "cp874", "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "gb2312", "gbk", "gb18030", "big5", "big5hkscs",
    "euc_jp", "iso2022_jp", "shift_jis", "cp932", "euc_kr", "cp949",
))
# fmt: on
"""What a page may name (encoding.spec.whatwg.org, 4.2), as Python calls it. Python has others that are none of text,
or make letters of what stands there as ASCII: "unicode_escape", "utf-7". A page that could name UTF-16 is not in it."""
_WITHIN = 2048  # bytes in which a page says its encoding: HTML standard, 4.2.5.5
BULLET = "•"


def read_html(path: Path) -> list[Line]:
    """All that the page shows, in order. Raises DocumentError with what would help."""
    if path.stat().st_size > MAX_BYTES:
        raise DocumentError(f"{path} has {path.stat().st_size:,} bytes; a text may have {MAX_BYTES:,} at most")
    raw = path.read_bytes()
    return lines_of_html(_decoded(raw, path), path)


def lines_of_html(text: str, path: object) -> list[Line]:
    """As `read_html`, of a page or a part of one."""
    parser = lxml.html.HTMLParser(
        no_network=True, huge_tree=False, encoding="utf-8", remove_comments=True, remove_pis=True
    )
    try:
        root = lxml.html.document_fromstring(text.encode(), parser=parser)
    except etree.LxmlError as error:
        raise DocumentError(f"{path} holds no text that can be read; save the page again from a browser") from error
    if any(entry.level == etree.ErrorLevels.FATAL for entry in parser.error_log):
        raise DocumentError(f"{path} is nested too deeply to be read whole; save it as text or PDF and add that")
    found = _Reading(root).lines()
    if not found:
        raise DocumentError(
            f"{path} shows no text: it may be made by a script; open it in a browser and save it as PDF"
        )
    return found


def _decoded(raw: bytes, path: Path) -> str:
    """By the encoding that the page names, if it is one and fits; else as any text."""
    named = _CHARSET.search(raw[:_WITHIN])
    if named and not raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            encoding = codecs.lookup(named[1].decode("ascii")).name
            if encoding in _OF_THE_WEB:
                return raw.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            pass  # the name is wrong: the bytes decide
    return decode(raw, path)


class _Reading:
    def __init__(self, root: HtmlElement) -> None:
        main = root.xpath("//main") or root.xpath("//*[@role='main']")
        self._start = main[0] if len(main) == 1 else next(iter(root.xpath("//body")), root)
        _empty_hidden(root, self._start)
        self._order = {element: position for position, element in enumerate(root.iter())}
        self._by_id = {element.get("id") or element.get("name"): element for element in root.iter() if _named(element)}
        self._notes: dict[HtmlElement, str] = {}
        """The block of each note -> its mark."""
        self._references = dict(self._find_references())
        self._first_table = next(root.iter("table"), None)
        self._prefix = ""
        """The number or bullet that the next line begins with."""

    def lines(self) -> list[Line]:
        return [line for line in self._block(self._start, "body", 0, False) if line.text.strip() or line.marks]

    def _find_references(self) -> Iterator[tuple[HtmlElement, str]]:
        """Links to a note further down, each with its mark."""
        for link in self._start.iter("a"):
            target = link.get("href") or ""
            mark = _NOTE_MARK.fullmatch(link.text_content())
            if not target.startswith("#") or mark is None:
                continue
            note = self._by_id.get(target[1:])
            raised = link.get("role") == "doc-noteref" or any(
                x.tag == "sup" for x in (*link.iterancestors(), *link.iter())
            )
            if note is None or self._order[note] < self._order[link] or not raised:
                continue
            while note.tag in _INLINE and note.getparent() is not None:
                note = note.getparent()
            self._notes.setdefault(note, mark[1])
            yield link, mark[1]

    def _block(self, element: HtmlElement, role: Role, heading: int, centred: bool) -> Iterator[Line]:
        """The lines of an element: runs of inline content between blocks are paragraphs of their own."""
        if element in self._notes and role != "footnote":
            yield from self._note(element)
            return
        centred = centred or _CENTRED.search(element.get("style") or "") is not None or element.get("align") == "center"
        text = _Inline(self._references)
        text.add(element.text)
        for child in element:
            if _is_unseen(child):
                text.add(child.tail)
                continue
            if child.tag in _INLINE and not any(x.tag not in _INLINE for x in child.iter() if isinstance(x.tag, str)):
                text.read(child)
                text.add(child.tail)
                continue
            yield from self._line(text, role, heading, centred)
            text = _Inline(self._references)
            yield from self._child(child, role, heading, centred)
            text.add(child.tail)
        yield from self._line(text, role, heading, centred)

    def _child(self, child: HtmlElement, role: Role, heading: int, centred: bool) -> Iterator[Line]:
        tag = child.tag
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            yield from self._block(child, role, int(tag[1]), centred)
        elif tag in ("ul", "ol", "menu", "dir"):
            yield from self._list(child, role, centred)
        elif tag == "table":
            yield from self._table(child, role, centred)
        elif tag == "pre":
            yield from (Line(line, role=role, whole=True) for line in child.text_content().splitlines() if line.strip())
        elif tag in ("header", "footer") and child.getparent() is not None and child.getparent().tag == "body":
            yield from self._block(child, "header" if tag == "header" else "footer", heading, centred)
        else:
            yield from self._block(child, role, heading, centred)

    def _line(self, text: "_Inline", role: Role, heading: int, centred: bool) -> Iterator[Line]:
        line = text.line(self._prefix)
        if line is not None:
            self._prefix = ""
            yield replace(line, role=role, heading=heading, centred=centred)

    def _list(self, element: HtmlElement, role: Role, centred: bool) -> Iterator[Line]:
        items = [child for child in element if child.tag == "li"]
        number = _integer(element.get("start"), len(items) if element.get("reversed") is not None else 1)
        step = -1 if element.get("reversed") is not None else 1
        unmarked = _NO_MARKER.search(element.get("style") or "") is not None
        for child in element:
            if child.tag != "li":
                if isinstance(child.tag, str) and not _is_unseen(child):
                    yield from self._child(child, role, 0, centred)
                continue
            if _is_unseen(child):
                continue
            number = _integer(child.get("value"), number)
            if not unmarked:
                form = child.get("type") or element.get("type") or "1"
                self._prefix = f"{_formed(number, form)}.\t" if element.tag == "ol" else f"{BULLET}\t"
            number += step
            yield from self._block(child, role, 0, centred)
            self._prefix = ""

    def _table(self, element: HtmlElement, role: Role, centred: bool) -> Iterator[Line]:
        rows = [row for row in element.iter("tr") if next(row.iterancestors("table"), None) is element]
        cells = [[c for c in row if c.tag in ("td", "th") and not _is_unseen(c)] for row in rows if not _is_unseen(row)]
        for_layout = element.get("role") in ("presentation", "none") or any(
            c.find(".//table") is not None for r in cells for c in r
        )
        if role != "body" or for_layout or max(map(len, cells), default=0) <= 1:
            for row in cells:
                for cell in row:
                    yield from self._block(cell, role, 0, centred)
            return
        texts = [tuple(self._cell(cell) for cell in row) for row in cells]
        if element is self._first_table and any(_SYMBOL.search(text) for row in texts[:3] for text in row):
            # the masthead of a United Nations document
            yield from (Line("\t".join(filter(None, row)), whole=True) for row in texts if any(row))
            return
        for caption in element.iterchildren("caption"):
            yield from (replace(line, role="table", caption=True) for line in self._block(caption, "table", 0, False))
        yield from (Line("\t".join(row), role="table", whole=True, cells=row) for row in texts if any(row))

    def _cell(self, cell: HtmlElement) -> str:
        return "\n".join(line.text for line in self._block(cell, "table", 0, False))

    def _note(self, element: HtmlElement) -> Iterator[Line]:
        mark = self._notes[element]
        self._prefix = ""
        text = " ".join(line.text for line in self._block(element, "footnote", 0, False))
        own = _NOTE_MARK.match(text)
        if own is not None and own[1] == mark:
            text = text[own.end() :].lstrip(".) \t")
        yield Line(_BACK.sub("", text), role="footnote", whole=True, marks=(Mark(0, mark),))


class _Inline:
    """Running text with its white space as a browser shows it."""

    def __init__(self, references: dict[HtmlElement, str]) -> None:
        self._references = references
        self._text = ""
        self._marks: list[Mark] = []
        self._letters = {(False, False): 0}

    def add(self, text: str | None, bold: bool = False, italic: bool = False) -> None:
        shown = re.sub(r"[ \t\r\n\f\xa0]+", " ", (text or "").replace("\xad", ""))
        if not self._text or self._text[-1] in " \n":
            shown = shown.lstrip(" ")
        self._text += shown
        self._letters[bold, italic] = self._letters.get((bold, italic), 0) + sum(map(str.isalnum, shown))

    def read(self, element: HtmlElement, bold: bool = False, italic: bool = False) -> None:
        if _is_unseen(element):
            return
        if element in self._references:
            self._marks.append(Mark(len(self._text.rstrip(" ")), self._references[element]))
            return
        if element.tag == "br":
            self._text = self._text.rstrip(" ") + "\n"
        bold = bold or element.tag in ("b", "strong")
        italic = italic or element.tag in ("i", "em", "cite")
        self.add(element.text, bold, italic)
        for child in element:
            self.read(child, bold, italic)
            self.add(child.tail, bold, italic)

    def line(self, prefix: str) -> Line | None:
        text = self._text.strip()
        if not text:
            return None
        left = len(self._text) - len(self._text.lstrip())
        letters = sum(self._letters.values())
        return Line(
            prefix + text,
            whole=True,
            bold=letters > 0 and sum(n for look, n in self._letters.items() if look[0]) > 0.9 * letters,
            italic=letters > 0 and sum(n for look, n in self._letters.items() if look[1]) > 0.9 * letters,
            marks=tuple(Mark(min(max(m.offset - left, 0), len(text)) + len(prefix), m.mark) for m in self._marks),
        )


def _looks_like_a_mark(link: HtmlElement) -> bool:
    raised = any(element.tag == "sup" for element in (*link.iterancestors(), *link.iter()))
    return raised or link.get("role") == "doc-noteref" or link.text_content().strip().startswith("[")


def _named(element: HtmlElement) -> bool:
    return isinstance(element.tag, str) and bool(element.get("id") or (element.tag == "a" and element.get("name")))


def _is_unseen(element: HtmlElement) -> bool:
    return (
        not isinstance(element.tag, str)
        or element.tag in _UNSEEN
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
    )


def _empty_hidden(root: HtmlElement, start: HtmlElement) -> None:
    """Take out what styles hide; not the page itself, which a script would show."""
    for element in hidden_by_style(root) - {start, *start.iterancestors()}:
        element.clear(keep_tail=True)
        element.set("hidden", "")


def _integer(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d{1,6}", text.strip()) else otherwise


def _formed(number: int, form: str) -> str:
    return formed(
        number, {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}.get(form, "decimal")
    )
