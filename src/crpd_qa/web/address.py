"""Under which address people reach this server: its host names, and the path that it lies below."""

import ipaddress
from collections.abc import Sequence

from starlette.types import Scope

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
