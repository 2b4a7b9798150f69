"""What was written over a document: lines that hold only while its paragraphs are read as they were."""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from crpd_qa.documents import Document


def read_lines(path: Path, document: Document) -> list[dict[str, Any]]:
    """The lines of a file, whose first one holds the paragraphs' digests. Exits where one is another now."""
    head, *rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    for label, digest in head["paragraphs"].items():
        if digest_of(document, label) != digest:
            sys.exit(f"{path}: paragraph {label} of {document.symbol} is read otherwise now; leave its lines out")
    return rows


def digest_of(document: Document, label: str) -> str:
    paragraph = document.paragraph(label)
    return hashlib.sha256(paragraph.text.encode()).hexdigest()[:12] if paragraph else ""
