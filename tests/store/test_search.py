"""A filter loses nothing: what is found within a scope is what looking at every vector finds."""

import numpy as np
import pytest

from crpd_qa.retrieve import Query, rank
from crpd_qa.scope import Scope

QUESTIONS = (
    "How many children with disabilities go to ordinary schools?",
    "What does the Committee recommend about institutions?",
    "sign language interpreters in court",
    "Can a person under guardianship vote?",
    "When will buses be accessible?",
)
SCOPES = [
    Scope(),
    Scope(state=("VLD",)),
    Scope(state=("ORS",)),
    Scope(state=("ORS", "VLD"), kind=("state-report",)),
    Scope(kind=("concluding-observations", "replies")),
    Scope(document=("CRPD/C/VLD/Q/1",)),
    Scope(document_language=("en",)),
    Scope(article=(9,)),
    Scope(article=(12, 13, 24), state=("VLD",)),
    Scope(year=(2018, 2018)),
    Scope(year=(2019, 2022), kind=("list-of-issues",)),
]


def allowed(library, scope):
    """By looking at every paragraph."""
    found = []
    for position in range(len(library.store)):
        entry, (_, paragraph) = library.entry_at(position), library.at(position)
        found.append(
            (not scope.state or entry.state in scope.state)
            and (not scope.kind or entry.kind in scope.kind)
            and (not scope.document or entry.symbol in scope.document)
            and (not scope.document_language or entry.language in scope.document_language)
            and (not scope.year or scope.year[0] <= int(entry.date[:4]) <= scope.year[1])
            and (not scope.article or bool(set(scope.article) & set(paragraph.section.articles)))
        )
    return np.array(found)


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_recall_within_a_scope_is_that_of_exact_search(several, scope):
    selection = several.store.select(scope)
    inside = allowed(several, scope)
    assert (inside if selection is None else selection).tolist() == inside.tolist()
    assert inside.sum() > 0
    assert bool(scope) == (selection is not None)
    vectors = np.concatenate([segment.vectors.paragraphs for segment in several.store.segments])
    for question in QUESTIONS:
        vector = several.encoder.encode(question).vector
        exact = np.argsort(-np.where(inside, vectors @ vector, -2), kind="stable")[: min(10, inside.sum())]
        found = several.store.space.search(vector, 10, selection, asked=False)
        assert set(found.tolist()) == set(exact.tolist())


@pytest.mark.parametrize("scope", SCOPES, ids=str)
def test_ranking_never_leaves_its_scope_and_can_rank_all_of_it(several, scope):
    inside = np.flatnonzero(allowed(several, scope))
    for question in QUESTIONS:
        ranking = rank(Query(question, scope=scope), several, minimum=len(several.store))
        assert sorted(ranking.positions.tolist()) == inside.tolist()


def test_what_is_found_within_a_scope_is_in_the_order_of_the_whole(several):
    for question in QUESTIONS:
        whole = rank(Query(question), several, minimum=len(several.store))
        for scope in SCOPES[1:]:
            part = rank(Query(question, scope=scope), several, minimum=len(several.store))
            inside = set(part.positions.tolist())
            assert part.positions.tolist() == [p for p in whole.positions.tolist() if p in inside]


def test_a_scope_that_holds_nothing_selects_nothing(several):
    for scope in (Scope(state=("KEN",)), Scope(document=("CRPD/C/VLD/9",)), Scope(year=(1999, 2001))):
        assert several.matching(scope) == ()
        assert not several.store.select(scope).any()
