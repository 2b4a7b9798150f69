"""What the reader sees of a paragraph at one go."""

from dataclasses import replace

from crpd_qa.documents.leaning import introduces_list, is_bullet
from crpd_qa.read.windows import MAX_WORDS, windows


def words(text):
    return len(text.split())


def test_every_sentence_stands_in_a_window_as_it_stands_in_its_paragraph(document):
    for paragraph in document:
        found = [sentence for window in windows(paragraph) for sentence in window.sentences]
        assert {number for number, *_ in found} == set(range(len(paragraph.sentences)))
        for window in windows(paragraph):
            assert window.text.startswith(" ".join(paragraph.section.title.split()[:20]))
            for number, start, end in window.sentences:
                assert window.text[start:end] == paragraph.text[slice(*paragraph.sentences[number])]


def test_a_window_holds_no_more_than_fits_and_a_paragraph_that_fits_is_not_cut(document):
    for paragraph in document:
        own = windows(paragraph)
        lengths = [[words(window.text[start:end]) for _, start, end in window.sentences] for window in own]
        assert all(sum(each) <= MAX_WORDS or len(each) == 1 for each in lengths)
        if words(paragraph.text) <= MAX_WORDS:
            assert len(own) == 1


def test_the_items_of_a_long_list_keep_the_line_that_introduces_them(document):
    later = [(paragraph, window) for paragraph in document for window in windows(paragraph)[1:]]
    assert [w for p, w in later if is_bullet(p, w.sentences[0][0])] == []
    led = [(p, w) for p, w in later if introduces_list(p, w.sentences[0][0]) and is_bullet(p, w.sentences[1][0])]
    assert any(window.sentences[1][0] > window.sentences[0][0] + 1 for _, window in led)


def test_the_state_that_a_question_names_is_said_where_a_window_does_not_name_it(document):
    named, unnamed = document.paragraph(9), document.paragraph(219)
    assert "Kazakhstan" in windows(named)[0].text
    assert windows(named, "Kazakhstan") == windows(named)
    court = replace(unnamed, text=unnamed.text.replace("Kazakhstan", "the land"))
    court = replace(court, sentences=((0, len(court.text)),))
    [window] = windows(court, "Kazakhstan")
    assert window.text == f"Kazakhstan (the State party): {windows(court)[0].text}"
    [(_, start, end)] = window.sentences
    assert window.text[start:end] == court.text
