"""FastAPI with the chat in it, and the server that runs it."""

import logging
import socket

import uvicorn
from fastapi import FastAPI, Request, Response
from starlette.middleware.base import RequestResponseEndpoint

from crpd_qa.assistant import Assistant
from crpd_qa.errors import ServerError
from crpd_qa.settings import settings
from crpd_qa.web.chat import mount_chat
from crpd_qa.web.pages import pages_router


def create_app(assistant: Assistant) -> FastAPI:
    """The web application. `/healthz` answers as soon as questions can be asked."""
    app = FastAPI(title="crpd-qa", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.middleware("http")
    async def privacy_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    app.include_router(pages_router(assistant, settings()))
    return mount_chat(app, assistant)


def run_server(assistant: Assistant, host: str, port: int) -> None:
    """Serve until interrupted. Raises ServerError if the address cannot be had."""
    listener = _listen(host, port)
    logging.getLogger("uvicorn.access").disabled = True  # addresses and times of visitors are nobody's business
    config = uvicorn.Config(create_app(assistant), log_level="warning", access_log=False)
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
