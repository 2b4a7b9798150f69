"""Prints small documents in the manner of the United Nations: what the readers of real PDFs must cope with."""

from pathlib import Path

import matplotlib
from fpdf import FPDF

LEFT, TEXT, RIGHT = 113.0, 142.0, 482.0
"""Points: the column of numbers, where text begins after a number or a tab, where lines end."""
LEADING = 12.0
FOOT = 740.0
SYMBOL = "CRPD/C/XAN/1"


class Printed:
    """Call its methods from the top of the document to its end, then `save`."""

    def __init__(self, symbol: str = SYMBOL, job: str = "GE.19-01234") -> None:
        self.symbol, self.job = symbol, job
        self.pdf = FPDF(unit="pt", format="A4")
        self.pdf.set_auto_page_break(False)
        fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
        for style, name in (("", "DejaVuSerif"), ("B", "DejaVuSerif-Bold"), ("I", "DejaVuSerif-Italic")):
            self.pdf.add_font("serif", style, fonts / f"{name}.ttf")
        self.y = 0.0
        self.notes: list[tuple[str, str]] = []
        self.number = 0

    def first_page(self, title: str, *, state: str = "", received: str = "") -> None:
        self._new_page(header=False)
        self._print(120, 52, "United Nations", size=14)
        self._print(440, 52, self.symbol, size=14)
        self._print(120, 80, "Convention on the Rights", size=17, style="B")
        self._print(397, 80, "Distr.: General")
        self._print(120, 98, "of Persons with Disabilities", size=17, style="B")
        self._print(397, 92, "5 June 2019")
        self._print(57, 215, "Committee on the Rights of Persons with Disabilities", size=12, style="B")
        self.y = 245
        self.heading(title, size=17)
        if state:
            self.heading(state, size=17)
        if received:
            self._print(350, self.y, received)
            self.y += 20

    def _new_page(self, header: bool = True) -> None:
        if self.number:
            self._foot()
        self.pdf.add_page()
        self.number += 1
        self.y = 90.0
        if header:
            self._print(57 if self.number % 2 == 0 else 477, 52, self.symbol, size=9, style="B")

    def _foot(self) -> None:
        y = 805 - 11 * len(self.notes) - 20
        if self.notes:
            self.pdf.line(LEFT, y - 12, LEFT + 120, y - 12)
        for mark, text in self.notes:
            self._print(LEFT - 8, y - 3, mark, size=6)
            self._print(LEFT, y, text, size=8.5)
            y += 11
        self.notes = []
        self._print(57, 812, str(self.number), size=9, style="B")
        self._print(495, 812, self.job, size=8)

    def _print(self, x: float, y: float, text: str, *, size: float = 10, style: str = "") -> float:
        self.pdf.set_font("serif", style, size)
        self.pdf.text(x, y, text)
        return float(self.pdf.get_string_width(text))

    def page_break(self) -> None:
        self._new_page()

    def heading(self, text: str, *, size: float = 12, style: str = "B", left: float = LEFT) -> None:
        self.y += 8
        self._wrapped(text, left=left, first=left, size=size, style=style)
        self.y += 4

    def paragraph(self, number: int | str, text: str, *, style: str = "") -> None:
        """`^1^` in the text prints a raised mark."""
        self._room()
        if number:
            self._print(LEFT, self.y, f"{number}.", style=style)
        self._wrapped(text, left=LEFT, first=TEXT if number else LEFT, size=10, style=style)
        self.y += 6

    def item(self, mark: str, text: str) -> None:
        self._room()
        self._print(TEXT, self.y, mark)
        self._wrapped(text, left=LEFT, first=TEXT + 22, size=10, style="")
        self.y += 6

    def footnote(self, mark: str, text: str) -> None:
        self.notes.append((mark, text))

    def table(self, caption: str, rows: list[tuple[str, ...]]) -> None:
        self.y += 6
        for line in caption.split("\n"):
            self._print(LEFT, self.y, line, style="B")
            self.y += LEADING
        for row in rows:
            for column, cell in enumerate(row):
                self._print(LEFT + 130 * column, self.y, cell, size=9)
            self.y += LEADING
        self.y += 10

    def contents(self, entries: list[tuple[str, int]]) -> None:
        self.heading("Contents", size=14)
        self._print(515, self.y, "Page", size=9, style="I")
        self.y += 16
        for text, page in entries:
            self._print(LEFT, self.y, text)
            width = self.pdf.get_string_width(text)
            dots = int((500 - LEFT - width) / self.pdf.get_string_width("."))
            self._print(LEFT + width + 4, self.y, "." * dots)
            self._print(520, self.y, str(page))
            self.y += 16

    def _room(self) -> None:
        if self.y > FOOT - 30 - 11 * len(self.notes):
            self._new_page()

    def _wrapped(self, text: str, *, left: float, first: float, size: float, style: str) -> None:
        x, line_height = first, LEADING if size <= 10 else 1.2 * size
        self.pdf.set_font("serif", style, size)
        for word in text.split(" "):
            pieces = word.split("^")
            self.pdf.set_font("serif", style, size)
            width = self.pdf.get_string_width("".join(pieces[::2]))
            if x + width > RIGHT and x > left:
                x = left
                self.y += line_height
                if self.y > FOOT - 11 * len(self.notes):
                    self._new_page()
            for index, piece in enumerate(pieces):
                if index % 2:
                    x += self._print(x, self.y - 3, piece, size=6)
                elif piece:
                    x += self._print(x, self.y, piece, size=size, style=style)
            self.pdf.set_font("serif", style, size)
            x += self.pdf.get_string_width(" ")
        self.y += line_height

    def save(self, path: Path) -> Path:
        self._foot()
        self.pdf.output(str(path))
        return path
