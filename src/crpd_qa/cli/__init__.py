"""The command line: each command is a few lines over the Python API."""

from crpd_qa.cli import asking, documents, evaluating, library, serving  # noqa: F401  each adds its commands
from crpd_qa.cli.base import app

__all__ = ["app"]
