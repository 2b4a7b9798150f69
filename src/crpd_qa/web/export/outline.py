"""What is written down of answers, whatever the form: sentences with their sources, under the voices that said them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from itertools import groupby, pairwise

from crpd_qa.answer import Answer
from crpd_qa.answer.record import Citation, Statement
from crpd_qa.answer.verify import QUOTING
from crpd_qa.answer.words import where_asked
from crpd_qa.library import Library
from crpd_qa.texts import texts
from crpd_qa.web.said import said_by
from crpd_qa.web.words import citation, date_in_words, described

OMITTED = " […] "
"""Stands in a quotation where words of the paragraph are left out."""
_WORD = re.compile(r"\w+")
PROGRAM = f"crpd-qa {version('crpd-qa')}"


@dataclass(frozen=True)
class Sentence:
    """A quotation between its marks, or a language model's sentence."""

    text: str
    language: str
    sources: tuple[str, ...]
    """ "CRPD/C/KAZ/1, para. 107" """
    notes: tuple[str, ...]
    """The same for the foot of the page; under a language model's sentence with the words that it rests on."""


@dataclass(frozen=True)
class Section:
    """Sentences under a heading, "" where the answer has one voice."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Answered:
    """A question with what was answered; `remarks` are the program's own words on it.

    A page that keeps the answers could have changed them: of what no document shows, only what is in the catalogues or
    in the person's own questions is said.
    """

    question: str
    language: str
    sections: tuple[Section, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """A conversation as it is saved, with the words of the page's language around it."""

    language: str
    title: str
    made: str
    remarks: tuple[str, ...]
    answers: tuple[Answered, ...]
    documents_title: str
    documents: tuple[str, ...]


def outline(answers: Sequence[Answer], library: Library, language: str) -> Outline:
    """What can be asked of a program itself is left out: a greeting is no finding."""
    t = texts(language)
    told = [answer for answer in answers if answer.mode != "help"]
    remarks = [t["export_questions"], t["export_quoted"], t["export_advice"]]
    if any(answer.mode == "language-model" for answer in told):
        remarks.insert(2, t["export_model"])
    cited = dict.fromkeys((c.document, c.language) for answer in told for c in answer.citations)
    documents = [library.document(*each) for each in cited]
    today = date_in_words(date.today().isoformat(), language)
    return Outline(
        language=language,
        title=t["export_title"],
        made=t["export_made"].format(date=today, program=PROGRAM, version=library.version),
        remarks=tuple(remarks),
        answers=tuple(
            _answered(answer, [before.question for before in told[:number]], library, language)
            for number, answer in enumerate(told)
        ),
        documents_title=t["export_documents"],
        documents=tuple(f"{d.symbol}: {d.title} ({described(d, language)})" for d in documents),
    )


def with_citations(answer: Answer, library: Library, language: str) -> str:
    """An answer to be pasted: its sources in brackets behind each sentence."""
    return _pasted(answer, library, language, lambda sentence: f"{sentence.text} ({'; '.join(sentence.sources)})")


def with_footnotes(answer: Answer, library: Library, language: str) -> str:
    """The same with numbers in brackets, and the sources by number below."""
    notes: list[str] = []

    def marked(sentence: Sentence) -> str:
        first = len(notes) + 1
        notes.extend(sentence.notes)
        return sentence.text + "".join(f"[{number}]" for number in range(first, len(notes) + 1))

    text = _pasted(answer, library, language, marked)
    return text + "\n\n" + "\n".join(f"[{number}] {note}." for number, note in enumerate(notes, start=1))


def to_be_read(answer: Answer) -> list[tuple[str, str]]:
    """(language, text) of each statement, to be read aloud."""
    own = answer.mode not in QUOTING
    return [(answer.language if own else s.citations[0].language, s.text) for s in answer.statements]


def quoted_words(citations: Sequence[Citation], text: str) -> str:
    """What is quoted of one paragraph; that words between are left out is shown, a bullet or a space is not."""
    pieces = [citations[0].quote]
    for before, after in pairwise(citations):
        next_to = before.end <= after.start and not re.search(r"\w", text[before.end : after.start])
        pieces += [" " if next_to else OMITTED, after.quote]
    return "".join(pieces)


def _pasted(answer: Answer, library: Library, language: str, form: Callable[[Sentence], str]) -> str:
    sections = _sections(answer, library, language)
    return "\n\n".join(
        "\n".join(filter(None, [section.heading, " ".join(form(sentence) for sentence in section.sentences)]))
        for section in sections
        if section.sentences
    )


def _answered(answer: Answer, earlier: Sequence[str], library: Library, language: str) -> Answered:
    t, where = texts(language, several=library.has_several), where_asked(answer, language)
    own = set(_words(" ".join([*earlier, answer.question])))
    remarks = []
    if " ".join(answer.question.split()) != answer.resolved and own.issuperset(_words(answer.resolved)):
        remarks.append(f"{t['chat_looked_for']} {answer.resolved}")
    if where:
        remarks.append(t["answer_looked_in"].format(where=where))
    remarks += [
        t["answer_not_answered"].format(part=part) for part in answer.not_answered if own.issuperset(_words(part))
    ]
    if answer.statements:
        remarks.append(answer.confidence_in_words(language))
    else:
        said = answer.message in texts(answer.language, several=library.has_several).values()
        remarks.append(answer.message if said else t["answer_declined"])
    return Answered(answer.question, answer.language, _sections(answer, library, language), tuple(remarks))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _sections(answer: Answer, library: Library, language: str) -> tuple[Section, ...]:
    if not answer.statements:
        return ()
    form = _quotations if answer.mode in QUOTING else _written
    return tuple(
        Section(
            voice.heading,
            tuple(sentence for statement in voice.statements for sentence in form(answer, statement, library)),
        )
        for voice in said_by(answer, library, language)
    )


def _quotations(_: Answer, statement: Statement, library: Library) -> Iterator[Sentence]:
    for text, language, source in _quoted(statement, library):
        yield Sentence(text, language, (source,), (source,))


def _written(answer: Answer, statement: Statement, library: Library) -> Iterator[Sentence]:
    found = list(_quoted(statement, library))
    sources = tuple(dict.fromkeys(source for _, _, source in found))
    notes = tuple(f"{source}: {text}" for text, _, source in found)
    yield Sentence(statement.text, answer.language, sources, notes)


def _quoted(statement: Statement, library: Library) -> Iterator[tuple[str, str, str]]:
    """(what is quoted of a paragraph, its language, the source) in the order of the citations."""
    for (symbol, language, label), own in groupby(statement.citations, lambda c: (c.document, c.language, c.label)):
        document = library.document(symbol, language)
        paragraph = document.paragraph(label)
        assert paragraph is not None  # verified before the answer was returned
        yield f"“{quoted_words(list(own), paragraph.text)}”", language, citation(document, paragraph)
