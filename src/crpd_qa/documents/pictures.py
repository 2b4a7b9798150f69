"""Pages of an original PDF as pictures, to lay beside what was read of them."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2 as pdfium

from crpd_qa.documents.pdf import PDFIUM
from crpd_qa.errors import DocumentError

LONGER_SIDE = 1400
"""Pixels: small print can be read, and a page takes some 100 KB."""
WAIT_SECONDS = 15
"""So long a picture waits while another file is read."""


def page_count(path: Path) -> int:
    """Pages of a PDF. Raises DocumentError, TimeoutError."""
    with _opened(path) as document:
        return len(document)


def page_picture(path: Path, page: int) -> bytes:
    """A page, from 1, as PNG. Raises DocumentError, TimeoutError."""
    with _opened(path) as document:
        if not 1 <= page <= len(document):
            raise DocumentError(f"{path} has no page {page}; its last is {len(document)}")
        own = document[page - 1]
        try:
            scale = LONGER_SIDE / max(1.0, *own.get_size())
            picture = own.render(scale=scale).to_pil()
        finally:
            own.close()
    written = io.BytesIO()
    picture.save(written, "PNG")
    return written.getvalue()


@contextmanager
def _opened(path: Path) -> Iterator[pdfium.PdfDocument]:
    """With pdfium for this thread alone."""
    if not PDFIUM.acquire(timeout=WAIT_SECONDS):
        raise TimeoutError("another file is being read")
    try:
        document = pdfium.PdfDocument(path)
        try:
            yield document
        finally:
            document.close()
    except pdfium.PdfiumError as error:
        raise DocumentError(f"{path} cannot be shown: {error}") from error
    finally:
        PDFIUM.release()
