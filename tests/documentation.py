"""The pages of the documentation: their blocks of code, headings, links and code in the text."""

import re
import shlex
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "eval" / "README.md"]
_MARKDOWN = MarkdownIt().enable("table")


@dataclass(frozen=True)
class Block:
    """A fenced block of code. `kind` is what stands behind the fence, "" where nothing does."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def _tokens(page: Path) -> Iterator[Token]:
    for token in _MARKDOWN.parse(page.read_text("utf-8")):
        yield token
        yield from token.children or ()


def blocks(page: Path) -> list[Block]:
    """An indented block of code has no kind."""
    return [
        Block(page, (token.map or [0])[0] + 1, token.info.strip(), token.content)
        for token in _tokens(page)
        if token.type in ("fence", "code_block")
    ]


def links(page: Path) -> list[str]:
    """Where links lead and pictures lie."""
    found = [token.attrs.get("href") or token.attrs.get("src") for token in _tokens(page)]
    return [str(address) for address in found if address]


def codes(page: Path) -> list[str]:
    """What stands between backquotes within the text."""
    return [token.content for token in _tokens(page) if token.type == "code_inline"]


def prose(page: Path) -> str:
    """The page in one line, without its blocks of code."""
    return " ".join(re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL).split())


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    tokens = list(_MARKDOWN.parse(page.read_text("utf-8")))
    titles = [tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open"]
    kept = ["".join(c for c in title.lower() if c in " -_" or unicodedata.category(c)[0] in "LN") for title in titles]
    return {title.replace(" ", "-") for title in kept}


@dataclass(frozen=True)
class Command:
    """One command of a block, and in a `console` block what it is shown to print."""

    settings: dict[str, str]
    """Variables that are set in front of it."""
    words: tuple[str, ...]
    shown: str = ""


def commands(block: Block) -> list[Command]:
    found: list[Command] = []
    lines = block.text.rstrip("\n").replace("\\\n", " ").split("\n")
    for line in lines:
        if block.kind == "console" and not line.startswith("$ "):
            last = found.pop()
            found.append(Command(last.settings, last.words, f"{last.shown}{line}\n"))
            continue
        words = shlex.split(line.removeprefix("$ "), comments=True)
        count = next((i for i, word in enumerate(words) if not re.fullmatch(r"[A-Z_]+=.*", word)), len(words))
        if words:
            found.append(Command(dict(word.split("=", 1) for word in words[:count]), tuple(words[count:])))
    return found
