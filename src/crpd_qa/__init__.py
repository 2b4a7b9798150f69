"""crpd-qa: ask a State's report under the Convention on the Rights of Persons with Disabilities.

>>> from crpd_qa import Assistant
>>> answer = Assistant.open().ask("How many persons have a disability?")

Importing this package loads nothing heavy; the first use of a name does.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crpd_qa.answer import Answer, Citation
    from crpd_qa.assistant import Assistant
    from crpd_qa.documents import Document, Paragraph, Section
    from crpd_qa.retrieve import Passage

# What libraries would tell their makers: ONNX Runtime (from its import on), Gradio, Ray, Hugging Face.
for _name, _value in (
    ("ORT_DISABLE_TELEMETRY", "1"),
    ("GRADIO_ANALYTICS_ENABLED", "False"),
    ("RAY_USAGE_STATS_ENABLED", "0"),
    ("HF_HUB_DISABLE_TELEMETRY", "1"),
):
    os.environ.setdefault(_name, _value)

__all__ = ["Answer", "Assistant", "Citation", "Document", "Paragraph", "Passage", "Section"]

_HOMES = {
    "Answer": "crpd_qa.answer",
    "Assistant": "crpd_qa.assistant",
    "Citation": "crpd_qa.answer",
    "Document": "crpd_qa.documents",
    "Paragraph": "crpd_qa.documents",
    "Passage": "crpd_qa.retrieve",
    "Section": "crpd_qa.documents",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'crpd_qa' has no attribute {name!r}")
