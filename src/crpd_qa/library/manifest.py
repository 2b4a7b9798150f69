"""library.json: the encoders and documents of a library. It alone says what is there; everything else is named in it.

Folders that it names are written before it and never changed: a kill at any moment leaves the library as it was.
It bears its own digest, and a copy of it lies beside it: which folder is which document stands nowhere else.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ValidationError

from crpd_qa.documents.model import DocumentLanguage, Kind
from crpd_qa.errors import IndexDamagedError, IndexNotFoundError
from crpd_qa.files import write_whole

FORMAT_VERSION = 3
FILE_NAME = "library.json"
COPY_NAME = "library.copy.json"
_ABSENT = (FileNotFoundError, NotADirectoryError)
_REMEDY = "move that folder away and read its documents again: crpd-qa index for the bundled report, crpd-qa add FILE"


class ModelEntry(BaseModel):
    """`folder` is the model's, below the library's; "" for one whose package holds its files."""

    name: str
    sha256: str
    dimension: int
    folder: str = ""


class Source(BaseModel):
    """What a document was read from. `sha256` is of the file and the questions beside it."""

    name: str
    sha256: str
    bundled: bool = False


class DocumentEntry(BaseModel):
    """A document of the library, in one language; `segment` is its folder, `sha256` of that folder's manifest."""

    symbol: str
    language: DocumentLanguage
    state: str
    kind: Kind
    title: str
    date: str
    numbering: str
    paragraphs: int
    sentences: int
    questions: int
    warnings: int
    segment: str
    sha256: str
    source: Source

    def is_called(self, symbol: str) -> bool:
        """Whether that is its symbol, in small letters or capitals: the United Nations print "Q/1/Add.1"."""
        return self.symbol.upper() == symbol.strip().upper()

    @property
    def year(self) -> int | None:
        """Of its date."""
        return int(self.date[:4]) if self.date[:4].isdigit() else None


class LibraryManifest(BaseModel):
    format_version: int = FORMAT_VERSION
    crpd_qa_version: str
    encoder: ModelEntry
    multilingual: ModelEntry | None = None
    """None where only questions in English, over documents in English, find by meaning."""
    examples: str
    """Folder of the vectors of what no document answers."""
    merged: str = ""
    """Folder of what is searched of many documents together (`store.merged`); "" where they are too few."""
    documents: list[DocumentEntry] = []

    def find(self, symbol: str, language: str) -> DocumentEntry | None:
        """The entry of a document in a language."""
        return next((e for e in self.documents if e.is_called(symbol) and e.language == language), None)


def read_manifest(folder: Path) -> LibraryManifest:
    """Of the copy where the file is damaged or gone.

    Raises IndexNotFoundError, IndexDamagedError: each says what mends.
    """
    try:
        return _read(folder / FILE_NAME)
    except (OSError, ValueError) as error:
        try:
            return _read(folder / COPY_NAME)
        except (OSError, ValueError) as of_copy:
            if isinstance(error, _ABSENT) and isinstance(of_copy, _ABSENT):
                mended = f"make one: crpd-qa index --output {folder}"
                raise IndexNotFoundError(f"there is no library in {folder}; {mended}") from None
            raise IndexDamagedError(f"{folder / FILE_NAME} cannot be read ({_reason(error)}); {_REMEDY}") from error


def _read(path: Path) -> LibraryManifest:
    """Raises OSError; ValueError for what was not written as it stands, or by another version."""
    content = path.read_bytes()
    manifest = LibraryManifest.model_validate_json(content)
    if manifest.format_version != FORMAT_VERSION:
        raise ValueError(f"it has format {manifest.format_version}, this version reads {FORMAT_VERSION}")
    values = json.loads(content)
    if values.pop("sha256", None) not in (None, _digest(values)):  # None: as it was first written
        raise ValueError("it was changed since it was written")
    return manifest


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, ValidationError):
        return f"{error.error_count()} errors"
    return getattr(error, "strerror", None) or str(error)


def _digest(values: dict[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


def write_manifest(folder: Path, manifest: LibraryManifest) -> None:
    """From here on readers see the library as the manifest has it."""
    values = manifest.model_dump()
    content = orjson.dumps(values | {"sha256": _digest(values)}, option=orjson.OPT_INDENT_2)
    write_whole(folder / FILE_NAME, content)
    write_whole(folder / COPY_NAME, content)
