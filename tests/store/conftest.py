"""Five documents of two invented States in one library: one report, asked, replied, concluded; another report."""

from dataclasses import replace

import pytest

from crpd_qa.documents import read_document
from crpd_qa.library import Library
from crpd_qa.library.write import LibraryWriter
from small_library import DOCUMENTS


@pytest.fixture(scope="module")
def several(empty_library, tmp_path_factory):
    """Each document's first twenty paragraphs."""
    folder = empty_library(tmp_path_factory.mktemp("several") / "library")
    writer = LibraryWriter(folder)
    for path in sorted(DOCUMENTS.glob("CRPD-C-*.txt")):
        document = read_document(path, state=path.name.split("-")[2])
        writer.add_document(replace(document, paragraphs=document.paragraphs[::4][:20]), path)
    return Library.open(folder)
