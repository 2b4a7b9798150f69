"""What leans on something else is read together with it: over every sentence of the report."""

import re
from dataclasses import replace

import pytest

from crpd_qa.answer.statements import statements
from crpd_qa.documents.leaning import introduces_list, is_bullet, leans, needed


def read(document, number, *sentences):
    paragraph = document.paragraph(number)
    return statements([(document, paragraph, n) for n in sentences])


def test_the_treaty_that_a_sentence_means_stands_in_the_sentence_before(document):
    paragraph = document.paragraph(95)
    text = [paragraph.text[slice(*span)] for span in paragraph.sentences]
    last = next(n for n, sentence in enumerate(text) if sentence.startswith("It has also ratified"))
    assert last - 1 in needed(paragraph, last)
    statement = read(document, 95, *sorted(needed(paragraph, last)))[-1]
    assert statement.text.endswith(f"{text[last - 1]} {text[last]}")
    assert len(statement.citations) == 1


@pytest.mark.parametrize(
    ("sentence", "lean"),
    [
        ("It has also ratified the Optional Protocol.", True),
        ("They include three schools.", True),
        ("In addition, a grant is paid.", True),
        ("Of these, 12 were closed.", True),
        ("As part of this process, companies were founded.", True),
        ("Such activities are managed by the Ministry.", True),
        ("Its provisions apply to all.", True),
        ("For example, buses have lifts.", True),
        ("The latter is paid monthly.", True),
        ("It is prohibited to dismiss a pregnant woman.", False),
        ("Persons with disabilities, such as blind persons, are exempt.", False),
        ("The Constitution guarantees equality.", False),
        ("In 2016, 412 persons found work.", False),
        ("This report was drawn up by the Ministry.", False),
    ],
)
def test_sentences_that_lean_on_the_one_before_are_known(sentence, lean):
    assert leans(sentence) is lean


def test_every_sentence_of_the_report_is_quoted_with_what_it_leans_on(document):
    for paragraph in document:
        for number, span in enumerate(paragraph.sentences):
            text = paragraph.text[slice(*span)]
            whole = sorted(needed(paragraph, number))
            found = statements([(document, paragraph, n) for n in whole])
            [statement] = [s for s in found if any(c.start <= span[0] and span[1] <= c.end for c in s.citations)]
            assert " ".join(c.quote for c in statement.citations) == statement.text
            if is_bullet(paragraph, number):
                assert paragraph.text[: statement.citations[0].end].rstrip()[-1] in ":;,." or len(whole) > 1
                assert statement.citations[0].start < span[0] or number == 0
            elif number and re.match(r"(?:It|They|These|Such|In addition|Of these)\b", text) and leans(text):
                assert statement.citations[0].start <= paragraph.sentences[number - 1][0]


def test_words_are_highlighted_in_the_statement_that_quotes_them_and_in_no_other_documents(document):
    paragraph = document.paragraph(107)
    start = paragraph.text.index("651,900")
    place = (paragraph, start, start + 7)
    [statement] = statements([(document, paragraph, 0)], [(document, *place)])
    assert [statement.text[a:b] for a, b in statement.highlights] == ["651,900"]
    other = replace(document, symbol="CRPD/C/KEN/1")
    [statement] = statements([(document, paragraph, 0)], [(other, *place)])
    assert statement.highlights == ()


def test_a_long_row_of_sentences_that_lean_is_not_quoted_whole(document):
    long = f"This was done {'very ' * 40}well."
    sentences = ["It was built in 2015.", long, long, "It cost nine million."]
    starts = [sum(len(s) + 1 for s in sentences[:n]) for n in range(len(sentences))]
    spans = tuple((start, start + len(s)) for start, s in zip(starts, sentences, strict=True))
    paragraph = replace(document.paragraph(8), text=" ".join(sentences), sentences=spans)
    assert needed(paragraph, 3) == {2, 3}
    assert needed(paragraph, 1) == {0, 1}


def test_the_line_before_a_list_is_never_alone(document):
    lists = [(p, n) for p in document for n in range(len(p.sentences)) if introduces_list(p, n)]
    assert len(lists) > 10
    for paragraph, number in lists:
        found = statements([(document, paragraph, n) for n in sorted(needed(paragraph, number))])
        assert found[-1].text != paragraph.text[slice(*paragraph.sentences[number])]


def test_no_answer_is_a_sentence_without_the_one_it_leans_on(assistant, document, written):
    for paragraph in document.paragraphs[::9]:
        answer = assistant.ask(written[paragraph.label][0])
        for statement in answer.statements if answer.mode == "extract" else ():
            first = statement.citations[0]
            own = document.paragraph(first.number)
            opens = [n for n, (start, _) in enumerate(own.sentences) if start == first.start]
            assert opens
            goes_on = first.end > own.sentences[opens[0]][1]
            assert not leans(first.quote) or opens[0] == 0 or is_bullet(own, opens[0]) or goes_on
