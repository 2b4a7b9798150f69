"""What was changed since it was written is never quoted, and the message says the command that mends it."""

import gzip
import json
import os
import re
import shutil

import numpy as np
import pytest
from typer.testing import CliRunner

from crpd_qa import Assistant
from crpd_qa.cli import app
from crpd_qa.documents.record import packed
from crpd_qa.errors import CrpdQaError, DocumentError, IndexBuildError, IndexDamagedError
from crpd_qa.files import sha256
from crpd_qa.library import Library
from crpd_qa.library.bundled import make_ready, stale_reason
from crpd_qa.library.library import DOCUMENT, document_of
from crpd_qa.library.manifest import COPY_NAME, FILE_NAME, read_manifest, write_manifest
from crpd_qa.library.overrides import Override
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.scope import Scope
from crpd_qa.settings import settings
from crpd_qa.store.manifest import FILE_NAME as FOLDER_MANIFEST
from crpd_qa.store.manifest import Files
from crpd_qa.store.segment import Segment
from crpd_qa.store.vectors import VectorRows
from small_library import DOCUMENTS, entry_of, symbols

MODELS = Models(settings().model, settings().multilingual_model)
SOURCE = DOCUMENTS / "CRPD-C-VLD-Q-1.txt"
ASKED = (
    "paragraph 3",
    "How many calls has the helpline received?",
    "shelters for women with disabilities",
    "What must I cook tonight?",
    "Сколько звонков получила горячая линия?",
)
SEGMENT = ("articles.npy", "document.json.gz", "lexical.npz", "multilingual.npz", "pieces.npy", "questions.json",
           "token_codes.npy", "token_offsets.npy", "token_sentences.npy", "vectors.npz", "words.json",
           "manifest.json")  # fmt: skip


def truncated(content):
    return content[:-5]


def flipped(content):
    place = len(content) // 2
    return content[:place] + bytes([content[place] ^ 4]) + content[place + 1 :]


def emptied(_):
    return b""


DAMAGES = pytest.mark.parametrize("damage", [truncated, flipped, emptied])


@pytest.fixture(scope="module")
def whole(index_folder, tmp_path_factory):
    """A library of one document, whose models are its own."""
    folder = tmp_path_factory.mktemp("damage") / "library"
    shutil.copytree(index_folder / "models", folder / "models")
    write_manifest(folder, read_manifest(index_folder).model_copy(update={"documents": []}))
    LibraryWriter(folder).add(SOURCE)
    return folder


def answers(folder):
    assistant = Assistant.open(folder)
    found = [assistant.ask(question) for question in ASKED]
    found.append(assistant.ask("Where are there shelters?", scope=Scope(article=(6,))))
    return [(answer.text, answer.confidence, [p.label for p in answer.passages]) for answer in found]


@pytest.fixture(scope="module")
def expected(whole):
    return answers(whole)


@pytest.fixture
def damaged():
    """Damages a file of the library for the length of a test."""
    before = {}

    def damage(path, by):
        before[path] = path.read_bytes()
        path.write_bytes(by(before[path]))
        assert path.read_bytes() != before[path]

    yield damage
    for path, content in before.items():
        path.write_bytes(content)


@DAMAGES
@pytest.mark.parametrize("name", SEGMENT)
def test_no_file_of_a_document_is_read_damaged(whole, damaged, name, damage):
    path = whole / entry_of(whole, "CRPD/C/VLD/Q/1").segment / name
    if damage is emptied and not path.read_bytes():
        pytest.skip("it is empty")
    damaged(path, damage)
    # This document has no questions of its own: answering does not look at the file.
    read = (lambda folder: Library.open(folder).questions(0)) if name == "questions.json" else answers
    with pytest.raises(IndexDamagedError, match=r"changed since it was written.*crpd-qa add FILE") as refused:
        read(whole)
    assert str(path) in str(refused.value)


def test_every_file_of_a_document_is_among_those_tried(whole):
    folder = whole / entry_of(whole, "CRPD/C/VLD/Q/1").segment
    assert sorted(path.name for path in folder.iterdir()) == sorted([*SEGMENT, "original.txt"])


def test_a_document_answers_the_same_as_an_earlier_version_wrote_it(whole, expected, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "library")
    entry = entry_of(folder, "CRPD/C/VLD/Q/1")
    segment, packed = folder / entry.segment, folder / entry.segment / "document.json.gz"
    packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    for name in ("vectors.npz", "multilingual.npz"):
        np.savez(segment / name, **vars(VectorRows.load(segment / name)))
    (segment / FOLDER_MANIFEST).write_text(Files.of(segment).model_dump_json(), encoding="utf-8")
    entry = entry.model_copy(update={"sha256": sha256(segment / FOLDER_MANIFEST)})
    write_manifest(folder, read_manifest(folder).model_copy(update={"documents": [entry]}))
    assert answers(folder) == expected


@DAMAGES
@pytest.mark.parametrize("file", ["encoder.onnx", "tokenizer.json", "off-topic.english.npy", "help.multilingual.npy"])
def test_no_model_is_used_damaged(whole, damaged, file, damage):
    (path,) = (
        path for path in (whole / "models").rglob(file) if file != "manifest.json" or "examples" not in str(path)
    )
    damaged(path, damage)
    with pytest.raises(IndexDamagedError, match="crpd-qa index") as refused:
        Assistant.open(whole)
    assert str(path) in str(refused.value)
    assert "was changed since it was written" in LibraryWriter(whole).outdated(MODELS)


def test_a_figure_changed_in_the_bundled_reports_file_is_not_quoted(index_folder, tmp_path, monkeypatch):
    folder = shutil.copytree(index_folder, tmp_path / "library", copy_function=os.symlink)
    (path,) = (folder / entry_of(folder, "CRPD/C/KAZ/1").segment).glob("document.json*")
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content
    assert b"651,900" in content
    content = content.replace(b"651,900", b"951,900")
    path.unlink()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    monkeypatch.setenv("NO_COLOR", "1")
    for question in ("paragraph 107", "How many persons have a disability?"):
        done = CliRunner().invoke(app, ["ask", question, "--index", str(folder)])
        assert done.exit_code == 2
        assert "951,900" not in done.output
        said = re.sub(r"\s+", " ", done.stderr)
        assert f"{path} was changed since it was written; make it again: crpd-qa index" in said
        assert done.stderr.count("\n") == 1
    assert "was changed since it was written" in stale_reason(folder, MODELS)


def test_adding_the_file_again_mends_a_damaged_document(whole, expected):
    segment = whole / entry_of(whole, "CRPD/C/VLD/Q/1").segment
    for name in ("document.json.gz", "vectors.npz"):
        (segment / name).write_bytes(flipped((segment / name).read_bytes()))
    with pytest.raises(IndexDamagedError):
        answers(whole)
    LibraryWriter(whole).add(SOURCE)
    assert answers(whole) == expected


def test_a_correction_is_not_made_on_a_damaged_document(whole, damaged):
    for name in ("document.json.gz", "original.txt", "questions.json"):
        damaged(whole / entry_of(whole, "CRPD/C/VLD/Q/1").segment / name, flipped)
        with pytest.raises(IndexDamagedError, match="crpd-qa add FILE"):
            LibraryWriter(whole).mend("CRPD/C/VLD/Q/1", "en", Override(label="3", text="New."))
        assert not (whole / "overrides").exists()


@DAMAGES
def test_where_library_json_is_damaged_its_copy_stands_in(whole, expected, damaged, damage):
    damaged(whole / FILE_NAME, damage)
    assert answers(whole) == expected


def test_where_library_json_is_gone_its_copy_stands_in(whole, expected, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "library")
    (folder / FILE_NAME).unlink()
    assert answers(folder) == expected
    (other := tmp_path / "other.txt").write_text(
        "1. Ramps were built in 2019.\n2. Lifts were built in 2020.\n", "utf-8"
    )
    LibraryWriter(folder).add(other)
    assert len(symbols(folder)) == 2


def test_a_changed_symbol_in_library_json_is_not_believed(whole, damaged):
    damaged(whole / FILE_NAME, lambda content: content.replace(b"CRPD/C/VLD/Q/1", b"CRPD/C/VLD/Q/7"))
    assert symbols(whole) == ["CRPD/C/VLD/Q/1"]


def test_a_library_of_which_nothing_is_known_any_more_is_never_overwritten(whole, damaged):
    for name in (FILE_NAME, COPY_NAME):
        damaged(whole / name, truncated)
    models = MODELS
    for change in (
        lambda: Assistant.open(whole),
        lambda: LibraryWriter(whole).ensure(models),
        lambda: LibraryWriter(whole).add(SOURCE),
        lambda: LibraryWriter(whole).remove("CRPD/C/VLD/Q/1"),
        lambda: make_ready(whole, models, lambda step, done, total: None),
        lambda: stale_reason(whole, models),
    ):
        with pytest.raises(
            IndexDamagedError, match="move that folder away and read its documents again: crpd-qa index"
        ):
            change()


def test_a_library_of_another_format_is_neither_read_nor_overwritten(whole, damaged):
    for name in (FILE_NAME, COPY_NAME):
        damaged(whole / name, lambda content: json.dumps(json.loads(content) | {"format_version": 99}).encode())
    with pytest.raises(IndexDamagedError, match=r"it has format 99, this version reads 3\); move that folder away"):
        Assistant.open(whole)
    with pytest.raises(CrpdQaError):
        LibraryWriter(whole).ensure(MODELS)
    assert json.loads((whole / FILE_NAME).read_bytes())["format_version"] == 99


# What an earlier version left


def earlier_index(folder, symbol):
    """As format 2 had it: one report's index, with its files named."""
    files = ("paragraphs.jsonl", "tokens.npy", "multilingual/dense.faiss")
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("old")
    manifest = {"format_version": 2, "documents": [{"symbol": symbol}], "files": {name: {} for name in files}}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_an_earlier_versions_index_of_another_report_is_left_alone(tmp_path):
    folder = earlier_index(tmp_path / "index", "CRPD/C/VLD/1")
    with pytest.raises(IndexBuildError, match=r"an index of CRPD/C/VLD/1, .* crpd-qa add FILE --index FOLDER"):
        make_ready(folder, MODELS, lambda step, done, total: None)
    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == [
        "dense.faiss", "manifest.json", "paragraphs.jsonl", "tokens.npy",
    ]  # fmt: skip


def test_the_library_takes_the_place_of_an_earlier_versions_index_of_the_bundled_report(index_folder, tmp_path):
    folder = shutil.copytree(
        index_folder, tmp_path / "index", copy_function=os.symlink, ignore=shutil.ignore_patterns(".lock")
    )
    earlier_index(folder, "CRPD/C/KAZ/1")
    (folder / "notes.txt").write_text("the operator's own")
    make_ready(folder, MODELS, lambda step, done, total: None)
    left = {path.name for path in folder.iterdir()} - {".lock"}
    assert left == {FILE_NAME, COPY_NAME, "models", "segments", "notes.txt"}


@pytest.mark.parametrize("manifest", ["[]", "{}", '{"documents": [], "files": []}', "not JSON"])
def test_another_programs_manifest_is_left_alone(index_folder, tmp_path, manifest):
    folder = shutil.copytree(
        index_folder, tmp_path / "index", copy_function=os.symlink, ignore=shutil.ignore_patterns(".lock")
    )
    (folder / "manifest.json").write_text(manifest)
    make_ready(folder, MODELS, lambda step, done, total: None)
    assert (folder / "manifest.json").read_text() == manifest


# A library of other documents


@pytest.fixture
def others(stocked, tmp_path):
    """A library without the bundled report."""
    folder = stocked(tmp_path / "library")
    LibraryWriter(folder).add(SOURCE)
    return folder


def test_the_bundled_report_is_never_read_into_a_library_of_other_documents(others):
    models = MODELS
    assert stale_reason(others, models) is None
    make_ready(others, models, lambda step, done, total: None)
    assert symbols(others) == ["CRPD/C/VLD/Q/1"]
    for command in (["index"], ["index", "--if-stale"]):
        assert CliRunner().invoke(app, [*command, "--output", str(others)]).exit_code == 0
        assert symbols(others) == ["CRPD/C/VLD/Q/1"]


def test_serving_another_library_leaves_it_as_it_is(others, tmp_path):
    from running_server import running

    before = (others / FILE_NAME).read_bytes()
    with running(others, tmp_path / "log"):
        assert (others / FILE_NAME).read_bytes() == before


def test_a_library_of_one_file_alone_is_not_made_where_there_is_another(others):
    other = DOCUMENTS / "CRPD-C-VLD-CO-1.txt"
    done = CliRunner().invoke(app, ["index", "--document", str(other), "--output", str(others)])
    assert done.exit_code == 2
    assert "crpd-qa add" in done.stderr
    assert symbols(others) == ["CRPD/C/VLD/Q/1"]
    again = CliRunner().invoke(app, ["index", "--document", str(SOURCE), "--output", str(others)])
    assert again.exit_code == 0, again.stderr


def cut_off(packed):
    return packed[:-20]


def garbled(packed):
    return packed[:10] + b"\xff" * 8 + packed[18:]


def a_bomb(_):
    return gzip.compress(b"[" + bytes(2_000))


@pytest.mark.parametrize("damage", [cut_off, garbled, a_bomb])
def test_a_document_that_is_damaged_or_unpacks_to_too_much_is_said(tmp_path, monkeypatch, damage):
    monkeypatch.setattr("crpd_qa.documents.record.MAX_BYTES", 1_000)
    (tmp_path / DOCUMENT).write_bytes(damage(gzip.compress(b"{}")))
    monkeypatch.setattr(Segment, "files", {DOCUMENT: None})
    monkeypatch.setattr(Segment, "path", lambda segment, name: segment.folder / name)
    with pytest.raises(IndexDamagedError, match="cannot be read"):
        document_of(Segment(tmp_path))


def test_a_document_of_more_text_than_is_unpacked_is_not_packed(monkeypatch):
    monkeypatch.setattr("crpd_qa.documents.record.MAX_BYTES", 1_000)
    assert packed(bytes(1_000))
    with pytest.raises(DocumentError, match="split it"):
        packed(bytes(1_001))
