"""The numbers that Word computes and stores nowhere: "12.", "(a)", "•" of automatic lists (ECMA-376 part 1, 17.9)."""

from collections.abc import Callable
from dataclasses import dataclass, field

from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.styles.style import ParagraphStyle

BULLET = "•"
LONGEST_CHAIN = 20
"""Of styles that rest on one another: a damaged file may make a circle of them."""
_LEVELS = 9
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_SMALL_ROMAN = ((9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщэюя"


@dataclass
class _Level:
    """One level of a list: `text` is what is printed, with "%1" for the number of the first level."""

    form: str = "decimal"
    text: str = ""
    start: int = 1
    gap: str = "\t"
    restarts_after: int | None = None
    """The deepest level whose numbers begin this one anew, from 1; 0: it never restarts; None: any above."""
    legal: bool = False


@dataclass
class _List:
    """A `w:num`: the abstract list whose numbers it counts on, its levels, and where it starts anew."""

    abstract: str
    levels: dict[int, _Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)


class Numbering:
    """Asked once for each paragraph in the document's order."""

    def __init__(self, document: Document) -> None:
        self._lists: dict[str, _List] = {}
        self._levels_of_styles: dict[tuple[str, str], int] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()
        self._document = document
        part = next((r.target_part for r in document.part.rels.values() if r.reltype.endswith("/numbering")), None)
        if part is not None:
            self._read(part.element)

    def printed(self, properties: BaseOxmlElement | None, style: ParagraphStyle | None) -> str:
        """The number or bullet before a paragraph, with the gap after it; "" where there is none."""
        number, level = self._place(properties, style)
        found = self._lists.get(number or "")
        if found is None or level not in found.levels:
            return ""
        counts = self._count(number or "", found, level)
        shape = found.levels[level]
        if shape.form == "bullet":
            return f"{BULLET}{shape.gap}"
        text = shape.text
        for other in range(level + 1):
            if f"%{other + 1}" in text:
                form = "decimal" if shape.legal else found.levels.get(other, _Level()).form
                text = text.replace(f"%{other + 1}", formed(counts[other] or 0, form))
        return f"{text}{shape.gap}" if text.strip() else ""

    def _place(self, properties: BaseOxmlElement | None, style: ParagraphStyle | None) -> tuple[str | None, int]:
        """A paragraph's list and level: its own, or those of its style."""
        number, level = _list_of(properties)
        for _ in range(LONGEST_CHAIN):
            if style is None or (number is not None and level is not None):
                break
            inherited, own_level = _list_of(style.element.find(qn("w:pPr")))
            if number is None and inherited is not None:
                number = inherited
                own_level = self._levels_of_styles.get((inherited, style.style_id), own_level)
            if level is None:
                level = own_level
            style = style.base_style if isinstance(style.base_style, ParagraphStyle) else None
        return (None if number == "0" else number), level or 0

    def _count(self, number: str, found: _List, level: int) -> list[int | None]:
        counts = self._counts.setdefault(found.abstract, [None] * _LEVELS)
        if (number, level) not in self._started:
            self._started.add((number, level))
            if level in found.starts:
                counts[level] = found.starts[level] - 1
        for above in range(level):  # "2.1" where "2." itself was never printed
            if counts[above] is None:
                counts[above] = found.levels.get(above, _Level()).start
        current = counts[level]
        counts[level] = found.levels[level].start if current is None else current + 1
        for below in range(level + 1, _LEVELS):
            after = found.levels.get(below, _Level()).restarts_after
            if after is None or (after and level < after):
                counts[below] = None
        return counts

    def _read(self, root: BaseOxmlElement) -> None:
        abstracts = {_value(a, "w:abstractNumId", own=True): a for a in root.findall(qn("w:abstractNum"))}
        for num in root.findall(qn("w:num")):
            number = num.get(qn("w:numId")) or ""
            abstract = _value(num, "w:abstractNumId")
            found = _List(abstract)
            element = _resolved(abstracts, abstract)
            for level in element.findall(qn("w:lvl")) if element is not None else ():
                self._read_level(number, found, level)
            for override in num.findall(qn("w:lvlOverride")):
                position = _integer(override.get(qn("w:ilvl")), 0)
                if (start := override.find(qn("w:startOverride"))) is not None:
                    found.starts[position] = _integer(start.get(qn("w:val")), 1)
                if (level := override.find(qn("w:lvl"))) is not None:
                    self._read_level(number, found, level)
            self._lists[number] = found

    def _read_level(self, number: str, found: _List, element: BaseOxmlElement) -> None:
        position = _integer(element.get(qn("w:ilvl")), 0)
        restart = element.find(qn("w:lvlRestart"))
        gap = _value(element, "w:suff")
        found.levels[position] = _Level(
            form=_value(element, "w:numFmt") or "decimal",
            text=_value(element, "w:lvlText"),
            start=_integer(_value(element, "w:start"), 1),
            gap={"space": " ", "nothing": ""}.get(gap, "\t"),
            restarts_after=None if restart is None else _integer(restart.get(qn("w:val")), 0),
            legal=element.find(qn("w:isLgl")) is not None,
        )
        if style := _value(element, "w:pStyle"):
            self._levels_of_styles[number, style] = position


def _resolved(abstracts: dict[str, BaseOxmlElement], abstract: str) -> BaseOxmlElement | None:
    """The abstract list, or the one with the style that it refers to."""
    element = abstracts.get(abstract)
    link = _value(element, "w:numStyleLink") if element is not None else ""
    linked = (other for other in abstracts.values() if link and _value(other, "w:styleLink") == link)
    return next(linked, element)


def _list_of(properties: BaseOxmlElement | None) -> tuple[str | None, int | None]:
    found = properties.find(qn("w:numPr")) if properties is not None else None
    if found is None:
        return None, None
    number, level = found.find(qn("w:numId")), found.find(qn("w:ilvl"))
    return (
        None if number is None else number.get(qn("w:val")),
        None if level is None else _integer(level.get(qn("w:val")), 0),
    )


def _value(element: BaseOxmlElement, name: str, *, own: bool = False) -> str:
    """The `w:val` of a child, or an own attribute."""
    if own:
        return element.get(qn(name)) or ""
    child = element.find(qn(name))
    return "" if child is None else child.get(qn("w:val")) or ""


def _integer(text: str | None, otherwise: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise


def formed(number: int, form: str) -> str:
    """A number as Word's form of that name prints it."""
    make = _FORMS.get(form)
    return make(number) if make is not None else str(number)


def _roman(number: int) -> str:
    text = ""
    for value, letters in (*_ROMAN, *_SMALL_ROMAN):
        count, number = divmod(number, value)
        text += letters * min(count, 20)
    return text


def _letter(number: int, alphabet: str = "abcdefghijklmnopqrstuvwxyz") -> str:
    """Word writes "z", "aa", "bb"."""
    if number < 1:
        return str(number)
    times, position = divmod(number - 1, len(alphabet))
    return alphabet[position] * min(times + 1, 30)


_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "lowerLetter": _letter,
    "upperLetter": lambda number: _letter(number).upper(),
    "russianLower": lambda number: _letter(number, _RUSSIAN),
    "russianUpper": lambda number: _letter(number, _RUSSIAN).upper(),
    "none": lambda number: "",
}
