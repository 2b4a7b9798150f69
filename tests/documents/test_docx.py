import re
import time
import zipfile

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH

from crpd_qa.documents.docx import MAX_BYTES, MAX_MARKUP, read_docx
from crpd_qa.documents.read import read_document
from crpd_qa.errors import DocumentError

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def word_file(path, body, **parts):
    """A Word file of these XML texts: `body` of the document, `numbering`, `footnotes`, `styles` inside their roots."""
    names = {"numbering": "numbering", "footnotes": "footnotes", "styles": "styles"}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        overrides = "".join(
            f'<Override PartName="/word/{name}.xml" ContentType="{TYPES}.{names[name]}+xml"/>' for name in parts
        )
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>{overrides}</Types>',
        )
        package = "http://schemas.openxmlformats.org/package/2006/relationships"
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}">'
            f'<Relationship Id="r1" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        links = "".join(f'<Relationship Id="r{name}" Type="{RELATIONS}/{name}" Target="{name}.xml"/>' for name in parts)
        archive.writestr("word/_rels/document.xml.rels", f'<Relationships xmlns="{package}">{links}</Relationships>')
        archive.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        for name, text in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:{name} {W}>{text}</w:{name}>")
    return path


def paragraph(text, *, number=None, level=0, style="", runs=""):
    listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>' if number else ""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{listed}</w:pPr><w:r><w:t xml:space='preserve'>{text}</w:t></w:r>{runs}</w:p>"


def level(position, form, text, *, start=1, more=""):
    return (
        f'<w:lvl w:ilvl="{position}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(identity, *levels, more=""):
    return f'<w:abstractNum w:abstractNumId="{identity}">{more}{"".join(levels)}</w:abstractNum>'


def num(identity, of, more=""):
    return f'<w:num w:numId="{identity}"><w:abstractNumId w:val="{of}"/>{more}</w:num>'


def texts(path):
    return [line.text for line in read_docx(path)]


def test_numbers_that_word_computes_are_printed(tmp_path):
    numbering = (
        abstract(0, level(0, "decimal", "%1."), level(1, "lowerLetter", "(%2)"), level(2, "lowerRoman", "(%3)"))
        + abstract(1, level(0, "bullet", "\uf0b7"))
        + num(1, 0)
        + num(2, 1)
    )
    body = "".join(
        [
            paragraph("First", number=1),
            paragraph("Health", number=1, level=1),
            paragraph("Clinics", number=1, level=2),
            paragraph("Wards", number=1, level=2),
            paragraph("Schools", number=1, level=1),
            paragraph("Towns", number=2),
            paragraph("Not numbered"),
            paragraph("Second", number=1),
            paragraph("Work", number=1, level=1),
        ]
    )
    assert texts(word_file(tmp_path / "a.docx", body, numbering=numbering)) == [
        "1.\tFirst",
        "(a)\tHealth",
        "(i)\tClinics",
        "(ii)\tWards",
        "(b)\tSchools",
        "•\tTowns",
        "Not numbered",
        "2.\tSecond",
        "(a)\tWork",
    ]


def test_a_list_may_start_anew_or_elsewhere_and_two_lists_may_count_on(tmp_path):
    again = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbering = abstract(0, level(0, "decimal", "%1.", start=5)) + num(1, 0) + num(2, 0) + num(3, 0, again)
    body = paragraph("a", number=1) + paragraph("b", number=2) + paragraph("c", number=3) + paragraph("d", number=3)
    assert texts(word_file(tmp_path / "a.docx", body, numbering=numbering)) == ["5.\ta", "6.\tb", "1.\tc", "2.\td"]


def test_several_levels_stand_in_one_number(tmp_path):
    legal = "<w:isLgl/>"
    numbering = abstract(0, level(0, "upperRoman", "%1."), level(1, "decimal", "%1.%2", more=legal)) + num(1, 0)
    body = paragraph("a", number=1) + paragraph("b", number=1, level=1) + paragraph("c", number=1, level=1)
    assert texts(word_file(tmp_path / "a.docx", body, numbering=numbering)) == ["I.\ta", "1.1\tb", "1.2\tc"]


def test_a_style_numbers_its_paragraphs_unless_one_takes_itself_out(tmp_path):
    numbering = abstract(0, level(0, "decimal", "%1.", more='<w:pStyle w:val="Single"/>')) + num(1, 0)
    styles = (
        '<w:style w:type="paragraph" w:styleId="Single"><w:name w:val="Single"/>'
        '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    )
    none = '<w:numPr><w:numId w:val="0"/></w:numPr>'
    out = f'<w:p><w:pPr><w:pStyle w:val="Single"/>{none}</w:pPr><w:r><w:t>x</w:t></w:r></w:p>'
    body = paragraph("a", style="Single") + out + paragraph("b", style="Single")
    path = word_file(tmp_path / "a.docx", body, numbering=numbering, styles=styles)
    assert texts(path) == ["1.\ta", "x", "2.\tb"]


def test_letters_go_on_after_z_as_in_word(tmp_path):
    numbering = abstract(0, level(0, "lowerLetter", "(%1)", start=26)) + num(1, 0)
    body = paragraph("y", number=1) + paragraph("z", number=1)
    assert texts(word_file(tmp_path / "a.docx", body, numbering=numbering)) == ["(z)\ty", "(aa)\tz"]


def test_footnotes_are_kept_apart_and_marked_where_they_belong(tmp_path):
    reference = '<w:r><w:footnoteReference w:id="7"/></w:r><w:r><w:t> of 2016.</w:t></w:r>'
    footnotes = (
        '<w:footnote w:id="7"><w:p><w:r><w:footnoteRef/></w:r><w:r>'
        '<w:t xml:space="preserve"> Act No. 3.</w:t></w:r></w:p></w:footnote>'
    )
    path = word_file(tmp_path / "a.docx", paragraph("1. The law", runs=reference), footnotes=footnotes)
    body, note = read_docx(path)
    assert body.text == "1. The law of 2016."
    assert [(mark.offset, mark.mark) for mark in body.marks] == [(len("1. The law"), "1")]
    assert (note.role, note.text, note.marks[0].mark) == ("footnote", "Act No. 3.", "1")


def test_a_note_s_place_counts_the_computed_number(tmp_path):
    numbering = abstract(0, level(0, "decimal", "%1.")) + num(1, 0)
    runs = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    footnotes = '<w:footnote w:id="2"><w:p><w:r><w:t>Note</w:t></w:r></w:p></w:footnote>'
    path = word_file(
        tmp_path / "a.docx", paragraph("Law", number=1, runs=runs), numbering=numbering, footnotes=footnotes
    )
    assert read_docx(path)[0].marks[0].offset == len("1.\tLaw")


def test_what_is_deleted_or_hidden_is_not_read_and_what_is_inserted_is(tmp_path):
    body = (
        '<w:p><w:r><w:t xml:space="preserve">Kept </w:t></w:r><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>'
        "<w:ins><w:r><w:t>new</w:t></w:r></w:ins><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:instrText>PAGE</w:instrText></w:r><w:hyperlink><w:r><w:t xml:space="preserve"> link</w:t></w:r>'
        "</w:hyperlink></w:p>"
    )
    assert texts(word_file(tmp_path / "a.docx", body)) == ["Kept new link"]


def test_headings_by_style_and_by_look_and_tables(tmp_path):
    document = docx.Document()
    document.add_heading("Article 9", level=2)
    document.add_paragraph("Bold words").runs[0].bold = True
    document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph("Table 1: Schools", style="Caption")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, (("Year", "Schools"), ("2016", "12")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("After")
    document.save(tmp_path / "a.docx")
    heading, bold, caption, first, second, after = read_docx(tmp_path / "a.docx")
    assert (heading.text, heading.heading) == ("Article 9", 2)
    assert (bold.bold, bold.heading, bold.centred) == (True, 0, True)
    assert (after.bold, after.centred) == (False, False)
    assert (caption.role, caption.caption) == ("table", True)
    assert [first.cells, second.cells] == [("Year", "Schools"), ("2016", "12")]
    assert first.role == "table"
    assert after.role == "body"


def test_the_united_nations_styles_are_headings(tmp_path):
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (
            ("HChG", "_ H _Ch_G"),
            ("H1G", "_ H_1_G"),
            ("H23G", "_ H_2/3_G"),
            ("SingleTxtG", "_ Single Txt_G"),
        )
    )
    body = "".join(paragraph(key, style=key) for key in ("HChG", "H1G", "H23G", "SingleTxtG"))
    found = read_docx(word_file(tmp_path / "a.docx", body, styles=styles))
    assert [line.heading for line in found] == [1, 2, 3, 0]


def test_the_first_page_s_masthead_is_no_table(tmp_path):
    document = docx.Document()
    table = document.add_table(rows=1, cols=2)
    table.rows[0].cells[0].text = "United Nations"
    table.rows[0].cells[1].text = "CRPD/C/KEN/1"
    document.save(tmp_path / "a.docx")
    (line,) = read_docx(tmp_path / "a.docx")
    assert (line.role, line.text) == ("body", "United Nations\tCRPD/C/KEN/1")


def test_page_headers_and_footers_are_no_text(tmp_path):
    document = docx.Document()
    document.add_paragraph("Text")
    document.sections[0].header.paragraphs[0].text = "CRPD/C/KEN/1"
    document.sections[0].footer.paragraphs[0].text = "GE.19-1"
    document.save(tmp_path / "a.docx")
    assert {line.role: line.text for line in read_docx(tmp_path / "a.docx")} == {
        "header": "CRPD/C/KEN/1",
        "body": "Text",
        "footer": "GE.19-1",
    }


def test_styles_that_rest_on_each_other_in_a_circle_are_read(tmp_path):
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{one}"><w:name w:val="{one}"/><w:basedOn w:val="{other}"/></w:style>'
        for one, other in (("A", "B"), ("B", "A"))
    )
    assert texts(word_file(tmp_path / "a.docx", paragraph("Text", style="A"), styles=styles)) == ["Text"]


def test_a_damaged_file_is_refused_with_what_helps(tmp_path):
    whole = word_file(tmp_path / "a.docx", paragraph("Text" * 1000))
    cut = tmp_path / "cut.docx"
    cut.write_bytes(whole.read_bytes()[:-100])
    broken = word_file(tmp_path / "broken.docx", "<w:p>")
    for path in (cut, broken):
        with pytest.raises(DocumentError, match="save it again"):
            read_docx(path)


def test_an_encrypted_archive_is_refused_with_what_helps(tmp_path):
    path = word_file(tmp_path / "a.docx", paragraph("Text"))
    content = bytearray(path.read_bytes())
    for beginning, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for entry in re.finditer(re.escape(beginning), content):
            content[entry.start() + flags] |= 1
    path.write_bytes(content)
    with pytest.raises(DocumentError, match="save it again"):
        read_docx(path)


@pytest.mark.parametrize("content", [b"", b"plain text", b"%PDF-1.7"])
def test_what_is_no_word_file_is_refused(tmp_path, content):
    path = tmp_path / "a.docx"
    path.write_bytes(content)
    with pytest.raises(DocumentError):
        read_docx(path)


def test_an_old_or_protected_file_is_refused_with_what_helps(tmp_path):
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DocumentError, match="without a password"):
        read_docx(path)


def test_an_archive_of_something_else_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr("report.pdf", b"x")
    with pytest.raises(DocumentError, match="one by one"):
        read_docx(tmp_path / "a.docx")


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = word_file(tmp_path / "a.docx", "")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media/a.png", "w") as part:
        for _ in range(MAX_BYTES // 2**20 + 1):
            part.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(DocumentError, match="unpacked"):
        read_docx(path)


@pytest.mark.parametrize("bomb", ["<w:p/>", "<w:p w:rsidR='' w:rsidP=''/>", "<w:p>&a;&b;</w:p>", "<!---->"])
def test_more_elements_than_any_document_has_are_refused_before_a_tree_is_built(tmp_path, bomb):
    path = word_file(tmp_path / "a.docx", bomb * MAX_MARKUP)
    assert path.stat().st_size < 2**20
    begun = time.process_time()
    with pytest.raises(DocumentError, match="split the file"):
        read_docx(path)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("name", "beginning", "encoding"),
    [
        ("word/a.bin", b"\xef\xbb\xbf<w:p>", "utf-8"),
        ("word/a.xml", b"", "utf-16"),
        ("word/a.xml", b"<?xml version='1.0' encoding='UTF-7'?>", "utf-7"),
        ("word/a.bin", b"", "cp037"),
    ],
)
def test_elements_are_counted_whatever_the_part_s_name_and_encoding(tmp_path, name, beginning, encoding):
    path = word_file(tmp_path / "a.docx", paragraph("Text"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, beginning + ("<?xml " + "<w:p/>" * MAX_MARKUP).encode(encoding))
    with pytest.raises(DocumentError, match=r"split the file|not in UTF-8"):
        read_docx(path)


def test_pictures_of_any_content_are_no_elements(tmp_path):
    path = word_file(tmp_path / "a.docx", paragraph("Text"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/a.bmp", b"BM" + b"<" * 2 * MAX_MARKUP)
        archive.writestr("word/media/a.svg", "<?xml version='1.0' encoding='iso-8859-1'?><!DOCTYPE svg><svg/>")
    assert texts(path) == ["Text"]


def test_boxes_and_frames_within_each_other_are_read_once(tmp_path):
    boxed = framed = paragraph("Inmost")
    for depth in range(24):
        boxed = paragraph(f"Box {depth}", runs=f"<w:r><w:txbxContent>{boxed}</w:txbxContent></w:r>")
        framed = f"<w:tbl><w:tr><w:tc>{framed}</w:tc></w:tr></w:tbl>"
    assert texts(word_file(tmp_path / "a.docx", boxed + framed)) == [
        *(f"Box {depth}" for depth in reversed(range(24))),
        "Inmost",
        "Inmost",
    ]


def test_an_entity_bomb_is_refused(tmp_path):
    path = tmp_path / "a.docx"
    word_file(tmp_path / "good.docx", paragraph("Text"))
    with zipfile.ZipFile(tmp_path / "good.docx") as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            content = good.read(name)
            if name == "word/document.xml":
                content = b'<!DOCTYPE w:document [<!ENTITY a "aaaa">]>' + content
            bad.writestr(name, content)
    with pytest.raises(DocumentError, match="entities"):
        read_docx(path)


def test_a_word_file_becomes_a_document_with_its_numbers_articles_and_notes(tmp_path):
    sentence = "The State party has adopted a law on the rights of persons with disabilities."
    numbering = abstract(0, level(0, "decimal", "%1.", start=4), level(1, "lowerLetter", "(%2)")) + num(1, 0)
    styles = '<w:style w:type="paragraph" w:styleId="H1G"><w:name w:val="_ H_1_G"/></w:style>'
    note = '<w:r><w:footnoteReference w:id="7"/></w:r>'
    rows = (("United Nations", "CRPD/C/KEN/1"), ("Convention on the Rights", "Distr.: General"), ("", "5 June 2017"))
    cells = ("".join(f"<w:tc><w:p><w:r><w:t>{cell}</w:t></w:r></w:p></w:tc>" for cell in row) for row in rows)
    body = "".join(
        [
            f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>",
            paragraph("Committee on the Rights of Persons with Disabilities"),
            paragraph("Initial report submitted by Kenya under article 35 of the Convention"),
            paragraph("Article 9 - Accessibility", style="H1G"),
            paragraph(sentence, number=1, runs=note),
            paragraph("Schools;", number=1, level=1),
            paragraph(sentence, number=1),
            paragraph("Article 24 - Education", style="H1G"),
            paragraph(sentence, number=1),
            paragraph(sentence, number=1),
        ]
    )
    footnotes = '<w:footnote w:id="7"><w:p><w:r><w:t>Act No. 3.</w:t></w:r></w:p></w:footnote>'
    path = word_file(tmp_path / "a.docx", body, numbering=numbering, styles=styles, footnotes=footnotes)
    document = read_document(path)
    assert (document.symbol, document.state, document.kind, document.date) == (
        "CRPD/C/KEN/1",
        "KEN",
        "state-report",
        "2017-06-05",
    )
    assert [paragraph.number for paragraph in document] == [4, 5, 6, 7]
    assert [paragraph.section.articles for paragraph in document] == [(9,), (9,), (24,), (24,)]
    assert document.paragraph(4).footnotes[0].text == "Act No. 3."
    assert document.paragraph(4).text.endswith("Schools;")
    assert not document.tables
