import re

import pytest

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.question_set import EvalQuestion
from crpd_qa.evaluate.report import comparison_text, write_report
from crpd_qa.evaluate.run import compare, evaluate, read_results, results, write_results

HOSTILE = '<script>alert(1)</script> paragraph 8 " onload=x [/] {{ 7 * 7 }}'


def question(id, text, fact, **more):
    return EvalQuestion(
        id=id, type="fact", lang="en", question=text, answerable=True, support=((8,),), facts=(fact,), **more
    )


@pytest.fixture(scope="module")
def asked():
    return [
        question("q-0", "paragraph 8", "km2"),
        question("q-1", "paragraph 8", "miles", history=("<i>earlier</i>",), answer="<u>expected</u>"),
        question("q-2", HOSTILE, "<b>"),
        EvalQuestion(id="q-3", type="none", lang="en", question="paragraph 900", answerable=False),
        EvalQuestion(id="q-4", type="none", lang="en", question="paragraph 9", answerable=False),
    ]


@pytest.fixture(scope="module")
def judgements(assistant, asked):
    return evaluate(assistant, asked)


@pytest.fixture(scope="module")
def found(assistant, judgements):
    return results(assistant, [], judgements)


@pytest.fixture(scope="module")
def html(found, judgements, library, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new" / "folder"
    page = write_report(found, judgements, library, folder, (found.questions[2:3], found.questions[:1]))
    assert page == folder / "index.html"
    return page.read_text("utf-8")


def test_every_miss_is_listed_and_nothing_else(html):
    assert re.findall(r" · (q-\d)</p>", html) == ["q-1", "q-4", "q-2"]
    assert "Wrong (2)" in html
    assert "Declined (1)" in html


def test_a_miss_says_in_words_what_was_expected_what_came_and_why_it_is_not_right(html):
    miss = html.partition(" · q-1</p>")
    assert "What was expected is not stated." in miss[0]
    shown = miss[2].partition("</details>")[0]
    assert shown.count("2,724,900") == 2  # the paragraph, expected and come
    assert "Paragraph 8, as expected" in shown
    assert "Answered, though the documents do not say." in html
    assert "miles" not in html  # the pattern


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("qzx vbnm wrtp", "km2"), "Declined, though the documents say it. The right paragraph was not among"),
        (("paragraph 8", "miles"), "What was expected is not stated."),
        (("paragraph 9", "km2"), "What was expected is not stated. The expected paragraph is not cited."),
        (("article 13", "court"), "The expected paragraph is not cited. 197 words, where 120 are the most."),
    ],
)
def test_why(assistant, library, tmp_path, asked, why):
    found = evaluate(assistant, [question("q", *asked)])
    assert why in write_report(results(assistant, [], found), found, library, tmp_path).read_text("utf-8")


def test_what_was_typed_is_shown_as_text(html):
    for tag in ("<script", "<i>", "<u>", "<b>"):
        assert tag not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") == 2  # as a miss and against the baseline
    assert "&lt;i&gt;earlier" in html
    assert "{{ 7 * 7 }}" in html


def test_the_page_is_complete_in_one_file_with_three_plots_that_are_told_in_words(html):
    assert len(re.findall(r'<svg class="plot"[^>]* role="img" aria-label="[^"]{20,}"', html)) == 3
    assert "src=" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_what_came_of_the_questions_stands_first(html):
    first = html[: html.index("By type")]
    assert re.findall(r"(\d) of 5 questions", first) == ["2", "2", "1"]
    assert "most likely 12 to 77" in first
    assert "Not in the documents" in html


def test_every_figure_of_every_group_is_shown_and_said_in_words(html, found):
    shown = sum(len(figures) for figures in found.summary.values())
    assert len(re.findall(r"[\d.]+–[\d.]+, n=\d+</small>", html)) == shown


def test_the_comparison_counts_and_names_what_changed(html):
    assert "1 question better, 1 worse" in html
    assert html.index("Right now, wrong before (1)") < html.index("<small>q-2") < html.index("<small>q-0")


def test_a_report_that_cannot_be_written_is_named(found, judgements, library, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(QuestionFileError, match=r"cannot write .*index\.html"):
        write_report(found, judgements, library, tmp_path / "file")


def test_results_are_read_back_as_they_were(found, tmp_path):
    write_results(found, tmp_path / "new" / "r.json")
    assert read_results(tmp_path / "new" / "r.json").model_dump_json() == found.model_dump_json()


def test_results_hold_every_question_with_its_answer(found, assistant, asked):
    assert [(r.id, r.right, r.first_right) for r in found.questions] == [
        ("q-0", True, 1), ("q-1", False, 1), ("q-2", False, found.questions[2].first_right),
        ("q-3", True, None), ("q-4", False, None),
    ]  # fmt: skip
    assert found.questions[0].answer["text"] == assistant.ask(asked[0].question).text
    assert found.threshold == assistant.threshold


def test_what_became_right_is_better_and_what_became_wrong_is_worse(assistant, found, asked):
    facts = {"q-0": ("miles",), "q-1": ("km2",)}
    changed = [q.model_copy(update={"facts": facts.get(q.id, q.facts)}) for q in asked]
    now = results(assistant, [], evaluate(assistant, [*changed, question("new", "paragraph 8", "miles")]))
    better, worse = compare(now, found)
    assert ([r.id for r in better], [r.id for r in worse]) == (["q-1"], ["q-0"])
    text = comparison_text(better, worse).plain
    assert "1 better, 1 worse" in text
    assert "worse q-0: paragraph 8" in text


def test_a_run_is_neither_better_nor_worse_than_itself_even_where_ids_repeat(assistant, found):
    assert compare(found, found) == ([], [])
    twice = [question("same", "paragraph 8", "km2"), question("same", "paragraph 9", "miles")]
    run = results(assistant, [], evaluate(assistant, twice))
    assert compare(run, run) == ([], [])


@pytest.mark.parametrize("content", [b"{}", b"", b"[1]", b"\xff"])
def test_what_is_no_results_file_is_refused(tmp_path, content):
    (tmp_path / "r.json").write_bytes(content)
    with pytest.raises(QuestionFileError, match="crpd-qa eval --json"):
        read_results(tmp_path / "r.json")


def test_results_that_cannot_be_read_or_written_are_named(found, tmp_path):
    with pytest.raises(QuestionFileError, match="cannot read"):
        read_results(tmp_path / "none.json")
    with pytest.raises(QuestionFileError, match="cannot write"):
        write_results(found, tmp_path)
