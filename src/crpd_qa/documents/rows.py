"""A page's printed lines, as pdf.py and text.py find them and layout.py tells their roles."""

from collections import Counter
from dataclasses import dataclass, field

from crpd_qa.documents.lines import Role
from crpd_qa.documents.tags import Tag


@dataclass(slots=True)
class Segment:
    """Part of a printed line without a wide gap in it: [characters, whether they are raised], in order."""

    left: float
    right: float
    pieces: list[tuple[list[str], bool]] = field(default_factory=list)

    def add(self, character: str, raised: bool, right: float) -> None:
        if not self.pieces or self.pieces[-1][1] != raised:
            self.pieces.append(([], raised))
        self.pieces[-1][0].append(character)
        self.right = max(self.right, right)

    def space(self) -> None:
        if self.pieces and self.pieces[-1][0][-1] != " ":
            self.pieces[-1][0].append(" ")

    @property
    def text(self) -> str:
        return "".join(character for piece, _ in self.pieces for character in piece).strip()


@dataclass(slots=True)
class Row:
    """One printed line. Distances are points from the page's upper left corner."""

    segments: list[Segment]
    top: float
    bottom: float
    size: float
    bold: bool
    italic: bool
    tags: list[tuple[Tag, float, int]] = field(default_factory=list)
    """What the file's own tags say of each of its runs, where each begins and how many characters it has."""
    role: Role = "body"
    marks: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\t".join(segment.text for segment in self.segments)

    @property
    def left(self) -> float:
        return self.segments[0].left

    @property
    def right(self) -> float:
        return max(segment.right for segment in self.segments)

    @property
    def tag(self) -> Tag:
        """That of most of its characters."""
        counted: Counter[Tag] = Counter()
        for tag, _, count in self.tags:
            counted[tag] += count
        return counted.most_common(1)[0][0] if counted else Tag()


@dataclass(slots=True)
class PageRows:
    """A page's printed lines from the top, and its thin horizontal rules as (left, right, top)."""

    number: int
    width: float
    height: float
    rows: list[Row]
    rules: list[tuple[float, float, float]]
    tagged: bool = False
    damaged: bool = False
