"""A million paragraphs: which index finds the nearest, and what the program itself needs for them.

    python eval/benchmarks/million.py LIBRARY [--paragraphs 1000000] [--work DIR] [--json FILE]

Takes the English documents of LIBRARY, with their vectors. The other documents are these again and again: three words
of ten are replaced by others of the same length, token vectors are those of the real paragraph, and a paragraph's
vector is the real one plus half the difference of two others, of unit length again: so they keep the directions in
which real ones differ, which noise that is alike in all directions would not. The questions are those of
eval/dev.jsonl, encoded.

recall@10 is what retrieval gets: an index gives 50 rows, which are ordered by exact cosine; how many of the ten nearest
of all are among the first ten then. Filters are runs of rows, 1 % and 0.01 % of all, as documents are: of paragraphs
that are near each other. Asked one question at a time, in one thread. Milliseconds of indices are CPU time; those of
the program by the clock, too.

Everything is kept in `--work`, and a run that was stopped goes on there. Each index is built, and asked, in a process
of its own: resident is what that process holds after all questions, the index memory-mapped.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
import numpy.typing as npt
import orjson
from rich.console import Console
from rich.progress import Progress, TaskID, track
from threadpoolctl import threadpool_limits

from crpd_qa.documents import Document, Paragraph
from crpd_qa.documents.record import packed, to_record
from crpd_qa.encode import Encoder
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.files import sha256
from crpd_qa.library import Library
from crpd_qa.library.folders import named, writing_to
from crpd_qa.library.library import DOCUMENT, WORDS, document_of
from crpd_qa.library.library import QUESTIONS as WRITTEN
from crpd_qa.library.manifest import DocumentEntry, read_manifest, write_manifest
from crpd_qa.library.questions import WrittenQuestions
from crpd_qa.library.write import LibraryWriter, _words, slug
from crpd_qa.retrieve import Query, rank
from crpd_qa.scope import Scope
from crpd_qa.store import milvus
from crpd_qa.store.lexical import Postings
from crpd_qa.store.manifest import FILE_NAME as FOLDER_MANIFEST
from crpd_qa.store.mapped import MappedVectors
from crpd_qa.store.segment import Segment, SegmentRows
from crpd_qa.store.tokens import TokenRows
from crpd_qa.store.vectors import VectorRows

Floats = npt.NDArray[np.float32]

QUESTIONS = Path(__file__).parents[1] / "dev.jsonl"
WORD = re.compile(r"[A-Za-z]{4,}")
VARIED = 0.3
ASKED = 200
CANDIDATES = 50
"""Rows that the program takes of the index."""
SHARES = {"all": 1.0, "1 %": 0.01, "0.01 %": 0.0001}
PLACES = 5
"""So many places of the filtered run are tried with each question's share."""
COSTS = ("bytes a paragraph", "build, CPU s", "open, s", "resident MB")
BLOCK = 50_000
TRAINED_ON = 100_000

EXACT = "exact"
PROGRAM = "the program's: PQ, 4 bits for two numbers"
SELECTED = "the selected rows only"
INDICES: dict[str, tuple[str, list[int]]] = {
    EXACT: ("Flat", [0]),
    "scalar-quantized, 8 bits": ("SQ8", [0]),
    "IVF, 8 bits": ("IVF{clusters},SQ8", [16, 64, 128, 256]),
    "IVF-PQ, 96 bytes": ("IVF{clusters},PQ96", [64, 128, 256]),
    "HNSW, 32 neighbours": ("HNSW32,Flat", [64, 128, 256]),
    PROGRAM: ("", [0]),
}
"""Name: FAISS's own name of it, and how many clusters (IVF) or neighbours (HNSW) a question looks at."""
MILVUS = "store.db"
EACH = 5
"""Milvus is asked one question of so many, since it takes so much longer."""
HNSW_MOST = 200_000
"""Building takes more than ten minutes beyond: of more paragraphs, so many of the first are taken."""

err = Console(stderr=True)


def real_documents(library: Path) -> list[DocumentEntry]:
    return [e for e in read_manifest(library).documents if e.language == "en" and not e.questions]


def real_vectors(library: Path) -> Floats:
    """(n, dim) of the real documents, one after the other."""
    entries = real_documents(library)
    return np.concatenate([Segment(library / e.segment, e.sha256).vectors.paragraphs for e in entries])


def texts() -> list[str]:
    """Questions, spread over the development set."""
    found = [q.question for q in read_question_set(QUESTIONS) if q.lang == "en"]
    return found[:: max(1, len(found) // ASKED)][:ASKED]


def questions(work: Path) -> Floats:
    """(n, dim)"""
    found: Floats = np.load(work / "questions.npy")
    return found[:ASKED]


def encode_questions(library: Path, work: Path) -> None:
    if not (work / "questions.npy").exists():
        encoder = Encoder(library / read_manifest(library).encoder.folder)
        np.save(work / "questions.npy", np.array([encoder.encode(text).vector for text in texts()]))


def vectors(real: Floats, count: int, work: Path) -> Floats:
    """(count, dim), memory-mapped: the real ones, then made ones in the order of those they are made of."""
    target = work / f"vectors-{count}.npy"
    if not target.exists():
        writing = target.with_suffix(".writing")
        rows = np.lib.format.open_memmap(writing, "w+", np.float32, (count, real.shape[1]))
        chance = np.random.default_rng(0)
        for start in track(range(0, count, BLOCK), "Making vectors", console=err):
            own = np.arange(start, min(start + BLOCK, count)) % len(real)
            one, other = chance.integers(len(real), size=(2, len(own)))
            made = real[own] + 0.5 * (real[one] - real[other])
            made /= np.linalg.norm(made, axis=1, keepdims=True)
            made[: max(0, len(real) - start)] = real[start : start + len(own)]
            rows[start : start + len(own)] = made
        rows.flush()
        writing.rename(target)
    return np.load(target, mmap_mode="r")


def runs(count: int, share: float, number: int) -> slice:
    """The filtered rows of that question."""
    length = max(1, round(count * share))
    places = np.linspace(0, count - length, PLACES).astype(int)
    start = int(places[number % PLACES])
    return slice(start, start + length)


def nearest(rows: Floats, asked: Floats, work: Path) -> dict[str, list[list[int]]]:
    """By filter, the ten nearest rows of each question, compared with every one."""
    target = work / f"nearest-{len(rows)}.json"
    if not target.exists():
        found: dict[str, list[list[int]]] = {}
        for name, share in SHARES.items():
            if share == 1:
                scores = np.concatenate([asked @ rows[at : at + BLOCK].T for at in range(0, len(rows), BLOCK)], axis=1)
                found[name] = np.argsort(-scores, axis=1)[:, :10].tolist()
            else:
                found[name] = [
                    (np.argsort(-(rows[own] @ question))[:10] + own.start).tolist()
                    for number, question in enumerate(asked)
                    for own in [runs(len(rows), share, number)]
                ]
        target.write_text(json.dumps(found))
    result: dict[str, list[list[int]]] = json.loads(target.read_text())
    return result


def build(name: str, rows: Floats, target: Path) -> dict[str, Any]:
    """Train and fill that index, and write it."""
    begun = time.process_time()
    if name == PROGRAM:
        parts = (rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK))
        with progress_bar() as progress:
            MappedVectors.write(target.parent, target.stem, parts, rows.shape, progress)
        return costs(begun, target, len(rows))
    clusters = int(len(rows) ** 0.5)
    index = faiss.index_factory(rows.shape[1], INDICES[name][0].format(clusters=clusters), faiss.METRIC_INNER_PRODUCT)
    if not index.is_trained:
        if "PQ" in name:  # of 96 times 256 centroids; with FAISS's own 25 rounds of 65,536 rows it takes an hour here
            codes = faiss.downcast_index(faiss.extract_index_ivf(index)).pq.cp
            codes.niter, codes.max_points_per_centroid = 8, 64
        sample = np.random.default_rng(1).choice(len(rows), min(TRAINED_ON, len(rows)), replace=False)
        index.train(np.ascontiguousarray(rows[np.sort(sample)]))
    for start in track(range(0, len(rows), BLOCK), f"Filling: {name}", console=err):
        index.add(np.ascontiguousarray(rows[start : start + BLOCK]))
    faiss.write_index(index, str(target))
    return costs(begun, target, len(rows))


def costs(begun: float, target: Path, count: int) -> dict[str, Any]:
    return {
        "build, CPU s": round(time.process_time() - begun, 1),
        "bytes a paragraph": round(target.stat().st_size / count),
    }


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """What the program calls with a step, how much of it is done, and of how much."""
    with Progress(console=err) as bar:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step)
            bar.update(tasks[step], completed=done, total=total)

        yield show


def resident_mb() -> tuple[int, int]:
    """(all, of it what is not of mapped files) of this process."""
    status = Path("/proc/self/status").read_text()
    rss, anonymous = (int(status.split(f"{key}:")[1].split()[0]) for key in ("VmRSS", "RssAnon"))
    return round(rss / 1000), round(anonymous / 1000)


def opened(target: Path) -> Any:
    return faiss.read_index(str(target), faiss.IO_FLAG_MMAP_IFC)


def searcher(name: str, target: Path, rows: Floats, effort: int) -> Callable[[Floats, slice], npt.NDArray[np.intp]]:
    """Ten rows for a question, within some: what the index gives, ordered by exact cosine."""
    if name == PROGRAM:
        mapped = MappedVectors(target.parent, target.stem)

        def program(question: Floats, own: slice) -> npt.NDArray[np.intp]:
            allowed = None
            if own.stop - own.start < len(rows):
                allowed = np.zeros(len(rows), dtype=bool)
                allowed[own] = True
            return mapped.nearest(question, CANDIDATES, allowed)[0][:10]

        return program
    index = opened(target)

    def search(question: Floats, own: slice) -> npt.NDArray[np.intp]:
        options: dict[str, Any] = {}
        if own.stop - own.start < len(rows):
            options["sel"] = faiss.IDSelectorRange(own.start, own.stop)
        if "IVF" in name:
            parameters = faiss.SearchParametersIVF(nprobe=effort, **options)
        elif "HNSW" in name:
            parameters = faiss.SearchParametersHNSW(efSearch=effort, **options)
        else:
            parameters = faiss.SearchParameters(**options)
        found = index.search(question[np.newaxis], CANDIDATES, params=parameters)[1][0]
        found = found[found >= 0]
        best: npt.NDArray[np.intp] = found[np.argsort(-(rows[found] @ question))][:10]
        return best

    return search


def selected_only(rows: Floats) -> Callable[[Floats, slice], npt.NDArray[np.intp]]:
    """Ten rows for a question, compared with each selected one: as the program does where a filter is narrow."""

    def search(question: Floats, own: slice) -> npt.NDArray[np.intp]:
        positions = np.arange(own.start, own.stop)  # it has positions, not runs
        return positions[np.argsort(-(rows[positions] @ question))][:10]

    return search


def ask(name: str, rows: Floats, asked: Floats, wanted: dict[str, list[list[int]]], target: Path) -> dict[str, Any]:
    """Recall and CPU milliseconds of that index, by how much it looks at and by filter."""
    faiss.omp_set_num_threads(1)
    figures: dict[str, Any] = {}
    begun = time.perf_counter()
    if target.exists():
        opened(target).search(asked[:1], 1)
    figures["open, s"] = round(time.perf_counter() - begun, 2)
    efforts = INDICES[name][1] if name in INDICES else [0]
    for effort in efforts:
        search = searcher(name, target, rows, effort) if name in INDICES else selected_only(rows)
        for filtered, share in SHARES.items():
            if name not in INDICES and share == 1:
                continue
            times, hits = [], 0
            for repeated in range(2):  # the first reads pages from the disk
                for number, question in enumerate(asked):
                    own = runs(len(rows), share, number)
                    spent = time.thread_time()
                    found = search(question, own)
                    if repeated:
                        times.append((time.thread_time() - spent) * 1000)
                        hits += len(set(found.tolist()) & set(wanted[filtered][number]))
            figures[f"{effort} {filtered}"] = {
                "recall@10": round(hits / sum(map(len, wanted[filtered])), 4),
                "p50 ms": round(float(np.percentile(times, 50)), 2),
                "p95 ms": round(float(np.percentile(times, 95)), 2),
            }
    figures["resident MB"], figures["of it not mapped, MB"] = resident_mb()
    return figures


def measured(name: str, count: int, work: Path) -> dict[str, Any]:
    """Of one index, each step in a process of its own, unless it was done."""
    figures: dict[str, Any] = {}
    for step in ("build", "ask"):
        if step == "ask" or name in INDICES:
            figures |= process(work, step, name, count)
    return figures


def process(work: Path, step: str, name: str, count: int) -> dict[str, Any]:
    """The figures of a step, which are kept."""
    done = work / f"{step}-{count}-{label(name)}.json"
    if not done.exists():
        command = [sys.executable, __file__, str(work), "--step", step, name, "--paragraphs", str(count)]
        # FAISS's threads that wait for one another would spin where others use the machine too.
        subprocess.run(command, check=True, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"})
    figures: dict[str, Any] = json.loads(done.read_text())
    return figures


def label(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name)


def one_step(step: str, name: str, count: int, work: Path) -> None:
    """The process of `process`."""
    milvus.connection.SECONDS = 600.0  # the first search reads and indexes all that Milvus Lite holds
    if step == "build":
        rows: Floats = np.load(work / f"vectors-{count}.npy", mmap_mode="r")
        figures = build(name, rows, work / f"{count}-{label(name)}.faiss")
    elif step == "ask":
        rows = np.load(work / f"vectors-{count}.npy", mmap_mode="r")
        asked = questions(work)
        figures = ask(name, rows, asked, nearest(rows, asked, work), work / f"{count}-{label(name)}.faiss")
    elif step == "fill":
        figures = fill_milvus(library_folder(work, count), milvus_folder(work, int(name)), int(name))
    else:
        folder = milvus_folder(work, int(name)) if name else library_folder(work, count)
        figures = ask_library(folder, count, work, str(folder / MILVUS) if name else "")
    (work / f"{step}-{count}-{label(name)}.json").write_text(json.dumps(figures))


# The program's own store


def library_folder(work: Path, count: int) -> Path:
    return work / f"library-{count}"


class Made(NamedTuple):
    """A document that is made of a real one."""

    source: DocumentEntry
    version: int
    start: int
    """Row of its first paragraph."""
    paragraphs: int


def to_make(library: Path, count: int) -> Iterator[Made]:
    entries, start = real_documents(library), 0
    for version in itertools.count():
        for entry in entries:
            if start == count:
                return
            own = min(entry.paragraphs, count - start)
            yield Made(entry, version, start, own)
            start += own


def make_document(library: Path, target: Path, made: Made, vectors_path: Path) -> DocumentEntry:
    """Write its segment, unless it is there."""
    source = Segment(library / made.source.segment)
    symbol = f"{made.source.symbol}/VARIANT {made.version}" if made.version else made.source.symbol
    name = f"segments/{slug(symbol)}.en"
    if not (target / name).exists():
        document = document_of(source)
        document = replace(document, symbol=symbol, paragraphs=varied(document, made))
        count, tokens, dimension = made.paragraphs, source.tokens(), source.vectors.paragraphs.shape[1]
        end, nothing = tokens.offsets[count], np.zeros((0, dimension), np.float32)
        own = np.array(np.load(vectors_path, mmap_mode="r")[made.start : made.start + count])
        written = WrittenQuestions(answers=[[] for _ in range(count)], unanswered=[])
        with writing_to(target, "segments") as building:
            (building / DOCUMENT).write_bytes(packed(orjson.dumps(to_record(document))))
            (building / WRITTEN).write_bytes(written.model_dump_json().encode())
            (building / WORDS).write_bytes(orjson.dumps(_words(document, written)))
            shutil.copyfile(source.original(), building / source.original().name)
            SegmentRows(
                vectors=VectorRows(own, nothing, np.zeros(count + 1, np.int64), nothing),
                tokens=TokenRows(tokens.codes[:end], tokens.offsets[: count + 1], tokens.sentences[:end]),
                pieces=source.pieces,
                postings=Postings.build([paragraph.text for paragraph in document], "en"),
                articles=source.articles[:count],
                multilingual=None,
            ).save(building)
            named(building, Path(name).name)
    digest = sha256(target / name / FOLDER_MANIFEST)
    update = {"symbol": symbol, "paragraphs": made.paragraphs, "segment": name, "sha256": digest}
    return made.source.model_copy(update=update)


def varied(document: Document, made: Made) -> tuple[Paragraph, ...]:
    """Of the first version the text as it is."""
    chance = random.Random(made.start)
    words = [word for paragraph in document for word in WORD.findall(paragraph.text)]
    by_length = {length: list(own) for length, own in itertools.groupby(sorted(words, key=len), key=len)}

    def other(match: re.Match[str]) -> str:
        return chance.choice(by_length[len(match[0])]) if chance.random() < VARIED else match[0]

    own = document.paragraphs[: made.paragraphs]
    return tuple(replace(p, text=WORD.sub(other, p.text)) for p in own) if made.version else own


def make_library(library: Path, count: int, work: Path) -> dict[str, Any]:
    """Documents of so many paragraphs, made in two processes; then merged, as the program does."""
    target, done = library_folder(work, count), work / f"make-{count}.json"
    if not done.exists():
        manifest = read_manifest(library)
        for name in (manifest.encoder.folder, manifest.examples):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            if not (target / name).exists():
                (target / name).symlink_to((library / name).resolve())
        make = partial(make_document, library, target, vectors_path=work / f"vectors-{count}.npy")
        documents = list(to_make(library, count))
        with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
            entries = list(
                track(pool.map(make, documents, chunksize=8), "Making documents", len(documents), console=err)
            )
        write_manifest(target, manifest.model_copy(update={"documents": entries, "multilingual": None, "merged": ""}))
        begun, clock = time.process_time(), time.perf_counter()
        with progress_bar() as progress:
            LibraryWriter(target, progress, store="").merge()
        figures = {
            "documents": len(documents),
            "merging, CPU s": round(time.process_time() - begun, 1),
            "merging, s": round(time.perf_counter() - clock, 1),
            "bytes on disk": {
                kind: sum(path.stat().st_size for path in (target / kind).rglob("*") if path.is_file())
                for kind in ("segments", "merged")
            },
            "of it originals": sum(path.stat().st_size for path in (target / "segments").rglob("original*")),
        }
        done.write_text(json.dumps(figures))
    result: dict[str, Any] = json.loads(done.read_text())
    return result


def ask_library(folder: Path, count: int, work: Path, store: str) -> dict[str, Any]:
    """Start, memory, and retrieval of a library in a store: "" its folder. Its rows are the first of `count`."""
    threadpool_limits(1, user_api="blas")  # as `Assistant` has it
    questions_asked = texts()[:: EACH if store else 1]
    begun = time.perf_counter()
    library = Library.open(folder, threads=1, store=store)
    opened_s = time.perf_counter() - begun
    rank(Query("What has been done about accessibility?"), library)
    figures: dict[str, Any] = {
        "open, s": round(opened_s, 2),
        "open and first ranking, s": round(time.perf_counter() - begun, 2),
    }
    figures["resident MB after it"], _ = resident_mb()
    asked, rows = questions(work), np.load(work / f"vectors-{count}.npy", mmap_mode="r")[: len(library.store)]
    for name, share in SHARES.items():
        scope = documents_of(library, share)
        positions = np.arange(len(library.store))
        if scope:
            positions = np.concatenate(
                [np.arange(library.store.first[n], library.store.first[n + 1]) for n in library.matching(scope)]
            )
        for repeated in ("first round", "then"):
            clock, cpu = [], []
            for text in track(questions_asked, f"Asking: {name}, {repeated}", console=err):
                spent = time.process_time()
                library.encoder.encode(text)
                encoded = time.process_time()
                clock.append(rank(Query(text, scope=scope), library).retrieve_ms)
                cpu.append((time.process_time() - encoded - (encoded - spent)) * 1000)
            figures[f"{name}, {repeated}"] = {
                "p50 ms": round(float(np.percentile(clock, 50)), 1),
                "p95 ms": round(float(np.percentile(clock, 95)), 1),
                "CPU p50 ms": round(float(np.percentile(cpu, 50)), 1),
                "CPU p95 ms": round(float(np.percentile(cpu, 95)), 1),
            }
        selection, hits = library.store.select(scope), 0
        for number, question in enumerate(asked):
            wanted = (
                nearest(rows, asked, work)["all"][number]
                if share == 1
                else positions[np.argsort(-(rows[positions] @ question))[:10]].tolist()
            )
            found = library.store.space.search(question, CANDIDATES, selection, asked=False)[:10]
            hits += len(set(found.tolist()) & set(wanted))
        figures[f"{name}, then"] |= {"paragraphs": len(positions), "recall@10": round(hits / 10 / len(asked), 4)}
    figures["resident MB"], figures["of it not mapped, MB"] = resident_mb()
    return figures


def documents_of(library: Library, share: float) -> Scope:
    """Documents one after the other from the middle that hold about such a share of the paragraphs."""
    if share == 1:
        return Scope()
    first = len(library.entries) // 2
    if share < 0.001:
        wanted = share * len(library.store)
        return Scope(document=(min(library.entries[first:], key=lambda e: abs(e.paragraphs - wanted)).symbol,))
    starts = library.store.first
    last = int(np.searchsorted(starts, starts[first] + share * len(library.store)))
    return Scope(document=tuple(e.symbol for e in library.entries[first:last]))


def milvus_folder(work: Path, most: int) -> Path:
    return work / f"milvus-{most}"


def fill_milvus(source: Path, target: Path, most: int) -> dict[str, Any]:
    """The first documents of a library, of at most so many paragraphs, into a Milvus Lite file."""
    manifest = read_manifest(source)
    last = int(np.searchsorted(np.cumsum([e.paragraphs for e in manifest.documents]), most, side="right"))
    documents = manifest.documents[:last]
    target.mkdir(parents=True, exist_ok=True)
    for name in ("models", "segments"):
        if not (target / name).exists():
            (target / name).symlink_to((source / name).resolve())
    write_manifest(target, manifest.model_copy(update={"documents": documents, "merged": ""}))
    begun, cpu = time.perf_counter(), time.process_time()
    with progress_bar() as progress:
        LibraryWriter(target, progress, store=str(target / MILVUS)).fill()
    return {
        "paragraphs": sum(e.paragraphs for e in documents),
        "writing, s": round(time.perf_counter() - begun),
        "writing, CPU s": round(time.process_time() - cpu),
        "bytes on disk": sum(path.stat().st_size for path in (target / MILVUS).rglob("*") if path.is_file()),
    }


def table(figures: dict[str, dict[str, Any]]) -> Iterator[str]:
    """In Markdown, a row for each index and how much of it is looked at."""
    columns = ["index", "of", "looks at", *COSTS]
    columns += [f"{filtered}: recall@10, p50, p95" for filtered in SHARES]
    yield "| " + " | ".join(columns) + " |"
    yield "| " + " | ".join("---" for _ in columns) + " |"
    for name, own in figures.items():
        for effort in INDICES[name][1] if name in INDICES else [0]:
            cells = [name, f"{own['of']:,}", str(effort or "every one"), *(str(own.get(key, "")) for key in COSTS)]
            for filtered in SHARES:
                found = own.get(f"{effort} {filtered}")
                cells.append(f"{found['recall@10']:.3f}, {found['p50 ms']}, {found['p95 ms']} ms" if found else "")
            yield "| " + " | ".join(cells) + " |"


def show(title: str, figures: dict[str, Any]) -> None:
    print(f"\n{title}")
    for name, value in figures.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"  {name:36} {shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path, help="library of real documents")
    parser.add_argument("--paragraphs", type=int, default=1_000_000)
    parser.add_argument("--work", type=Path, default=Path("build/million"), help="what is made is kept here")
    parser.add_argument("--indices", nargs="*", choices=list(INDICES), default=list(INDICES))
    parser.add_argument("--milvus", type=int, nargs="*", default=[20_000], help="paragraphs in Milvus Lite")
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    count, work = arguments.paragraphs, arguments.work
    if arguments.step:
        one_step(*arguments.step, count, arguments.library)
        return
    work.mkdir(parents=True, exist_ok=True)
    encode_questions(arguments.library, work)
    real = real_vectors(arguments.library)
    figures: dict[str, dict[str, Any]] = {}
    sizes = {name: min(count, HNSW_MOST) if "HNSW" in name else count for name in (*arguments.indices, SELECTED)}
    for size in set(sizes.values()):
        nearest(vectors(real, size, work), questions(work), work)
    for name, size in sizes.items():
        figures[name] = measured(name, size, work) | {"of": size}
    print(f"{count:,} paragraphs; {len(real):,} real ones were encoded. {len(questions(work))} questions")
    print("\n".join(table(figures)))
    figures["library"] = make_library(arguments.library, count, work) | process(work, "library", "", count)
    show("The program's own store", figures["library"])
    for size in arguments.milvus:
        own = [process(work, step, str(size), count) for step in ("fill", "library")]  # Lite is one process's
        figures[f"Milvus Lite, {size}"] = own[0] | own[1]
        show(f"Milvus Lite, at most {size:,} paragraphs", figures[f"Milvus Lite, {size}"])
    if arguments.json:
        arguments.json.write_text(json.dumps({"real": len(real), **figures}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
