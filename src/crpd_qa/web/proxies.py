"""What a reverse proxy says of a request, and of whom it is believed."""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from crpd_qa.settings import BASE_PATH
from crpd_qa.web.problems import problem_response

FORWARDED = "crpd_qa.forwarded"
"""In a request's scope: whether it has any header by which it shows that a proxy passed it on."""


class PublicAddress:
    """Gives each request the client, scheme, host and base path that people see.

    `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` are believed from trusted proxies; from nobody else, and no other
    part of the application (Gradio reads them too) sees any. A `-Prefix` is what the proxy has taken off the path. A
    base path that is set has not been taken off, and then no `-Prefix` is believed.
    """

    def __init__(self, app: ASGIApp, trusted_proxies: Sequence[str], base_path: str) -> None:
        self._proxied = ProxyHeadersMiddleware(_Unforwarded(app), list(trusted_proxies))  # type: ignore[arg-type]
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            client = scope.get("client")
            said = Headers(scope=scope) if client and client[0] in self._proxied.trusted_hosts else Headers()
            # Proxies append to what they were sent: the last is the word of the one that is trusted.
            host = said.get("x-forwarded-host", "").rpartition(",")[2].strip()
            prefix = said.get("x-forwarded-prefix", "").rstrip("/")
            if host:
                others = [(name, value) for name, value in scope["headers"] if name != b"host"]
                scope["headers"] = [(b"host", host.encode("latin-1")), *others]
            if self._base_path:
                scope["root_path"] = self._base_path
                if scope["path"] == self._base_path:
                    scope["path"] += "/"
                if not scope["path"].startswith(f"{self._base_path}/"):
                    said_so = problem_response(
                        HTTPConnection(scope), 404, f"This server's pages lie below {self._base_path}."
                    )
                    await said_so(scope, receive, send)
                    return
            elif BASE_PATH.fullmatch(prefix):
                scope["root_path"] = prefix
                scope["path"] = prefix + scope["path"]
                scope["raw_path"] = prefix.encode() + scope.get("raw_path", b"")
        await self._proxied(scope, receive, send)  # type: ignore[arg-type]


class _Unforwarded:
    """Takes off the headers in which clients and proxies say by which address they came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope[FORWARDED] = any(_of_a_proxy(name) for name, _ in scope["headers"])
            scope["headers"] = [
                (name, value)
                for name, value in scope["headers"]
                if not name.startswith(b"x-forwarded-") and name not in (b"forwarded", b"x-gradio-server")
            ]
        await self._app(scope, receive, send)


def _of_a_proxy(name: bytes) -> bool:
    return name.startswith(b"x-forwarded-") or name in (b"forwarded", b"via", b"x-real-ip", b"x-original-url")
