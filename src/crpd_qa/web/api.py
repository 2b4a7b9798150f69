"""The REST API below /api/v1. Its description: /api/v1/openapi.json."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, StreamingResponse

from crpd_qa.answer import Answer
from crpd_qa.assistant import Assistant
from crpd_qa.errors import DocumentNotFoundError, ParagraphNotFoundError, ScopeError
from crpd_qa.language import Language
from crpd_qa.scope import Scope
from crpd_qa.settings import Settings
from crpd_qa.texts import texts
from crpd_qa.web.address import base_path
from crpd_qa.web.addresses import anchor, document_address, reader_address
from crpd_qa.web.feedback import FeedbackStore
from crpd_qa.web.limits import MAX_HISTORY, Limits
from crpd_qa.web.negotiation import page_language, question_language
from crpd_qa.web.problems import EXCEPTION_HANDLERS, documented, problem
from crpd_qa.web.rendering import render_conversation
from crpd_qa.web.turn import Turn, link_to
from crpd_qa.web.words import citation

MAX_FOUND = 50
MAX_CITED = 100
_Short = Annotated[str, Field(max_length=100)]
"""A symbol, a label, a name."""
_ScopeField = Literal["state", "kind", "article", "document", "document_language", "year"]
EVENT_STREAM, HTML = "text/event-stream", "text/html"
_TEXT = {"schema": {"type": "string"}}

_QUOTE = "In the country, 651,900 persons, or 3.7 per cent of the population, have a disability."
_CITATION: dict[str, Any] = {
    "number": 107,
    "document": "CRPD/C/KAZ/1",
    "section": "Article 4 - General obligations",
    "quote": _QUOTE,
    "start": 0,
    "end": len(_QUOTE),
    "label": "107",
    "kind": "state-report",
    "state": "KAZ",
    "language": "en",
    "page": None,
}
_PASSAGE = {"document": "CRPD/C/KAZ/1", "label": "107", "number": 107, "score": 0.81}
_QUESTION = "How many persons have a disability?"
_ANSWER: dict[str, Any] = {
    "id": None,
    "question": _QUESTION,
    "resolved": _QUESTION,
    "answered": True,
    "text": f"{_QUOTE} [107]",
    "confidence": 0.97,
    "citations": [_CITATION],
    "passages": [_PASSAGE],
    "not_answered": [],
    "related": ["How many children have a disability?"],
    "language": "en",
    "mode": "extract",
    "timings_ms": {"encode": 6.1, "retrieve": 2.0, "answer": 0.7, "total": 8.8},
    "notice": "",
    "dropped": 0,
    "repaired": 0,
    "scope": {},
    "narrowed": False,
    "groups": [],
    "several_documents": False,
    "statements": [{"text": _QUOTE, "citations": [_CITATION], "highlights": [], "group": 0, "meets": []}],
    "message": "",
    "extract": [],
}


def _example(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class CitationRecord(BaseModel):
    """`quote` is `text[start:end]` of the paragraph of that number, word for word."""

    model_config = _example(**_CITATION)
    number: int | None = Field(description="The label as an integer, where it is one.")
    document: str
    section: str
    quote: str
    start: int
    end: int
    label: str = Field(description="The number as the document prints it.")
    kind: str = Field(description="Of document.")
    state: str = Field(description="ISO 3166 alpha-3.")
    language: str = Field(description="The document's.")
    page: int | None


class StatementRecord(BaseModel):
    """What is read at one go: a sentence; one that leans on the sentence before, or a bullet, with what it leans on."""

    text: str
    citations: list[CitationRecord]
    highlights: list[Annotated[list[int], Field(min_length=2, max_length=2)]] = Field(
        description="[start, end) in `text` of the words that answer."
    )
    group: int = Field(description="Which part of the question it answers, from 0.")
    meets: list[list[Annotated[list[int], Field(min_length=2, max_length=2)]]] = Field(
        description="For each citation of a composed statement, [start, end) in its quotation of what they share."
    )


class PassageRecord(BaseModel):
    """A paragraph that is near to the question; the score lies between 0 and 1."""

    document: str = Field(description="Its document's symbol.")
    label: str = Field(description="The number as the document prints it.")
    number: int | None
    score: float


class TimingsRecord(BaseModel):
    """Milliseconds."""

    encode: float
    retrieve: float
    answer: float
    total: float


class GroupRecord(BaseModel):
    """A State or a voice that is answered apart: a statement's `group` is its place among these."""

    state: str
    kind: str
    found: bool


class AnswerRecord(BaseModel):
    """Quotations with their paragraphs' numbers; or, where `answered` is false, why there is no answer."""

    model_config = _example(**_ANSWER)
    id: str | None
    question: str
    resolved: str = Field(description="The question as it was looked for, given the earlier ones.")
    answered: bool
    text: str = Field(description="The statements, each with its paragraphs' numbers in brackets; or the message.")
    confidence: float
    citations: list[CitationRecord]
    passages: list[PassageRecord] = Field(description="The ten best paragraphs, also where nothing was answered.")
    not_answered: list[str] = Field(description="Parts of the question that the report does not answer.")
    related: list[str] = Field(description="Near questions that the report answers.")
    language: str = Field(description="The question's language, in which the program's own words are.")
    mode: Literal["extract", "language-model", "locate", "help", "declined"]
    timings_ms: TimingsRecord
    notice: str = Field(
        description="One plain line where a language model failed or wrote what does not hold, or where of a long "
        "part of a document (an article, a section) the sentences are quoted that tell most: which paragraphs it has."
    )
    dropped: int = Field(description="The language model's sentences that were left out.")
    repaired: int = Field(description="The language model's sentences that held at the second try.")
    statements: list[StatementRecord] = Field(description="The answer; each rests on its own citations.")
    message: str = Field(description="What the program itself says where there are no statements.")
    scope: dict[str, list[Any]] = Field(
        description="Where it was looked for, as chosen or named in the question; else in all that may answer."
    )
    narrowed: bool = Field(description="Whether the question narrowed the scope: `narrowing` false widens.")
    groups: list[GroupRecord] = Field(description="States or voices that were answered apart.")
    several_documents: bool = Field(description="Whether several documents were asked: the text then names them.")
    extract: list[StatementRecord] = Field(description="The report's own sentences, beside a language model's.")


class FoundPassage(PassageRecord):
    """A paragraph that was found, with its words."""

    section: str
    text: str


class SearchResult(BaseModel):
    """Best first."""

    model_config = _example(passages=[{**_PASSAGE, "section": "Article 4 - General obligations", "text": _QUOTE}])
    passages: list[FoundPassage]


class ParagraphRecord(BaseModel):
    """A paragraph of the report; `sentences` are [start, end) spans of `text`."""

    model_config = _example(
        number=107,
        label="107",
        text=_QUOTE,
        section="Article 4 - General obligations",
        sentences=[[0, len(_QUOTE)]],
        references=[],
        document="CRPD/C/KAZ/1",
        language="en",
        citation="CRPD/C/KAZ/1, para. 107",
        page=None,
        url="/report#para-107",
    )
    number: int | None
    label: str = Field(description="The number as the document prints it.")
    text: str
    section: str
    sentences: list[Annotated[list[int], Field(min_length=2, max_length=2)]]
    references: list[str] = Field(description="Labels of other paragraphs of the document that this one names.")
    document: str
    language: str = Field(description="The document's.")
    citation: str = Field(description="How it is quoted; where its number is ours, that is said.")
    page: int | None = Field(description="Of the original file, where it begins.")
    url: str = Field(description="Where people can read it, on this host.")


class DocumentRecord(BaseModel):
    """A document of the library."""

    model_config = _example(
        symbol="CRPD/C/KAZ/1",
        language="en",
        state="KAZ",
        kind="state-report",
        title="Initial report of Kazakhstan",
        date="2019-02-21",
        numbering="document",
        paragraphs=508,
    )
    symbol: str
    language: str
    state: str = Field(description="ISO 3166 alpha-3.")
    kind: str
    title: str
    date: str
    numbering: str = Field(description="Whose the labels are: the document's, or ours.")
    paragraphs: int


class Documents(BaseModel):
    """What can be asked."""

    documents: list[DocumentRecord]


class SectionRecord(BaseModel):
    """A heading and the paragraphs right below it."""

    heading: str = Field(description="As it is cited.")
    headings: list[str] = Field(description="From the outermost to its own.")
    articles: list[int] = Field(description="Articles of the Convention that it is about.")
    paragraphs: list[str] = Field(description="Their labels.")


class Sections(BaseModel):
    """The report's table of contents."""

    model_config = _example(
        document="CRPD/C/KAZ/1",
        title="Initial report of Kazakhstan",
        sections=[
            {
                "heading": "Article 4 - General obligations",
                "headings": ["Article 4 - General obligations"],
                "articles": [4],
                "paragraphs": ["107"],
            }
        ],
    )
    document: str
    title: str
    sections: list[SectionRecord]


def create_api(
    assistant: Assistant, config: Settings, limits: Limits, feedback: FeedbackStore | None = None
) -> FastAPI:
    """The application that is mounted at /api/v1. Questions and searches share one queue, and one rate limit."""
    queue = limits.queue
    limited: dict[str, Any] = {
        "dependencies": [Depends(limits.rate)],
        "responses": documented(400, 404, 413, 422, 429, 503),
    }
    api = FastAPI(
        title="crpd-qa",
        summary="Ask a State's report under the Convention on the Rights of Persons with Disabilities.",
        version="1",
        docs_url=None,
        redoc_url=None,
        exception_handlers=EXCEPTION_HANDLERS,
        dependencies=[Depends(_only_known_parameters)],
    )
    Text = Annotated[str, Field(min_length=1, max_length=config.max_question_chars, pattern=r"\S")]  # noqa: N806 - a type

    class Asked(BaseModel):
        """A question, and the earlier ones of the same conversation."""

        model_config = ConfigDict(strict=True, extra="forbid")
        question: Text
        history: list[Text] = Field(default=[], max_length=MAX_HISTORY, description="Earlier questions, oldest first.")

        @model_validator(mode="before")
        @classmethod
        def _only_known_fields(cls, given: Any) -> Any:
            if isinstance(given, dict):
                _only_known("field", given, cls.model_fields)
            return given

    class AskRequest(Asked):
        """A question, the earlier ones of the same conversation, and its language."""

        model_config = _example(question="And in 2012?", history=[_QUESTION], language="en")
        language: Language | None = Field(
            default=None, description="The question's language; detected if it is not given."
        )
        scope: dict[_ScopeField, Any] = Field(
            default={},
            description="Where to look: state, kind, article, document, document_language, year; a value or a list.",
            examples=[{"state": ["KAZ"], "kind": ["state-report"]}],
        )
        narrowing: bool = Field(
            default=True, description="Whether States and voices that the question names narrow the scope."
        )

    class FeedbackRequest(Asked):
        """What somebody says of an answer."""

        model_config = _example(
            question=_QUESTION, history=[], paragraphs=[["CRPD/C/KAZ/1", "107"]], helpful=True, remark="Right."
        )
        numbers: list[Annotated[int, Field(ge=1, le=1_000_000), BeforeValidator(_whole)]] = Field(
            default=[], max_length=MAX_CITED, description="The same of the library's first document, by numbers alone."
        )
        paragraphs: list[Annotated[list[_Short], Field(min_length=2, max_length=2)]] = Field(
            default=[],
            max_length=MAX_CITED,
            description="Symbol and label of the paragraphs that the answer cited; none where it was declined.",
        )
        helpful: bool
        remark: str = Field(default="", max_length=1000)

    def find(asked: AskRequest, scope: Scope, page: str, allowed: Callable[[], bool]) -> Answer:
        return assistant.ask(
            asked.question,
            asked.history,
            language=question_language(asked.question, asked.language, page),
            scope=scope,
            narrowing=asked.narrowing,
            allowed=allowed,
        )

    def answer(asked: AskRequest, scope: Scope, page: str, allowed: Callable[[], bool]) -> AnswerRecord:
        return AnswerRecord.model_validate(find(asked, scope, page, allowed).to_dict())

    def shown(asked: AskRequest, scope: Scope, page: str, allowed: Callable[[], bool], base: str) -> str:
        found = find(asked, scope, page, allowed)
        link = link_to(found, asked.history, scope, assistant.library, everywhere=not asked.narrowing)
        return render_conversation(
            [Turn(asked.question, found, link)],
            assistant.library,
            page,
            base=base,
            feedback=feedback is not None,
            earlier=asked.history,
            scope=scope,
            embedded=True,
        )

    def known(symbol: str, label: str) -> None:
        try:
            assistant.paragraph(label, symbol)
        except (ParagraphNotFoundError, DocumentNotFoundError) as error:
            raise HTTPException(404, str(error)) from error

    def scope_of(given: Mapping[Any, Any]) -> Scope:
        try:
            return assistant.library.require(Scope.of(given))
        except (ScopeError, DocumentNotFoundError) as error:
            raise HTTPException(404, str(error)) from error

    @api.post(
        "/ask",
        response_model=AnswerRecord,
        **limited
        | {
            "responses": limited["responses"]
            | {200: {"description": "The answer.", "content": dict.fromkeys((EVENT_STREAM, HTML), _TEXT)}}
        },
    )
    async def ask(asked: AskRequest, request: Request) -> Any:
        """Answer a question with the report's own sentences, or say that the report does not answer it.

        With `Accept: text/event-stream` come the events `status`, and then `answer` or `problem`; with
        `Accept: text/html` the answer as the widget shows it, in the language of `Accept-Language`.
        """
        page, allowed = page_language(request), limits.model_for(request)
        scope, accepted = scope_of(asked.scope), request.headers.get("accept", "")
        if HTML in accepted:
            html = await queue.submit(shown, asked, scope, page, allowed, base_path(request.scope))
            return HTMLResponse(html, headers={"Cache-Control": "no-store"})
        answered = queue.submit(answer, asked, scope, page, allowed)
        if EVENT_STREAM in accepted:
            return StreamingResponse(_events(answered), media_type=EVENT_STREAM, headers={"Cache-Control": "no-cache"})
        return await answered

    @api.get("/search", **limited)
    async def search(
        q: Annotated[Text, Query(description="Words or a question.", examples=["sign language"])],
        top: Annotated[int, Query(ge=1, le=MAX_FOUND, description="How many paragraphs.")] = 10,
        state: Annotated[list[_Short], Query(max_length=50, description="Only documents of these States.")] = [],  # noqa: B006
        kind: Annotated[list[_Short], Query(max_length=10, description="Only documents of these kinds.")] = [],  # noqa: B006
        article: Annotated[list[int], Query(max_length=50, description="Only under these articles.")] = [],  # noqa: B006
        document: Annotated[list[_Short], Query(max_length=50, description="Only documents of these symbols.")] = [],  # noqa: B006
    ) -> SearchResult:
        """The paragraphs nearest to a question, best first."""
        scope = scope_of({"state": state, "kind": kind, "article": article, "document": document})
        found = []
        for passage in await queue.submit(assistant.search, q, top, scope):
            paragraph = assistant.paragraph(passage.label, passage.document)
            found.append(FoundPassage(**asdict(passage), section=paragraph.section.title, text=paragraph.text))
        return SearchResult(passages=found)

    @api.get("/documents", responses=documented(422))
    async def documents() -> Documents:
        """What the library holds."""
        return Documents(
            documents=[DocumentRecord.model_validate(e.model_dump(), extra="ignore") for e in assistant.library.entries]
        )

    @api.get("/paragraphs/{number}", responses=documented(404, 422))
    async def paragraph(
        number: Annotated[_Short, Path(examples=["107"], description="Its number, or its label.")],
        request: Request,
        document: Annotated[_Short, Query(description="The document's symbol; without, the library's first.")] = "",
        document_language: Annotated[_Short, Query(description="Of its versions.", examples=["ru"])] = "",
    ) -> ParagraphRecord:
        """A paragraph by its number."""
        try:
            own = assistant.library.document(document or assistant.document.symbol, document_language)
        except DocumentNotFoundError as error:
            raise HTTPException(404, str(error)) from error
        found = own.paragraph(number)
        if found is None:
            raise HTTPException(404, f"{own.symbol} has no paragraph {number}; its last is {own.paragraphs[-1].label}")
        address = document_address(own, base_path(request.scope), first=own is assistant.document)
        if len(assistant.library.versions(own.symbol)) > 1:
            address = f"{reader_address(own.symbol, base_path(request.scope))}?in_language={own.language}"
        return ParagraphRecord(
            number=found.number,
            label=found.label,
            text=found.text,
            section=found.section.title,
            sentences=[list(span) for span in found.sentences],
            references=list(found.references),
            document=own.symbol,
            language=own.language,
            citation=citation(own, found),
            page=found.page,
            url=f"{address}#{anchor(found.label)}",
        )

    @api.get("/texts/{language}", responses=documented(422))
    async def interface_texts(language: Language, response: Response) -> dict[str, str]:
        """The interface's texts in a language, as the widget shows them: it says so where a language model answers.

        `widget_limit` is how many characters a question may have.
        """
        response.headers["Cache-Control"] = "public, max-age=600"
        found = dict(texts(language, several=assistant.library.has_several))
        found |= {"widget_too_long": found["answer_too_long"], "widget_limit": str(config.max_question_chars)}
        if language not in assistant.languages:
            found["widget_questions"] = texts("en")["widget_questions"]
        if assistant.language_model:
            model, host = assistant.language_model
            found["widget_hint"] = found["chat_model"].format(model=model, host=host)
        return found

    @api.get("/sections", responses=documented(404, 422))
    async def sections(
        document: Annotated[_Short, Query(description="The document's symbol; without, the library's first.")] = "",
    ) -> Sections:
        """A document's headings in order, each with its paragraphs."""
        try:
            own = assistant.library.document(document) if document else assistant.document
        except DocumentNotFoundError as error:
            raise HTTPException(404, str(error)) from error
        return Sections(
            document=own.symbol,
            title=own.title,
            sections=[
                SectionRecord(
                    heading=section.title,
                    headings=list(section.headings),
                    articles=list(section.articles),
                    paragraphs=[paragraph.label for paragraph in paragraphs],
                )
                for section, paragraphs in own.sections
            ],
        )

    if feedback is not None:

        @api.post("/feedback", status_code=204, **limited)
        def give_feedback(given: FeedbackRequest) -> Response:
            """Say whether an answer helped. Kept by this server's operator; no address is kept with it."""
            own = assistant.document.symbol
            cited = [*((own, str(number)) for number in given.numbers), *((s, label) for s, label in given.paragraphs)]
            for symbol, label in cited:
                known(symbol, label)
            try:
                feedback.add(given.question, given.history, cited, helpful=given.helpful, remark=given.remark)
            except sqlite3.Error:
                raise HTTPException(503, "This could not be kept. Please try later.", {"Retry-After": "60"}) from None
            return Response(status_code=204)

    return api


def _only_known(what: str, given: Iterable[str], known: Collection[str]) -> None:
    """Raises ValueError for what would be passed over in silence, a mistyped name for example."""
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"there is no {what} {unknown[0][:50]!r}; there are {', '.join(known) or 'none'}")


def _only_known_parameters(request: Request) -> None:
    # Every page and address may be asked for in a language with `lang`.
    known = [parameter.alias for parameter in request.scope["route"].dependant.query_params]
    try:
        _only_known("parameter", request.query_params.keys() - {"lang"}, known)
    except ValueError as error:
        raise HTTPException(422, str(error)) from error


def _whole(number: object) -> object:
    """In JSON 107.0 is an integer too."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


async def _events(answered: Awaitable[AnswerRecord]) -> AsyncIterator[str]:
    """Server-Sent Events: that it is being looked for, then what came of it."""
    yield 'event: status\ndata: {"state": "looking"}\n\n'
    try:
        yield f"event: answer\ndata: {(await answered).model_dump_json()}\n\n"
    except HTTPException as error:
        yield f"event: problem\ndata: {problem(error.status_code, error.detail).model_dump_json()}\n\n"
