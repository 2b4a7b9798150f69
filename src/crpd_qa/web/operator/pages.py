"""`/operator` and what is below it."""

import asyncio
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse

from crpd_qa.documents.model import DOCUMENT_LANGUAGES, KINDS
from crpd_qa.documents.pictures import page_count, page_picture
from crpd_qa.errors import CrpdQaError, DocumentError, DocumentNotFoundError
from crpd_qa.languages.states import state_name
from crpd_qa.library.given import Given
from crpd_qa.library.manifest import DocumentEntry, read_manifest
from crpd_qa.library.overrides import Override, overrides_path, read_overrides
from crpd_qa.library.write import LibraryWriter
from crpd_qa.settings import Settings
from crpd_qa.texts import texts
from crpd_qa.web.address import base_path
from crpd_qa.web.checking import read_page, read_pages
from crpd_qa.web.connections import take_time
from crpd_qa.web.counts import Counts
from crpd_qa.web.forms import MAX_FIELDS, fields
from crpd_qa.web.limits import RateLimit
from crpd_qa.web.negotiation import page_language
from crpd_qa.web.operator.access import Access, Session, same_origin
from crpd_qa.web.operator.forms import MAX_FILES, SUFFIXES, described, keep, own_form, shown_name
from crpd_qa.web.operator.work import Change, FullError, Work
from crpd_qa.web.rendering import render
from crpd_qa.web.security import OPERATOR_PATH

SIGN_INS_PER_MINUTE = 5
REQUESTS_PER_MINUTE = 240
"""Of an operator, pictures of pages among them."""
UPLOADS_AT_ONCE = 2
MAX_FORM_BYTES = 2_000_000
"""Of a corrected paragraph: percent-encoded Cyrillic takes six bytes a letter."""
_KEPT_PICTURES = 64
_PRIVATE = {"Cache-Control": "no-store"}
_NOTHING = Given(symbol="", state="", kind="", language="", title="", date="")

Symbol = Annotated[str, Query(max_length=200)]
Language = Annotated[str, Query(max_length=2)]


def larger_bodies(config: Settings) -> dict[str, int]:
    """Paths on which more may be sent than on others, and how much."""
    return {f"{OPERATOR_PATH}/add": config.max_upload_bytes, f"{OPERATOR_PATH}/mend": MAX_FORM_BYTES}


def operator_router(folder: Path, config: Settings, work: Work, counts: Counts) -> APIRouter:
    """The pages of the library in a folder."""
    router = APIRouter(prefix=OPERATOR_PATH, include_in_schema=False)
    access = Access(config)
    sign_ins = RateLimit(counts, "sign-ins", SIGN_INS_PER_MINUTE)
    requests = RateLimit(counts, "operator", REQUESTS_PER_MINUTE)
    uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
    library = LibraryWriter(folder)  # reads only: changes are the work's

    @lru_cache(_KEPT_PICTURES)
    def picture(path: Path, page: int) -> bytes:
        return page_picture(path, page)

    async def let_in(request: Request) -> Session:
        """Raises a 404 for those who cannot come in, a 403 for those who have not signed in."""
        await requests(request)
        session = access.session(request)
        if session is None:
            raise HTTPException(403, "Sign in first.")
        if request.method == "POST":
            same_origin(request)
        return session

    LetIn = Annotated[Session, Depends(let_in)]  # noqa: N806

    async def sent(request: Request, session: LetIn) -> dict[str, str]:
        """A form's fields, from the operator's own page."""
        said = await fields(request)
        own_form(session, said)
        return said

    Sent = Annotated[dict[str, str], Depends(sent)]  # noqa: N806

    def page(request: Request, template: str, status: int = 200, **values: object) -> Response:
        values = {"message": "", "message_language": "en", "here": OPERATOR_PATH} | values
        html = render(template, page_language(request), base=base_path(request.scope), **values)
        return HTMLResponse(html, status, _PRIVATE)

    def to(request: Request, path: str) -> RedirectResponse:
        address = f"{base_path(request.scope)}{OPERATOR_PATH}{path}?lang={page_language(request)}"
        return RedirectResponse(address, 303, _PRIVATE)

    def listed(request: Request, session: Session, status: int = 200, message: str = "") -> Response:
        language = page_language(request)
        documents = [(e, state_name(e.state, language) if e.state else "") for e in read_manifest(folder).documents]
        return page(
            request,
            "operator_list.html",
            status,
            message=message,
            documents=sorted(documents, key=lambda d: (d[1], d[0].date, d[0].symbol)),
            form_token=session.form_token,
            signed_in=bool(config.operator_token.get_secret_value()),
            nothing=_NOTHING,
            kinds=KINDS,
            document_languages=DOCUMENT_LANGUAGES,
            suffixes=SUFFIXES,
            megabytes=f"{config.max_upload_bytes / 1e6:,.0f}",
        )

    def shown(request: Request, session: Session, of: str, spoken: str, number: int, message: str = "") -> Response:
        try:
            entry, document = library.read(of, spoken)
            original = library.original(entry.symbol, entry.language)[1]
        except DocumentNotFoundError as error:
            raise HTTPException(404) from error
        pictures = any(paragraph.page for paragraph in document) and original.suffix == ".pdf"
        try:
            last = page_count(original) if pictures else len(read_pages(document))
        except TimeoutError as error:
            raise _busy() from error
        number = min(max(number, 1), last)
        return page(
            request,
            "operator_document.html",
            422 if message else 200,
            message=message,
            document=document,
            name=entry.source.name,
            page=number,
            last=last,
            pictures=pictures,
            shown=read_page(document, number) if pictures else read_pages(document)[number - 1],
            corrections=read_overrides(overrides_path(folder, entry.symbol, entry.language)),
            form_token=session.form_token,
            here_query={"symbol": entry.symbol, "language": entry.language, "lang": page_language(request)},
            values={name: getattr(entry, name) for name in _NOTHING},
            kinds=KINDS,
            document_languages=DOCUMENT_LANGUAGES,
        )

    def begin(what: str, change: Change, clean: Callable[[], None] = lambda: None) -> None:
        try:
            work.submit(what, change, clean)
        except FullError:
            clean()
            raise _busy() from None

    @router.get("")
    async def entrance(request: Request) -> Response:
        await requests(request)
        session = access.session(request)
        if session is None:
            return page(request, "operator_sign_in.html")
        return await run_in_threadpool(listed, request, session)

    @router.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        await sign_ins(request)
        said = await fields(request)
        response = to(request, "")
        if access.sign_in(request, said.get("token", ""), response):
            return response
        language = page_language(request)
        wrong = texts(language)["operator_wrong_token"]
        return page(request, "operator_sign_in.html", 403, message=wrong, message_language=language)

    @router.post("/sign-out")
    async def sign_out(request: Request, _: Sent) -> Response:
        response = to(request, "")
        access.sign_out(request, response)
        return response

    @router.post("/add")
    async def add(request: Request, session: LetIn) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
            raise HTTPException(415, "Send files as multipart/form-data.")
        if uploads.locked():
            raise _busy()
        async with uploads:
            take_time(request)
            async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS) as form:
                own_form(session, form)
                try:
                    await run_in_threadpool(take, form)
                except CrpdQaError as error:
                    return await run_in_threadpool(listed, request, session, 422, str(error))
        return to(request, "/work")

    def take(form: FormData) -> None:
        """Keep the files until their turn comes. Raises DocumentError, and takes none, if one cannot be a document."""
        files = [file for file in form.getlist("files") if isinstance(file, UploadFile) and file.filename]
        said = described(form)
        if not files:
            raise DocumentError("no file was chosen")
        if said["symbol"] and len(files) > 1:
            raise DocumentError("a symbol is for one file")
        for file in files:
            name = shown_name(file)
            if not name.lower().endswith(SUFFIXES):
                raise DocumentError(f"{name} is none of {', '.join(SUFFIXES)}; nothing was added")
        for file in files:
            kept, path = keep(file)
            begin(shown_name(file), _addition(path, said), kept.cleanup)

    @router.get("/work")
    async def progress(request: Request, _: LetIn) -> Response:
        busy = work.busy  # before the tasks: what ends in between is shown at the next look
        return page(request, "operator_work.html", tasks=work.tasks, busy=busy)

    @router.get("/document")
    def document(
        request: Request,
        session: LetIn,
        symbol: Symbol = "",
        language: Language = "",
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    ) -> Response:
        return shown(request, session, symbol, language, page)

    @router.get("/page.png")
    def page_png(
        _: LetIn, symbol: Symbol = "", language: Language = "", page: Annotated[int, Query(ge=1, le=100_000)] = 1
    ) -> Response:
        try:
            return Response(
                picture(library.original(symbol, language)[1], page), media_type="image/png", headers=_PRIVATE
            )
        except (DocumentNotFoundError, DocumentError) as error:
            raise HTTPException(404) from error
        except TimeoutError as error:
            raise _busy() from error

    @router.get("/original")
    def original(_: LetIn, symbol: Symbol = "", language: Language = "") -> Response:
        try:
            entry, path = library.original(symbol, language)
        except DocumentNotFoundError as error:
            raise HTTPException(404) from error
        # Saved, never shown: whatever it holds, it can run nothing here.
        return FileResponse(path, media_type="application/octet-stream", filename=entry.source.name, headers=_PRIVATE)

    @router.post("/mend")
    async def mend(request: Request, session: LetIn, said: Sent) -> Response:
        text = "" if said.get("take_out") else _lines(said.get("text", ""))
        if not text and not said.get("take_out"):
            message = "the text is empty; take the paragraph out instead"
            return await run_in_threadpool(shown, request, session, *_of(said), 1, message)
        override = Override(label=said.get("label", ""), text=text)
        begin(said.get("of", ""), lambda writer: writer.mend(*_of(said), override))
        return to(request, "/work")

    @router.post("/undo")
    async def undo(request: Request, said: Sent) -> Response:
        begin(said.get("of", ""), lambda writer: writer.restore(*_of(said), said.get("label", "")))
        return to(request, "/work")

    @router.post("/describe")
    async def describe(request: Request, session: LetIn, said: Sent) -> Response:
        try:
            now = described(said)
        except CrpdQaError as error:
            return await run_in_threadpool(shown, request, session, *_of(said), 1, str(error))
        begin(said.get("of", ""), lambda writer: writer.describe(*_of(said), **now))
        return to(request, "/work")

    @router.post("/remove")
    async def remove(request: Request, said: Sent) -> Response:
        if not said.get("sure"):
            raise HTTPException(422)
        begin(said.get("of", ""), lambda writer: _remove(writer, *_of(said)))
        return to(request, "/work")

    return router


def _of(said: dict[str, str]) -> tuple[str, str]:
    """(symbol, language) of the document that a form is about."""
    return said.get("of", ""), said.get("in", "")


def _lines(text: str) -> str:
    """Browsers end the lines of a form with CR and LF."""
    return text.replace("\r\n", "\n").strip()


def _addition(path: Path, said: Given) -> Change:
    def change(writer: LibraryWriter) -> DocumentEntry:
        try:
            return writer.add(path, **said)[0]
        except CrpdQaError as error:
            raise DocumentError(str(error).replace(str(path), path.name)) from error

    return change


def _remove(writer: LibraryWriter, symbol: str, language: str) -> None:
    if len(read_manifest(writer.folder).documents) == 1:
        raise DocumentError("this is the library's last document: a server that answers needs one; add another first")
    writer.remove(symbol, language)


def _busy() -> HTTPException:
    return HTTPException(503, "The server is reading a file. Please try again in a few seconds.", {"Retry-After": "5"})
