import json

import pytest

from crpd_qa.errors import QuestionFileError
from crpd_qa.evaluate.question_set import EvalQuestion, read_question_set

GOOD = {
    "id": "t-1", "type": "multi", "lang": "en", "history": ["paragraph 7"], "question": "and 8, 9?", "answerable": True,
    "support": [[8, 9], [8]], "facts": ["km2"], "answer": "It is large.",
}  # fmt: skip


def write(tmp_path, *rows):
    path = tmp_path / "set.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_questions_are_read_in_order_with_all_that_is_known_of_them(tmp_path):
    path = write(tmp_path, GOOD, GOOD | {"id": "t-2"})
    path.write_text(path.read_text("utf-8").replace("\n", "\n\n"), encoding="utf-8")
    first, second = read_question_set(path)
    assert json.loads(first.model_dump_json()) == GOOD | {"scope": {}}
    assert second.id == "t-2"


def test_only_id_type_language_question_and_answerable_are_needed(tmp_path):
    row = {key: GOOD[key] for key in ("id", "type", "lang", "question")} | {"answerable": False}
    (question,) = read_question_set(write(tmp_path, row))
    assert (question.history, question.support, question.facts) == ((), (), ())


def test_right_paragraphs_are_those_of_any_alternative():
    question = EvalQuestion(**GOOD | {"support": [[8, 9], [["CRPD/C/VLD/1", "annex I, 3"]]]})
    assert question.right_paragraphs("CRPD/C/KAZ/1") == {
        ("CRPD/C/KAZ/1", "8"), ("CRPD/C/KAZ/1", "9"), ("CRPD/C/VLD/1", "annex I, 3"),
    }  # fmt: skip


def test_a_line_separator_within_a_question_does_not_end_its_line(tmp_path):
    (question,) = read_question_set(write(tmp_path, GOOD | {"question": "one\u2028two"}))
    assert question.question == "one\u2028two"


@pytest.mark.parametrize(
    "line",
    ["{", "[]", '{"id": "x"}', '{"id":"x","type":"poem","lang":"en","question":"?","answerable":true}'],
)
def test_a_wrong_line_is_named(tmp_path, line):
    path = write(tmp_path, GOOD)
    path.write_text(path.read_text("utf-8") + line + "\n", encoding="utf-8")
    with pytest.raises(QuestionFileError, match=r"line 2: .*SPEC\.md"):
        read_question_set(path)


@pytest.mark.parametrize(
    "wrong",
    [{"facts": ["("]}, {"support": []}, {"support": [[]]}],
    ids=["facts that are no regular expression", "answerable without paragraphs", "an alternative of no paragraph"],
)
def test_a_question_that_cannot_be_judged_is_refused_with_its_line(tmp_path, wrong):
    with pytest.raises(QuestionFileError, match="line 2"):
        read_question_set(write(tmp_path, GOOD, GOOD | wrong))


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "no question"), (b"\n \n", "no question"), (b"\xff", "cannot read")]
)
def test_a_file_without_questions_is_refused(tmp_path, content, reason):
    (tmp_path / "set.jsonl").write_bytes(content)
    with pytest.raises(QuestionFileError, match=reason):
        read_question_set(tmp_path / "set.jsonl")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(QuestionFileError, match=r"cannot read .*none\.jsonl"):
        read_question_set(tmp_path / "none.jsonl")
