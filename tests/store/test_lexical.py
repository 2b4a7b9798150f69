"""Words against bm25s, which has the same formula (Lucene's)."""

import bm25s
import numpy as np
import pytest

from crpd_qa.store.lexical import LexicalIndex, Postings, terms
from crpd_qa.store.places import Places

QUERIES = (
    "sign language interpreter in court",
    "How many persons have a disability?",
    "2,724,900 km2",
    "ramps ramps ramps in the buildings of the courts",
    "quota of jobs for persons with disabilities",
)


@pytest.fixture(scope="module")
def texts(document):
    return [paragraph.text for paragraph in document]


def index(postings):
    return LexicalIndex([(postings, Places.in_order(len(postings.lengths)))])


def scores(index, words):
    return index.coverage(words, np.arange(index.paragraphs))


@pytest.mark.parametrize("query", QUERIES)
def test_scores_are_those_of_bm25s(texts, query):
    oracle = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    oracle.index([terms(text) for text in texts], show_progress=False)
    expected = oracle.get_scores(terms(query))
    ours = index(Postings.build(texts, "en"))
    rarity = sum(ours.idf(word) for word in set(terms(query)))  # bm25s does not divide by it
    assert np.allclose(scores(ours, terms(query)) * max(rarity, 1.0), expected, atol=1e-4)


def test_documents_that_were_counted_apart_score_as_if_counted_together(texts):
    together = index(Postings.build(texts, "en"))
    parts = [Postings.build(part, "en") for part in (texts[:7], texts[7:200], [], texts[200:])]
    apart = index(Postings.concatenate(parts))
    for query in QUERIES:
        assert np.allclose(scores(together, terms(query)), scores(apart, terms(query)))
        assert [together.idf(word) for word in terms(query)] == [apart.idf(word) for word in terms(query)]


def test_what_was_saved_is_read_back(texts, tmp_path):
    built = Postings.build(texts[:50], "en")
    built.save(tmp_path / "lexical.npz")
    read = Postings.load(tmp_path / "lexical.npz")
    assert all((getattr(built, name) == getattr(read, name)).all() for name in vars(built))


def test_a_word_that_no_paragraph_holds_scores_nothing_and_is_the_rarest(texts):
    own = index(Postings.build(texts, "en"))
    assert not scores(own, ["zyzzyva"]).any()
    assert not len(own.search(["zyzzyva"], 10))
    assert own.idf("zyzzyva") > max(own.idf(word) for word in terms(" ".join(texts)))
    assert not scores(index(Postings.concatenate([])), ["court"]).any()
    assert not len(index(Postings.concatenate([])).search(["court"], 10))


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "The courts hired interpreters", "a court hires an interpreter"),
        ("ru", "Суды нанимают переводчиков", "суд нанимает переводчика"),
        ("fr", "Les tribunaux engagent des interprètes", "le tribunal engage un interprète"),
        ("es", "Los tribunales contratan intérpretes", "el tribunal contrata un intérprete"),
    ],
)
def test_forms_of_a_word_are_one_in_each_language_of_documents(language, one, other):
    assert len(set(terms(one, language)) & set(terms(other, language))) >= 2


@pytest.mark.parametrize("inside", [None, 0.5, 0.02])
@pytest.mark.parametrize("query", QUERIES)
def test_the_best_are_those_of_scoring_every_paragraph(texts, query, inside):
    """Also where common words of the question are not looked at, and where postings of several files count as one."""
    chance, count = np.random.default_rng(3), len(texts)
    selection = None if inside is None else chance.random(count) < inside
    of_one, of_other = np.arange(count) % 3 > 0, np.arange(count) % 3 == 0
    parts = []
    for own in (of_one, of_other):
        rows = np.where(own, np.cumsum(own) - 1, -1)
        held = Postings.build([text for text, there in zip(texts, own, strict=True) if there], "en")
        parts.append((held, Places(np.flatnonzero(own), rows)))
    apart, together = LexicalIndex(parts), index(Postings.build(texts, "en"))
    words = terms(query)
    expected = np.where(True if selection is None else selection, scores(together, words), 0)
    for ours in (apart, together):
        assert np.allclose(scores(ours, words), scores(together, words), atol=1e-6)
        found = ours.search(words, 10, selection)
        assert len(set(found.tolist())) == len(found) == min(10, (expected > 0).sum())
        assert np.allclose(np.sort(expected[found]), np.sort(np.sort(expected)[::-1][: len(found)]), atol=1e-6)
