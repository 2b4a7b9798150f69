"""Small documents of invented States, and libraries that a test may change."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crpd_qa.library.manifest import read_manifest, write_manifest
from crpd_qa.library.write import LibraryWriter
from small_library import HEAD


@pytest.fixture
def write_report(tmp_path) -> Callable[..., Path]:
    """Writes a report's text file: one numbered paragraph for each text."""

    def write(*paragraphs, symbol="CRPD/C/VLD/1", state="Valdoria", date="3 May 2019", name="") -> Path:
        path = tmp_path / (name or f"{symbol.replace('/', '-')}.txt")
        numbered = "".join(f"{n}.\t{text}\n" for n, text in enumerate(paragraphs, start=1))
        path.write_text(HEAD.format(symbol=symbol, state=state, date=date) + numbered, encoding="utf-8")
        return path

    return write


@pytest.fixture
def folder(empty_library, tmp_path) -> Path:
    """A library without documents, for documents in English."""
    return empty_library(tmp_path / "library")


@pytest.fixture
def writer(folder) -> LibraryWriter:
    return LibraryWriter(folder)


@pytest.fixture
def stocked(index_folder) -> Callable[[Path], Path]:
    """Makes a library without documents in a folder, with every model of the settings: what the commands expect."""

    def make(folder: Path) -> Path:
        (folder / "models").mkdir(parents=True)
        for model in (index_folder / "models").iterdir():  # each by itself: a change sweeps what it does not name
            (folder / "models" / model.name).symlink_to(model)
        write_manifest(folder, read_manifest(index_folder).model_copy(update={"documents": []}))
        return folder

    return make
