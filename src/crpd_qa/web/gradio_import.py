"""Imports Gradio in half its time.

At every import Gradio parses the source of each of its components and renders type stubs for it. It skips classes
that have no source file; while it is being imported, none has.
"""

import inspect
import os
import sys
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def _no_file(_: Any) -> str:
    raise OSError("no type stubs are wanted")


if "gradio" not in sys.modules:
    _getfile = inspect.getfile
    inspect.getfile = _no_file  # type: ignore[assignment]
    try:
        import gradio as gr
    finally:
        inspect.getfile = _getfile
else:
    import gradio as gr

__all__ = ["gr"]
