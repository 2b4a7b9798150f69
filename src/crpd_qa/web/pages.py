"""Pages without Gradio: the list of documents, the reader, the accessibility statement; originals; static files."""

import gzip
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import FileResponse, HTMLResponse
from starlette.exceptions import HTTPException

from crpd_qa.assistant import Assistant
from crpd_qa.documents import Document
from crpd_qa.errors import DocumentNotFoundError
from crpd_qa.library import Library
from crpd_qa.web.accessibility import render_statement
from crpd_qa.web.address import base_path
from crpd_qa.web.addresses import ORIGINALS_PATH, document_address
from crpd_qa.web.forms import fields
from crpd_qa.web.library_page import render_library
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.reader import quoted_spans, render_report
from crpd_qa.web.rendering import render_about

_STATIC = Path(__file__).parent / "static"
_KEPT_PAGES = 20
_STYLES = ("design.css", "answer.css", "page.css", "chat.css", "icon.svg")
_SCRIPTS = ("report.js", "kept.js", "answer.js", "actions.js", "chat.js", "operator.js", "where.js", "languages.js")


async def _looked_for(request: Request) -> dict[str, str]:
    """What the reader's form says."""
    said = await fields(request)
    return {name: said.get(name, "") for name in ("find", "article")}


Said = Annotated[dict[str, str], Depends(_looked_for)]


def pages_router(assistant: Assistant, *, logged: bool = False) -> APIRouter:
    """`/report`, `/about`, `/accessibility`, and the files in `/static` that pages load.

    `/about` says so where questions are `logged`.
    """
    router = APIRouter(include_in_schema=False)
    statement = lru_cache(_KEPT_PAGES)(render_statement)

    @lru_cache(_KEPT_PAGES)
    def unmarked(
        document: Document, beside: Document | None, library: Library, language: str, base: str, here: str
    ) -> str:
        return render_report(document, language, base=base, here=here, library=library, beside=beside)

    def read(
        document: Document,
        request: Request,
        here: str,
        beside: Document | None = None,
        *,
        para: str = "",
        quotes: Sequence[str] = (),
        find: str = "",
        article: str = "",
    ) -> Response:
        language, base, library = page_language(request), base_path(request.scope), assistant.library
        paragraph = document.paragraph(para)
        spans = quoted_spans(quotes, paragraph) if paragraph else []
        if not (spans or find or article):
            return _page(request, unmarked(document, beside, library, language, base, here))
        html = render_report(
            document,
            language,
            paragraph,
            spans,
            base=base,
            here=here,
            library=library,
            beside=beside,
            find=find,
            article=article,
        )
        return HTMLResponse(html, headers={"Cache-Control": "no-store"}) if find else _page(request, html)

    def found(symbol: str, in_language: str) -> Document:
        try:
            return assistant.library.document(symbol, in_language)
        except DocumentNotFoundError as error:
            raise HTTPException(404) from error

    def versions(request: Request, symbol: str, in_language: str, beside: str) -> tuple[Document, Document | None]:
        """What is read, and the version in language `beside` of it, if there is one."""
        document = found(symbol, in_language or page_language(request))
        other = found(symbol, beside) if beside else document
        return document, other if other.language == beside != document.language else None

    @router.get("/report")
    def read_report(
        request: Request,
        para: str = "",
        quote: list[str] = Query(default=[]),  # noqa: B008
        article: str = "",
    ) -> Response:
        return read(assistant.document, request, "/report", para=para, quotes=quote, article=article)

    @router.post("/report")
    def find_in_report(request: Request, said: Said) -> Response:
        """What is looked for is no part of an address."""
        return read(assistant.document, request, "/report", find=said["find"], article=said["article"])

    @router.get("/documents/{symbol:path}")
    def read_document(
        request: Request,
        symbol: str,
        para: str = "",
        quote: list[str] = Query(default=[]),  # noqa: B008
        article: str = "",
        in_language: str = "",
        beside: Annotated[str, Query(alias="with")] = "",
    ) -> Response:
        """`with` is the language of another version to be shown side by side."""
        document, other = versions(request, symbol, in_language, beside)
        return read(document, request, document_address(document), other, para=para, quotes=quote, article=article)

    @router.post("/documents/{symbol:path}")
    def find_in_document(
        request: Request,
        symbol: str,
        said: Said,
        in_language: str = "",
        beside: Annotated[str, Query(alias="with")] = "",
    ) -> Response:
        document, other = versions(request, symbol, in_language, beside)
        return read(document, request, document_address(document), other, find=said["find"], article=said["article"])

    @router.get("/library")
    def list_documents(request: Request, q: str = "", kind: str = "") -> Response:
        assistant.refresh()
        html = render_library(assistant.library, page_language(request), q, kind, base=base_path(request.scope))
        return _page(request, html)

    @router.get(f"{ORIGINALS_PATH}{{symbol:path}}")
    def download(symbol: str, in_language: str = "") -> FileResponse:
        """Only to be kept: `security.py` says that nothing in it may run."""
        document = found(symbol, in_language)
        original = assistant.library.original(symbol, in_language)
        name = f"{document.symbol.replace('/', '-')}.{document.language}{original.suffix}"
        media_type = "application/pdf" if original.suffix == ".pdf" else "application/octet-stream"
        return FileResponse(original, filename=name, media_type=media_type, content_disposition_type="attachment")

    @router.get("/about")
    def read_about(request: Request) -> Response:
        language, base, library = page_language(request), base_path(request.scope), assistant.library
        html = render_about(library, language, base=base, language_model=assistant.language_model, logged=logged)
        return _page(request, html)

    @router.get("/accessibility")
    def read_statement(request: Request) -> Response:
        return _page(
            request,
            statement(page_language(request), base=base_path(request.scope), several=assistant.library.has_several),
        )

    for name in (*_STYLES, *_SCRIPTS):
        _serve(router, name)

    @router.get("/favicon.ico")
    def no_icon() -> Response:
        return Response(status_code=204)  # what some ask for by themselves; pages name theirs

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
