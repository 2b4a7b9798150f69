"""What an operator sends: fields, and files that go to a folder of their own for as long as they are read."""

import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePath, PureWindowsPath
from tempfile import TemporaryDirectory

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from crpd_qa.library.given import Given, given
from crpd_qa.web.operator.access import Session

SUFFIXES = (".pdf", ".docx", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt")
MAX_FILES = 200
_UNSAFE = re.compile(r"[^\w .,()+-]+")


def own_form(session: Session, said: Mapping[str, object]) -> None:
    """Raises a 403 for a form that did not stand in a page of this session."""
    if not secrets.compare_digest(str(said.get("form_token", "")).encode(), session.form_token.encode()):
        raise HTTPException(403, "This form was not sent from the operator's page.")


def described(said: Mapping[str, object]) -> Given:
    """What a form says of a document. Raises CrpdQaError."""
    return given(**{name: str(said.get(name, "")) for name in Given.__annotations__})


def keep(upload: UploadFile) -> tuple[TemporaryDirectory[str], Path]:
    """The file, under its own name, in a folder that goes when it was read. Raises OSError."""
    folder = TemporaryDirectory(prefix="crpd-qa-")
    path = Path(folder.name) / _name(upload.filename or "")
    with path.open("xb") as target:
        shutil.copyfileobj(upload.file, target, 1 << 20)
    return folder, path


def shown_name(upload: UploadFile) -> str:
    """A file's own name, for people."""
    return PureWindowsPath(PurePath(upload.filename or "").name).name[:150]


def _name(filename: str) -> str:
    """A plain name: symbol and title may be guessed from it, nothing else is."""
    own = PureWindowsPath(PurePath(filename).name).name
    stem, suffix = PurePath(own).stem, PurePath(own).suffix.lower()
    return f"{_UNSAFE.sub('-', stem).strip('. -')[:100] or 'document'}{suffix if suffix in SUFFIXES else ''}"
