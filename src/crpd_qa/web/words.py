"""Names of States, kinds, languages and dates as people read them in a page's language."""

from datetime import date

from babel import Locale
from babel.dates import format_date, format_skeleton

from crpd_qa.answer.words import key_of
from crpd_qa.documents import Document, Paragraph
from crpd_qa.languages.states import state_name
from crpd_qa.library import DocumentEntry
from crpd_qa.texts import texts


def kind_in_words(kind: str, language: str) -> str:
    """ "state-report" -> "State report" """
    return texts(language)[key_of("document", kind)]


def counted(key: str, count: int, language: str, **values: object) -> str:
    """A text of the catalogues in the plural form that the number takes: "1 document|{count} documents"."""
    forms = texts(language)[key].split("|")
    form = ("one", "few", "many", "other").index(Locale(language).plural_form(count))
    return forms[min(form, len(forms) - 1)].format(count=count, **values)


def language_name(code: str, language: str) -> str:
    """ "ru" -> "Russian", as lists have it."""
    name: str = Locale(language).languages.get(code, code)
    return name[:1].upper() + name[1:]


def date_in_words(iso: str, language: str) -> str:
    """ "2017-06-05" -> "5 June 2017"; as much as is known of it."""
    pieces, locale = iso.split("-"), "en_GB" if language == "en" else language  # as the United Nations write dates
    try:
        day = date(*(int(piece) for piece in [*pieces, "1", "1"][:3]))
    except ValueError:
        return iso
    if len(pieces) == 1:
        return iso
    if len(pieces) == 2:
        return format_skeleton("yMMMM", day, locale=locale)
    return format_date(day, "long", locale=locale)


def numbered_by_us(document: Document, paragraph: Paragraph) -> bool:
    """Whether the label is no number of the document's own."""
    return document.numbering == "ours" or paragraph.number is None


def paragraph_in_words(document: Document, paragraph: Paragraph, language: str, *, with_symbol: bool = False) -> str:
    """ "Paragraph 45"; "CRPD/C/KEN/1, para. 45"; where the number is ours, that is said too."""
    ours = "_ours" if numbered_by_us(document, paragraph) else ""
    key = f"paragraph_of{ours}" if with_symbol else f"paragraph{ours}"
    return texts(language)[key].format(document=document.symbol, number=paragraph.label)


def citation(document: Document, paragraph: Paragraph) -> str:
    """As one quotes it, in any language: "CRPD/C/KEN/1, para. 45"."""
    if numbered_by_us(document, paragraph):
        return f"{document.symbol}, {paragraph.label}, numbered by us"
    return f"{document.symbol}, para. {paragraph.label}"


def described(document: Document | DocumentEntry, language: str) -> str:
    """ "State report, Kenya, 5 June 2017" """
    state = state_name(document.state, language) if document.state else ""
    known = (kind_in_words(document.kind, language), state, date_in_words(document.date, language))
    return ", ".join(filter(None, known))
