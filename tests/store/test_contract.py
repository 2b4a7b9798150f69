"""Both stores answer alike: the same documents, filters, deletions, and 60 questions.

What may differ: of paragraphs with the same BM25 score at the last place the one store takes others than the other
(`test_words_find_the_same_but_for_ties`); and sums of floats, by a millionth. Scores themselves are computed by the
same formula in both. In these documents no answer changes by it.
"""

import shutil
from pathlib import Path

import numpy as np
import orjson
import pytest

from crpd_qa import Assistant
from crpd_qa.library import Library
from crpd_qa.library.folders import sweep
from crpd_qa.library.write import LibraryWriter
from crpd_qa.retrieve import Query, rank
from crpd_qa.retrieve.ranking import BEST_LEXICAL
from crpd_qa.scope import Scope
from crpd_qa.settings import settings
from crpd_qa.store.lexical import terms
from crpd_qa.store.milvus import connected, search
from crpd_qa.store.milvus.filter import among

ROOT = Path(__file__).parents[2]
WRITTEN = (
    {"number": 1, "answers": ["How many courts have ramps?", "Who pays for ramps at court?"]},
    {
        "number": 4,
        "answers": ["Who pays a sign language interpreter?"],
        "unanswered": ["What does an interpreter earn?"],
    },
)
IN_RUSSIAN = ({"number": 1, "answers": ["В скольких судах есть пандусы?"], "unanswered": ["Сколько стоит пандус?"]},)
OWN = (
    ("How many courts have ramps?", {"document": ["CRPD/C/MRV/1"]}),
    ("What does a ramp cost?", {"document": ["CRPD/C/MRV/1"]}),
    ("Кто платит за пандусы в судах?", {"document": ["CRPD/C/MRV/1"]}),
    ("В каждой школе есть пандус?", {"document_language": ["ru"]}),
    ("В каждой школе есть пандус?", {}),
    ("Combien d'écoles ont une rampe ?", {}),
    ("paragraph 2", {"document": ["CRPD/C/AND/1"]}),
    ("Is snow cleared from ramps?", {"kind": ["other"]}),
    ("Is sign language used in court?", {"article": [13]}),
    ("Is sign language used in court?", {"article": [13], "year": [2019, 2019]}),
    ("Who wins the football cup?", {}),
    ("Hello!", {}),
)
SCOPES = (
    {},
    {"state": ["ISL"]},
    {"state": ["MLT", "AND"], "kind": ["replies", "state-report"]},
    {"document": ["crpd/c/and/1"]},
    {"document_language": ["ru"]},
    {"article": [9]},
    {"article": [12, 13, 24], "state": ["MLT"]},
    {"year": [2018, 2019]},
)


@pytest.fixture(scope="module")
def folder(several_folder, tmp_path_factory):
    """A library of small documents in two languages, one with written questions, in a folder and in Milvus Lite."""
    folder = tmp_path_factory.mktemp("contract") / "library"
    shutil.copytree(several_folder, folder, symlinks=True)
    source = folder.parent / "ten.txt"
    shutil.copyfile(ROOT / "tests" / "ten_paragraphs.txt", source)
    for language, lines in (("", WRITTEN), (".ru", IN_RUSSIAN)):
        path = source.with_name(f"ten.questions{language}.jsonl")
        path.write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    LibraryWriter(folder, threads=1, store=address(folder)).add(source)
    yield folder
    connected(address(folder)).close()


def address(folder):
    return str(folder.parent / "store.db")


@pytest.fixture(scope="module")
def both(folder):
    return tuple(Library.open(folder, threads=1, store=store) for store in ("", address(folder)))


def questions():
    """60 of them, with where each is looked for."""
    lines = (ROOT / "eval" / "valdoria-library.jsonl").read_bytes().splitlines()
    asked = [(orjson.loads(line)["question"], SCOPES[n % 3 and n % len(SCOPES)]) for n, line in enumerate(lines)]
    return [*OWN, *asked[: 60 - len(OWN)]]


def test_60_questions_get_the_same_answers(both):
    config = settings().model_copy(update={"reader": "none"})
    ours, theirs = (Assistant(library, config) for library in both)
    modes = []
    for question, given in questions():
        scope = Scope.of(given)
        one, other = (assistant.ask(question, scope=scope).to_dict() for assistant in (ours, theirs))
        for answer in (one, other):
            del answer["timings_ms"]
            answer["passages"] = [p["document"] + p["label"] for p in answer["passages"]]
        assert one.pop("confidence") == pytest.approx(other.pop("confidence"), abs=2e-4)
        assert one == other, (question, given)
        modes.append(one["mode"])
    assert len(modes) == 60
    assert {"extract", "declined", "locate", "help"} == set(modes)


@pytest.mark.parametrize("given", SCOPES, ids=str)
def test_a_scope_allows_the_same_paragraphs_with_the_same_scores(both, given):
    scope = Scope.of(given)
    for question, language in (("ramps in schools", "en"), ("пандусы в школах", "ru")):
        query = Query(question, language=language, scope=scope)
        one, other = (rank(query, library, minimum=len(library.store)) for library in both)
        assert len(one) == both[0].store.select(scope).sum() if scope else len(both[0].store)
        assert dict(zip(one.positions.tolist(), one.score.tolist(), strict=True)) == pytest.approx(
            dict(zip(other.positions.tolist(), other.score.tolist(), strict=True)), abs=1e-5
        )
        for name in ("late", "dense", "lexical", "asked"):
            mine, its = getattr(one, name), getattr(other, name)
            assert (mine is None) == (its is None)
            if mine is not None:
                at, there = np.argsort(one.positions), np.argsort(other.positions)
                assert np.allclose(mine[at], its[there], atol=1e-5), name


def test_under_a_narrow_scope_the_graph_is_looked_through(both, monkeypatch):
    monkeypatch.setattr(search, "LEAST_EF", 1)
    scope, vector = Scope(document=("CRPD/C/AND/1",)), both[0].encoder.encode("How long is a school year?").vector
    allowed = np.flatnonzero(both[0].store.select(scope))
    found = both[1].store.space.search(vector, len(allowed), both[1].store.select(scope), asked=False)
    assert sorted(found.tolist()) == allowed.tolist()


def test_words_find_the_same_but_for_ties(both):
    ours, theirs = (library.store.lexical for library in both)
    for question, given in questions():
        words = terms(question)
        one, other = (
            found.search(words, BEST_LEXICAL, library.store.select(Scope.of(given)))
            for found, library in zip((ours, theirs), both, strict=True)
        )
        scores = np.sort(ours.coverage(words, one))
        assert np.allclose(scores, np.sort(theirs.coverage(words, other)), atol=1e-5)
        assert all(ours.coverage(words, np.array([p]))[0] <= scores[0] + 1e-5 for p in set(one) ^ set(other))
        assert [ours.idf(word) for word in words] == [theirs.idf(word) for word in words]
        assert [word in ours for word in words] == [word in theirs for word in words]


def test_token_vectors_are_the_same_bit_for_bit(both):
    positions = np.arange(len(both[0].store))[::3]
    one, other = (library.store.tokens(positions) for library in both)
    assert (one.vectors == other.vectors).all()
    assert (one.offsets == other.offsets).all()
    assert all((a == b).all() for a, b in zip(one.sentences, other.sentences, strict=True))
    assert (both[0].store.idf == both[1].store.idf).all()


def test_what_is_known_of_questions_is_the_same(both):
    for ours, theirs, encode in (
        (both[0].store.space, both[1].store.space, lambda text: both[0].encoder.encode(text).vector),
        (both[0].multilingual_space, both[1].multilingual_space, both[0].multilingual_encoder.query),
    ):
        for question in ("Who pays for ramps?", "What does an interpreter earn?", "Сколько стоит пандус?"):
            vector = encode(question)
            assert ours.nearest_questions(vector, 3) == theirs.nearest_questions(vector, 3)
            assert ours.unanswered(vector) == pytest.approx(theirs.unanswered(vector), abs=1e-5)
            # The folder's vectors have 16 bits.
            assert ours.answered_odds(vector, 0.01) == pytest.approx(theirs.answered_odds(vector, 0.01), abs=5e-3)
            assert ours.off_topic(vector) == theirs.off_topic(vector)
            assert ours.help(vector) == theirs.help(vector)
            places = np.array([0, 5, 9])
            assert np.allclose(ours.alike(places), theirs.alike(places), atol=1e-5)


@pytest.mark.parametrize(
    "value",
    [
        'ISL"] or state != "',
        "ISL' or 1 == 1",
        "ISL\\",
        '\\"] or id != "',
        "{ISL}",
        "ISL\n\x00",
        "ISL%",
        "] or true",
        "é—€",
    ],
)
def test_a_hostile_value_of_a_scope_selects_nothing_and_breaks_nothing(both, value):
    found = both[1].store
    vector = both[1].encoder.encode("ramps").vector
    for field in ("state", "document", "kind", "document_language"):
        scope = Scope(**{field: (value,)})
        assert not any(library.selects(scope) for library in both)
        assert not len(found.space.search(vector, 10, found.select(scope)))
        assert not len(found.lexical.search(["ramp"], 10, found.select(scope)))


def test_documents_come_and_go_in_both_and_their_rows_with_them(folder, both):
    """Both are open all the while."""
    readers = [Assistant(library, settings().model_copy(update={"reader": "none"})) for library in both]
    writer = LibraryWriter(folder, threads=1, store=address(folder))
    hostile = 'CRPD/C/"] or 1 == 1 \\'
    text = folder.parent / "snow.md"
    text.write_text("# Trams\n\nTwelve trams of the capital carry ramps made of aluminium since 2021.\n", "utf-8")
    entry, _ = writer.add(text, symbol=hostile, kind="other")
    question, scope = "What are the ramps of trams made of?", Scope(document=(hostile,))
    before = [reader.search("ramps of aluminium", 5) for reader in readers]
    assert before[0] == before[1]
    assert before[0][0].document == hostile
    assert {p.document for p in readers[1].search("ramps", 50, scope)} == {hostile}
    answers = [reader.ask(question, scope=scope) for reader in readers]
    assert answers[0].text == answers[1].text
    assert "aluminium" in answers[1].text

    writer.remove(hostile)
    after = [reader.search("ramps of aluminium", 50) for reader in readers]
    assert after[0] == after[1]
    assert hostile not in {passage.document for passage in after[1]}
    rows = writer._rows(both[1].manifest)
    assert entry.segment in rows.held()  # as its folder, for whoever asks at this moment
    old = {path.relative_to(folder).as_posix() for path in folder.glob("segments/*")} - {entry.segment}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("crpd_qa.library.folders.SWEEP_SECONDS", -1)
        sweep(
            folder, set(), old | {path.relative_to(folder).as_posix() for path in folder.glob("models/*")}, rows.forget
        )
    assert entry.segment not in rows.held()
    for collection in (rows._collections.paragraphs, rows._collections.english, rows._collections.multilingual):
        narrowed = among("segment", [entry.segment])
        assert not connected(address(folder)).call("query", collection, filter=narrowed, output_fields=["id"])
