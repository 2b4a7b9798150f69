"""What a page keeps of a conversation, sent back to be shown again or saved as a file. Nothing of it stays here.

Nothing is looked for and no language model asked again: the records hold the answers, and the library says whether
their quotations stand (see `turn.py`).
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from crpd_qa.assistant import Assistant
from crpd_qa.settings import Settings
from crpd_qa.web.address import base_path
from crpd_qa.web.ask import from_own_page, sent
from crpd_qa.web.export.outline import Outline, outline
from crpd_qa.web.export.to_markdown import to_markdown
from crpd_qa.web.limits import MAX_KEPT, Limits
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.rendering import render_conversation
from crpd_qa.web.turn import Turn, turn_of

SHOWN, SAVED = "/conversation", "/export"
PATHS = (SHOWN, SAVED)
FORMS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "md": "text/markdown; charset=utf-8",
}
"""What a conversation can be saved as, by the ending of the file's name."""
_PRIVATE = {"Cache-Control": "no-store"}
_Sent = Annotated[dict[str, list[str]], Depends(sent)]


def kept_router(assistant: Assistant, config: Settings, limits: Limits) -> APIRouter:
    """`/conversation` and `/export`: forms with a `record` for each answer, oldest first."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(_own), Depends(limits.rate)])

    def turns(said: dict[str, list[str]]) -> list[Turn]:
        records = said.get("record", [])
        if not 0 < len(records) <= MAX_KEPT:
            raise HTTPException(422, f"Send 1 to {MAX_KEPT} records of answers, as /ask gives them.")
        try:
            return [turn_of(record, assistant.library) for record in records]
        except ValueError as error:
            raise HTTPException(422, str(error)) from error

    def shown(said: dict[str, list[str]], language: str, base: str) -> str:
        found = turns(said)
        return render_conversation(found, assistant.library, language, base=base, feedback=config.feedback is not None)

    def saved(said: dict[str, list[str]], language: str, form: str) -> str | bytes:
        answers = [turn.answer for turn in turns(said)]
        return _written(outline(answers, assistant.library, language), form)

    @router.post(SHOWN)
    async def show(request: Request, said: _Sent) -> Response:
        html = await limits.queue.submit(shown, said, page_language(request), base_path(request.scope))
        return HTMLResponse(html, headers=_PRIVATE)

    @router.post(SAVED)
    async def save(request: Request, said: _Sent) -> Response:
        form = _last(said.get("form", ()))
        if form not in FORMS:
            raise HTTPException(422, f"Nothing can be saved as {form!r}; there are {', '.join(FORMS)}.")
        content = await limits.queue.submit(saved, said, page_language(request), form)
        named = f'attachment; filename="crpd-qa-{date.today().isoformat()}.{form}"'
        return Response(content, media_type=FORMS[form], headers=_PRIVATE | {"Content-Disposition": named})

    return router


def _own(request: Request) -> None:
    """Raises a 403 for what the page of another site sends: no file of ours shall say what that site wrote."""
    if not from_own_page(request):
        raise HTTPException(403, "This form was not sent from a page of this server.")


def _last(values: Sequence[str]) -> str:
    return values[-1] if values else ""


def _written(outline: Outline, form: str) -> str | bytes:
    if form == "md":
        return to_markdown(outline)
    from crpd_qa.web.export.to_docx import to_docx  # loads python-docx, which answering does not need

    return to_docx(outline)
