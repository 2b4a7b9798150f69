"""A library as one file, to take to another machine: its documents, originals, corrections, vectors and models.

The archive is a ZIP of what the library's folder holds. Nothing of one that is read here is trusted: names are
those that a library has, sizes are those that it declares, and every digest is checked before anything gets its place.
"""

import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from pydantic import ValidationError

from crpd_qa.encode import Encoder
from crpd_qa.errors import ArchiveError, CrpdQaError, IndexNotFoundError
from crpd_qa.files import sha256
from crpd_qa.library.library import QUESTIONS, document_of
from crpd_qa.library.manifest import FILE_NAME, FORMAT_VERSION, DocumentEntry, LibraryManifest, read_manifest
from crpd_qa.library.overrides import FOLDER as OVERRIDES
from crpd_qa.library.overrides import overrides_path, read_overrides
from crpd_qa.library.questions import WrittenQuestions
from crpd_qa.library.write import LibraryWriter, check_symbol, slug, with_entry
from crpd_qa.store.manifest import FILE_NAME as FOLDER_MANIFEST
from crpd_qa.store.segment import Segment
from crpd_qa.store.vectors import Examples

_NAME = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}"
_MEMBER = re.compile(rf"{re.escape(FILE_NAME)}|(?:segments|models)/{_NAME}/{_NAME}|{OVERRIDES}/{_NAME}\.jsonl")
_MAX_MEMBERS = 500_000
_MAX_RATIO = 40
"""An archive that unpacks to more than so many times its size is none of ours: measured, they unpack to twice it."""
_MAX_LIST = 100_000_000
"""Bytes of library.json: of some 100,000 documents."""
_SAID = ("symbol", "language", "state", "kind", "title", "date", "numbering")
"""What the list says of a document as the document does."""
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same library is the same file


def export_library(folder: Path, file: Path, *, models: bool = True) -> int:
    """Write a library into a ZIP; without its models it can be read only into a library that has the same.

    Returns the number of documents. Raises ArchiveError, IndexNotFoundError, IndexDamagedError.
    """
    manifest = read_manifest(folder)
    if file.exists() and not file.is_file():
        raise ArchiveError(f"{file} is no file that can be replaced; name another")
    names = [entry.segment for entry in manifest.documents]
    if models:
        names += [manifest.encoder.folder, *_multilingual_folder(manifest), manifest.examples]
    temporary = file.with_name(f".{file.name}.{os.getpid()}.writing")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
            _write(archive, FILE_NAME, manifest.model_copy(update={"merged": ""}).model_dump_json(indent=1).encode())
            digests = {entry.segment: entry.sha256 for entry in manifest.documents}
            for name in names:
                segment = Segment(folder / name, digests.get(name, ""))
                for own in segment.files:
                    _copy(archive, f"{name}/{own}", segment.path(own))
                _copy(archive, f"{name}/{FOLDER_MANIFEST}", folder / name / FOLDER_MANIFEST)
            for entry in manifest.documents:
                path = overrides_path(folder, entry.symbol, entry.language)
                if path.is_file():
                    _copy(archive, f"{OVERRIDES}/{path.name}", path)
        temporary.replace(file)
    except OSError as error:
        raise ArchiveError(f"cannot write {file}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)
    return len(manifest.documents)


def _multilingual_folder(manifest: LibraryManifest) -> list[str]:
    return [manifest.multilingual.folder] if manifest.multilingual else []


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _WHEN), content, zipfile.ZIP_DEFLATED, 3)


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    info = zipfile.ZipInfo(name, _WHEN)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.file_size = path.stat().st_size  # for ZIP64
    with path.open("rb") as source, archive.open(info, "w") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def import_library(file: Path, folder: Path) -> list[DocumentEntry]:
    """Read an exported library into a folder: a new library, or one whose documents it is added to.

    A document that is there already is replaced. Returns what was read. Raises ArchiveError: the archive is damaged,
    is none of a library, or was made with other models than the library has.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _checked(archive, file)
            _fits(manifest, _found(folder), file)
            folder.mkdir(parents=True, exist_ok=True)
            with _staging(folder) as staging:
                _unpack(archive, staging, file)
                return _put_in_place(staging, manifest, folder, file)
    except zipfile.BadZipFile as error:
        raise ArchiveError(f"{file} is damaged, or no ZIP file ({error}); export the library again") from error
    except (OSError, EOFError, NotImplementedError, RuntimeError) as error:
        # zipfile raises the last two for forms of compression and encryption that it does not know
        reason = getattr(error, "strerror", None) or error
        raise ArchiveError(f"{file} cannot be read into {folder}: {reason}") from error


def _found(folder: Path) -> LibraryManifest | None:
    try:
        return read_manifest(folder)
    except IndexNotFoundError:
        return None


def _checked(archive: zipfile.ZipFile, file: Path) -> LibraryManifest:
    """What the archive says that it holds. Raises ArchiveError before anything of it is unpacked."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if FILE_NAME not in names:
        raise ArchiveError(f"{file} holds no library ({FILE_NAME} is missing); make one with crpd-qa export")
    if len(members) > _MAX_MEMBERS or len(set(names)) != len(names):
        raise ArchiveError(f"{file} is damaged: it names files twice, or more than {_MAX_MEMBERS:,}")
    for member in members:
        if not _MEMBER.fullmatch(member.filename):
            raise ArchiveError(f"{file} is no exported library: {member.filename[:80]!r} is none of its files")
        if member.flag_bits & 0x1:
            raise ArchiveError(f"{file} is encrypted; export the library again without a password")
    size, packed = sum(member.file_size for member in members), file.stat().st_size
    if size > _MAX_RATIO * packed or archive.getinfo(FILE_NAME).file_size > _MAX_LIST:
        raise ArchiveError(f"{file} would unpack to {size:,} bytes, from {packed:,}: this is no exported library")
    try:
        raw = archive.read(FILE_NAME)
        version = orjson.loads(raw).get("format_version")
        if version != FORMAT_VERSION:
            raise ArchiveError(
                f"{file} has format {version}, this version reads {FORMAT_VERSION}; export it with the same version"
            )
        manifest = LibraryManifest.model_validate_json(raw)
    except (ValidationError, orjson.JSONDecodeError, AttributeError) as error:
        raise ArchiveError(f"{file} is damaged: its {FILE_NAME} cannot be read") from error
    models = [manifest.encoder.folder, *_multilingual_folder(manifest), manifest.examples]
    for entry in manifest.documents:
        if not re.fullmatch(rf"segments/{_NAME}", entry.segment):
            raise ArchiveError(f"{file} is damaged: {entry.segment[:80]!r} is no place of a document")
    for name in models:
        if not re.fullmatch(rf"models/{_NAME}", name):
            raise ArchiveError(f"{file} is damaged: {name[:80]!r} is no place of a model")
    known = [(entry.symbol, entry.language) for entry in manifest.documents]
    if len(set(known)) != len(known):
        raise ArchiveError(f"{file} is damaged: it names a document twice")
    return manifest


def _fits(manifest: LibraryManifest, before: LibraryManifest | None, file: Path) -> None:
    """Raises ArchiveError if the vectors of the two could not be searched together."""
    if before is None:
        return
    for ours, theirs in ((before.encoder, manifest.encoder), (before.multilingual, manifest.multilingual)):
        if (ours and ours.sha256) != (theirs and theirs.sha256):
            raise ArchiveError(
                f"{file} was made with the model {theirs.name if theirs else 'none'}, the library has "
                f"{ours.name if ours else 'none'}: their vectors cannot be searched together. Import it into a new "
                "folder (--index), or add its files themselves: crpd-qa add"
            )


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    path = folder / f".{os.getpid()}.importing"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _unpack(archive: zipfile.ZipFile, staging: Path, file: Path) -> None:
    members = archive.infolist()
    size, free = sum(member.file_size for member in members), shutil.disk_usage(staging).free
    if size > free:
        raise ArchiveError(f"{file} needs {size:,} bytes, {free:,} are free in {staging.parent}")
    for member in members:
        target = staging / member.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(member) as source, target.open("xb") as out:
            shutil.copyfileobj(source, out, 1 << 20)  # no more than the size that it declares; then its checksum


def _put_in_place(staging: Path, manifest: LibraryManifest, folder: Path, file: Path) -> list[DocumentEntry]:
    before = _found(folder)
    if before is None:
        models = [manifest.encoder.folder, *_multilingual_folder(manifest), manifest.examples]
        if not all((staging / name / FOLDER_MANIFEST).is_file() for name in models):
            raise ArchiveError(
                f"{file} carries no models, and there is no library in {folder}: export it with its models, or make "
                "one first: crpd-qa index"
            )
        for name in models:
            _verify(staging / name, "", file)
    try:
        _verify_documents(staging, manifest, staging if before is None else folder, before or manifest, file)
    except ArchiveError:
        raise
    except (CrpdQaError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ArchiveError(f"{file} is damaged: {error}") from error
    placed = [_place(staging, entry, folder) for entry in manifest.documents]
    if before is None:
        for name in models:
            _move(staging / name, folder / name)
    for entry in manifest.documents:
        path = overrides_path(folder, entry.symbol, entry.language)
        if (staging / OVERRIDES / path.name).is_file():
            path.parent.mkdir(exist_ok=True)
            (staging / OVERRIDES / path.name).replace(path)

    def joined(now: LibraryManifest | None) -> LibraryManifest:
        now = now or manifest.model_copy(update={"documents": [], "merged": ""})
        _fits(manifest, now, file)  # it may have been changed meanwhile
        for entry in placed:
            now = with_entry(now, entry)
        return now

    LibraryWriter(folder).commit(joined)
    return placed


def _verify(folder: Path, digest: str, file: Path) -> Segment:
    """A folder that holds the files of its manifest, and no others, each with the digest that it has there."""
    segment = Segment(folder, digest)
    if {path.name for path in folder.iterdir()} != {*segment.files, FOLDER_MANIFEST}:
        raise ArchiveError(f"{file} is damaged: {folder.name} does not hold the files that it names")
    for name in segment.files:
        segment.path(name)
    return segment


def _verify_documents(
    staging: Path, manifest: LibraryManifest, models: Path, known: LibraryManifest, file: Path
) -> None:
    """Every document can be read, is the one that is named, and has rows for all its paragraphs."""
    Examples.load(models / known.examples, "english")
    Encoder(models / known.encoder.folder, threads=1)
    for entry in manifest.documents:
        check_symbol(entry.symbol)
        segment = _verify(staging / entry.segment, entry.sha256, file)
        document = document_of(segment)
        questions = WrittenQuestions.model_validate_json(segment.path(QUESTIONS).read_bytes())
        rows, tokens, count = segment.vectors, segment.tokens(), len(document)
        said = tuple(getattr(document, name) for name in _SAID)
        counts = {len(questions.answers), len(rows.paragraphs), len(rows.offsets) - 1, len(tokens.offsets) - 1}
        counts |= {len(segment.articles), entry.paragraphs}
        if segment.multilingual:
            counts.add(len(segment.multilingual.paragraphs))
        if (
            said != tuple(getattr(entry, name) for name in _SAID)
            or counts != {count}
            or rows.paragraphs.shape[1] != known.encoder.dimension
        ):
            raise ArchiveError(f"{file} is damaged: {entry.symbol} is not what it is said to be")
        read_overrides(staging / OVERRIDES / overrides_path(Path(), entry.symbol, entry.language).name)


def _place(staging: Path, entry: DocumentEntry, folder: Path) -> DocumentEntry:
    """Beside the library's own segments, under a name that none of another content has."""
    here = folder / entry.segment / FOLDER_MANIFEST
    if here.is_file() and sha256(here) == entry.sha256:
        return entry
    name = f"segments/{slug(entry.symbol)}.{entry.language}.{entry.sha256[:16]}"
    _move(staging / entry.segment, folder / name)
    return entry.model_copy(update={"segment": name})


def _move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():  # what a killed import left under this name
        shutil.rmtree(target)
    source.rename(target)
