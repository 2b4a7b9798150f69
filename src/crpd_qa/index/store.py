"""An index on disk, opened for answering."""

from dataclasses import dataclass
from pathlib import Path

from crpd_qa.document import Document
from crpd_qa.encoder import Encoder
from crpd_qa.errors import IndexDamagedError
from crpd_qa.index.dense import DenseIndex
from crpd_qa.index.lexical import LexicalIndex
from crpd_qa.index.manifest import REMEDY, Manifest, read_manifest, verify_files
from crpd_qa.index.multilingual import MultilingualIndex, installed_or_none
from crpd_qa.index.paragraphs import read_paragraphs
from crpd_qa.index.tokens import TokenIndex


@dataclass(frozen=True)
class Index:
    """All that retrieval and answering read."""

    folder: Path
    manifest: Manifest
    document: Document
    encoder: Encoder
    dense: DenseIndex
    lexical: LexicalIndex
    tokens: TokenIndex
    multilingual: MultilingualIndex | None
    """None where only questions in English can be answered."""

    @classmethod
    def open(cls, folder: str | Path, *, threads: int = 0) -> "Index":
        """Open and verify. Raises IndexNotFoundError or IndexDamagedError; each says the command that mends it."""
        folder = Path(folder)
        manifest = read_manifest(folder)
        verify_files(folder, manifest)
        entry, other = manifest.documents[0], manifest.multilingual
        try:
            return cls(
                folder=folder,
                manifest=manifest,
                document=read_paragraphs(folder, entry.symbol, entry.title),
                encoder=Encoder(folder, threads=threads),
                dense=DenseIndex.load(folder),
                lexical=LexicalIndex.load(folder),
                tokens=TokenIndex.load(folder),
                multilingual=(
                    MultilingualIndex(folder, other.name, threads) if other and installed_or_none(other.name) else None
                ),
            )
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            raise IndexDamagedError(f"the index in {folder} cannot be read ({error}); {REMEDY}") from error
