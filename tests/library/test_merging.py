"""Many documents are merged for searching by themselves; whoever asks sees no difference, whatever comes and goes."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from crpd_qa.documents import read_document
from crpd_qa.errors import IndexDamagedError
from crpd_qa.library import Library, write
from crpd_qa.library.bundled import make_ready, stale_reason
from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter, Models
from crpd_qa.retrieve import Query, rank
from crpd_qa.scope import Scope
from crpd_qa.settings import settings
from small_library import DOCUMENTS, symbols

ROOT = DOCUMENTS.parents[1]
MODELS = Models(settings().model, "")
QUESTIONS = (
    "How many children with disabilities go to ordinary schools?",
    "sign language interpreters in court",
    "Is there a ramp at the school?",
)
SCOPES = (Scope(), Scope(state=("VLD",)), Scope(article=(9,)), Scope(document=("CRPD/C/VLD/1",)), Scope(state=("KEN",)))
SOME = 40
"""Paragraphs from which on documents are merged here."""


@pytest.fixture(scope="module")
def small(empty_library, tmp_path_factory):
    """Five documents, too few to be merged."""
    folder = empty_library(tmp_path_factory.mktemp("merging") / "library")
    for path in sorted(DOCUMENTS.glob("CRPD-C-*.txt")):
        document = read_document(path, state=path.name.split("-")[2])
        LibraryWriter(folder).add_document(replace(document, paragraphs=document.paragraphs[::4][:20]), path)
    return folder


@pytest.fixture
def merged(small, tmp_path, monkeypatch):
    """The same, merged."""
    monkeypatch.setattr(write, "MERGED_FROM", SOME)
    folder = shutil.copytree(small, tmp_path / "library", symlinks=True)
    LibraryWriter(folder).merge()
    assert read_manifest(folder).merged
    return folder


def unmerged(folder):
    """The same documents read from their segments."""
    library = Library.open(folder)
    return Library(folder, library.manifest.model_copy(update={"merged": ""}), encoder=library.encoder)


def assert_same(folder):
    one, other = Library.open(folder), unmerged(folder)
    assert one.store._there, "nothing is merged"
    assert other.words["en"] <= one.words["en"]  # words of what was taken out count on
    assert (one.store.idf == other.store.idf).all()
    assert (one.store.articles == other.store.articles).all()
    for question in QUESTIONS:
        for scope in SCOPES:
            if not other.selects(scope):
                selection = one.store.select(scope)
                assert not len(one.store.space.search(one.encoder.encode(question).vector, 10, selection))
                assert not len(one.store.lexical.search(["school"], 10, selection))
                continue
            a, b = (rank(Query(question, scope=scope), library) for library in (one, other))
            assert a.positions.tolist() == b.positions.tolist()
            for name in ("score", "late", "dense", "lexical"):
                assert np.allclose(getattr(a, name), getattr(b, name), atol=1e-6), name
            assert a.asked is b.asked is None or np.allclose(a.asked, b.asked, atol=1e-6)
            places = a.positions[:10]
            assert np.allclose(one.store.space.alike(places), other.store.space.alike(places), atol=1e-6)


def test_merged_documents_are_ranked_as_they_are_one_by_one(merged):
    assert_same(merged)


def test_so_they_are_when_others_come_beside_them_change_and_go(merged, write_report):
    writer, first = LibraryWriter(merged), read_manifest(merged).merged
    writer.add(ROOT / "tests" / "ten_paragraphs.txt")
    writer.add(write_report("Every school of the capital has a ramp since 2012.", symbol="CRPD/C/VLD/1"))
    assert_same(merged)
    gone = symbols(merged)[2]
    again = shutil.copy(writer.original(gone)[1], merged.parent / "again.txt")
    document = writer.read(gone)[1]
    writer.remove(gone)
    assert read_manifest(merged).merged == first, "merged anew for a few paragraphs"
    library = Library.open(merged)
    found = {library.entry_at(int(position)).symbol for question in QUESTIONS
             for position in rank(Query(question), library, minimum=len(library.store)).positions}  # fmt: skip
    assert found == set(symbols(merged))
    assert gone not in found
    writer.add_document(document, again)  # the same segment at another place
    assert symbols(merged)[-1] == gone
    one, other = Library.open(merged), unmerged(merged)
    for question in QUESTIONS:
        a, b = (rank(Query(question), library) for library in (one, other))
        assert a.positions.tolist() == b.positions.tolist()


def test_adding_merges_by_itself_when_enough_came(empty_library, tmp_path, monkeypatch, write_report):
    monkeypatch.setattr(write, "MERGED_FROM", 30)
    folder = empty_library(tmp_path / "library")
    writer = LibraryWriter(folder)
    names = []
    for number in range(7):
        texts = [f"School {number}{place} has a ramp and {place} teachers." for place in range(10)]
        writer.add(write_report(*texts, symbol=f"CRPD/C/VLD/{number}"))
        names.append(read_manifest(folder).merged)
    assert names[:2] == ["", ""]
    assert names[2] == names[3] == names[4] != ""
    assert names[5] == names[6] not in ("", names[2])
    assert len(Library.open(folder).store._there) == 6
    assert_same(folder)


@pytest.mark.parametrize("name", ["english.npy", "english.faiss", "posting_counts.npy", "segments.json"])
def test_what_is_cut_off_is_refused_and_made_again_by_the_command_that_is_said(merged, name):
    path = merged / read_manifest(merged).merged / name
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(IndexDamagedError, match=r"was changed since it was written; .*crpd-qa index"):
        Library.open(merged)
    assert "was changed since it was written" in stale_reason(merged, MODELS)
    make_ready(merged, MODELS, lambda step, done, total: None)
    assert stale_reason(merged, MODELS) is None
    assert_same(merged)


def test_of_token_vectors_what_a_question_needs_is_verified_whenever_it_is_read(merged):
    library = Library.open(merged)
    ranking = rank(Query(QUESTIONS[0]), library)
    best, others = int(ranking.positions[0]), np.setdiff1d(np.arange(len(library.store)), ranking.positions[:1])
    number, place = library.store.segment_of(best)
    path = merged / library.entries[number].segment / "token_codes.npy"
    own = library.store.segments[number].tokens()
    content = bytearray(path.read_bytes())
    content[len(content) - own.codes.nbytes + own.offsets[place] * own.codes.shape[1]] ^= 1
    path.write_bytes(content)
    library.store.tokens(others)
    with pytest.raises(IndexDamagedError, match=r"token_codes.npy was changed since it was written"):
        rank(Query(QUESTIONS[0]), library)
    path.unlink()
    with pytest.raises(IndexDamagedError, match=r"token_codes.npy cannot be read"):
        rank(Query(QUESTIONS[0]), library)


def test_a_document_that_has_only_questions_it_does_not_answer_does_not_wait_to_be_merged(merged, write_report):
    report = write_report(
        *(f"In year {n} there were {n} ramps." for n in range(SOME)), symbol="CRPD/C/VLD/9", name="asked.txt"
    )
    report.with_name("asked.questions.jsonl").write_text(
        '{"number": 1, "answers": [], "unanswered": ["Who drives?"]}\n'
    )
    before = read_manifest(merged).merged
    assert LibraryWriter(merged).add(report)[0].questions == 0
    assert not LibraryWriter(merged).unmerged()
    assert read_manifest(merged).merged == before
    assert_same(merged)


def test_a_library_of_an_earlier_version_is_opened_as_it_is_and_merged_by_index(merged):
    write_manifest(merged, read_manifest(merged).model_copy(update={"merged": ""}))
    shutil.rmtree(merged / "merged")
    assert rank(Query(QUESTIONS[0]), Library.open(merged)).positions.size
    assert "paragraphs are not merged" in stale_reason(merged, MODELS)
    make_ready(merged, MODELS, lambda step, done, total: None)
    assert_same(merged)
