"""Packages that answering does not need, and the name of the extra that installs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from crpd_qa.errors import ExtraNotInstalledError

Extra = Literal["build", "cluster", "evaluate", "mcp", "milvus", "multilingual", "redis"]


@contextmanager
def needs_extra(extra: Extra, what: str) -> Iterator[None]:
    """Around the import of an extra's packages, for `what`. Raises ExtraNotInstalledError."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ExtraNotInstalledError(
            f"{what} needs {error.name}, which is not installed: pip install 'crpd-qa[{extra}]'"
        ) from error
