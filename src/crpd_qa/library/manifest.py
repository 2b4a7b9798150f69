"""library.json: the encoders and documents of a library. It alone says what is there; everything else is named in it.

Folders that it names are written before it and never changed: a kill at any moment leaves the library as it was.
"""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from crpd_qa.documents.model import DocumentLanguage, Kind
from crpd_qa.errors import IndexDamagedError, IndexNotFoundError
from crpd_qa.files import write_whole
from crpd_qa.store.manifest import REMEDY

FORMAT_VERSION = 3
FILE_NAME = "library.json"


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
    documents: list[DocumentEntry] = []

    def find(self, symbol: str, language: str) -> DocumentEntry | None:
        """The entry of a document in a language."""
        return next((e for e in self.documents if (e.symbol, e.language) == (symbol, language)), None)


def read_manifest(folder: Path) -> LibraryManifest:
    """Raises IndexNotFoundError or IndexDamagedError; each says the command that mends it."""
    path = folder / FILE_NAME
    try:
        manifest = LibraryManifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFoundError(f"there is no library in {folder}; make one: crpd-qa index") from None
    except OSError as error:
        raise IndexDamagedError(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error
    except ValidationError as error:
        raise IndexDamagedError(f"{path} is damaged ({error.error_count()} errors); {REMEDY}") from error
    if manifest.format_version != FORMAT_VERSION:
        raise IndexDamagedError(
            f"the library in {folder} has format {manifest.format_version}, "
            f"this version reads {FORMAT_VERSION}; {REMEDY}"
        )
    return manifest


def write_manifest(folder: Path, manifest: LibraryManifest) -> None:
    """From here on readers see the library as the manifest has it."""
    write_whole(folder / FILE_NAME, manifest.model_dump_json(indent=1).encode())
