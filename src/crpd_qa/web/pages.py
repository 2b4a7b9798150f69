"""Pages without Gradio: the report reader, the accessibility statement, errors; and the files they load."""

import gzip
import hashlib
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse

from crpd_qa.assistant import Assistant
from crpd_qa.web.accessibility import render_statement
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.reader import quoted_spans, render_report

_STATIC = Path(__file__).parent / "static"


def pages_router(assistant: Assistant) -> APIRouter:
    """`/report`, `/accessibility`, and the files in `/static` that pages load."""
    router = APIRouter(include_in_schema=False)
    document = assistant.document

    @cache
    def report(language: str) -> str:
        return render_report(document, language)

    statement = cache(render_statement)

    @router.get("/report")
    def read_report(request: Request, para: str = "", quote: list[str] = Query(default=[])) -> Response:  # noqa: B008
        language = page_language(request)
        paragraph = document.paragraph(int(para)) if para.isascii() and para.isdigit() and len(para) < 8 else None
        spans = quoted_spans(quote, paragraph) if paragraph else []
        page = render_report(document, language, paragraph.number, spans) if paragraph and spans else report(language)
        return _page(request, page)

    @router.get("/accessibility")
    def read_statement(request: Request) -> Response:
        return _page(request, statement(page_language(request)))

    for name in ("page.css", "report.js", "chat.js"):
        _serve(router, name)

    @router.get("/favicon.ico")
    def no_icon() -> Response:
        return Response(status_code=204)  # browsers ask by themselves; there is none

    return router


def _serve(router: APIRouter, name: str) -> None:
    @router.get(f"/static/{name}")
    def file() -> FileResponse:
        return FileResponse(_STATIC / name)


def _page(request: Request, html: str) -> Response:
    """With an ETag, so that a second visit costs nothing; compressed where the browser can read that."""
    body = html.encode()
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:16]}"',
        "Cache-Control": "no-cache",  # ask each time: a changed report is seen at once
        "Vary": "Accept-Language, Accept-Encoding",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, 5)
        headers["Content-Encoding"] = "gzip"
    return Response(body, media_type="text/html; charset=utf-8", headers=headers)
