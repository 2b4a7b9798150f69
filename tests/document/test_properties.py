from hypothesis import given
from hypothesis import strategies as st

from crpd_qa.documents import parse
from crpd_qa.documents.references import numbers_in, references
from crpd_qa.documents.sentences import sentence_spans
from crpd_qa.errors import DocumentError

words = st.lists(st.from_regex(r"[A-Za-z]{1,10}", fullmatch=True), min_size=1, max_size=12).map(" ".join)
paragraph = st.tuples(words, st.lists(words, max_size=3), st.booleans())


@given(st.lists(paragraph, min_size=1, max_size=12))
def test_a_report_comes_back_as_it_was_written(paragraphs):
    lines = []
    for number, (text, bullets, heading) in enumerate(paragraphs, start=1):
        if heading:
            lines += ["\t\tArticle 5", "Some title"]
        lines += [f"{number}.\t{text}", *(f"•\t{bullet}" for bullet in bullets)]
    document = parse("\n".join(lines), "S", "t")
    assert [p.number for p in document] == list(range(1, len(paragraphs) + 1))
    for found, (text, bullets, heading) in zip(document, paragraphs, strict=True):
        assert found.text == "\n".join([text, *(f"• {bullet}" for bullet in bullets)])
        if heading:
            assert found.section.heading == "Article 5 - Some title"


@given(st.text(max_size=400))
def test_any_text_is_parsed_or_refused(text):
    try:
        document = parse(text, "S", "t")
    except DocumentError:
        return
    assert [p.number for p in document] == list(range(1, len(document) + 1))


@given(st.text(alphabet=st.sampled_from("ab A.,;:()[]•\n1234 No.art“”’–"), max_size=200))
def test_sentences_of_any_text_are_ordered_pieces_of_it(text):
    position = 0
    for start, end in sentence_spans(text):
        assert position <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        position = end


@given(st.integers(1, 500), st.integers(0, 30))
def test_a_range_of_numbers_holds_all_between(first, count):
    last = first + count
    assert numbers_in(f"{first} to {last}") == tuple(range(first, last + 1))


@given(st.text(max_size=100), st.integers(1, 600))
def test_references_are_other_paragraphs_of_the_report(text, own):
    found = references(f"see paragraphs {text}", 508, own)
    assert all(1 <= n <= 508 and n != own for n in found)
    assert len(set(found)) == len(found)
