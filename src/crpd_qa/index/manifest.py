"""manifest.json: what an index was made from, and the size and SHA-256 of each of its files."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from crpd_qa.errors import IndexDamagedError, IndexNotFoundError

FORMAT_VERSION = 3
FILE_NAME = "manifest.json"
REMEDY = "build it again: crpd-qa index"


class FileEntry(BaseModel):
    bytes: int
    sha256: str


class DocumentEntry(BaseModel):
    symbol: str
    title: str
    sha256: str
    paragraphs: int
    sentences: int
    questions: int


class ModelEntry(BaseModel):
    name: str
    sha256: str
    dimension: int


class Manifest(BaseModel):
    format_version: int
    crpd_qa_version: str
    model: ModelEntry
    multilingual: ModelEntry | None = None
    """None where only questions in English can be answered."""
    documents: list[DocumentEntry] = Field(min_length=1)
    files: dict[str, FileEntry]


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_files(folder: Path) -> dict[str, FileEntry]:
    """Every file below the folder, by its relative name."""
    return {
        path.relative_to(folder).as_posix(): FileEntry(bytes=path.stat().st_size, sha256=sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != FILE_NAME
    }


def read_manifest(folder: Path) -> Manifest:
    """Raises IndexNotFoundError or IndexDamagedError."""
    try:
        text = (folder / FILE_NAME).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        raise IndexNotFoundError(f"there is no index in {folder}; build one: crpd-qa index") from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError(f"{folder / FILE_NAME} cannot be read ({error}); {REMEDY}") from error
    try:
        manifest = Manifest.model_validate_json(text)
    except ValidationError as error:
        raise IndexDamagedError(f"{folder / FILE_NAME} is damaged ({error.error_count()} errors); {REMEDY}") from error
    if manifest.format_version != FORMAT_VERSION:
        raise IndexDamagedError(
            f"the index in {folder} has format {manifest.format_version}, this version reads {FORMAT_VERSION}; {REMEDY}"
        )
    return manifest


def verify_files(folder: Path, manifest: Manifest, *, digests: bool = False) -> None:
    """Compare each file's size, and with `digests` its SHA-256. Raises IndexDamagedError."""
    for name, entry in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise IndexDamagedError(f"{path} is missing; {REMEDY}")
        size = path.stat().st_size
        if size != entry.bytes:
            raise IndexDamagedError(f"{path} has {size:,} bytes instead of {entry.bytes:,}; {REMEDY}")
        if digests and sha256(path) != entry.sha256:
            raise IndexDamagedError(f"{path} was changed since it was built; {REMEDY}")
