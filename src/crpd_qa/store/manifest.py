"""Sizes and SHA-256 of files, written beside them."""

from pathlib import Path

from pydantic import BaseModel, ValidationError

from crpd_qa.errors import IndexDamagedError
from crpd_qa.files import sha256

FILE_NAME = "manifest.json"
REMEDY = "make it again: crpd-qa index, or crpd-qa add FILE for a document of your own"


class FileEntry(BaseModel):
    bytes: int
    sha256: str


class Files(BaseModel):
    """Every file of a folder, by its name."""

    files: dict[str, FileEntry]

    @classmethod
    def of(cls, folder: Path) -> "Files":
        return cls(
            files={
                path.name: FileEntry(bytes=path.stat().st_size, sha256=sha256(path))
                for path in sorted(folder.iterdir())
                if path.is_file() and path.name != FILE_NAME
            }
        )


def read_files(folder: Path, digest: str = "") -> dict[str, FileEntry]:
    """Of a folder whose manifest has that digest, if one is given. Raises IndexDamagedError."""
    path = folder / FILE_NAME
    try:
        if digest and sha256(path) != digest:
            raise IndexDamagedError(f"{path} was changed since it was written; {REMEDY}")
        return Files.model_validate_json(path.read_bytes()).files
    except (OSError, ValidationError) as error:
        raise IndexDamagedError(f"{path} cannot be read ({error}); {REMEDY}") from error
