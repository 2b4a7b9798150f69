"""The report that comes with the program, and the library that it is in unless an operator wants another."""

import json
from pathlib import Path

from crpd_qa.errors import IndexBuildError
from crpd_qa.library.folders import is_whole
from crpd_qa.library.manifest import DocumentEntry, read_manifest
from crpd_qa.library.write import DATA, LibraryWriter, Models, Progress, source_sha256

_EARLIER = "manifest.json"
"""What the folder of an index had until format 2, when it was one report's."""


def bundled() -> tuple[Path, dict[str, str]]:
    """The report's file, and what is known of it."""
    given = json.loads((DATA / "bundled.json").read_text("utf-8"))
    return DATA / given.pop("file"), given


def stale_reason(folder: Path, models: Models, *, verify: bool = True) -> str | None:
    """Why the library in a folder must be made, or the bundled report be read into it again; None if neither.

    `verify` reads every file of both, which opening does before their first use, and asks the store what it lacks.
    Raises IndexDamagedError for a library whose documents cannot be known, StoreAwayError.
    """
    writer = LibraryWriter(folder)
    if why := writer.outdated(models, verify=verify):
        return why
    documents = read_manifest(folder).documents
    if not documents:
        return "the bundled report is not in it"
    own = [entry for entry in documents if entry.source.bundled]
    if own and own[0].source.sha256 != source_sha256(bundled()[0]):
        return "the bundled report or its questions have changed"
    if own and verify and not is_whole(folder / own[0].segment, own[0].sha256):
        return f"{folder / own[0].segment} was changed since it was written"
    if verify and (why := writer.unmerged(verify=True)):
        return why
    if verify and (lacking := writer.lacking()):  # who starts a server need not wait for a store that is away
        return f"the store lacks {len(lacking)} of its {len(documents)} documents"
    return None


def make_ready(folder: Path, models: Models, progress: Progress) -> list[DocumentEntry]:
    """Make the library in a folder if there is none, and read the bundled report into it where it belongs.

    It belongs into a new library, and into one that has it: never among documents that somebody chose without it.
    Returns the documents that are there. Raises ModelError, IndexBuildError.
    """
    earlier = _earlier_index(folder)
    writer = LibraryWriter(folder, progress)
    writer.ensure(models)
    documents = read_manifest(folder).documents
    if not documents or any(entry.source.bundled for entry in documents):
        source, given = bundled()
        writer.add(source, bundled=True, **given)
    writer.fill()
    writer.merge(verify=True)
    for path in earlier:
        path.unlink(missing_ok=True)
        if path.parent != folder and path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()
    return read_manifest(folder).documents


def _earlier_index(folder: Path) -> list[Path]:
    """Files of an index that an earlier version made of the bundled report: the library takes its place.

    Raises IndexBuildError for an index of another report: what it was made from is not here.
    """
    try:
        manifest = json.loads((folder / _EARLIER).read_text("utf-8"))
        symbol, files = manifest["documents"][0]["symbol"], [*manifest["files"], _EARLIER]
    except (OSError, ValueError, LookupError, TypeError):
        return []
    if symbol != bundled()[1]["symbol"]:
        raise IndexBuildError(
            f"{folder} holds an index of {symbol}, made by an earlier version of crpd-qa; read its file again, into "
            f"another folder: crpd-qa add FILE --index FOLDER"
        )
    return [folder / name for name in files if not name.startswith("/") and ".." not in name]
