import numpy as np
import pytest

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.judge import judge
from crpd_qa.evaluate.metrics import bootstrap, reliability, risk_coverage, summarize
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set
from crpd_qa.evaluate.run import compare, evaluate, read_results, results, write_results


def question(text, support, facts=(), kind="locate", **more):
    return EvalQuestion(
        id=text, type=kind, lang="en", question=text, answerable=bool(support), support=support, facts=facts, **more
    )


def judged(assistant, asked):
    return judge(asked, assistant.ask(asked.question, asked.history), assistant.document)


def test_right_needs_the_facts_and_a_right_paragraph(assistant):
    assert judged(assistant, question("paragraph 8", [[8]], ["2,724,900"])).right
    assert not judged(assistant, question("paragraph 8", [[8]], ["2,724,901"])).right
    assert not judged(assistant, question("paragraph 8", [[9]], ["2,724,900"])).right
    assert judged(assistant, question("paragraph 8", [[9], [8]], ["2,724,900"])).right
    assert not judged(assistant, question("paragraph 8", [[8, 9]], ["2,724,900"])).right


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


def test_a_bootstrap_interval_holds_the_value_and_narrows_with_the_count():
    few, many = bootstrap(np.mean, [0, 1] * 5), bootstrap(np.mean, [0, 1] * 500)
    assert few.low <= few.value == 0.5 <= few.high
    assert few.high - few.low > 4 * (many.high - many.low)


def test_risk_rises_to_the_share_of_wrong_answers_at_full_coverage(assistant):
    judgements = evaluate(assistant, [question("paragraph 8", [[8]]), question("paragraph 9", [[8]])])
    coverage, risk = risk_coverage(judgements)
    assert coverage == [0.5, 1.0]
    assert risk[-1] == 0.5


def test_reliability_of_answers_that_are_as_sure_as_right_has_no_error(assistant):
    judgements = evaluate(assistant, [question("paragraph 8", [[8]]), question("paragraph 900", [], kind="none")])
    assert reliability(judgements)[2] == 0


def test_results_are_read_back_and_compared(assistant, tmp_path):
    good, bad = question("paragraph 8", [[8]], ["km2"]), question("paragraph 8", [[8]], ["miles"])
    before = results(assistant, [], evaluate(assistant, [good]))
    write_results(before, tmp_path / "new" / "r.json")
    assert read_results(tmp_path / "new" / "r.json").model_dump_json() == before.model_dump_json()
    after = results(assistant, [], evaluate(assistant, [bad]))
    assert [r.id for r in compare(after, before)[1]] == ["paragraph 8"]
    assert [r.id for r in compare(before, after)[0]] == ["paragraph 8"]
    assert compare(before, before) == ([], [])


def test_what_is_no_results_file_is_refused(tmp_path):
    (tmp_path / "r.json").write_text("{}")
    with pytest.raises(QuestionFileError, match="crpd-qa eval --json"):
        read_results(tmp_path / "r.json")


@pytest.mark.parametrize(
    "line",
    ["{", '{"id": "x"}', '{"id":"x","type":"poem","lang":"en","question":"?","answerable":true}', "[]"],
)
def test_a_wrong_line_of_a_question_set_is_named(tmp_path, line):
    path = tmp_path / "set.jsonl"
    path.write_text('{"id":"a","type":"fact","lang":"en","question":"?","answerable":false}\n' + line + "\n")
    with pytest.raises(QuestionFileError, match=r"line 2: .*SPEC\.md"):
        read_question_set(path)


def test_an_empty_or_missing_question_set_is_refused(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(QuestionFileError, match="no question"):
        read_question_set(tmp_path / "empty.jsonl")
    with pytest.raises(QuestionFileError, match="cannot read"):
        read_question_set(tmp_path / "none.jsonl")
