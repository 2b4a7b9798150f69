"""Where documents and their paragraphs are read, and where the files are that they were read from."""

import re
from urllib.parse import quote

from crpd_qa.documents import Document

ORIGINALS_PATH = "/originals/"
"""Below it are the files that documents were read from, by symbol. They are other people's: see web/security.py."""
_NO_ANCHOR = re.compile(r"[^A-Za-z0-9.]+")


def document_address(document: Document, base: str = "", *, first: bool = False) -> str:
    """Of a document; `first`: the library's first has an address of its own."""
    return f"{base}/report" if first else reader_address(document.symbol, base)


def reader_address(symbol: str, base: str = "") -> str:
    """Where a document is read; `in_language` and `with` may follow as parameters."""
    return f"{base}/documents/{quote(symbol)}"


def original_address(symbol: str, language: str, base: str = "") -> str:
    """Of the file that a version was read from."""
    return f"{base}{ORIGINALS_PATH}{quote(symbol)}?in_language={language}"


def anchor(label: str) -> str:
    """A paragraph's place on its document's page: "107" -> "para-107", "annex II, 3" -> "para-annex-II-3"."""
    return f"para-{_NO_ANCHOR.sub('-', label).strip('-')}"
