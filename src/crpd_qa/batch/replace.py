"""A file that is written whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `target` at the end; killed or failed before, the old one is whole."""
    writing = target.with_name(f".{target.name}.writing")
    try:
        with writing.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        put_in_place(writing, target)
    except BaseException:
        writing.unlink(missing_ok=True)
        raise


def put_in_place(written: Path, target: Path) -> None:
    """Give `written`, which is on the disk already, the name of `target`, and the old file's permissions."""
    if target.exists():
        shutil.copymode(target, written)
    written.replace(target)
    if os.name == "posix":  # the name, too, is on the disk then
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
