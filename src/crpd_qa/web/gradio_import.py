"""Imports Gradio in half its time.

At every import Gradio parses the source of each of its components and renders type stubs for it. It skips classes
that have no source file; to the thread that imports it, none has.
"""

import inspect
import sys
import threading
import warnings
from typing import Any

# It warns that it will not do what it was told not to do.
warnings.filterwarnings("ignore", "SSR mode is not supported", UserWarning)

_getfile = inspect.getfile
_importer = threading.get_ident()


def _no_file(object: Any) -> str:
    if threading.get_ident() == _importer:
        raise OSError("no type stubs are wanted")
    return _getfile(object)


if "gradio" not in sys.modules:
    inspect.getfile = _no_file
    try:
        import gradio as gr
    finally:
        inspect.getfile = _getfile
else:
    import gradio as gr

__all__ = ["gr"]
