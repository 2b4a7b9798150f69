"""Under which address people reach this server: its host names, the path it lies below, what a trusted proxy says."""

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from crpd_qa.settings import BASE_PATH

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def own_hosts(listening: str, allowed_hosts: Sequence[str]) -> tuple[str, ...]:
    """Names that the server answers to when it listens on that address; none means any.

    On a loopback address these are localhost's and those that are set: a page of another host that had its own name
    point here (DNS rebinding) is not answered. On another address those that are set.
    """
    if ipaddress.ip_address(listening).is_loopback:
        return tuple(dict.fromkeys((*LOCAL_NAMES, _as_host(listening), *allowed_hosts)))
    return tuple(allowed_hosts)


def _as_host(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def base_path(scope: Scope) -> str:
    """What stands before the paths of this application in the addresses that people see: "/ask", or nothing."""
    base: str = scope.get("app_root_path", scope.get("root_path", ""))  # the first is the application's within a mount
    return base


def own_path(scope: Scope) -> str:
    """The request's path below the base path."""
    path: str = scope["path"]
    return path.removeprefix(base_path(scope))


class PublicAddress:
    """Gives each request the client, scheme, host and base path that people see; the outermost of all.

    `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` are believed from trusted proxies; from nobody else, and no other
    part of the application (Gradio reads them too) sees any. A `-Prefix` is what the proxy has taken off the path. The
    base path that is set comes before it, and the proxy may have taken that off or not.
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
                _lay_below(self._base_path, scope, taken_off=not _lies_below(self._base_path, scope["path"]))
            elif BASE_PATH.fullmatch(prefix):
                _lay_below(prefix, scope, taken_off=True)
        await self._proxied(scope, receive, send)  # type: ignore[arg-type]


class _Unforwarded:
    """Takes off the headers in which clients and proxies say by which address they came."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["headers"] = [
                (name, value)
                for name, value in scope["headers"]
                if not name.startswith(b"x-forwarded-") and name not in (b"forwarded", b"x-gradio-server")
            ]
        await self._app(scope, receive, send)


def _lies_below(base: str, path: str) -> bool:
    return path == base or path.startswith(f"{base}/")


def _lay_below(base: str, scope: Scope, *, taken_off: bool) -> None:
    if taken_off:
        scope["path"] = base + scope["path"]
        if "raw_path" in scope:
            scope["raw_path"] = base.encode() + scope["raw_path"]
    elif scope["path"] == base:
        scope["path"] += "/"
    scope["root_path"] = base
