"""A Markdown file (CommonMark with tables) -> lines, by way of the HTML that it stands for."""

from pathlib import Path

from markdown_it import MarkdownIt

from crpd_qa.documents.html import lines_of_html
from crpd_qa.documents.lines import Line
from crpd_qa.documents.text import MAX_BYTES, decode
from crpd_qa.errors import DocumentError


def read_markdown(path: Path) -> list[Line]:
    """All that the file shows, in order. Raises DocumentError with what would help."""
    if path.stat().st_size > MAX_BYTES:
        raise DocumentError(f"{path} has {path.stat().st_size:,} bytes; a text may have {MAX_BYTES:,} at most")
    text = decode(path.read_bytes(), path)
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text)
    for token in tokens:
        if token.type == "list_item_open" and token.info.isdigit():
            # CommonMark counts on from the first; a document's own numbers may skip or repeat
            token.attrSet("value", token.info)
    return lines_of_html(markdown.renderer.render(tokens, markdown.options, {}), path)
