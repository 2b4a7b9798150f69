"""Very many vectors: found as by looking at every one, from files that stay on the disk."""

from pathlib import Path

import faiss
import numpy as np
import pytest

from crpd_qa.store import mapped
from crpd_qa.store.mapped import MappedVectors
from crpd_qa.store.vectors import STORED

ROWS, DIMENSION = 8_000, 64


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture(scope="module")
def rows():
    """In clusters, as texts are; as they are stored."""
    chance = np.random.default_rng(7)
    topics = chance.standard_normal((80, DIMENSION))
    found = unit(topics[chance.integers(80, size=ROWS)] + 0.7 * chance.standard_normal((ROWS, DIMENSION)))
    return found.astype(STORED).astype(np.float32)


@pytest.fixture(scope="module")
def vectors(rows, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mapped")
    MappedVectors.write(folder, "english", [rows[:3_000], rows[3_000:]], rows.shape, lambda step, done, total: None)
    return MappedVectors(folder, "english")


@pytest.fixture(scope="module")
def questions(rows):
    return unit(rows[::200] + 0.1 * np.random.default_rng(8).standard_normal((ROWS // 200, DIMENSION)))


def exact(rows, question, allowed):
    return np.flatnonzero(allowed)[np.argsort(-(rows[allowed] @ question), kind="stable")[:10]]


@pytest.mark.parametrize("share", [1.0, 0.4])
def test_the_ten_nearest_are_nearly_always_those_of_exact_search(vectors, rows, questions, share):
    allowed = np.random.default_rng(9).random(ROWS) < share
    hits = 0
    for question in questions:
        found, cosines = vectors.nearest(question, 10, None if share == 1 else allowed)
        assert allowed[found].all()
        assert np.allclose(cosines, rows[found] @ question, atol=1e-6)
        assert (np.diff(cosines) <= 0).all()
        hits += len(set(found) & set(exact(rows, question, allowed)))
    assert hits >= 0.99 * 10 * len(questions)


@pytest.mark.parametrize("count", [0, 1, 8, 80])
def test_under_a_narrow_filter_they_are_exactly_those(vectors, rows, questions, count, monkeypatch):
    monkeypatch.setattr(mapped, "CANDIDATES", 10)  # so few that the scan alone would miss some
    allowed = np.zeros(ROWS, dtype=bool)
    allowed[np.random.default_rng(count).choice(ROWS, count, replace=False)] = True
    for question in questions:
        assert vectors.nearest(question, 10, allowed)[0].tolist() == exact(rows, question, allowed).tolist()


def test_the_scan_takes_one_thread(vectors, questions):
    faiss.omp_set_num_threads(2)
    vectors.nearest(questions[0], 10, None)
    assert faiss.omp_get_max_threads() == 1


def test_vectors_stay_on_the_disk(vectors):
    base = vectors.rows
    assert base.dtype == STORED
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert str(Path(base.filename)) in Path("/proc/self/maps").read_text()
