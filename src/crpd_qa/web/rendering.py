"""Answers as HTML. Every text goes through Jinja's autoescaping: nothing that a person or a report wrote is markup."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from crpd_qa.answer import Answer
from crpd_qa.document import Document, Paragraph


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


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("crpd_qa.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["sentences"] = _sentences
    return environment


def render_conversation(turns: list[Turn], document: Document) -> str:
    """The whole conversation, oldest turn first."""
    template = _environment().get_template("conversation.html")
    return template.render(
        turns=[(turn, cited_paragraphs(turn.answer, document), _closest(turn.answer, document)) for turn in turns],
        symbol=document.symbol,
    )


def render_welcome(document: Document) -> str:
    """What this is, and is not."""
    return _environment().get_template("welcome.html").render(document=document)


def cited_paragraphs(answer: Answer, document: Document) -> list[CitedParagraph]:
    """Each cited paragraph once, in the order of the answer."""
    found = []
    for number in dict.fromkeys(citation.number for citation in answer.citations):
        paragraph = document.paragraph(number)
        assert paragraph is not None  # verified before the answer was returned
        spans = [(c.start, c.end) for c in answer.citations if c.number == number]
        quotes = " ".join(c.quote for c in answer.citations if c.number == number)
        copy_text = f"“{quotes}” ({document.symbol}, para. {number})"
        found.append(CitedParagraph(paragraph, mark(paragraph.text, spans), copy_text))
    return found


def mark(text: str, spans: list[tuple[int, int]]) -> Markup:
    """The text with each span in <mark>, its lines kept."""
    pieces: list[Markup] = []
    position = 0
    for start, end in sorted(spans):
        pieces += [escape(text[position:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        position = end
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


def _sentences(answer: Answer) -> list[tuple[str, int]]:
    """(quotation, paragraph number) in the order of the text."""
    return [(citation.quote, citation.number) for citation in answer.citations]


def _closest(answer: Answer, document: Document) -> list[Paragraph]:
    """What a declined answer shows instead: the three nearest paragraphs."""
    if answer.answered:
        return []
    return [p for passage in answer.passages[:3] if (p := document.paragraph(passage.number))]
