"""FastAPI with the API and the chat in it, and the server that runs it."""

import logging
import math
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.middleware.trustedhost import TrustedHostMiddleware

from crpd_qa.assistant import Assistant
from crpd_qa.errors import ServerError
from crpd_qa.settings import Settings, settings
from crpd_qa.web.address import own_hosts, own_path
from crpd_qa.web.api import create_api
from crpd_qa.web.ask import ask_router
from crpd_qa.web.chat import mount_chat
from crpd_qa.web.connections import timed_protocol
from crpd_qa.web.feedback import FeedbackStore, QuestionLog
from crpd_qa.web.head import HeadAsGet
from crpd_qa.web.kept import PATHS, kept_router
from crpd_qa.web.limits import MAX_KEPT_BYTES, BodyLimit, Limits, answer_seconds
from crpd_qa.web.metrics import Metrics, Observed
from crpd_qa.web.operator import Work, larger_bodies, operator_router
from crpd_qa.web.pages import pages_router
from crpd_qa.web.problems import EXCEPTION_HANDLERS, FAILURE, problem_response
from crpd_qa.web.proxies import PublicAddress
from crpd_qa.web.security import CrossOrigin, SecurityHeaders, security_headers
from crpd_qa.web.widget import widget_router

GRACE_SECONDS = 2
"""Told to stop, the server ends when open answers are sent; or so long after the time that an answer may take."""


def create_app(assistant: Assistant, config: Settings | None = None) -> FastAPI:
    """The web application: chat, API, health. Raises SettingsError if a log is set that cannot be written."""
    config = config or settings()
    metrics = Metrics() if config.metrics else None
    log = QuestionLog(config.question_log) if config.question_log else None
    # Chat, API and widget ask this one: none of their answers goes past those that count or keep it.
    if metrics:
        assistant = assistant.observed_by(metrics.count)
    if log:
        assistant = assistant.observed_by(log.add)
    feedback = FeedbackStore(config.feedback) if config.feedback else None
    limits = Limits.of(config)
    work = Work(assistant.library.folder, assistant.refresh)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(work.close)
        if log:
            await run_in_threadpool(log.close)

    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        exception_handlers=dict(EXCEPTION_HANDLERS),
        lifespan=lifespan,
    )
    app.state.several_documents = lambda: assistant.library.has_several  # what error pages lead to

    @app.exception_handler(Exception)
    async def failure(request: Request, _: Exception) -> Response:
        # Sent by the outermost layer of all, past the one that adds these headers.
        return problem_response(
            request, 500, FAILURE, security_headers(own_path(request.scope), config.allowed_origins)
        )

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    def readyz() -> dict[str, str | int]:
        assistant.library.store.check()
        return {"status": "ready", "document": assistant.document.symbol, "paragraphs": len(assistant.library.store)}

    if metrics:
        app.add_api_route("/metrics", metrics.page)
    app.mount("/api/v1", create_api(assistant, config, limits, feedback))
    app.include_router(pages_router(assistant, logged=log is not None))
    app.include_router(ask_router(assistant, config, limits))
    app.include_router(kept_router(assistant, config, limits))
    app.include_router(widget_router(assistant))
    app.include_router(operator_router(assistant.library.folder, config, work, limits.counts))

    # The last that is added is the first that a request meets.
    larger = larger_bodies(config) | dict.fromkeys(("/ask", *PATHS), max(MAX_KEPT_BYTES, config.max_body_bytes))
    app.add_middleware(BodyLimit, max_bytes=config.max_body_bytes, larger=larger)
    if metrics:
        app.add_middleware(Observed, metrics=metrics)
    if config.allowed_hosts:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=config.allowed_hosts, www_redirect=False)
    app.add_middleware(CrossOrigin, allowed_origins=config.allowed_origins)
    app.add_middleware(PublicAddress, trusted_proxies=config.trusted_proxies, base_path=config.base_path)
    app.add_middleware(SecurityHeaders, allowed_origins=config.allowed_origins)
    app.add_middleware(HeadAsGet)
    return mount_chat(app, assistant)


def run_server(assistant: Assistant, host: str, port: int) -> None:
    """Serve until interrupted. Raises ServerError if the address cannot be had, ModelError if the reader cannot."""
    listener = _listen(host, port)
    for reader in (assistant.reader, assistant.library.multilingual and assistant.multilingual_reader):
        if reader:
            reader.load()  # the first visitor does not wait for it
    config = settings()
    listening = listener.getsockname()[0]
    hosts = own_hosts(listening, config.allowed_hosts)
    if not hosts:
        logging.getLogger(__name__).warning(
            "Listening on %s, and answering to any host name: set this server's own in CRPD_QA_ALLOWED_HOSTS", host
        )
    app = create_app(assistant, config.model_copy(update={"allowed_hosts": hosts, "host": listening}))
    logging.getLogger("uvicorn.access").disabled = True  # addresses and times of visitors are nobody's business
    # uvicorn believes X-Forwarded-For from this machine; who is believed is a setting here.
    server = uvicorn.Config(
        app,
        http=timed_protocol(config.request_timeout_seconds),
        limit_concurrency=config.max_connections,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=math.ceil(answer_seconds(config)) + GRACE_SECONDS,
    )
    try:
        uvicorn.Server(server).run(sockets=[listener])
    finally:
        listener.close()


def check_address(host: str, port: int) -> None:
    """Raises ServerError, before anything slow is done, if the address cannot be had."""
    _listen(host, port).close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except (socket.gaierror, UnicodeError) as error:
        raise ServerError(f"{host} is no address of this machine ({error}); correct --host or CRPD_QA_HOST") from error
    except (OSError, OverflowError) as error:
        raise ServerError(
            f"cannot listen on {host}:{port}: {error}; another program may use the port. "
            f"Choose another: crpd-qa serve --port {port + 1 if port < 65535 else port - 1}"
        ) from error
    return listener
