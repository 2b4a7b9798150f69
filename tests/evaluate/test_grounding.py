from dataclasses import replace

import pytest

from crpd_qa.answer import Statement
from crpd_qa.answer.record import cite
from crpd_qa.answer.support import SupportChecker
from crpd_qa.evaluate.grounding import grounding

TRUE = "In the country, 651,900 persons have a disability."


@pytest.fixture(scope="module")
def measured(assistant, document):
    checker = SupportChecker(assistant.library)
    asked = assistant.ask("What share of the population has a disability?")

    def measure(*said, **changes):
        """`said`: sentences, each with the numbers of its paragraphs."""
        statements = tuple(
            Statement(text, tuple(cite(document, p, *p.sentences[0]) for p in map(document.paragraph, numbers)))
            for text, *numbers in said
        )
        answer = replace(asked, statements=statements, mode="language-model", **changes)
        return grounding(answer, "en", checker, assistant.library)

    return measure


def test_a_true_sentence_with_its_paragraph_is_recalled_and_precise(measured):
    found = measured((TRUE, 107))
    assert (found.supported, found.citation_recall, found.citation_precision) == (1, 1, 1)
    assert found.asked_language


def test_a_citation_that_adds_nothing_lowers_precision_only(measured):
    found = measured((TRUE, 107, 140))
    assert (found.citation_recall, found.citation_precision) == (1, 0.5)


def test_a_sentence_that_its_paragraph_does_not_say_lowers_both(measured):
    found = measured((TRUE, 107), ("In the country, 412 persons have a disability.", 107))
    assert (found.citation_recall, found.citation_precision) == (0.5, 0.5)


def test_dropped_and_repaired_sentences_were_not_supported_at_once(measured):
    assert measured((TRUE, 107), dropped=1).supported == 0.5
    assert measured((TRUE, 107), repaired=1).supported == 0


def test_an_answer_in_another_language_than_asked(measured):
    russian = "В стране 651 900 человек имеют инвалидность."
    assert not measured((russian, 107)).asked_language


def test_an_answer_of_which_nothing_held_counts_as_unsupported(assistant):
    asked = assistant.ask("What share of the population has a disability?")
    found = grounding(replace(asked, dropped=3), "en", SupportChecker(assistant.library), assistant.library)
    assert (found.supported, found.dropped, found.citation_recall) == (0, 3, None)
