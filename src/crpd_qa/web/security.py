"""Which origins may use the server from their pages, and what our own pages may load: nothing from elsewhere."""

import re
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crpd_qa.web.address import own_path
from crpd_qa.web.addresses import ORIGINALS_PATH

CHAT_PATH = "/chat/"
"""Below it are the chat's pages, one a language, which are Gradio's."""
OPERATOR_PATH = "/operator"
"""It and what is below it are the operator's, and stand in nobody's frame."""
_STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'"
)
# Gradio's page brings its settings, styles and start in the page itself, and evaluates the templates of gr.HTML.
_CHAT = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
# What came from elsewhere runs nothing, even in a browser that shows it in spite of all.
_ORIGINAL = "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'"


def security_headers(path: str, allowed_origins: Sequence[str]) -> dict[str, str]:
    """Headers of every response. Only the chat's pages get the looser policy, and originals a stricter one."""
    policy = _CHAT if path.startswith(CHAT_PATH) else _ORIGINAL if path.startswith(ORIGINALS_PATH) else _STRICT
    operators = path == OPERATOR_PATH or path.startswith(f"{OPERATOR_PATH}/")
    ancestors = "'none'" if operators else " ".join(("'self'", *allowed_origins))
    return {
        "Content-Security-Policy": f"{policy}; frame-ancestors {ancestors}",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }


class SecurityHeaders:
    """Adds them to every response that passes."""

    def __init__(self, app: ASGIApp, allowed_origins: Sequence[str]) -> None:
        self._app = app
        self._allowed_origins = allowed_origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(security_headers(own_path(scope), self._allowed_origins))
            await send(message)

        await self._app(scope, receive, with_headers)


class CrossOrigin:
    """CORS for the API and the widget's script, without credentials; every other path answers to its own origin only.

    Gradio by itself lets pages of any origin use the chat, with cookies: its headers are taken off.
    """

    def __init__(self, app: ASGIApp, allowed_origins: Sequence[str]) -> None:
        self._app = app
        self._cors = CORSMiddleware(
            app,
            allow_origins=[origin for origin in allowed_origins if "*" not in origin],
            allow_origin_regex=_subdomains(allowed_origins),
            allow_methods=["GET", "POST"],
            expose_headers=["Retry-After"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or own_path(scope).startswith("/api/v1/") or own_path(scope) == "/widget.js":
            return await self._cors(scope, receive, send)

        async def without_cors(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name in {name for name in headers if name.startswith("access-control-")}:
                    del headers[name]
            await send(message)

        return await self._app(scope, receive, without_cors)


def _subdomains(allowed_origins: Sequence[str]) -> str | None:
    """What `https://*.example.org` means in a policy too: any subdomain, not the domain itself."""
    patterns = [re.escape(o).replace(r"\*", r"[a-z0-9-]+(\.[a-z0-9-]+)*") for o in allowed_origins if "*" in o]
    return "|".join(patterns) or None
