from dataclasses import replace

import numpy as np

from crpd_qa.retrieve import Query, rank
from crpd_qa.retrieve.late_interaction import token_weights


def test_a_question_finds_the_paragraph_that_answers_it(assistant):
    ranking = rank(Query("How large is the territory of the country in square kilometres?"), assistant.library)
    assert ranking.paragraph(0).number == 8


def test_everyday_words_find_a_paragraph_that_shares_none_of_them(assistant):
    ranking = rank(Query("I'm deaf, will the judge pay someone to sign for me?"), assistant.library)
    assert ranking.paragraph(0).number == 219


def test_candidates_are_distinct_and_ordered_by_their_score(assistant):
    ranking = rank(Query("sign language on television"), assistant.library)
    assert len(set(ranking.positions.tolist())) == len(ranking) >= 10
    assert (np.diff(ranking.score) <= 0).all()


def test_paragraphs_are_put_in_another_order_where_their_scores_are_the_same(assistant):
    found = rank(Query("sign language on television"), assistant.library)
    tied = replace(found, score=np.ones_like(found.score))
    assert (
        tied.with_first(np.array([2, 0, 1])).positions.tolist()
        == found.positions[[2, 0, 1, *range(3, len(found))]].tolist()
    )


def test_asking_for_more_paragraphs_gives_all_of_them(assistant):
    assert len(rank(Query("disability"), assistant.library, minimum=508)) == 508


def test_token_weights_are_shares_of_the_question(assistant):
    ranking = rank(Query("How many sanatoriums does the report count?"), assistant.library)
    assert np.isclose(ranking.weights.sum(), 1)
    assert (
        token_weights(ranking.encoding, assistant.library.store.idf, np.ones(len(ranking.weights))) == ranking.weights
    ).all()


def test_late_interaction_of_a_paragraph_is_at_least_that_of_its_best_sentence(assistant):
    ranking = rank(Query("free legal assistance by a lawyer"), assistant.library)
    for place in range(5):
        sentences = ranking.sentence_matches(place) @ ranking.weights
        assert sentences.max() <= ranking.late[place] + 1e-5


def test_a_question_of_stop_words_has_no_weights(assistant):
    assert len(rank(Query("who are you and what is this"), assistant.library).weights) == 0
