import time
from contextlib import suppress

import pytest

from crpd_qa.documents.html import read_html
from crpd_qa.documents.read import read_document
from crpd_qa.errors import DocumentError


def read(tmp_path, body, *, head="", encoding="utf-8"):
    path = tmp_path / "page.html"
    path.write_bytes(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>".encode(encoding))
    return read_html(path)


def texts(tmp_path, body):
    return [line.text for line in read(tmp_path, body)]


def test_paragraphs_are_whole_lines_with_the_white_space_that_a_browser_shows(tmp_path):
    found = read(tmp_path, "<p>The  State\n party</p>loose <b>words</b><div>has<br>acted</div>")
    assert [line.text for line in found] == ["The State party", "loose words", "has\nacted"]
    assert all(line.whole for line in found)


def test_headings_have_their_level_and_looks_are_kept(tmp_path):
    heading, bold, italic, text = read(
        tmp_path,
        "<h2>Article 9</h2><p><b>Bold</b></p><p style='text-align:center'><em>Leaning</em></p><p>a <b>b</b> c</p>",
    )
    assert (heading.text, heading.heading) == ("Article 9", 2)
    assert (bold.bold, italic.italic, italic.centred) == (True, True, True)
    assert (text.bold, text.italic, text.centred, text.heading) == (False, False, False, 0)


def test_list_numbers_are_those_that_a_browser_prints(tmp_path):
    body = (
        "<ol start=12><li>First<ol type=a><li>Health</li><li>Schools</li></ol></li>"
        "<li value=20>Second</li><li>Third</li></ol>"
        "<ul><li><p>One</p><p>goes on</p></li></ul><ol style='list-style: none'><li>1. As typed</li></ol>"
    )
    assert texts(tmp_path, body) == [
        "12.\tFirst",
        "a.\tHealth",
        "b.\tSchools",
        "20.\tSecond",
        "21.\tThird",
        "•\tOne",
        "goes on",
        "1. As typed",
    ]


def test_what_a_browser_does_not_show_is_not_read(tmp_path):
    body = (
        "<script>document.write('stolen')</script><style>p {}</style><template><p>no</p></template><nav>Menu</nav>"
        "<p hidden>no</p><p style='display: none'>no</p><p aria-hidden=true>no</p><!-- no -->"
        "<p>Yes<script>no()</script><span hidden>no</span>, seen</p><iframe src='http://localhost/'>no</iframe>"
    )
    assert texts(tmp_path, body) == ["Yes, seen"]


STYLES = (
    ".no, p.other { color: red; display: none !important } /* .yes { display: none } */ #gone{visibility:hidden}"
    "@media print { .yes { display: none } } .open { display: none } .menu .open.now { display: block }"
    "DEL { opacity: 0.0 } .fades { opacity: 0; animation: in 1s } .gap { font-size: 0 } .gap p { font-size: 12pt }"
)


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='font-size:0'>no</p>",
        "<p style='color: red; FONT-SIZE: 0px !important'>no</p>",
        "<p style='opacity: .0'>no</p>",
        "<p style='visibility:hidden'>no</p>",
        "<p class='big no'>no</p>",
        "<p id=gone>no</p>",
        "<del>no</del>",
        "<div class=no><p>no</p></div>",
        "<pre><span class=no>no</span></pre>",
        "<table><tr class=no><td>no<td>no</tr><tbody class=no><tr><td>no<td>no</tbody></table>",
        "<table><tr><td hidden>no<td class=no>no</tr><tr hidden><td>no<td>no</tr></table>",
    ],
)
def test_what_styles_hide_is_not_read(tmp_path, hidden):
    found = read(tmp_path, f"<p>Yes</p>{hidden}after", head=f"<style>{STYLES}</style>")
    assert [line.text for line in found] == ["Yes", "after"]


@pytest.mark.parametrize(
    "shown",
    [
        "<p style='font-size:0.8em;opacity:0.5'>Yes</p>",
        "<p style='display:block' class=no>Yes</p>",
        "<p class=yes>Yes</p>",
        "<p class=open>Yes</p>",
        "<p class=fades>Yes</p>",
        "<div class=gap><p>Yes</p></div>",
        "<div style='visibility:hidden'><p style='visibility:visible'>Yes</p></div>",
    ],
)
def test_what_styles_hide_from_some_or_for_a_moment_is_read(tmp_path, shown):
    styles = f"<style>body {{ opacity: 0 }} {STYLES}</style><style media=print>p {{ display: none }}</style>"
    (line,) = read(tmp_path, shown, head=styles)
    assert line.text == "Yes"


@pytest.mark.parametrize("unit", ["{", "}", "/*", ".a{", ".a{display:none}", "a,", ".a ", ";", ":", "@a{", "a>", "0"])
def test_styles_are_read_in_linear_time(tmp_path, unit):
    body = f"<style>{unit * (1_000_000 // len(unit))}</style>" + "<b style='font-size:0'>" * 100 + "<p>Yes</p>"
    begun = time.process_time()
    with suppress(DocumentError):
        read(tmp_path, body + f"<p style='font-size:{unit * (1_000_000 // len(unit))}'></p>")
    assert time.process_time() - begun < 10


def test_page_headers_and_footers_are_told_apart_and_the_main_part_is_enough(tmp_path):
    body = "<header>Site</header><p>Text</p><footer>Imprint</footer>"
    assert {line.role: line.text for line in read(tmp_path, body)} == {
        "header": "Site",
        "body": "Text",
        "footer": "Imprint",
    }
    assert texts(tmp_path, "<p>Menu</p><main><p>Text</p></main><p>Advert</p>") == ["Text"]


def test_tables_are_rows_of_cells_with_their_caption(tmp_path):
    body = (
        "<table><caption>Table 1</caption><tr><th>Year<th>Schools</tr>"
        "<tr><td>2016</td><td>12 of<br>40</td></tr></table>"
        "<table><tr><td><p>1. Framed text</p></td></tr></table>"
    )
    caption, first, second, framed = read(tmp_path, body)
    assert (caption.text, caption.caption, caption.role) == ("Table 1", True, "table")
    assert [first.cells, second.cells] == [("Year", "Schools"), ("2016", "12 of\n40")]
    assert (framed.text, framed.role) == ("1. Framed text", "body")


def test_footnotes_are_kept_apart_and_marked_where_they_belong(tmp_path):
    body = (
        "<p>1. The law<sup><a href='#n1' id='r1'>1</a></sup> of 2016.</p>"
        "<ol><li id='n1'>Act No. 3. <a href='#r1'>↩</a></li></ol>"
    )
    text, note = read(tmp_path, body)
    assert text.text == "1. The law of 2016."
    assert [(mark.offset, mark.mark) for mark in text.marks] == [(len("1. The law"), "1")]
    assert (note.role, note.text, note.marks[0].mark) == ("footnote", "Act No. 3.", "1")


def test_a_link_to_a_paragraph_makes_it_no_footnote(tmp_path):
    body = "<p>See <a href='#p2'>2</a>.</p><p id='p2'>2. The State party.</p>"
    assert [(line.text, line.role) for line in read(tmp_path, body)] == [
        ("See 2.", "body"),
        ("2. The State party.", "body"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "utf-16"])
def test_the_encoding_is_the_page_s_own(tmp_path, encoding):
    head = "" if encoding == "utf-16" else f"<meta charset={encoding}>"
    (line,) = read(tmp_path, "<p>Доступность</p>", head=head, encoding=encoding)
    assert line.text == "Доступность"


@pytest.mark.parametrize("name", ["no-such-thing", "unicode_escape", "raw_unicode_escape", "utf-7", "utf-16", "rot13"])
def test_a_page_that_names_a_wrong_encoding_is_read_all_the_same(tmp_path, name):
    (line,) = read(tmp_path, r"<p>Accessibilité \ud800 +2AA-</p>", head=f"<meta charset={name}>")
    assert line.text == r"Accessibilité \ud800 +2AA-"


def test_entities_of_the_file_s_own_are_not_expanded_and_files_are_not_read(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = tmp_path / "a.html"
    path.write_text(
        f'<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY s SYSTEM "{secret.as_uri()}">]>'
        "<html><body><p>Text &b; &s;</p></body></html>"
    )
    shown = " ".join(line.text for line in read_html(path))
    assert "Text" in shown
    assert "aaaa" not in shown.split("Text")[1]
    assert "secret" not in shown.split("Text")[1]


def test_a_page_without_text_or_nested_without_end_is_refused_with_what_helps(tmp_path):
    with pytest.raises(DocumentError, match="browser"):
        read(tmp_path, "<div id=app></div><script>render()</script>")
    with pytest.raises(DocumentError, match="too deeply"):
        read(tmp_path, "<div>" * 5000 + "deep" + "</div>" * 5000)


def test_a_page_becomes_a_document_with_its_paragraphs(tmp_path):
    sentence = "The State party has adopted a law on the rights of persons with disabilities."
    body = (
        "<p>United Nations</p><p>CRPD/C/KEN/CO/1</p><p>Distr.: General</p><p>30 September 2015</p>"
        "<p>Committee on the Rights of Persons with Disabilities</p>"
        "<p>Concluding observations on the initial report of Kenya*</p><h2>Article 9 - Accessibility</h2>"
        "<ol start=17>" + f"<li>{sentence}<ul><li>Schools</li></ul></li>" * 5 + "</ol>"
    )
    path = tmp_path / "page.html"
    path.write_text(f"<html><body>{body}</body></html>", "utf-8")
    document = read_document(path)
    assert (document.symbol, document.state, document.kind) == ("CRPD/C/KEN/CO/1", "KEN", "concluding-observations")
    assert [paragraph.number for paragraph in document] == [17, 18, 19, 20, 21]
    assert document.paragraph(18).section.articles == (9,)
    assert document.paragraph(18).text.split() == [*sentence.split(), "•", "Schools"]


def test_control_characters_reach_no_terminal_and_are_warned_of(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        "<p>1. Every school of the city has a ramp&#27;[31m and&#11;a bell&#8;&#127;.</p>"
        "<p>2. Every court has one<sup><a href='#n'>1</a></sup> too.</p><p id='n'>1 In&#27;[2J 2011.</p>"
        "<table><tr><td>Year&#27;</td><td>2011</td></tr></table>",
        "utf-8",
    )
    document = read_document(page)
    first, second = document
    assert first.text == "Every school of the city has a ramp\ufffd[31m and a bell\ufffd\ufffd."
    assert [note.text for note in second.footnotes] == ["In\ufffd[2J 2011."]
    assert document.tables[0].rows == (("Year\ufffd", "2011"),)
    assert document.warnings == ("Signs that could not be read: 1.",)
