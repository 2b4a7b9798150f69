"""What is searched of many documents, merged into files that are memory-mapped: opening them reads nothing.

Documents' own segments stay the record: from them this is made anew whenever enough documents are not in it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from crpd_qa.encode import Floats, Ints
from crpd_qa.errors import IndexDamagedError
from crpd_qa.store.documents import Described
from crpd_qa.store.lexical import Postings
from crpd_qa.store.manifest import read_files
from crpd_qa.store.mapped import MappedVectors, Progress
from crpd_qa.store.segment import TOKEN_CODES, Articles, Segment
from crpd_qa.store.tokens import TokenFile, TokenRows, digests

MERGED_FROM = 50_000
"""So many paragraphs that are not merged are: until then they are read into memory whenever a library is opened."""
REMEDY = "make it again: crpd-qa index"

SEGMENTS = "segments.json"
ENGLISH, MULTILINGUAL = "english", "multilingual"
TOKENS = ("token_offsets", "token_sentences", "token_digests")

T = TypeVar("T")


@dataclass(frozen=True)
class Merged:
    """Rows of documents without written questions, one document's after the other's."""

    segments: tuple[str, ...]
    first: Ints
    """(n_documents + 1,) row of each one's first paragraph."""
    english: MappedVectors
    multilingual: MappedVectors | None
    postings: Postings
    articles: Articles
    pieces: npt.NDArray[np.int32]
    """(2, n_pieces) see `piece_frequencies`, of each document after those of the one before."""
    piece_offsets: Ints
    """(n_documents + 1,)"""
    token_offsets: Ints
    """(n_paragraphs + 1,) rows of each paragraph among the tokens of all; their codes stay in their segments."""
    token_sentences: npt.NDArray[np.int16]
    """(n_tokens,)"""
    token_digests: npt.NDArray[np.uint64]
    """(n_paragraphs,) so that of a segment's codes only those are verified that a question needs."""

    @classmethod
    def open(cls, folder: Path) -> "Merged":
        """Its files' sizes are verified, not their digests, which would take longer than all else of opening.

        Raises IndexDamagedError.
        """
        files = read_files(folder)
        for name, entry in files.items():
            if not (folder / name).is_file() or (folder / name).stat().st_size != entry.bytes:
                raise IndexDamagedError(f"{folder / name} was changed since it was written; {REMEDY}")
        return cls(
            segments=merged_segments(folder),
            english=MappedVectors(folder, ENGLISH),
            multilingual=MappedVectors(folder, MULTILINGUAL) if f"{MULTILINGUAL}.npy" in files else None,
            postings=Postings(**{name: _mapped(folder, f"posting_{name}") for name in Postings.__annotations__}),
            **{name: _mapped(folder, name) for name in ("first", "articles", "pieces", "piece_offsets", *TOKENS)},
        )

    def pieces_of(self, number: int) -> npt.NDArray[np.int32]:
        """(2, n_pieces) of one document of these."""
        return self.pieces[:, self.piece_offsets[number] : self.piece_offsets[number + 1]]

    def token_file(self, number: int, segment: Segment) -> TokenFile:
        """Of one document of these."""
        start, end = self.first[number : number + 2]
        offsets = self.token_offsets[start : end + 1]
        return TokenFile(
            path=segment.folder / TOKEN_CODES,
            width=self.english.rows.shape[1] // 2,
            offsets=offsets - offsets[0],
            sentences=self.token_sentences[offsets[0] : offsets[-1]],
            digests=self.token_digests[start:end],
        )

    def there(self, entries: Sequence[Described]) -> dict[int, int]:
        """Of a library's documents those that are in it: their numbers in the library, and here; both ascend.

        One that was taken out and added again stands at another place in the library: it counts as not merged.
        """
        numbers = {segment: number for number, segment in enumerate(self.segments)}
        found: dict[int, int] = {}
        last = -1
        for number, entry in enumerate(entries):
            if (own := numbers.get(entry.segment, -1)) > last:
                found[number] = last = own
        return found


def merged_segments(folder: Path) -> tuple[str, ...]:
    """The documents' segments that are in it, in order; none where there is no such folder."""
    path = folder / SEGMENTS
    return tuple(json.loads(path.read_bytes())) if path.is_file() else ()


def write_merged(
    folder: Path, segments: dict[str, Segment], dimension: int, multilingual: int | None, progress: Progress
) -> None:
    """Merge documents' segments, by their names, into a folder. `dimension` of each encoder's vectors.

    Raises IndexDamagedError.
    """

    def each(read: Callable[[Segment], T], step: str) -> Iterator[T]:
        for done, segment in enumerate(segments.values()):
            progress(f"Merging {step}", done, len(segments))
            yield read(segment)
        progress(f"Merging {step}", len(segments), len(segments))

    postings = list(each(lambda segment: segment.postings, "words"))
    pieces = [segment.pieces for segment in segments.values()]
    first = np.cumsum([0, *(len(own.lengths) for own in postings)])
    for name, array in vars(Postings.concatenate(postings)).items():
        np.save(folder / f"posting_{name}.npy", array)
    np.save(folder / "first.npy", first)
    np.save(folder / "articles.npy", np.concatenate([segment.articles for segment in segments.values()]))
    np.save(folder / "pieces.npy", np.concatenate(pieces, axis=1))
    np.save(folder / "piece_offsets.npy", np.cumsum([0, *(own.shape[1] for own in pieces)]))
    _write_tokens(folder, each(lambda segment: segment.tokens(), "token vectors"))
    rows = each(lambda segment: segment.vectors.paragraphs, "vectors")
    MappedVectors.write(folder, ENGLISH, rows, (int(first[-1]), dimension), progress)
    if multilingual:
        others = each(lambda segment: _multilingual(segment, multilingual), "multilingual vectors")
        MappedVectors.write(folder, MULTILINGUAL, others, (int(first[-1]), multilingual), progress)
    (folder / SEGMENTS).write_text(json.dumps(list(segments)), encoding="utf-8")


def _write_tokens(folder: Path, rows: Iterable[TokenRows]) -> None:
    found = ((np.diff(own.offsets), own.sentences, digests(own)) for own in rows)
    counts, sentences, verified = zip(*found, strict=True)
    np.save(folder / "token_offsets.npy", np.concatenate([[0], np.cumsum(np.concatenate(counts))]))
    np.save(folder / "token_sentences.npy", np.concatenate(sentences))
    np.save(folder / "token_digests.npy", np.concatenate(verified))


def _multilingual(segment: Segment, dimension: int) -> Floats:
    """(n, dim) zeros for a document that has none."""
    own = segment.multilingual
    return own.paragraphs if own else np.zeros((len(segment.articles), dimension), np.float32)


def _mapped(folder: Path, name: str) -> Any:
    return np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
