"""Where documents and their paragraphs are read."""

import re
from urllib.parse import quote

from crpd_qa.documents import Document

_NO_ANCHOR = re.compile(r"[^A-Za-z0-9.]+")


def document_address(document: Document, base: str = "", *, first: bool = False) -> str:
    """Of a document; `first`: the library's first has an address of its own."""
    return f"{base}/report" if first else f"{base}/documents/{quote(document.symbol)}"


def anchor(label: str) -> str:
    """A paragraph's place on its document's page: "107" -> "para-107", "annex II, 3" -> "para-annex-II-3"."""
    return f"para-{_NO_ANCHOR.sub('-', label).strip('-')}"
