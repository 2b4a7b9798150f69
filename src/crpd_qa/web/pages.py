"""Pages without Gradio: the report reader, the accessibility statement, errors; and the files they load."""

import gzip
import hashlib
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from starlette.exceptions import HTTPException

from crpd_qa.assistant import Assistant
from crpd_qa.documents import Document
from crpd_qa.errors import DocumentNotFoundError
from crpd_qa.web.accessibility import render_statement
from crpd_qa.web.address import base_path
from crpd_qa.web.addresses import document_address
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.reader import quoted_spans, render_report

_STATIC = Path(__file__).parent / "static"
_KEPT_PAGES = 20


def pages_router(assistant: Assistant) -> APIRouter:
    """`/report`, `/accessibility`, and the files in `/static` that pages load."""
    router = APIRouter(include_in_schema=False)
    statement = lru_cache(_KEPT_PAGES)(render_statement)

    @lru_cache(_KEPT_PAGES)
    def unmarked(document: Document, language: str, base: str, here: str) -> str:
        return render_report(document, language, base=base, here=here)

    def read(document: Document, request: Request, para: str, quotes: list[str], here: str) -> Response:
        language, base = page_language(request), base_path(request.scope)
        paragraph = document.paragraph(para)
        spans = quoted_spans(quotes, paragraph) if paragraph else []
        if paragraph and spans:
            return _page(request, render_report(document, language, paragraph, spans, base=base, here=here))
        return _page(request, unmarked(document, language, base, here))

    @router.get("/report")
    def read_report(request: Request, para: str = "", quote: list[str] = Query(default=[])) -> Response:  # noqa: B008
        return read(assistant.document, request, para, quote, "/report")

    @router.get("/documents/{symbol:path}")
    def read_document(
        request: Request,
        symbol: str,
        para: str = "",
        quote: list[str] = Query(default=[]),  # noqa: B008
        in_language: str = "",
    ) -> Response:
        try:
            document = assistant.library.document(symbol, in_language)
        except DocumentNotFoundError as error:
            raise HTTPException(404) from error
        return read(document, request, para, quote, document_address(document))

    @router.get("/accessibility")
    def read_statement(request: Request) -> Response:
        return _page(request, statement(page_language(request), base=base_path(request.scope)))

    for name in ("page.css", "report.js", "chat.js", "operator.js"):
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
