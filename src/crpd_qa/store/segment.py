"""What the store holds of one document, in a folder of its own: written once, never changed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from crpd_qa.errors import IndexDamagedError
from crpd_qa.files import sha256
from crpd_qa.store.lexical import Postings
from crpd_qa.store.manifest import REMEDY, FileEntry, read_files
from crpd_qa.store.tokens import TokenFile, TokenRows
from crpd_qa.store.vectors import VectorRows

Articles = npt.NDArray[np.uint64]

VECTORS = "vectors.npz"
MULTILINGUAL = "multilingual.npz"
LEXICAL = "lexical.npz"
TOKEN_CODES = "token_codes.npy"
ARTICLES = "articles.npy"
PIECES = "pieces.npy"
ORIGINAL = "original"
"""What the name of the original file begins with; its own suffix follows."""


def article_bits(articles: tuple[int, ...]) -> int:
    """A bit for each article of the Convention, 1 to 50."""
    return sum(1 << article for article in set(articles) if 0 < article < 64)


@dataclass(frozen=True)
class SegmentRows:
    """Everything that is searched of one document; what its language has no encoder for is empty or None."""

    vectors: VectorRows
    tokens: TokenRows
    pieces: npt.NDArray[np.int32]
    """(2, n_pieces) see `piece_frequencies`."""
    postings: Postings
    articles: Articles
    """(n,) of each paragraph, see `article_bits`."""
    multilingual: VectorRows | None

    def save(self, folder: Path) -> None:
        self.vectors.save(folder / VECTORS)
        self.tokens.save(folder)
        self.postings.save(folder / LEXICAL)
        np.save(folder / ARTICLES, self.articles)
        np.save(folder / PIECES, self.pieces)
        if self.multilingual:
            self.multilingual.save(folder / MULTILINGUAL)


class Segment:
    """A document's rows on disk, each file's digest verified before its first use."""

    def __init__(self, folder: Path, digest: str = "") -> None:
        """`digest` of its manifest, where it is known. Nothing is read before it is asked for."""
        self.folder = folder
        self._digest = digest
        self._verified: set[str] = set()

    @cached_property
    def files(self) -> dict[str, FileEntry]:
        """Each by its name. Raises IndexDamagedError."""
        return read_files(self.folder, self._digest)

    def path(self, name: str) -> Path:
        """Of a file whose content is what it was when it was written. Raises IndexDamagedError."""
        path = self.folder / name
        if name not in self._verified:
            entry = self.files.get(name)
            try:
                if entry is None or path.stat().st_size != entry.bytes or sha256(path) != entry.sha256:
                    raise IndexDamagedError(f"{path} was changed since it was written; {REMEDY}")
            except OSError as error:
                raise IndexDamagedError(f"{path} cannot be read ({error.strerror}); {REMEDY}") from error
            self._verified.add(name)
        return path

    def original(self) -> Path:
        """The file that the document was read from."""
        return self.path(next((name for name in self.files if name.startswith(ORIGINAL)), ORIGINAL))

    @property
    def vectors(self) -> VectorRows:
        return VectorRows.load(self.path(VECTORS))

    @property
    def multilingual(self) -> VectorRows | None:
        return VectorRows.load(self.path(MULTILINGUAL)) if MULTILINGUAL in self.files else None

    @property
    def postings(self) -> Postings:
        return Postings.load(self.path(LEXICAL))

    @property
    def articles(self) -> Articles:
        found: Articles = np.load(self.path(ARTICLES))
        return found

    @property
    def pieces(self) -> npt.NDArray[np.int32]:
        found: npt.NDArray[np.int32] = np.load(self.path(PIECES))
        return found

    def tokens(self) -> TokenRows:
        """The codes are memory-mapped: an open file as long as they are kept."""
        codes = np.load(self.path(TOKEN_CODES), mmap_mode="r")
        return TokenRows(codes, *(np.load(self.path(f"token_{name}.npy")) for name in ("offsets", "sentences")))

    @cached_property
    def token_file(self) -> TokenFile:
        """What tells paragraphs and sentences apart stays in memory: 150 bytes a paragraph."""
        rows = self.tokens()
        return TokenFile(self.path(TOKEN_CODES), rows.codes.shape[1], rows.offsets, rows.sentences, None)
