import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crpd_qa.evaluate.judge import judge
from crpd_qa.evaluate.metrics import bootstrap, reliability, risk_coverage, summarize, wilson
from crpd_qa.evaluate.question_set import EvalQuestion
from crpd_qa.evaluate.run import evaluate


def question(text, support, facts=(), kind="locate", **more):
    return EvalQuestion(
        id=text, type=kind, lang="en", question=text, answerable=bool(support), support=support, facts=facts, **more
    )


def judged(assistant, asked):
    return judge(asked, assistant.ask(asked.question, asked.history), assistant.library)


def test_right_needs_the_facts_and_a_right_paragraph(assistant):
    assert judged(assistant, question("paragraph 8", [[8]], ["2,724,900"])).right
    assert not judged(assistant, question("paragraph 8", [[8]], ["2,724,901"])).right
    assert not judged(assistant, question("paragraph 8", [[9]], ["2,724,900"])).right
    assert judged(assistant, question("paragraph 8", [[9], [8]], ["2,724,900"])).right
    assert not judged(assistant, question("paragraph 8", [[8, 9]], ["2,724,900"])).right


def test_every_fact_must_be_stated_whatever_its_letters(assistant):
    assert judged(assistant, question("paragraph 8", [[8]], ["TERRITORY OF kazakhstan", "2,724,900"])).right
    assert not judged(assistant, question("paragraph 8", [[8]], ["territory", "population"])).right


def test_a_declined_question_that_has_an_answer_is_not_right(assistant):
    found = judged(assistant, question("qzx vbnm wrtp", [[8]], kind="fact"))
    assert not found.answer.answered
    assert (found.right, found.facts, found.cited, found.words) == (False, False, False, 0)


def test_answers_of_the_assistant_are_verbatim(assistant):
    found = judged(assistant, question("What do the courts do for people who cannot hear?", [[219]], kind="lay"))
    assert found.answer.citations
    assert found.verbatim


def test_facts_are_not_found_in_the_paragraph_numbers(assistant):
    assert not judged(assistant, question("paragraph 107", [[107]], [r"\b107\b"])).facts


def test_an_answer_that_is_too_long_is_not_right(assistant):
    assert judged(assistant, question("article 13", [[219]])).right
    assert not judged(assistant, question("article 13", [[219]], kind="fact")).right


def test_a_question_without_an_answer_is_right_when_declined(assistant):
    assert judged(assistant, question("paragraph 900", [], kind="none")).right
    assert not judged(assistant, question("paragraph 8", [], kind="none")).right


def test_citation_precision_counts_paragraphs_not_sentences(assistant):
    found = judged(assistant, question("paragraphs 8, 9 and 10", [[8]]))
    assert found.citation_precision == pytest.approx(1 / 3)
    assert judged(assistant, question("paragraph 900", [], kind="none")).citation_precision is None


def test_complete_needs_all_paragraphs_of_one_alternative(assistant):
    found = judged(assistant, question("paragraphs 8, 9 and 10", [[9, 10], [8, 500]]))
    assert found.complete_at(3)
    assert not found.complete_at(2)


def test_the_summary_groups_and_counts(assistant):
    asked = [
        question("paragraph 8", [[8]], ["km2"]),
        question("paragraph 9", [[8]], ["km2"]),
        question("paragraph 900", [], kind="none"),
        question("Wie groß ist das Land, bitte?", [[8]], kind="fact").model_copy(update={"lang": "de"}),
    ]
    summary = summarize(evaluate(assistant, asked))
    assert summary["en locate"]["recall@1"].value == 0.5
    assert summary["en locate"]["MRR@10"].count == 2
    assert summary["en locate"]["right"].value == 0.5
    assert summary["en none"]["unanswerable declined"].value == 1
    assert summary["en"]["AUROC"].value == 1
    assert summary["all"]["ms p50"].count == 4
    assert summary["de"]["right"].count == 1


def test_ranks_of_right_paragraphs_become_recall_and_mrr(assistant):
    asked = [question("paragraphs 8, 9 and 10", [[500], [10]]), question("paragraphs 8, 9 and 10", [[8]])]
    figures = summarize(evaluate(assistant, asked))["all"]  # both have the same id
    assert [figures[f"recall@{k}"].value for k in (1, 3, 5, 10)] == [0.5, 1, 1, 1]
    assert figures["MRR@10"].value == pytest.approx((1 / 3 + 1) / 2)
    assert figures["recall@1"].count == 2


def test_complete_at_10_is_counted_where_several_paragraphs_are_needed(assistant):
    asked = [question("paragraphs 8 and 9", [[8, 9]], kind="multi"), question("paragraph 8", [[8, 9]], kind="multi")]
    assert summarize(evaluate(assistant, asked))["en multi"]["complete@10"].value == 0.5


@pytest.mark.parametrize(
    ("answerable", "other", "auroc"),
    [("paragraph 8", "qzx vbnm", 1), ("qzx vbnm", "paragraph 8", 0), ("paragraph 8", "paragraph 9", 0.5)],
)
def test_auroc_says_whether_answerable_questions_are_the_surer_ones(assistant, answerable, other, auroc):
    asked = [question(answerable, [[8]], kind="fact"), question(other, [], kind="none")]
    assert summarize(evaluate(assistant, asked))["all"]["AUROC"].value == auroc


def test_declining_is_counted_apart_for_questions_with_and_without_an_answer(assistant):
    asked = [
        question("paragraph 8", [[8]]), question("qzx vbnm", [[8]]), question("wrtp ghjk", [[8]]),
        question("paragraph 9", [], kind="none"), question("paragraph 900", [], kind="none"),
    ]  # fmt: skip
    figures = summarize(evaluate(assistant, asked))["all"]
    assert figures["answerable declined"].value == pytest.approx(2 / 3)
    assert figures["unanswerable declined"].value == 0.5


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_bootstrap_interval_holds_the_share(sample):
    figure = bootstrap(np.mean, sample)
    assert figure.low <= figure.value <= figure.high
    assert figure.value == pytest.approx(sum(sample) / len(sample))
    assert figure.count == len(sample)


def test_a_bootstrap_interval_holds_the_value_and_narrows_with_the_count():
    few, many = bootstrap(np.mean, [0, 1] * 5), bootstrap(np.mean, [0, 1] * 500)
    assert few.low <= few.value == 0.5 <= few.high
    assert few.high - few.low > 4 * (many.high - many.low)


def test_risk_rises_to_the_share_of_wrong_answers_at_full_coverage(assistant):
    judgements = evaluate(assistant, [question("paragraph 8", [[8]]), question("paragraph 9", [[8]])])
    coverage, risk = risk_coverage(judgements)
    assert coverage == [0.5, 1.0]
    assert risk[-1] == 0.5


def test_risk_begins_with_the_surest_question(assistant):
    judgements = evaluate(assistant, [question("qzx vbnm", [], kind="none"), question("paragraph 8", [[8]])])
    assert risk_coverage(judgements) == ([0.5, 1.0], [0.0, 0.5])


def test_reliability_of_answers_that_are_as_sure_as_right_has_no_error(assistant):
    judgements = evaluate(assistant, [question("paragraph 8", [[8]]), question("paragraph 900", [], kind="none")])
    assert reliability(judgements)[1] == 0


def test_the_interval_of_a_share_is_wilsons():
    """Newcombe 1998, table I: 81 of 263, and 0 of 20."""
    found = wilson(81, 263)
    assert (found.value, found.count) == (pytest.approx(0.3080, abs=5e-5), 263)
    assert (found.low, found.high) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert (wilson(0, 20).low, wilson(0, 20).high) == (pytest.approx(0, abs=1e-9), pytest.approx(0.1611, abs=5e-5))
