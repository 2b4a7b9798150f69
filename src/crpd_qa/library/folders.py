"""A library's folders: written whole, under names that tell their content, swept away when nothing names them."""

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from crpd_qa.errors import IndexDamagedError, StoreAwayError
from crpd_qa.store.manifest import FILE_NAME as FOLDER_MANIFEST
from crpd_qa.store.manifest import Files
from crpd_qa.store.segment import Segment

SWEEP_SECONDS = 3600
"""What nothing names is kept so long: a process that opened the library earlier may still read it."""


def sweep(folder: Path, gone: set[str], kept: set[str], forget: Callable[[str], None] | None = None) -> None:
    """Delete what nothing has named for a while: replaced segments, and what killed processes left.

    `forget` deletes a segment's rows in a store elsewhere, before its folder; it may raise StoreAwayError.
    """
    for name in gone:
        with suppress(OSError):
            os.utime(folder / name)  # from now on nothing names it
    before = time.time() - SWEEP_SECONDS
    for kind in ("segments", "models", "merged"):
        for path in (folder / kind).glob("*"):
            name = path.relative_to(folder).as_posix()
            if name in kept or path.stat().st_mtime >= before:
                continue
            if forget and kind == "segments":
                try:
                    forget(name)
                except StoreAwayError:
                    continue  # the folder tells a later change what is left to do
            shutil.rmtree(path, ignore_errors=True)


def is_whole(folder: Path, digest: str = "") -> bool:
    """Whether every file of a folder is what it was when it was written; its manifest has that digest, if given."""
    try:
        segment = Segment(folder, digest)
        for file in segment.files:
            segment.path(file)
    except IndexDamagedError:
        return False
    return True


@contextmanager
def writing_to(folder: Path, kind: str) -> Iterator[Path]:
    """A folder to write into; it is gone at the end unless it got its name."""
    building = folder / kind / f".{uuid4().hex}.writing"  # machines of a cluster give the same process ids
    building.mkdir(parents=True)
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def content_sha256(folder: Path) -> str:
    """Of the names and contents of its files."""
    return hashlib.sha256(Files.of(folder).model_dump_json().encode()).hexdigest()


def named(building: Path, name: str) -> str:
    """Give a complete folder a manifest of its files and its name, which tells its content.

    What is whole under that name is the same, and stays, since it may be in use. Returns where it is in the library.
    """
    (building / FOLDER_MANIFEST).write_text(Files.of(building).model_dump_json(), encoding="utf-8")
    final = building.with_name(name)
    if is_whole(final):
        os.utime(final)
    else:
        if final.exists():
            final.rename(damaged := building.with_name(f"{building.name}.damaged"))
            shutil.rmtree(damaged, ignore_errors=True)
        building.rename(final)
    return f"{building.parent.name}/{name}"
