"""What a library costs as it grows: to build, to add to, on disk, in memory, to ask. All ratios from one run.

    python eval/benchmarks/library.py FOLDER [--sizes 508 12000 100000] [--files 20] [--json FILE]

Reads the documents of FOLDER (PDF and what else can be read; English ones are taken) into a library of its own, with
the encoder of the library in CRPD_QA_INDEX. Then grows it with their text, varied: three words of ten are replaced by
others of the same length, so that sentences keep their places. What is added so is not encoded, which would take
hours: the vector of a word piece is its mean in the text that was encoded, with noise, and a paragraph's is the mean of
these. Everything else about the added documents is as real.

Times are CPU seconds, of all threads, and medians of interleaved rounds: the wall clock says as much about what else
the machine does. `ask` has both. The paragraphs of the smaller sizes are the first of the largest.

Targets: build at most 1.3 x bare encoding; adding 150 paragraphs to 12,000 at most 1.5 x its own encoding and start;
token vectors at most 12 KB a paragraph; 100,000 paragraphs in less than 2 GB, `ask` p50 at most 2 x that of 508,
questions for a section no slower than others; recall@10 of filtered search at least .99 of exact search.
"""

import argparse
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from crpd_qa import Assistant
from crpd_qa.documents import Document, read_document
from crpd_qa.documents.model import KINDS
from crpd_qa.encode import Encoder, Encoding
from crpd_qa.errors import DocumentError
from crpd_qa.evaluate.question_set import read_question_set
from crpd_qa.library.embed import Encoders, passage
from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter, Models, sources
from crpd_qa.scope import Scope
from crpd_qa.settings import settings

QUESTIONS = Path(__file__).parents[1] / "dev.jsonl"
WORD = re.compile(r"[A-Za-z]{4,}")
VARIED = 0.3
NOISE = 0.35
"""Length of the noise beside a token's vector of length 1."""
ADDED = 150
"""Paragraphs of the document that is added to a grown library."""
ADDED_TO = 12_000

T = TypeVar("T")


def cpu(call: Callable[[], T]) -> tuple[float, T]:
    """CPU seconds of a call in this process, all threads."""
    begun = time.process_time()
    result = call()
    return time.process_time() - begun, result


def process_cpu(command: Sequence[str], **environment: str) -> float:
    """CPU seconds of a process from its start to its end."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        command,
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"CRPD_QA_MULTILINGUAL_MODEL": "none"} | environment,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class PieceEncoder:
    """Encodes as a table of word pieces would; made from texts that the real encoder encoded."""

    def __init__(self, encoder: Encoder, texts: Sequence[str], seed: int = 0) -> None:
        self._tokenizer = encoder._tokenizer  # its own tokens, without its layers
        self._random = np.random.default_rng(seed)
        encodings = [encoder.encode(text) for text in texts]
        dimension = len(encodings[0].vector)
        self._table = self._random.standard_normal((encoder.vocabulary, dimension)).astype(np.float32) / dimension**0.5
        sums, counts = np.zeros_like(self._table), np.zeros(encoder.vocabulary)
        for encoding in encodings:
            np.add.at(sums, encoding.ids, encoding.tokens)
            np.add.at(counts, encoding.ids, 1)
        self._table[counts > 0] = sums[counts > 0] / counts[counts > 0, np.newaxis]

    def encode(self, text: str) -> Encoding:
        encoded = self._tokenizer.encode(text)
        content = np.array(encoded.special_tokens_mask) == 0
        ids = np.array(encoded.ids, dtype=np.int64)[content]
        tokens = self._table[ids]
        tokens = tokens / np.linalg.norm(tokens, axis=1, keepdims=True)
        tokens += self._random.standard_normal(tokens.shape, dtype=np.float32) * (NOISE / tokens.shape[1] ** 0.5)
        tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
        vector = tokens.mean(axis=0)
        spans = np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2)[content]
        return Encoding(vector / np.linalg.norm(vector), tokens, ids, spans)


def variants(documents: Sequence[Document], seed: int = 0) -> Iterator[Document]:
    """The documents again and again, words replaced by others of the same length, under symbols of their own."""
    chance = random.Random(seed)
    by_length: dict[int, list[str]] = defaultdict(list)
    for word in sorted({word for d in documents for p in d for word in WORD.findall(p.text)}):
        by_length[len(word)].append(word)

    def varied(match: re.Match[str]) -> str:
        return chance.choice(by_length[len(match[0])]) if chance.random() < VARIED else match[0]

    version = 1
    while True:
        version += 1
        for document in documents:
            paragraphs = tuple(replace(p, text=WORD.sub(varied, p.text)) for p in document)
            yield replace(document, symbol=f"{document.symbol}/VARIANT {version}", paragraphs=paragraphs)


def linked(library: Path, folder: Path, names: Sequence[str]) -> None:
    """Parts of a library in another folder, each linked by itself: what sweeps there deletes nothing here."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to((library / name).resolve())


def new_library(folder: Path) -> Path:
    """Empty, in English, with the encoder of the library that the settings name."""
    models = settings().index
    manifest = read_manifest(models).model_copy(update={"documents": [], "multilingual": None})
    linked(models, folder, [manifest.encoder.folder, manifest.examples])
    write_manifest(folder, manifest)
    LibraryWriter(folder).ensure(
        Models(manifest.encoder.name, "none")
    )  # examples of its own, which no `add` makes anew
    return folder


def first_paragraphs(library: Path, folder: Path, count: int) -> Path:
    """A library of the first documents of another: as near to so many paragraphs as whole documents come."""
    manifest = read_manifest(library)
    held = np.cumsum([entry.paragraphs for entry in manifest.documents])
    chosen = manifest.documents[: int(np.abs(held - count).argmin()) + 1]
    linked(library, folder, [manifest.encoder.folder, manifest.examples, *(entry.segment for entry in chosen)])
    write_manifest(folder, manifest.model_copy(update={"documents": chosen}))
    return folder


def bare_encoding(document: Document, encoder: Encoder) -> None:
    for paragraph in document:
        encoder.encode(passage(paragraph)[0])


def build(library: Path, files: Sequence[Path], encoder: Encoder) -> tuple[list[Document], dict[str, Any]]:
    """Read and add each file; encode the same text bare beside it."""
    writer = LibraryWriter(library)
    dimension = read_manifest(library).encoder.dimension
    writer._encoders = lambda *given: Encoders(encoder, dimension, None)  # the one that is measured beside it
    documents: list[Document] = []
    spent = dict.fromkeys(("reading", "adding", "encoding"), 0.0)
    refused, other = 0, 0
    encoder.encode("The first text takes longer.")
    for number, path in enumerate(files, start=1):
        try:
            reading, document = cpu(partial(read_document, path))
        except DocumentError as error:
            refused += 1
            say(f"refused: {path.name}: {error}")
            continue
        if document.language != "en":
            other += 1
            continue
        encoding, _ = cpu(partial(bare_encoding, document, encoder))
        adding, _ = cpu(partial(writer.add_document, document, path))
        for name, seconds in (("reading", reading), ("adding", adding), ("encoding", encoding)):
            spent[name] += seconds
        documents.append(document)
        say(f"{number}/{len(files)} {document.symbol}: {len(document)} paragraphs")
    figures = {
        "documents": len(documents),
        "refused": refused,
        "in other languages, left out": other,
        "paragraphs": sum(map(len, documents)),
        **{f"{name}, CPU s": round(seconds, 1) for name, seconds in spent.items()},
        "adding / bare encoding": round(spent["adding"] / spent["encoding"], 2),
        "reading and adding / bare encoding": round((spent["reading"] + spent["adding"]) / spent["encoding"], 2),
    }
    return documents, figures


def grow(library: Path, documents: Sequence[Document], size: int, encoder: Encoder, encoded: int) -> dict[str, Any]:
    """Add varied documents until the library has so many paragraphs."""
    texts = [passage(p)[0] for d in documents for p in d][:encoded]
    pieces: Any = PieceEncoder(encoder, texts)
    writer = LibraryWriter(library)
    manifest = read_manifest(library)
    writer._encoders = lambda *given: Encoders(pieces, manifest.encoder.dimension, None)
    held = sum(entry.paragraphs for entry in manifest.documents)
    begun, added = time.process_time(), 0
    with tempfile.NamedTemporaryFile(suffix=".txt") as original:
        original.write(b"The original file of a varied document.")
        original.flush()
        for document in variants(documents):
            if held >= size:
                break
            writer.add_document(document, Path(original.name))
            held, added = held + len(document), added + len(document)
            say(f"{held} paragraphs")
    return {
        "varied paragraphs": added,
        "CPU ms a varied paragraph": round((time.process_time() - begun) / max(added, 1) * 1000, 2),
    }


def disk(library: Path) -> dict[str, float]:
    """KB a paragraph, by file."""
    manifest = read_manifest(library)
    sizes: dict[str, int] = defaultdict(int)
    for entry in manifest.documents:
        for path in (library / entry.segment).iterdir():
            kind = "token vectors" if path.name.startswith("token_") else path.name.partition(".")[0]
            sizes[kind] += path.stat().st_size
    count = sum(entry.paragraphs for entry in manifest.documents)
    found = {kind: round(size / count / 1000, 2) for kind, size in sorted(sizes.items(), key=lambda item: -item[1])}
    return {**found, "everything": round(sum(sizes.values()) / count / 1000, 2)}


ENCODE_ONLY = """
import sys
import crpd_qa.cli
from pathlib import Path
from crpd_qa.documents import read_document
from crpd_qa.encode import Encoder
from crpd_qa.library.embed import passage
from crpd_qa.library.write import LibraryWriter
encoder = Encoder(sys.argv[1])
for paragraph in read_document(Path(sys.argv[2]), symbol="NEW/1"):
    encoder.encode(passage(paragraph)[0])
"""


def add_one(library: Path, document: Document, rounds: int) -> dict[str, Any]:
    """`crpd-qa add` of one document to a grown library, against a process that only reads and encodes it."""
    manifest = read_manifest(library)
    encoder = str(library / manifest.encoder.folder)
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "new.txt"
        lines = [f"{n}.\t{' '.join(p.text.split())}" for n, p in enumerate(document.paragraphs[:ADDED], start=1)]
        source.write_text("\n".join(["A new report", *lines]) + "\n", encoding="utf-8")
        adding, encoding = [], []
        for number in range(rounds):
            encoding.append(process_cpu([sys.executable, "-c", ENCODE_ONLY, encoder, str(source)]))
            command = ["add", str(source), "--symbol", f"NEW/{number}", "--language", "en", "--index", str(library)]
            adding.append(process_cpu([sys.executable, "-m", "crpd_qa", *command]))
    own, bare = statistics.median(adding), statistics.median(encoding)
    return {
        "paragraphs in the library": sum(entry.paragraphs for entry in manifest.documents),
        "adding, CPU s": round(own, 2),
        "start and bare encoding, CPU s": round(bare, 2),
        "ratio": round(own / bare, 2),
    }


class Asked:
    """A process that has one library open, and answers rounds of questions."""

    def __init__(self, library: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(library), "--answer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"CRPD_QA_LLM_BASE_URL": ""},
        )
        self.opened: dict[str, Any] = self._read()

    def _read(self) -> Any:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())

    def round(self, questions: Sequence[str], scope: dict[str, Any]) -> Any:
        """[milliseconds, CPU milliseconds] of each."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps([questions, scope]) + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> float:
        """Ends it; resident MB at the end."""
        assert self._process.stdin
        self._process.stdin.close()
        resident: float = self._read()
        self._process.wait()
        return resident


def resident_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1000)


def answer_rounds(library: Path) -> None:
    """The process of `Asked`."""
    opening, assistant = cpu(partial(Assistant.open, library))
    first, _ = cpu(partial(assistant.ask, "What has been done about accessibility?"))
    held = len(assistant.library.store)
    print(json.dumps({"paragraphs": held, "opening, CPU s": opening, "first question, CPU s": first}), flush=True)
    for line in sys.stdin:
        questions, given = json.loads(line)
        scope, times = Scope.of(given), []
        for question in questions:
            wall, own = time.perf_counter(), time.process_time()
            assistant.ask(question, scope=scope)
            times.append([(time.perf_counter() - wall) * 1000, (time.process_time() - own) * 1000])
        print(json.dumps(times), flush=True)
    print(json.dumps(resident_mb()), flush=True)


def asking(libraries: Sequence[Path], documents: Sequence[Document], rounds: int, count: int) -> list[dict[str, Any]]:
    """Open the libraries side by side and ask each the same, in turn."""
    types = ("fact", "describe", "lay", "multi", "none")
    questions = [q.question for q in read_question_set(QUESTIONS) if q.lang == "en" and q.type in types][
        :: 600 // count
    ]
    document = documents[0]
    headings = list(dict.fromkeys(p.section.heading for p in document if p.section.heading))[: len(questions)]
    sections = [f"What does the section on {heading} say?" for heading in headings]
    states = [d.state for d in documents if d.state]
    ways = {
        "everything": (questions, {}),
        "one State": (questions, {"state": states[:1]}),
        "one article": (questions, {"article": [24]}),
        "one document": (questions, {"document": [document.symbol]}),
        "sections, everything": (sections, {}),
        "sections, one document": (sections, {"document": [document.symbol]}),
    }
    processes = [Asked(library) for library in libraries]
    times: list[dict[str, list[Any]]] = [defaultdict(list) for _ in processes]
    for number in range(rounds + 1):
        for way, (asked, scope) in ways.items():
            for process, own in zip(processes, times, strict=True):
                found = process.round(asked, scope)
                if number:  # the first warms up
                    own[way] += found
        say(f"round {number} of {rounds}")
    figures: list[dict[str, Any]] = []
    for process, own in zip(processes, times, strict=True):
        row = {name: round(value, 2) for name, value in process.opened.items()}
        row["resident MB"] = process.close()
        for way, found in own.items():
            wall, spent = zip(*found, strict=True)
            row[way] = {
                "p50 ms": round(statistics.median(wall), 1),
                "p95 ms": round(float(np.percentile(wall, 95)), 1),
                "p50 CPU ms": round(statistics.median(spent), 1),
            }
            if figures:
                row[way]["p50 / smallest"] = round(row[way]["p50 ms"] / figures[0][way]["p50 ms"], 2)
                row[way]["p50 CPU / smallest"] = round(row[way]["p50 CPU ms"] / figures[0][way]["p50 CPU ms"], 2)
        figures.append(row)
    return figures


def filtered_recall(library: Path, count: int) -> dict[str, Any]:
    """recall@10 of the filtered vector search against a comparison with every allowed paragraph."""
    assistant = Assistant.open(library)
    own, store = assistant.library, assistant.library.store
    vectors = np.concatenate([segment.vectors.paragraphs for segment in store.segments])
    entries = own.entries
    scopes = {
        **{f"state {s}": {"state": [s]} for s in sorted({e.state for e in entries if e.state})[:5]},
        **{f"kind {k}": {"kind": [k]} for k in KINDS if any(e.kind == k for e in entries)},
        **{f"article {a}": {"article": [a]} for a in (5, 12, 24, 33)},
        "document": {"document": [entries[0].symbol]},
        "language en": {"document_language": ["en"]},
        **{f"year {y}": {"year": [y]} for y in sorted({e.year for e in entries if e.year})[:3]},
        **{
            f"state {s}, article 9": {"state": [s], "article": [9]}
            for s in sorted({e.state for e in entries if e.state})[:1]
        },
    }
    questions = [q.question for q in read_question_set(QUESTIONS) if q.lang == "en"][:: max(1, 600 // count)]
    queries = [own.encoder.encode(question).vector for question in questions]
    found = {}
    for name, given in scopes.items():
        selection = store.select(Scope.of(given))
        if selection is None or not selection.any():
            continue
        allowed = np.flatnonzero(selection)
        hits = wanted = 0
        for query in queries:
            exact = vectors[allowed] @ query
            best = np.sort(exact)[::-1][:10]
            positions = np.unique(store.space.search(query, 10, selection, asked=False))
            # By score: paragraphs that say the same are as good as one another.
            hits += int((vectors[positions] @ query >= best[-1] - 1e-5).sum()) if selection[positions].all() else 0
            wanted += len(best)
        found[name] = {"paragraphs": len(allowed), "recall@10": round(min(hits / wanted, 1.0), 4)}
    return found


def show(title: str, figures: dict[str, Any]) -> None:
    print(f"\n{title}")
    for name, value in figures.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        print(f"  {name:36} {shown}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="documents to read; small ones first")
    parser.add_argument("--sizes", type=int, nargs="+", default=[508, 12_000, 100_000], help="paragraphs")
    parser.add_argument("--files", type=int, default=0, help="take only so many files, spread over the folder; 0: all")
    parser.add_argument("--encoded", type=int, default=3000, help="paragraphs that the varied ones' vectors come from")
    parser.add_argument("--rounds", type=int, default=5, help="times each question is asked, and a document is added")
    parser.add_argument("--questions", type=int, default=60)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--keep", type=Path, help="make the libraries in this folder, and leave them")
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.answer:
        answer_rounds(arguments.folder)
        return
    files = sources([arguments.folder])
    if arguments.files:
        files = files[:: max(1, len(files) // arguments.files)][: arguments.files]
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.keep or Path(temporary)
        library = new_library(work / "whole")
        encoder = Encoder(library / read_manifest(library).encoder.folder)
        documents, built = build(library, files, encoder)
        figures: dict[str, Any] = {"build": built}
        show("Building from files (English encoder)", built)
        sizes = sorted(arguments.sizes)
        figures["growth"] = grow(library, documents, sizes[-1], encoder, arguments.encoded)
        show("Growing with varied text: vectors are made from word pieces, not encoded", figures["growth"])
        libraries = [first_paragraphs(library, work / str(size), size) for size in sizes]
        figures["disk"] = disk(library)
        show("KB on disk a paragraph", figures["disk"])
        largest = max(documents, key=len)
        target = first_paragraphs(library, work / "added", min(ADDED_TO, sizes[-1]))
        figures["adding"] = add_one(target, largest, arguments.rounds)
        show(f"Adding a document of {min(ADDED, len(largest))} paragraphs", figures["adding"])
        figures["asking"] = asking(libraries, documents, arguments.rounds, arguments.questions)
        for row in figures["asking"]:
            show(f"Asking {row['paragraphs']:.0f} paragraphs", row)
        figures["recall"] = filtered_recall(libraries[-1], arguments.questions)
        show("Filtered search against exact search", figures["recall"])
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
