from pathlib import Path

import pytest

from crpd_qa.documents.lines import Line
from crpd_qa.documents.metadata import kind_of_symbol, kind_of_title, read_metadata, symbol_in_name

ENGLISH = "The State party has adopted a law on the rights of persons with disabilities and on accessible transport."
FRENCH = (
    "L’État partie a adopté une loi sur les droits des personnes handicapées et sur l’accessibilité des transports."
)
SPANISH = (
    "El Estado parte ha aprobado una ley sobre los derechos de las personas con discapacidad y sobre el transporte."
)
RUSSIAN = "Государство-участник приняло закон о правах инвалидов и о доступности транспорта для всех жителей страны."
PORTUGUESE = (
    "O Estado adotou uma lei sobre os direitos das pessoas com deficiência e sobre a acessibilidade dos transportes."
)


def first_page(text, body, language_of_text):
    """Lines as the PDF reader gives them: what a masthead prints side by side is parted by a tab."""
    printed = [Line(line.strip(), page=1, whole=True) for line in text.strip().splitlines()]
    return printed + [Line(f"{number}.\t{language_of_text}", page=2) for number in range(1, 30)] + body


def read(text, language_of_text=ENGLISH, *, name="document.pdf", body=()):
    return read_metadata(first_page(text, list(body), language_of_text), Path(name))


REPORT = """
United Nations\tCRPD/C/KEN/1
Convention on the Rights\tDistr.: General
5 June 2017
of Persons with Disabilities
Original: English
Committee on the Rights of Persons with Disabilities
Initial report submitted by Kenya under article 35 of the Convention, due in 2015*
[Date received: 9 January 2016]
* The present document is being issued without formal editing.
GE.17-09284 (E)
"""


def test_the_first_page_of_a_report_says_what_it_is():
    found = read(REPORT)
    assert found.symbol == "CRPD/C/KEN/1"
    assert found.state == "KEN"
    assert found.kind == "state-report"
    assert found.language == "en"
    assert found.date == "2017-06-05"
    assert found.received == "2016-01-09"
    assert found.title == "Initial report submitted by Kenya under article 35 of the Convention, due in 2015"


def test_a_state_below_the_title_belongs_to_it():
    found = read(
        """
        CRPD/C/TTO/1
        Distr.: General
        24 March 2015
        Committee on the Rights of Persons with Disabilities
        Consideration of reports submitted by States parties under article 35 of the Convention
        Initial report of State party due in 2012*
        Trinidad and Tobago**
        [21 January 2013]
        """
    )
    assert found.title == "Initial report of State party due in 2012: Trinidad and Tobago"
    assert (found.state, found.kind, found.received) == ("TTO", "state-report", "2013-01-21")


def test_replies_are_what_stands_below_addendum():
    found = read(
        """
        United Nations\tCRPD/C/ARM/Q/1/Add.1
        Distr.: General
        5 January 2017
        Committee on the Rights of Persons with Disabilities
        Seventeenth session
        20 March-12 April 2017
        Item 7 of the provisional agenda
        Consideration of reports submitted by parties to the Convention
        under article 35
        List of issues in relation to the initial report of Armenia*
        Addendum
        Replies of Armenia to the list of issues**
        [Date received: 14 December 2016]
        """
    )
    assert found.kind == "replies"
    assert found.title == "Replies of Armenia to the list of issues"
    assert found.date == "2017-01-05"


@pytest.mark.parametrize(
    ("page", "text", "language", "kind", "date", "title"),
    [
        (
            """
            Nations Unies\tCRPD/C/NOR/CO/1
            Convention relative aux droits\tDistr. générale
            1er mai 2019
            Comité des droits des personnes handicapées
            Observations finales concernant le rapport initial de la Norvège*
            I.\tIntroduction
            """,
            FRENCH,
            "fr",
            "concluding-observations",
            "2019-05-01",
            "Observations finales concernant le rapport initial de la Norvège",
        ),
        (
            """
            Naciones Unidas\tCRPD/C/KAZ/Q/1
            Convención sobre los Derechos\tDistr. general
            14 de octubre de 2020
            Comité sobre los Derechos de las Personas con Discapacidad
            Lista de cuestiones relativa al informe inicial de Kazajstán*
            A.\tPropósito y obligaciones generales (arts. 1 a 4)
            """,
            SPANISH,
            "es",
            "list-of-issues",
            "2020-10-14",
            "Lista de cuestiones relativa al informe inicial de Kazajstán",
        ),
        (
            """
            Организация Объединенных Наций\tCRPD/C/DJI/RQ/1
            Конвенция о правах\tDistr.: General
            30 December 2019
            Комитет по правам инвалидов
            Двадцать третья сессия
            9–27 марта 2020 года
            Пункт 5 предварительной повестки дня
            Ответы Джибути на перечень вопросов в связи с ее первоначальным докладом*
            [Дата получения: 16 декабря 2019 года]
            """,
            RUSSIAN,
            "ru",
            "replies",
            "2019-12-30",
            "Ответы Джибути на перечень вопросов в связи с ее первоначальным докладом",
        ),
    ],
)
def test_first_pages_in_french_spanish_and_russian_are_read(page, text, language, kind, date, title):
    found = read(page, text)
    assert (found.language, found.kind, found.date, found.title) == (language, kind, date, title)


def test_the_state_and_the_kind_come_from_the_title_where_no_symbol_is_printed():
    found = read(REPORT.replace("CRPD/C/KEN/1", ""))
    assert (found.symbol, found.state, found.kind) == ("", "KEN", "state-report")


def test_the_symbol_of_another_document_in_the_text_is_not_this_document_s():
    note = Line("See CRPD/C/CHL/CO/1.", page=1)
    assert read("A study\nof accessible transport", body=[note]).symbol == ""


def test_headers_of_the_pages_give_the_symbol_that_the_first_page_lacks():
    headers = [Line("CRPD/C/CHL/CO/1", role="header", page=page) for page in range(2, 6)]
    assert read(REPORT.replace("CRPD/C/KEN/1", ""), body=headers).symbol == "CRPD/C/CHL/CO/1"


def test_the_language_is_that_of_the_text_and_not_of_its_first_page():
    assert read(REPORT, FRENCH).language == "fr"


def test_a_language_that_cannot_be_read_is_none():
    assert not read(REPORT, PORTUGUESE).language
    assert not read(REPORT, "تشير الدولة الطرف إلى أنها اعتمدت قانونا بشأن حقوق الأشخاص ذوي الإعاقة").language


def test_a_document_of_somebody_else_has_its_heading_as_title_and_nothing_that_it_does_not_say():
    lines = [
        Line("Access for all: a handbook", heading=1, whole=True),
        Line("June 2019", whole=True),
        Line("This book was written for people who build schools and for those who go to them.", whole=True),
    ]
    found = read_metadata(lines, Path("handbook.docx"))
    assert found.title == "Access for all: a handbook"
    assert (found.symbol, found.state, found.kind, found.date) == ("", "", "other", "2019-06")


def test_a_first_page_that_names_no_body_has_its_title_below_the_masthead():
    printed = [
        ("United Nations\tCRPD/C/CHL/1", 38, 14),
        ("Convention on the Rights\tDistr.: General", 65, 17),
        ("16 November 2018", 83, 10),
        ("of Persons with Disabilities", 84, 17),
        ("Initial report submitted by Chile under", 213, 17),
        ("article 35 of the Convention", 231, 17),
        ("[Date received: 30 June 2016]", 262, 10),
    ]
    lines = [Line(text, page=1, top=top, bottom=top + size, size=size, height=842) for text, top, size in printed]
    found = read_metadata(lines, Path("a.pdf"))
    assert found.title == "Initial report submitted by Chile under article 35 of the Convention"


def test_an_empty_document_says_nothing():
    found = read_metadata([], Path("empty.pdf"))
    assert not any((found.symbol, found.state, found.kind, found.language, found.date, found.title))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Kenya_2012_CRPD_C_KEN_1", "CRPD/C/KEN/1"),
        ("CRPD_C_AZE_Q_1_Add.1", "CRPD/C/AZE/Q/1/Add.1"),
        ("CRPD_C_MEX_RQ_2-3-EN", "CRPD/C/MEX/RQ/2-3"),
        ("CRPD_C_MEX_2-3_S", "CRPD/C/MEX/2-3"),
        ("CRPD-C-KAZ-1", "CRPD/C/KAZ/1"),
        ("CRPD-C-KAZ-CO-2-3", "CRPD/C/KAZ/CO/2-3"),
        ("G1909284", ""),
        ("my report", ""),
    ],
)
def test_a_file_name_may_hold_the_symbol(name, symbol):
    assert symbol_in_name(name) == symbol
    assert read_metadata([], Path(f"{name}.pdf")).symbol == symbol


@pytest.mark.parametrize(
    ("symbol", "kind", "state"),
    [
        ("CRPD/C/KEN/1", "state-report", "KEN"),
        ("CRPD/C/MEX/2-3", "state-report", "MEX"),
        ("CRPD/C/HRV/CO/1", "concluding-observations", "HRV"),
        ("CRPD/C/HRV/CO/1/Corr.1", "concluding-observations", "HRV"),
        ("CRPD/C/GBR/CO/1/Add.1", "follow-up", "GBR"),
        ("CRPD/C/AZE/FCO/2-3", "follow-up", "AZE"),
        ("CRPD/C/AZE/Q/1", "list-of-issues", "AZE"),
        ("CRPD/C/AUS/QPR/2-3", "list-of-issues", "AUS"),
        ("CRPD/C/AZE/Q/1/Add.1", "replies", "AZE"),
        ("CRPD/C/MEX/RQ/2-3", "replies", "MEX"),
        ("CRPD/C/EU/CO/1", "concluding-observations", "EU"),
        ("CRPD/C/COK/1", "state-report", "COK"),
        ("CRPD/C/CHN-HKG/CO/1", "concluding-observations", "CHN"),
        ("CRPD/C/GC/6", "general-comment", ""),
        ("CRPD/C/18/2", None, ""),
    ],
)
def test_a_symbol_says_kind_and_state(symbol, kind, state):
    assert kind_of_symbol(symbol) == kind
    assert read(symbol).state == state


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Replies of Armenia to the list of issues in relation to its initial report", "replies"),
        ("List of issues prior to the submission of the combined second and third periodic reports", "list-of-issues"),
        ("Information received from Chile on follow-up to the concluding observations", "follow-up"),
        ("General comment No. 6 (2018) on equality", "general-comment"),
        ("Alternative report on the initial report of Chile", "other"),
        ("Rapport valant deuxième et troisième rapports périodiques", "state-report"),
        ("Observaciones finales sobre el informe inicial", "concluding-observations"),
        ("Заключительные замечания по первоначальному докладу", "concluding-observations"),
        ("A law", None),
    ],
)
def test_a_title_says_the_kind_by_what_it_names_first(title, kind):
    assert kind_of_title(title) == kind
