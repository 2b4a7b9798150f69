"""The REST API below /api/v1. Its description: /api/v1/openapi.json."""

import sqlite3
from collections.abc import AsyncIterator, Awaitable
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Path, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from crpd_qa.assistant import Assistant
from crpd_qa.errors import ParagraphNotFoundError
from crpd_qa.language import Language
from crpd_qa.settings import Settings
from crpd_qa.texts import texts
from crpd_qa.web.feedback import FeedbackStore
from crpd_qa.web.limits import AnswerQueue, RateLimit
from crpd_qa.web.problems import EXCEPTION_HANDLERS, documented, problem

MAX_HISTORY = 40
MAX_FOUND = 50
EVENT_STREAM = "text/event-stream"

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
_QUESTION = "How many persons have a disability?"
_ANSWER: dict[str, Any] = {
    "id": None,
    "question": _QUESTION,
    "resolved": _QUESTION,
    "answered": True,
    "text": f"{_QUOTE} [107]",
    "confidence": 0.97,
    "citations": [_CITATION],
    "passages": [{"number": 107, "score": 0.81}],
    "not_answered": [],
    "related": ["How many children have a disability?"],
    "language": "en",
    "mode": "extract",
    "timings_ms": {"encode": 6.1, "retrieve": 2.0, "answer": 0.7, "total": 8.8},
    "notice": "",
    "dropped": 0,
    "repaired": 0,
    "statements": [{"text": _QUOTE, "citations": [_CITATION], "highlights": [], "group": 0}],
    "message": "",
}


def _example(**example: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [example]})


class CitationRecord(BaseModel):
    """`quote` is `text[start:end]` of the paragraph of that number, word for word."""

    model_config = _example(**_CITATION)
    number: int
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


class PassageRecord(BaseModel):
    """A paragraph that is near to the question; the score lies between 0 and 1."""

    number: int
    score: float


class TimingsRecord(BaseModel):
    """Milliseconds."""

    encode: float
    retrieve: float
    answer: float
    total: float


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
    notice: str = Field(description="One plain line where a language model failed or wrote what does not hold.")
    dropped: int = Field(description="The language model's sentences that were left out.")
    repaired: int = Field(description="The language model's sentences that held at the second try.")
    statements: list[StatementRecord] = Field(description="The answer; each rests on its own citations.")
    message: str = Field(description="What the program itself says where there are no statements.")


class FoundPassage(PassageRecord):
    """A paragraph that was found, with its words."""

    section: str
    text: str


class SearchResult(BaseModel):
    """Best first."""

    model_config = _example(
        passages=[{"number": 107, "score": 0.81, "section": "Article 4 - General obligations", "text": _QUOTE}]
    )
    passages: list[FoundPassage]


class ParagraphRecord(BaseModel):
    """A paragraph of the report; `sentences` are [start, end) spans of `text`."""

    model_config = _example(
        number=107,
        text=_QUOTE,
        section="Article 4 - General obligations",
        sentences=[[0, len(_QUOTE)]],
        references=[],
        document="CRPD/C/KAZ/1",
        url="/report#para-107",
    )
    number: int
    text: str
    section: str
    sentences: list[Annotated[list[int], Field(min_length=2, max_length=2)]]
    references: list[int] = Field(description="Other paragraphs of the report that this one names.")
    document: str
    url: str = Field(description="Where people can read it, on this host.")


class SectionRecord(BaseModel):
    """A heading and the paragraphs right below it."""

    heading: str
    part: str
    article: int | None
    article_title: str
    subheading: str
    paragraphs: list[int]


class Sections(BaseModel):
    """The report's table of contents."""

    model_config = _example(
        document="CRPD/C/KAZ/1",
        title="Initial report of Kazakhstan",
        sections=[
            {
                "heading": "Article 4 - General obligations",
                "part": "",
                "article": 4,
                "article_title": "General obligations",
                "subheading": "",
                "paragraphs": [107],
            }
        ],
    )
    document: str
    title: str
    sections: list[SectionRecord]


def create_api(assistant: Assistant, config: Settings, feedback: FeedbackStore | None = None) -> FastAPI:
    """The application that is mounted at /api/v1. Questions and searches share one queue, and one rate limit."""
    document = assistant.document
    # A language model that is slow is answered for by the report's own sentences: there must be time for these.
    seconds = config.answer_timeout_seconds + (config.llm_timeout_seconds if config.language_model else 0)
    queue = AnswerQueue(config.max_concurrent_answers, config.max_queued_answers, seconds)
    limited: dict[str, Any] = {
        "dependencies": [Depends(RateLimit(config.requests_per_minute))],
        "responses": documented(400, 413, 422, 429, 503),
    }
    api = FastAPI(
        title="crpd-qa",
        summary="Ask a State's report under the Convention on the Rights of Persons with Disabilities.",
        version="1",
        docs_url=None,
        redoc_url=None,
        exception_handlers=EXCEPTION_HANDLERS,
    )
    Text = Annotated[str, Field(min_length=1, max_length=config.max_question_chars)]  # noqa: N806 - a type

    class Asked(BaseModel):
        """A question, and the earlier ones of the same conversation."""

        model_config = ConfigDict(strict=True)
        question: Text
        history: list[Text] = Field(default=[], max_length=MAX_HISTORY, description="Earlier questions, oldest first.")

    class AskRequest(Asked):
        """A question, the earlier ones of the same conversation, and its language."""

        model_config = _example(question="And in 2012?", history=[_QUESTION], language="en")
        language: Language | None = Field(
            default=None, description="The question's language; detected if it is not given."
        )

    class FeedbackRequest(Asked):
        """What somebody says of an answer."""

        model_config = _example(question=_QUESTION, history=[], numbers=[107], helpful=True, remark="Just right.")
        numbers: list[Annotated[int, Field(ge=1, le=len(document)), BeforeValidator(_whole)]] = Field(
            max_length=len(document), description="The paragraphs that the answer cited; none where it was declined."
        )
        helpful: bool
        remark: str = Field(default="", max_length=1000)

    def answer(question: str, history: list[str], language: Language | None) -> AnswerRecord:
        return AnswerRecord.model_validate(assistant.ask(question, history, language=language).to_dict())

    @api.post(
        "/ask",
        response_model=AnswerRecord,
        **limited
        | {
            "responses": limited["responses"]
            | {200: {"description": "The answer.", "content": {EVENT_STREAM: {"schema": {"type": "string"}}}}}
        },
    )
    async def ask(asked: AskRequest, request: Request) -> Any:
        """Answer a question with the report's own sentences, or say that the report does not answer it.

        With `Accept: text/event-stream` come the events `status`, and then `answer` or `problem`.
        """
        answered = queue.submit(answer, asked.question, asked.history, asked.language)
        if EVENT_STREAM in request.headers.get("accept", ""):
            return StreamingResponse(_events(answered), media_type=EVENT_STREAM, headers={"Cache-Control": "no-cache"})
        return await answered

    @api.get("/search", **limited)
    async def search(
        q: Annotated[Text, Query(description="Words or a question.", examples=["sign language"])],
        top: Annotated[int, Query(ge=1, le=MAX_FOUND, description="How many paragraphs.")] = 10,
    ) -> SearchResult:
        """The paragraphs nearest to a question, best first."""
        found = []
        for passage in await queue.submit(assistant.search, q, top):
            paragraph = assistant.paragraph(passage.number)
            found.append(
                FoundPassage(
                    number=passage.number,
                    score=passage.score,
                    section=paragraph.section.heading,
                    text=paragraph.text,
                )
            )
        return SearchResult(passages=found)

    @api.get("/paragraphs/{number}", responses=documented(404, 422))
    async def paragraph(number: Annotated[int, Path(examples=[107])]) -> ParagraphRecord:
        """A paragraph by its number."""
        try:
            found = assistant.paragraph(number)
        except ParagraphNotFoundError as error:
            raise HTTPException(404, str(error)) from error
        return ParagraphRecord(
            number=found.number,
            text=found.text,
            section=found.section.heading,
            sentences=[list(span) for span in found.sentences],
            references=list(found.references),
            document=document.symbol,
            url=f"/report#para-{found.number}",
        )

    @api.get("/texts/{language}", responses=documented(422))
    async def interface_texts(language: Language, response: Response) -> dict[str, str]:
        """The interface's texts in a language, as the widget shows them: it says so where a language model answers."""
        response.headers["Cache-Control"] = "public, max-age=600"
        found = dict(texts(language))
        if language not in assistant.languages:
            found["widget_questions"] = texts("en")["widget_questions"]
        if assistant.language_model:
            model, host = assistant.language_model
            found["widget_hint"] = found["chat_model"].format(model=model, host=host)
        return found

    @api.get("/sections")
    async def sections() -> Sections:
        """The report's headings in order, each with its paragraphs."""
        return Sections(
            document=document.symbol,
            title=document.title,
            sections=[
                SectionRecord(
                    heading=section.heading,
                    part=section.part,
                    article=section.article,
                    article_title=section.article_title,
                    subheading=section.subheading,
                    paragraphs=list(numbers),
                )
                for section, numbers in document.sections
            ],
        )

    if feedback is not None:

        @api.post("/feedback", status_code=204, **limited)
        def give_feedback(given: FeedbackRequest) -> Response:
            """Say whether an answer helped. Kept by this server's operator; no address is kept with it."""
            try:
                feedback.add(given.question, given.history, given.numbers, helpful=given.helpful, remark=given.remark)
            except sqlite3.Error:
                raise HTTPException(503, "This could not be kept. Please try later.", {"Retry-After": "60"}) from None
            return Response(status_code=204)

    return api


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
