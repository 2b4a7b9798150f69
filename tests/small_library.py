"""What tests of a library look at, and small documents for it."""

import hashlib
from pathlib import Path

from crpd_qa.library import DocumentEntry
from crpd_qa.library.manifest import read_manifest

DOCUMENTS = Path(__file__).parents[1] / "eval" / "documents"

HEAD = """United Nations	{symbol}
Convention on the Rights of Persons with Disabilities	Distr.: General
{date}
Original: English

Committee on the Rights of Persons with Disabilities

Initial report submitted by {state} under article 35 of the Convention

		Article 9 - Accessibility
"""


def state_of(folder: Path) -> dict[str, tuple[str, float]]:
    """Digest and time of every file of the library's documents, and of what names them."""
    return {
        path.relative_to(folder).as_posix(): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


def symbols(folder: Path) -> list[str]:
    return [entry.symbol for entry in read_manifest(folder).documents]


def entry_of(folder: Path, symbol: str, language: str = "en") -> DocumentEntry:
    found = read_manifest(folder).find(symbol, language)
    assert found, symbols(folder)
    return found
