"""Documents on disk and in the store: read one in, take one out, open them for answering."""

from crpd_qa.library.library import Library
from crpd_qa.library.manifest import DocumentEntry

__all__ = ["DocumentEntry", "Library"]
