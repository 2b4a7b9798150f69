"""Who may use the operator's page: someone at this machine, or someone who has the token.

Without a token the server must listen on this machine only, stand behind no proxy, and be asked from this machine under
its own name. With one, nobody comes in without it. Whoever may not is told that there is no such page.
"""

import ipaddress
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from crpd_qa.settings import Settings
from crpd_qa.web.address import LOCAL_NAMES, base_path
from crpd_qa.web.proxies import FORWARDED
from crpd_qa.web.security import OPERATOR_PATH

COOKIE = "crpd_qa_operator"
SESSION_SECONDS = 12 * 3600
MAX_SESSIONS = 50


@dataclass(frozen=True)
class Session:
    """An operator who came in. `form_token` stands in every form of theirs: other sites cannot know it."""

    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    ends: float = field(default_factory=lambda: time.monotonic() + SESSION_SECONDS)


class Access:
    """Of one server. Sessions are in its memory."""

    def __init__(self, config: Settings) -> None:
        self._token = config.operator_token.get_secret_value().encode()
        alone = is_loopback(config.host) and not config.trusted_proxies and not config.base_path
        self._here = Session(ends=float("inf")) if alone and not self._token else None
        self._on = config.operator
        self._sessions: dict[str, Session] = {}

    def session(self, request: Request) -> Session | None:
        """Of the operator who asks; None if they must sign in first. Raises a 404 for those who cannot."""
        if not self._on:
            raise HTTPException(404)
        if self._token:
            found = self._sessions.get(request.cookies.get(COOKIE, ""))
            return found if found and found.ends > time.monotonic() else None
        if self._here is None or not _from_here(request):
            raise HTTPException(404)
        return self._here

    def sign_in(self, request: Request, token: str, response: Response) -> bool:
        """Whether it is the token; then the response opens a session, whose cookie is not the token."""
        same_origin(request)
        if not self._on or not self._token:
            raise HTTPException(404)
        if not secrets.compare_digest(token.encode(), self._token):
            return False
        now = time.monotonic()
        kept = [(name, own) for name, own in self._sessions.items() if own.ends > now][-MAX_SESSIONS + 1 :]
        name = secrets.token_urlsafe(32)
        self._sessions = {**dict(kept), name: Session()}
        response.set_cookie(
            COOKIE,
            name,
            max_age=SESSION_SECONDS,
            path=f"{base_path(request.scope)}{OPERATOR_PATH}",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="strict",
        )
        return True

    def sign_out(self, request: Request, response: Response) -> None:
        """The session ends here too, not only in the browser."""
        self._sessions.pop(request.cookies.get(COOKIE, ""), None)
        response.delete_cookie(COOKIE, path=f"{base_path(request.scope)}{OPERATOR_PATH}")


def same_origin(request: Request) -> None:
    """Raises a 403 for what a page of another origin sends: browsers say with every POST whose page it comes from."""
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc.lower() != request.headers.get("host", "").lower():
        raise HTTPException(403, "This form was not sent from the operator's page.")


def is_loopback(host: str) -> bool:
    """Whether an address or name is this machine's to itself."""
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _from_here(request: Request) -> bool:
    """Asked from this machine, under its own name, by no proxy that shows itself (old nginx does by HTTP/1.0)."""
    host = urlsplit(f"//{request.headers.get('host', '')}").netloc.lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    forwarded = request.scope.get(FORWARDED, True) or request.scope.get("http_version") == "1.0"
    client = request.client.host if request.client else ""
    return is_loopback(client) and name in LOCAL_NAMES and not forwarded
