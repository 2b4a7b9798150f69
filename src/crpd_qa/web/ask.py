"""A question as a form at /ask: answered as a page, or in pieces for the chat. No question is part of an address.

The server keeps nothing of a conversation. Whoever asks sends the earlier questions along, as `earlier`; what is worth
sending with the next one comes with the answer.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Annotated, Any, cast
from urllib.parse import parse_qsl, quote_plus

import orjson
from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import HTMLResponse, StreamingResponse

from crpd_qa.answer import Answer
from crpd_qa.assistant import Assistant
from crpd_qa.errors import ScopeError
from crpd_qa.language import Language
from crpd_qa.scope import EVERYWHERE, Scope
from crpd_qa.settings import Settings
from crpd_qa.texts import LANGUAGES, texts
from crpd_qa.web.address import base_path
from crpd_qa.web.examples import example_questions, examples_language
from crpd_qa.web.forms import FORM
from crpd_qa.web.limits import MAX_HISTORY, MAX_KEPT, MAX_KEPT_BYTES, Limits
from crpd_qa.web.negotiation import page_language, question_language
from crpd_qa.web.problems import in_words
from crpd_qa.web.rendering import render, render_conversation, render_pending
from crpd_qa.web.turn import Turn, link_to, record_of
from crpd_qa.web.turn import turn_of as read_turn
from crpd_qa.web.where import choices, scope_of_form

EVENT_STREAM = "text/event-stream"
_OWN = {"Cache-Control": "private, no-cache"}
"""For pages. "no-store" would have Back from the reader end at a browser's error: they were posted, and without
JavaScript a conversation is nowhere else."""


@dataclass(frozen=True)
class Asked:
    """What a form says."""

    question: str
    earlier: tuple[str, ...] = ()
    language: Language | None = None
    """The question's; None: to be detected."""
    turn: int = 1
    """Its number in the page that asks."""
    scope: Scope | None = EVERYWHERE
    """Where to look; None: what the form says of it cannot be."""
    everywhere: bool = False
    """Whether what the question names is not to narrow that."""
    records: tuple[str, ...] = ()
    """The answers before it, oldest first, where the form carries them; see `turn.record_of`."""


async def sent(request: Request) -> dict[str, list[str]]:
    """Reads a form. Files can't be in it: its one encoding is that of plain fields."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, f"Send the form as {FORM}.")
    try:
        body = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The form broke off.") from None
    # Bytes that are no UTF-8, lone surrogates among them, become U+FFFD.
    said: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        said.setdefault(name, []).append(value)
    return said


async def asked(request: Request, said: Annotated[dict[str, list[str]], Depends(sent)]) -> Asked:
    """The question in a form, and what goes with it. Answers that another site sends along are not read."""
    # `instead` is a proposed question: a button beside the field, whatever is typed in that.
    question = (said.get("instead") or said.get("question") or [""])[-1]
    try:
        scope = scope_of_form(said)
    except ScopeError:
        scope = None
    language, turn = ((said.get(name) or [""])[-1] for name in ("language", "turn"))
    return Asked(
        question,
        tuple(said.get("earlier", [])),
        cast(Language, language) if language in LANGUAGES else None,
        int(turn) if re.fullmatch("[0-9]{1,6}", turn) else 1,
        scope,
        bool((said.get("everywhere") or [""])[-1]),
        tuple(said.get("record", []) if from_own_page(request) else []),
    )


def from_own_page(request: Request) -> bool:
    """Whether no other site sent it: none of ours shall say what that one wrote."""
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def ask_router(assistant: Assistant, config: Settings, limits: Limits) -> APIRouter:
    """`/ask`: the form, and its answers."""
    router = APIRouter(include_in_schema=False)

    def kept(questions: Sequence[str]) -> tuple[str, ...]:
        """The latest earlier questions, as many as are read and leave half of a request for the next one."""
        room = config.max_body_bytes // 2
        latest: list[str] = []
        for question in reversed(questions[-MAX_HISTORY:]):
            if not question.strip() or len(question) > config.max_question_chars:
                continue
            room -= len(quote_plus(question)) + len("&earlier=")
            if room < 0:
                break
            latest.insert(0, question)
        return tuple(latest)

    def latest(records: Sequence[str]) -> tuple[str, ...]:
        """As many as fit into half of what may be sent with the next question."""
        sizes = accumulate(len(quote_plus(record)) for record in reversed(records[-MAX_KEPT:]))
        count = sum(1 for size in sizes if size < MAX_KEPT_BYTES // 2)
        return tuple(records[len(records) - count :])

    def page(
        request: Request,
        scope: Scope,
        earlier: Sequence[str] = (),
        conversation: str = "",
        records: Sequence[str] = (),
        *,
        typed: str | None = None,
        status: int = 200,
    ) -> Response:
        language = page_language(request)
        several = assistant.library.has_several
        html = render(
            "ask.html",
            language,
            base=base_path(request.scope),
            here="/ask",
            several=several,
            document=assistant.document,
            scope=scope,
            choices=choices(assistant.library, language, scope) if several else [],
            conversation=Markup(conversation),
            earlier=earlier,
            examples=example_questions(assistant, language),
            examples_language=examples_language(assistant, language),
            records=records,
            typed=typed,
            choose_language=len(assistant.languages) > 1,
            english_only=assistant.languages == ("en",),
            language_model=assistant.language_model,
        )
        return HTMLResponse(html, status, headers=_OWN)

    def refused(request: Request, form: Asked, said: str, status: int) -> Response:
        """What was typed stays in the field, and the answers before it on the page."""
        language, base = page_language(request), base_path(request.scope)
        scope = form.scope or EVERYWHERE
        shown = render_conversation(
            before(form),
            assistant.library,
            language,
            said,
            base=base,
            earlier=form.earlier[:-1],
            scope=scope,
            plain=True,
            records=form.records[:-1],
        )
        return page(request, scope, form.earlier, shown, form.records, typed=form.question, status=status)

    def before(form: Asked) -> list[Turn]:
        """What was answered before; nothing of it where it is not what was given."""
        try:
            return [read_turn(record, assistant.library) for record in form.records]
        except ValueError:
            return []

    def turn_of(form: Asked, answer: Answer, scope: Scope) -> Turn:
        link = link_to(answer, form.earlier, scope, assistant.library, everywhere=form.everywhere)
        return Turn(form.question, answer, link)

    def answer_page(
        language: str, base: str, form: Asked, scope: Scope, allowed: Callable[[], bool]
    ) -> tuple[str, tuple[str, ...]]:
        """The conversation as a page shows it, and the records of it that the next question carries along."""
        answer = assistant.ask(
            form.question,
            form.earlier,
            language=question_language(form.question, form.language, language),
            scope=scope,
            narrowing=not form.everywhere,
            allowed=allowed,
        )
        turns = [*before(form), turn_of(form, answer, scope)]
        html = render_conversation(
            turns,
            assistant.library,
            language,
            base=base,
            earlier=form.earlier,
            scope=scope,
            plain=True,
            records=form.records,
        )
        return html, latest([record_of(turn) for turn in turns])

    def answer_events(
        language: str, base: str, form: Asked, scope: Scope, allowed: Callable[[], bool]
    ) -> Generator[str, None, None]:
        said: str | None = None
        for event in assistant.ask_stream(
            form.question,
            form.earlier,
            language=question_language(form.question, form.language, language),
            scope=scope,
            narrowing=not form.everywhere,
            allowed=allowed,
        ):
            if event[0] == "text":
                if event[1] or said is None:
                    said = (said or "") + event[1]
                    yield _event("pending", html=render_pending(form.question, said, language))
                else:
                    yield ""  # here the reader may leave
            else:
                turn = turn_of(form, event[1], scope)
                html = render_conversation(
                    [turn],
                    assistant.library,
                    language,
                    base=base,
                    feedback=config.feedback is not None,
                    earlier=form.earlier,
                    first=form.turn,
                )
                earlier = kept([*form.earlier, form.question])
                yield _event("answer", html=html, earlier=earlier, record=record_of(turn))

    @router.get("/ask")
    def form(request: Request) -> Response:
        """The filter can be chosen in the address: it is no question."""
        said = {name: request.query_params.getlist(name) for name in request.query_params}
        try:
            return page(request, scope_of_form(said))
        except ScopeError:
            return refused(request, Asked(""), texts(page_language(request))["where_unreadable"], 422)

    @router.post("/ask", dependencies=[Depends(limits.rate)])
    async def ask(request: Request, form: Annotated[Asked, Depends(asked)]) -> Response:
        language, base = page_language(request), base_path(request.scope)
        form = replace(form, earlier=kept(form.earlier), records=latest(form.records))
        streamed = EVENT_STREAM in request.headers.get("accept", "")
        if form.scope is None:
            if streamed:
                raise HTTPException(422, texts(language)["where_unreadable"])
            return refused(request, form, texts(language)["where_unreadable"], 422)
        count, limit = len(form.question.strip()), config.max_question_chars
        if count > limit:
            said = texts(language)["answer_too_long"].format(count=count, limit=limit)
            if streamed:
                raise HTTPException(422, said)
            return refused(request, form, said, 422)
        if not form.question.strip():
            return refused(request, form, texts(language)["answer_empty"], 200)
        allowed = limits.model_for(request)
        if streamed:
            pieces = limits.queue.stream(answer_events, language, base, form, form.scope, allowed)
            headers = {"Cache-Control": "no-store"}
            return StreamingResponse(_until_problem(pieces, language), media_type=EVENT_STREAM, headers=headers)
        conversation, records = await limits.queue.submit(answer_page, language, base, form, form.scope, allowed)
        return page(request, form.scope, kept([*form.earlier, form.question]), conversation, records)

    return router


def _event(name: str, **data: Any) -> str:
    """A Server-Sent Event."""
    return f"event: {name}\ndata: {orjson.dumps(data).decode()}\n\n"


async def _until_problem(pieces: AsyncGenerator[str, None], language: str) -> AsyncIterator[str]:
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                yield piece
    except HTTPException as error:
        yield _event("problem", detail=in_words(error.status_code, error.detail, language))
