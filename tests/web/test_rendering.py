import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crpd_qa import Assistant
from crpd_qa.documents import Document
from crpd_qa.documents.model import Section
from crpd_qa.library.write import LibraryWriter
from crpd_qa.web.quotation import mark, quoted_lines
from crpd_qa.web.rendering import Turn, cited_paragraphs, render_conversation

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onclick='alert(1)",
    "[x](javascript:alert(1)) ![y](http://127.0.0.1/z.png)",
]


def conversation(assistant, question):
    return render_conversation([Turn(question, assistant.ask(question))], assistant.library)


@pytest.fixture(scope="module")
def hostile(empty_library, tmp_path_factory, document):
    """Answers from a document whose every text is hostile, one a paragraph."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "source.txt").write_text("kept beside it")
    paragraphs = tuple(
        replace(
            document.paragraphs[0],
            label=str(number),
            number=number,
            text=text,
            sentences=((0, len(text)),),
            section=Section((text, text)),
        )
        for number, text in enumerate(HOSTILE, start=1)
    )
    hostile = Document(symbol="CRPD/C/VLD/1", title=HOSTILE[0], paragraphs=paragraphs)
    LibraryWriter(empty_library(folder / "library")).add_document(hostile, folder / "source.txt")
    return Assistant.open(folder / "library")


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attributes)

    def handle_data(self, data):
        self.text += data


def assert_only_our_markup(page):
    elements = Elements(page)
    ours = {
        "article",
        "h2",
        "h3",
        "span",
        "div",
        "p",
        "a",
        "details",
        "summary",
        "strong",
        "blockquote",
        "mark",
        "button",
        "cite",
        "ul",
        "li",
    }
    assert elements.tags <= ours
    assert not any(name.startswith("on") or name in ("src", "style") for name in elements.attributes)
    return elements


@pytest.mark.parametrize("text", HOSTILE)
def test_a_question_never_becomes_markup(assistant, text):
    assert text in assert_only_our_markup(conversation(assistant, text)).text


@pytest.mark.parametrize("number", range(1, len(HOSTILE) + 1))
def test_a_paragraph_never_becomes_markup(hostile, number):
    elements = assert_only_our_markup(conversation(hostile, f"paragraph {number}"))
    assert elements.text.count(HOSTILE[number - 1]) >= 2  # the quotation and the paragraph


@given(text=st.text(max_size=200), cuts=st.lists(st.integers(0, 200), max_size=6))
def test_marking_keeps_the_text_and_marks_just_the_spans(text, cuts):
    cuts = sorted({min(cut, len(text)) for cut in cuts})
    spans = [(a, b) for a, b in zip(cuts[::2], cuts[1::2], strict=False) if a < b]
    marked = str(mark(text, spans))
    pieces = re.split(r"</?mark>", marked)
    assert [html.unescape(piece) for piece in pieces[1::2]] == [text[a:b] for a, b in spans]
    assert "".join(html.unescape(piece) for piece in pieces) == text


def test_a_quotation_keeps_lists_and_says_where_something_is_left_out():
    text = "Courts must:\n• hire an interpreter; and pay for it;\n• wait.\nThat is so. It is new. It works."
    start = text.index("That")
    spans = [(0, 12), (text.index("hire"), text.index(" and pay")), (start, start + 11), (start + 23, len(text))]
    lines = quoted_lines(text, spans, [(0, 6)])
    assert lines == [
        (False, "<mark>Courts</mark> must:"),
        (True, "hire an interpreter;"),
        (False, 'That is so. <span class="left-out">…</span> It works.'),
    ]


def test_what_one_paragraph_says_stands_together_with_one_citation_and_its_neighbours_below(assistant):
    page = conversation(assistant, "Will the court get me a sign language interpreter?")
    said, sources = page.split('<div class="sources">')
    assert re.findall(r'class="citation"[^>]*>([^<]*)<', said) == ["para. 219"]
    assert said.count("<li>") == 2
    assert "in civil proceedings:</p>" in said
    assert re.findall(r'<span class="label">(\d+)</span>', sources) == ["218", "220"]


def test_marking_overlapping_spans_repeats_no_text():
    assert mark("one two three", [(4, 13), (0, 7), (4, 13)]) == "<mark>one two three</mark>"
    assert mark("one two three", [(8, 13), (0, 3), (0, 3)]) == "<mark>one</mark> two <mark>three</mark>"


def test_a_copied_quotation_carries_symbol_and_paragraph(assistant):
    cited = cited_paragraphs(assistant.ask("paragraphs 8 and 9"), assistant.library)
    assert [c.paragraph.number for c in cited] == [8, 9]
    assert cited[0].copy_text == "“The territory of Kazakhstan covers 2,724,900 km2.” (CRPD/C/KAZ/1, para. 8)"


def test_confidence_is_said_in_words_and_never_as_a_number(assistant):
    answer = assistant.ask("How large is the territory of the country?")
    page = conversation(assistant, "How large is the territory of the country?")
    assert answer.confidence_in_words("en") in page
    assert str(answer.confidence) not in page


def test_a_declined_question_shows_the_closest_paragraphs_as_such(assistant):
    page = conversation(assistant, "how much is a ticket for the underground in Almaty?")
    assert "closest paragraphs, which may be about something else" in page
    assert page.count('<details class="source"') == 3
    assert "<mark>" not in page
