"""A larger library in Milvus Lite and in FAISS: what is found, how fast, how long writing takes and how much it needs.

    python eval/benchmarks/milvus.py [--paragraphs 20000] [--store ADDRESS]

The bundled report again and again, each time as another State's: vectors perturbed (cosine .9 with the report's own),
a fifth of the words exchanged, token vectors as they are. So the figures are of the stores, not of answers.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from crpd_qa.encode import Encoder, Floats
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.library.manifest import DocumentEntry, read_manifest
from crpd_qa.scope import Scope
from crpd_qa.settings import settings
from crpd_qa.store.faiss import FaissStore
from crpd_qa.store.lexical import Postings, terms
from crpd_qa.store.manifest import FILE_NAME, Files
from crpd_qa.store.milvus import Collections, MilvusStore, MilvusWriter, connected
from crpd_qa.store.segment import Segment, SegmentRows
from crpd_qa.store.vectors import Examples, VectorRows

QUESTIONS = 60
ROWS, CANDIDATES, WORDS = 50, 70, 10
COSINE = 0.9
EXCHANGED = 0.2


def perturbed(vectors: Floats, random: np.random.Generator) -> Floats:
    """(n, dim) of unit length, with that cosine to what was given."""
    noise = random.standard_normal(vectors.shape, dtype=np.float32)
    noise -= (noise * vectors).sum(axis=1, keepdims=True) * vectors
    noise /= np.linalg.norm(noise, axis=1, keepdims=True)
    found: Floats = (COSINE * vectors + (1 - COSINE**2) ** 0.5 * noise).astype(np.float32)
    return found


def varied(rows: SegmentRows, random: np.random.Generator) -> SegmentRows:
    nothing = np.zeros((0, rows.vectors.paragraphs.shape[1]), np.float32)
    count = len(rows.articles)
    vectors = VectorRows(
        perturbed(rows.vectors.paragraphs, random), nothing, np.zeros(count + 1, dtype=np.int64), nothing
    )
    moved = random.random(len(rows.postings.paragraphs)) < EXCHANGED
    paragraphs = rows.postings.paragraphs.copy()
    paragraphs[moved] = random.integers(0, count, moved.sum())
    owners = np.repeat(rows.postings.words, np.diff(rows.postings.offsets))
    _, kept = np.unique(np.stack([owners, paragraphs.astype(np.uint64)]), axis=1, return_index=True)
    words, starts = np.unique(owners[kept], return_index=True)
    counts = rows.postings.counts[kept]
    lengths = np.bincount(paragraphs[kept], counts, minlength=count).astype(np.int32)
    postings = Postings(words, np.append(starts, len(kept)), paragraphs[kept], counts, lengths)
    return replace(rows, vectors=vectors, postings=postings, multilingual=None)


def copies(source: Segment, entry: DocumentEntry, folder: Path, count: int) -> list[DocumentEntry]:
    """So many of the document, each a segment in the folder."""
    rows = SegmentRows(source.vectors, source.tokens(), source.pieces, source.postings, source.articles, None)
    found = []
    for number in range(count):
        name = f"segments/{number}"
        (folder / name).mkdir(parents=True)
        varied(rows, np.random.default_rng(number)).save(folder / name)
        (folder / name / FILE_NAME).write_text(Files.of(folder / name).model_dump_json(), "utf-8")
        update = {"symbol": f"CRPD/C/{number}/1", "state": f"S{number:03}", "segment": name}
        found.append(entry.model_copy(update=update))
    return found


def milliseconds(calls: list[Callable[[], Any]]) -> tuple[list[Any], dict[str, float]]:
    found, spent = [], []
    for call in calls:
        begun = time.perf_counter()
        found.append(call())
        spent.append((time.perf_counter() - begun) * 1000)
    return found, {"p50_ms": round(float(np.median(spent)), 1), "p95_ms": round(float(np.quantile(spent, 0.95)), 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paragraphs", type=int, default=20_000)
    parser.add_argument("--store", default="", help="a Milvus server's address; without, Milvus Lite in a new folder")
    given = parser.parse_args()
    library = settings().index
    manifest = read_manifest(library)
    entry = next(entry for entry in manifest.documents if entry.source.bundled)
    encoder = Encoder(library / manifest.encoder.folder, threads=1)
    examples = Examples.load(library / manifest.examples, "english")
    texts = [q.question for q in read_question_set(Path(__file__).parents[1] / "dev.jsonl") if q.lang == "en"]
    vectors = [encoder.encode(text).vector for text in texts[:QUESTIONS]]
    words = [terms(text) for text in texts[:QUESTIONS]]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        source = Segment(library / entry.segment, entry.sha256)
        entries = copies(source, entry, folder, max(1, round(given.paragraphs / entry.paragraphs)))
        segments = [Segment(folder / e.segment) for e in entries]
        address = given.store or str(folder / "store.db")
        collections = Collections.of(f"benchmark {time.time()}", "")
        writer = MilvusWriter(connected(address), collections, manifest.encoder.dimension, None)
        begun = time.perf_counter()
        for segment, one in zip(segments, entries, strict=True):
            writer.put(segment, one)
        figures: dict[str, Any] = {
            "paragraphs": len(entries) * entry.paragraphs,
            "writing_s": round(time.perf_counter() - begun, 1),
        }
        if not given.store:
            size = sum(path.stat().st_size for path in (folder / "store.db").rglob("*") if path.is_file())
            figures["bytes_a_paragraph"] = round(size / figures["paragraphs"])
        exact = FaissStore(segments, entries, examples, encoder.vocabulary)
        milvus = MilvusStore(connected(address), collections, segments, entries, examples, encoder.vocabulary)
        for name, scope in {
            "everything": Scope(),
            "one State": Scope(state=(entries[-1].state,)),
            "one article": Scope(article=(24,)),
        }.items():
            ours, its = exact.select(scope), milvus.select(scope)
            right = [exact.space.search(vector, ROWS, ours) for vector in vectors]
            found, spent = milliseconds([lambda v=v, its=its: milvus.space.search(v, ROWS, its) for v in vectors])
            recall = np.mean([len(set(a) & set(b)) / len(a) for a, b in zip(right, found, strict=True)])
            best = [exact.lexical.search(own, WORDS, ours) for own in words]
            held, worded = milliseconds([lambda w=w, its=its: milvus.lexical.search(w, WORDS, its) for w in words])
            least = [exact.lexical.coverage(own, a).min(initial=1) for own, a in zip(words, best, strict=True)]
            good = [
                float(np.mean(exact.lexical.coverage(own, b) >= low - 1e-5)) if len(b) else 1.0
                for own, b, low in zip(words, held, least, strict=True)
            ]
            figures[name] = {
                "vectors": {f"recall_at_{ROWS}": round(float(recall), 4), **spent},
                "words": {"as_good_as_exact": round(float(np.mean(good)), 4), **worded},
            }
        some = [np.sort(np.random.default_rng(n).choice(len(exact), CANDIDATES, replace=False)) for n in range(20)]
        _, figures["token_vectors"] = milliseconds([lambda p=p: milvus.tokens(p) for p in some])
        print(json.dumps(figures, indent=2))
        connected(address).close()


if __name__ == "__main__":
    main()
