"""FastAPI with the API and the chat in it, and the server that runs it."""

import logging
import math
import socket
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from crpd_qa.answer import Answer
from crpd_qa.assistant import Assistant
from crpd_qa.errors import ServerError
from crpd_qa.settings import Settings, settings
from crpd_qa.web.api import create_api
from crpd_qa.web.ask import ask_router
from crpd_qa.web.chat import mount_chat
from crpd_qa.web.feedback import FeedbackStore, QuestionLog
from crpd_qa.web.head import HeadAsGet
from crpd_qa.web.limits import BodyLimit, Limits, answer_seconds
from crpd_qa.web.metrics import Metrics, Observed
from crpd_qa.web.pages import pages_router
from crpd_qa.web.problems import EXCEPTION_HANDLERS, FAILURE, problem_response
from crpd_qa.web.security import CrossOrigin, SecurityHeaders, security_headers
from crpd_qa.web.widget import widget_router

GRACE_SECONDS = 2
"""Told to stop, the server ends when open answers are sent; or so long after the time that an answer may take."""


class RecordingAssistant(Assistant):
    """Shows each answer, of the chat and of the API, to those that count or keep it."""

    def __init__(self, assistant: Assistant, config: Settings, recorders: Sequence[Callable[[Answer], None]]) -> None:
        super().__init__(assistant.index, config)
        self._recorders = recorders

    def ask(self, question: str, history: Sequence[str] = (), **options: Any) -> Answer:
        answer = super().ask(question, history, **options)
        for record in self._recorders:
            record(answer)
        return answer


def create_app(assistant: Assistant, config: Settings | None = None) -> FastAPI:
    """The web application: chat, API, health. Raises SettingsError if a log is set that cannot be written."""
    config = config or settings()
    metrics = Metrics() if config.metrics else None
    recorders = [metrics.count] if metrics else []
    if config.question_log:
        recorders.append(QuestionLog(config.question_log).add)
    if recorders:
        assistant = RecordingAssistant(assistant, config, recorders)
    feedback = FeedbackStore(config.feedback) if config.feedback else None
    limits = Limits.of(config)

    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, exception_handlers=dict(EXCEPTION_HANDLERS))

    @app.exception_handler(Exception)
    async def failure(request: Request, _: Exception) -> Response:
        # Sent by the outermost layer of all, past the one that adds these headers.
        return problem_response(request, 500, FAILURE, security_headers(request.url.path, config.allowed_origins))

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> dict[str, str | int]:
        return {"status": "ready", "document": assistant.document.symbol, "paragraphs": len(assistant.document)}

    if metrics:
        app.add_api_route("/metrics", metrics.page)
    app.mount("/api/v1", create_api(assistant, config, limits, feedback))
    app.include_router(pages_router(assistant))
    app.include_router(ask_router(assistant, config, limits))
    app.include_router(widget_router(config))

    # The last that is added is the first that a request meets.
    app.add_middleware(BodyLimit, max_bytes=config.max_body_bytes)
    if metrics:
        app.add_middleware(Observed, metrics=metrics)
    if config.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(config.trusted_proxies))
    app.add_middleware(CrossOrigin, allowed_origins=config.allowed_origins)
    app.add_middleware(SecurityHeaders, allowed_origins=config.allowed_origins)
    app.add_middleware(HeadAsGet)
    return mount_chat(app, assistant)


def run_server(assistant: Assistant, host: str, port: int) -> None:
    """Serve until interrupted. Raises ServerError if the address cannot be had."""
    listener = _listen(host, port)
    logging.getLogger("uvicorn.access").disabled = True  # addresses and times of visitors are nobody's business
    # uvicorn believes X-Forwarded-For from this machine; who is believed is a setting here.
    config = uvicorn.Config(
        create_app(assistant),
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        timeout_graceful_shutdown=math.ceil(answer_seconds(settings())) + GRACE_SECONDS,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
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
    except (OSError, OverflowError) as error:
        raise ServerError(
            f"cannot listen on {host}:{port}: {error}; another program may use the port. "
            f"Choose another: crpd-qa serve --port {port + 1 if port < 65535 else port - 1}"
        ) from error
    return listener
