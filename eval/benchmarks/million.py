"""Which FAISS index finds the nearest of a million paragraphs: recall, memory, time to build and to ask.

    python eval/benchmarks/million.py FOLDER [--paragraphs 1000000] [--encoded 20000] [--work DIR] [--json FILE]

Reads the English documents of FOLDER and encodes up to `--encoded` of their paragraphs with the encoder of the library
in CRPD_QA_INDEX. The other vectors are made, not encoded, which would take a day: each is the vector of one real
paragraph plus half the difference of two others, of unit length again. So they keep the directions in which real ones
differ, which noise that is alike in all directions would not. The questions are those of eval/dev.jsonl, encoded.

recall@10 is what retrieval gets: the index gives 50 rows, as it does to the program, which orders them by exact cosine;
how many of the ten nearest of all are among the first ten then. Filters are runs of rows, 1 % and 0.01 % of all, as
documents are: of paragraphs that are near each other. Asked one question at a time, in one thread, whose CPU time the
milliseconds are: the wall clock says as much about what else the machine does.

Everything is kept in `--work`, and a run that was stopped goes on there. Each index is built, and asked, in a process
of its own: resident is what that process holds after all questions, the index memory-mapped.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.progress import track

from crpd_qa.documents import read_document
from crpd_qa.encode import Encoder
from crpd_qa.errors import DocumentError
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.library.embed import passage
from crpd_qa.library.manifest import read_manifest
from crpd_qa.library.write import sources
from crpd_qa.settings import settings

Floats = npt.NDArray[np.float32]

QUESTIONS = Path(__file__).parents[1] / "dev.jsonl"
ASKED = 200
CANDIDATES = 50
"""Rows that the program takes of the index."""
SHARES = {"all": 1.0, "1 %": 0.01, "0.01 %": 0.0001}
PLACES = 5
"""So many places of the filtered run are tried with each question's share."""
COSTS = ("bytes a paragraph", "build, CPU s", "open, s", "resident MB")
BLOCK = 50_000
TRAINED_ON = 100_000
CLUSTERS = 4096
"""Of a million; fewer of less, 4 times its square root as FAISS advises."""

EXACT = "exact"
INDICES: dict[str, tuple[str, list[int]]] = {
    EXACT: ("Flat", [0]),
    "scalar-quantized, 8 bits": ("SQ8", [0]),
    "IVF, 8 bits": ("IVF{clusters},SQ8", [16, 32, 64, 128, 256]),
    "HNSW, 32 neighbours": ("HNSW32,Flat", [64, 128, 256]),
    "IVF-PQ, 96 bytes": ("IVF{clusters},PQ96", [32, 64, 128, 256]),
}
"""Name: FAISS's own name of it, and how many clusters (IVF) or neighbours (HNSW) a question looks at."""

err = Console(stderr=True)


def encoded(folder: Path, work: Path, most: int) -> Floats:
    """(n, dim) vectors of the documents' paragraphs, n at most `most`; each file's are kept."""
    library = settings().index
    encoder = Encoder(library / read_manifest(library).encoder.folder, threads=1)
    kept = work / "encoded"
    kept.mkdir(parents=True, exist_ok=True)
    rows: list[Floats] = []
    for path in track(sources([folder]), "Encoding real paragraphs", console=err):
        if sum(map(len, rows)) >= most:
            break
        target = kept / f"{path.name}.npy"
        if not target.exists():
            try:
                document = read_document(path)
            except DocumentError:
                continue
            texts = [passage(p)[0] for p in document] if document.language == "en" else []
            own = np.array([encoder.encode(text).vector for text in texts], dtype=np.float32)
            np.save(target, own.reshape(len(texts), -1))
        if len(own := np.load(target)):
            rows.append(own)
    return np.concatenate(rows)[:most]


def questions(work: Path) -> Floats:
    """(n, dim)"""
    if not (work / "questions.npy").exists():
        library = settings().index
        encoder = Encoder(library / read_manifest(library).encoder.folder)
        texts = [q.question for q in read_question_set(QUESTIONS) if q.lang == "en"]
        np.save(work / "questions.npy", [encoder.encode(t).vector for t in texts[:: max(1, len(texts) // ASKED)]])
    found: Floats = np.load(work / "questions.npy")
    return found[:ASKED]


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
    clusters = min(CLUSTERS, int(4 * len(rows) ** 0.5), len(rows) // 39)
    begun = time.process_time()
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
    return {
        "build, CPU s": round(time.process_time() - begun, 1),
        "bytes a paragraph": round(target.stat().st_size / len(rows)),
    }


def resident_mb() -> tuple[int, int]:
    """(all, of it what is not of mapped files) of this process."""
    status = Path("/proc/self/status").read_text()
    rss, anonymous = (int(status.split(f"{key}:")[1].split()[0]) for key in ("VmRSS", "RssAnon"))
    return round(rss / 1000), round(anonymous / 1000)


def opened(target: Path) -> Any:
    return faiss.read_index(str(target), faiss.IO_FLAG_MMAP_IFC)


def searcher(name: str, target: Path, rows: Floats, effort: int) -> Callable[[Floats, slice], npt.NDArray[np.intp]]:
    """Ten rows for a question, within some: what the index gives, ordered by exact cosine."""
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
    label = "".join(c if c.isalnum() else "-" for c in name)
    for step in ("build", "ask"):
        done = work / f"{step}-{count}-{label}.json"
        if not done.exists() and (step == "ask" or name in INDICES):
            command = [sys.executable, __file__, str(work), "--step", step, name, "--paragraphs", str(count)]
            # FAISS's threads that wait for one another would spin where others use the machine too.
            subprocess.run(command, check=True, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"})
        if done.exists():
            figures |= json.loads(done.read_text())
    return figures


def one_step(step: str, name: str, count: int, work: Path) -> None:
    """The process of `measured`."""
    label = "".join(c if c.isalnum() else "-" for c in name)
    rows: Floats = np.load(work / f"vectors-{count}.npy", mmap_mode="r")
    target = work / f"{count}-{label}.faiss"
    if step == "build":
        figures = build(name, rows, target)
    else:
        figures = ask(name, rows, questions(work), nearest(rows, questions(work), work), target)
    (work / f"{step}-{count}-{label}.json").write_text(json.dumps(figures))


def table(figures: dict[str, dict[str, Any]]) -> Iterator[str]:
    """In Markdown, a row for each index and how much of it is looked at."""
    columns = ["index", "looks at", *COSTS]
    columns += [f"{filtered}: recall@10, p50, p95" for filtered in SHARES]
    yield "| " + " | ".join(columns) + " |"
    yield "| " + " | ".join("---" for _ in columns) + " |"
    for name, own in figures.items():
        for effort in INDICES[name][1] if name in INDICES else [0]:
            cells = [name, str(effort or "every one"), *(str(own.get(key, "")) for key in COSTS)]
            for filtered in SHARES:
                found = own.get(f"{effort} {filtered}")
                cells.append(f"{found['recall@10']:.3f}, {found['p50 ms']}, {found['p95 ms']} ms" if found else "")
            yield "| " + " | ".join(cells) + " |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="documents to read")
    parser.add_argument("--paragraphs", type=int, default=1_000_000)
    parser.add_argument("--encoded", type=int, default=20_000, help="paragraphs at most whose vectors are computed")
    parser.add_argument("--work", type=Path, default=Path("build/million"), help="vectors and indices are kept here")
    parser.add_argument("--indices", nargs="+", choices=list(INDICES), default=list(INDICES))
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    count = arguments.paragraphs
    if arguments.step:
        one_step(*arguments.step, count, arguments.folder)
        return
    work = arguments.work
    real = encoded(arguments.folder, work, min(arguments.encoded, count))
    rows = vectors(real, count, work)
    nearest(rows, questions(work), work)
    del rows
    figures = {name: measured(name, count, work) for name in (*arguments.indices, "the selected rows only")}
    print(f"{count:,} paragraphs, {len(real):,} of them encoded; {len(questions(work))} questions")
    print("\n".join(table(figures)))
    if arguments.json:
        arguments.json.write_text(json.dumps({"encoded": len(real), **figures}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
