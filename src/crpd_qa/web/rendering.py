"""Answers as HTML. Every text goes through Jinja's autoescaping: nothing that a person or a report wrote is markup."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crpd_qa.answer import Answer
from crpd_qa.document import Document, Paragraph
from crpd_qa.language import detect
from crpd_qa.texts import LANGUAGES, texts

_ERRORS = (404, 413, 422, 429, 500, 503)
"""Statuses that the catalogues have words for."""


@dataclass(frozen=True)
class Turn:
    """A question and its answer."""

    question: str
    answer: Answer

    @property
    def follows_on(self) -> bool:
        """Whether it was looked for in other words than it was asked, not only with other spaces."""
        return " ".join(self.question.split()) != self.answer.resolved


@dataclass(frozen=True)
class CitedParagraph:
    """A paragraph that a person can open, with what is quoted of it marked."""

    paragraph: Paragraph
    html: Markup
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
    environment.globals["sentences"] = sentences
    environment.globals["language_of"] = detect
    return environment


def render(template: str, language: str, **values: object) -> str:
    """A template of this package with the texts of that language as `t`."""
    return _environment().get_template(template).render(t=texts(language), language=language, **values)


def render_conversation(
    turns: list[Turn],
    document: Document,
    language: str = "en",
    note: str = "",
    *,
    feedback: bool = False,
    earlier: Sequence[str] = (),
    first: int = 1,
    plain: bool = False,
) -> str:
    """Turns, oldest first; `note` is said below them and not kept.

    With `feedback` people can say whether the last answer helped. `earlier` are the questions asked before these
    turns; `first` is the number of the first of them in its page. `plain` leaves out what needs JavaScript.
    """
    return render(
        "conversation.html",
        language,
        turns=[
            (turn, cited_paragraphs(turn.answer, document, language), _closest(turn.answer, document, language))
            for turn in turns
        ],
        first=first,
        note=note,
        plain=plain,
        feedback=_feedback(turns, earlier) if feedback and turns else None,
    )


def _feedback(turns: list[Turn], earlier: Sequence[str]) -> dict[str, object]:
    """What the API is told of the last answer, beside what its reader says."""
    answer = turns[-1].answer
    numbers = dict.fromkeys(citation.number for citation in answer.citations)
    history = [*earlier, *(turn.question for turn in turns[:-1])]
    return {"question": answer.question, "history": history, "numbers": list(numbers)}


def render_pending(question: str, said: str, language: str) -> str:
    """A question while a language model answers it, with what it has said, not yet checked."""
    return render("pending.html", language, question=question, said=said)


def render_welcome(
    document: Document,
    language: str = "en",
    *,
    english_only: bool = False,
    language_model: tuple[str, str] | None = None,
) -> str:
    """The way to the other pages and languages; what this is, and is not; the language model's name and host."""
    title = Markup('<cite lang="en">{}</cite>').format(document.title)
    about = escape(texts(language)["chat_about_document"]).format(
        title=title, symbol=document.symbol, count=len(document)
    )
    return render(
        "welcome.html",
        language,
        sentence_about_document=about,
        here="/",
        english_only=english_only,
        language_model=language_model,
    )


def cited_paragraphs(answer: Answer, document: Document, language: str = "en") -> list[CitedParagraph]:
    """Each cited paragraph once, in the order of the answer."""
    found = []
    for number in dict.fromkeys(citation.number for citation in answer.citations):
        paragraph = document.paragraph(number)
        assert paragraph is not None  # verified before the answer was returned
        spans = [(c.start, c.end) for c in answer.citations if c.number == number]
        quotes = " ".join(c.quote for c in answer.citations if c.number == number)
        found.append(_cited(paragraph, spans, quotes, document, language))
    return found


def sentences(answer: Answer) -> list[tuple[str, list[int]]]:
    """A language model's sentences, each with the paragraphs that it rests on."""
    return [
        (sentence, [int(number) for number in marker.split(", ")])
        for sentence, marker in re.findall(r"(.+?) \[(\d+(?:, \d+)*)\](?:\s+|$)", answer.text)
    ]


def mark(text: str, spans: list[tuple[int, int]]) -> Markup:
    """The text with each span in <mark>, its lines kept."""
    pieces: list[Markup] = []
    position = 0
    for start, end in sorted(spans):
        pieces += [escape(text[position:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        position = end
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


def _closest(answer: Answer, document: Document, language: str) -> list[CitedParagraph]:
    """What a declined answer shows instead: the three nearest paragraphs."""
    if answer.answered:
        return []
    nearest = [p for passage in answer.passages[:3] if (p := document.paragraph(passage.number))]
    return [_cited(paragraph, [], paragraph.text, document, language) for paragraph in nearest]


def _cited(
    paragraph: Paragraph, spans: list[tuple[int, int]], quoted: str, document: Document, language: str
) -> CitedParagraph:
    number = paragraph.number
    query = urlencode([("lang", language), ("para", number), *(("quote", f"{a}-{b}") for a, b in spans)])
    return CitedParagraph(
        paragraph,
        mark(paragraph.text, spans),
        f"“{quoted}” ({document.symbol}, para. {number})",
        f"/report?{query}#para-{number}",
    )


def render_error(status: int, language: str) -> str:
    """A page that says in plain words what went wrong."""
    t = texts(language)
    kind = status if status in _ERRORS else "other"
    heading, explanation = t[f"error_{kind}_title"], t[f"error_{kind}_text"]
    return render("error.html", language, here="/", heading=heading, explanation=explanation)
