"""Answers as HTML. Every text goes through Jinja's autoescaping: nothing that a person or a report wrote is markup."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crpd_qa.answer import Answer
from crpd_qa.answer.words import where_asked
from crpd_qa.documents import Document, Paragraph
from crpd_qa.language import detect
from crpd_qa.library import Library
from crpd_qa.scope import EVERYWHERE, Scope
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.addresses import anchor, document_address
from crpd_qa.web.export.outline import PROGRAM, quoted_words, to_be_read, with_citations, with_footnotes
from crpd_qa.web.quotation import blocks, joined, marked_lines
from crpd_qa.web.said import place_anchor, said_by
from crpd_qa.web.turn import Turn, record_of
from crpd_qa.web.where import fields_of_form
from crpd_qa.web.words import citation, described, language_name, paragraph_in_words

AWAY, SLOW = "away", "slow"
"""What went wrong where the store does not answer, and where an answer takes too long."""
_ERRORS = (404, 413, 422, 429, 500, 503, AWAY, SLOW)
"""Statuses that the catalogues have words for."""
_NEIGHBOUR = 160
"""Characters shown of the paragraphs around a cited one."""


@dataclass(frozen=True)
class CitedParagraph:
    """A paragraph that a person can open, with what is quoted of it marked."""

    paragraph: Paragraph
    document: Document
    name: str
    """ "Paragraph 45"; where there are several documents "CRPD/C/KEN/1, para. 45"."""
    anchor: str
    """Its place within its turn."""
    parts: list[tuple[bool, list[Markup]]]
    """Its lines, as in `quotation.blocks`."""
    before: tuple[str, str] | None
    """Label and last words of the paragraph before it."""
    after: tuple[str, str] | None
    """Label and first words of the next one."""
    citation: str
    """ "CRPD/C/KEN/1, para. 45" """
    copy_text: str
    address: str
    """Of the paragraph in the report reader, with the same marks."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("crpd_qa.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["languages"] = LANGUAGES
    environment.globals["language_of"] = detect
    environment.globals["anchor"] = anchor
    environment.globals["described"] = described
    environment.globals["language_name"] = language_name
    environment.globals["record_of"] = record_of
    environment.globals["program"] = PROGRAM
    environment.globals["to_be_read"] = to_be_read
    environment.globals["with_citations"] = with_citations
    environment.globals["with_footnotes"] = with_footnotes
    return environment


def render(template: str, language: str, *, base: str = "", **values: object) -> str:
    """A template of this package with the texts of that language as `t`.

    `base` is how this server's root is addressed from the page, without the last slash: "", "/ask" or "../..". With
    `several` documents all pages lead to their list; `keep` are parameters that stay when the language is changed.
    """
    values = {"several": False, "keep": {}, **values}
    t = texts(language, several=bool(values["several"]))
    return _environment().get_template(template).render(t=t, language=language, base=base, **values)


def render_conversation(
    turns: list[Turn],
    library: Library,
    language: str = "en",
    note: str = "",
    *,
    base: str = "",
    feedback: bool = False,
    earlier: Sequence[str] = (),
    first: int = 1,
    scope: Scope = EVERYWHERE,
    plain: bool = False,
    records: Sequence[str] = (),
    embedded: bool = False,
) -> str:
    """Turns, oldest first; `note` is said below them and not kept.

    With `feedback` people can say whether the last answer helped. `earlier` are the questions asked before these
    turns; `first` is the number of the first of them in its page. `scope` is where they were asked.
    `plain` leaves out what needs JavaScript, and asks with forms instead, which carry along the `records` of the turns
    before the last; `embedded` is for the widget, which leads to the chat. `base`: see `render`.
    """
    return render(
        "conversation.html",
        language,
        turns=[
            (
                turn,
                cited_paragraphs(turn.answer, library, language, base),
                _closest(turn.answer, library, language, base),
                said_by(turn.answer, library, language),
                where_asked(turn.answer, language),
            )
            for turn in turns
        ],
        first=first,
        note=note,
        plain=plain,
        embedded=embedded,
        earlier=earlier,
        records=records,
        fields=fields_of_form(scope),
        several=library.has_several,
        library=library,
        feedback=_feedback(turns, earlier) if feedback and turns else None,
    )


def _feedback(turns: list[Turn], earlier: Sequence[str]) -> dict[str, object]:
    """What the API is told of the last answer, beside what its reader says."""
    answer = turns[-1].answer
    paragraphs = dict.fromkeys((citation.document, citation.label) for citation in answer.citations)
    history = [*earlier, *(turn.question for turn in turns[:-1])]
    return {"question": answer.question, "history": history, "paragraphs": list(paragraphs)}


def render_pending(question: str, said: str, language: str) -> str:
    """A question while a language model answers it, with what it has said, not yet checked."""
    return render("pending.html", language, question=question, said=said)


def render_welcome(
    library: Library,
    language: str = "en",
    *,
    base: str = "",
    english_only: bool = False,
    language_model: tuple[str, str] | None = None,
) -> str:
    """What the chat is, and what is asked; the language model's name and host."""
    return render(
        "welcome.html",
        language,
        document=library.document_at(0),
        base=base,
        several=library.has_several,
        english_only=english_only,
        language_model=language_model,
    )


def render_about(
    library: Library,
    language: str = "en",
    *,
    base: str = "",
    language_model: tuple[str, str] | None = None,
    logged: bool = False,
) -> str:
    """The page that says what this is, what it is not, where questions go and, where they are `logged`, that."""
    t = texts(language)
    if library.has_several:
        entries = library.entries
        documents = escape(t["chat_about_library"]).format(
            documents=len({entry.symbol for entry in entries}),
            states=len({entry.state for entry in entries if entry.state}),
        )
    else:
        document = library.document_at(0)
        title = Markup('<cite lang="{}">{}</cite>').format(document.language, document.title)
        documents = escape(t["chat_about_document"]).format(title=title, symbol=document.symbol, count=len(document))
    return render(
        "about.html",
        language,
        here="/about",
        base=base,
        several=library.has_several,
        about_documents=documents,
        language_model=language_model,
        logged=logged,
    )


def cited_paragraphs(answer: Answer, library: Library, language: str = "en", base: str = "") -> list[CitedParagraph]:
    """Each cited paragraph once, in the order of the answer."""
    found = []
    for symbol, spoken, label in dict.fromkeys((c.document, c.language, c.label) for c in answer.citations):
        own = [c for c in answer.citations if (c.document, c.language, c.label) == (symbol, spoken, label)]
        document = library.document(symbol, spoken)
        paragraph = document.paragraph(label)
        assert paragraph is not None  # verified before the answer was returned
        spans = [(c.start, c.end) for c in own]
        found.append(_cited(paragraph, spans, quoted_words(own, paragraph.text), document, library, language, base))
    return found


def _closest(answer: Answer, library: Library, language: str, base: str) -> list[CitedParagraph]:
    """What a declined answer shows instead: the three nearest paragraphs."""
    if answer.answered:
        return []
    found = []
    for passage in answer.passages[:3]:
        document = library.document(passage.document, language)
        paragraph = document.paragraph(passage.label)
        if paragraph:
            found.append(_cited(paragraph, [], paragraph.text, document, library, language, base))
    return found


def _cited(
    paragraph: Paragraph,
    spans: list[tuple[int, int]],
    quoted: str,
    document: Document,
    library: Library,
    language: str,
    base: str,
) -> CitedParagraph:
    marks = [("para", paragraph.label), *(("quote", f"{a}-{b}") for a, b in joined(spans))]
    first = document is library.document_at(0)
    address = document_address(document, base, first=first)
    version = [("in_language", document.language)] if len(library.versions(document.symbol)) > 1 else []
    own = citation(document, paragraph)
    return CitedParagraph(
        paragraph,
        document,
        paragraph_in_words(document, paragraph, language, with_symbol=library.has_several),
        place_anchor(document, paragraph.label, library),
        blocks(marked_lines(paragraph.text, spans)),
        *_neighbours(paragraph, document),
        own,
        f"“{quoted}” ({own})",
        f"{address}?{urlencode([('lang', language), *version, *marks])}#{anchor(paragraph.label)}",
    )


def _neighbours(paragraph: Paragraph, document: Document) -> tuple[tuple[str, str] | None, tuple[str, str] | None]:
    """What stands before and after a paragraph, as much as says what that is about."""
    place = document.paragraphs.index(paragraph)
    before = document.paragraphs[place - 1] if place else None
    after = document.paragraphs[place + 1] if place + 1 < len(document) else None
    return (
        (before.label, _shortened(before.text, end=True)) if before else None,
        (after.label, _shortened(after.text)) if after else None,
    )


def _shortened(text: str, *, end: bool = False) -> str:
    """The first words of a text, or the last, in one line."""
    line = " ".join(text.replace("• ", "").split())
    if len(line) <= _NEIGHBOUR:
        return line
    return f"… {line[-_NEIGHBOUR:].partition(' ')[2]}" if end else f"{line[:_NEIGHBOUR].rpartition(' ')[0]} …"


def render_error(kind: int | str, language: str, base: str = "", *, several: bool = False) -> str:
    """A page that says in plain words what went wrong. `kind`: a status, or AWAY."""
    t = texts(language)
    said = kind if kind in _ERRORS else "other"
    heading, explanation = t[f"error_{said}_title"], t[f"error_{said}_text"]
    return render("error.html", language, base=base, here="", several=several, heading=heading, explanation=explanation)
