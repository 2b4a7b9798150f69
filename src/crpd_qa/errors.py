"""The errors a caller may catch. Every message says what was given, what was expected and what mends it."""

from crpd_qa.texts import texts


class CrpdQaError(Exception):
    """Base of all errors that crpd-qa raises on purpose."""


class DocumentError(CrpdQaError):
    """The file is not a report with numbered paragraphs. `line` is 1-based, or None for the whole file."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message if line is None else f"line {line}: {message}")
        self.line = line


class ModelError(CrpdQaError):
    """The embedding model cannot be loaded or is not the model it should be."""


class ExtraNotInstalledError(CrpdQaError):
    """What was asked for needs a package of an extra that is not installed; the message says which."""


class IndexNotFoundError(CrpdQaError):
    """There is no index in the folder."""


class IndexDamagedError(CrpdQaError):
    """The index was made by another version, is incomplete or was changed."""


class StoreAwayError(CrpdQaError):
    """The store cannot be searched or written to now: its server does not answer, or lacks documents."""


class SettingsError(CrpdQaError):
    """A setting has a value that it cannot have."""


class ScopeError(CrpdQaError):
    """A scope names a field or a value that cannot be."""


class DocumentNotFoundError(CrpdQaError):
    """The library has no document of that symbol."""


class ParagraphNotFoundError(CrpdQaError):
    """The report has no paragraph of that number."""


class QuestionFileError(CrpdQaError):
    """A file of questions cannot be read, or a file of answers cannot be written."""


class IndexBuildError(CrpdQaError):
    """The index cannot be written: read-only folder, full disk, another build at work. The old one is untouched."""


class ServerError(CrpdQaError):
    """The web app cannot start: the port is taken, or the address is not this machine's."""


class LanguageModelError(CrpdQaError):
    """The language model gave no answer that can be used. `reason` is the catalogues' key of a clause that says why."""

    def __init__(self, reason: str, status: int | None = None) -> None:
        self.reason = reason
        self.status = status
        super().__init__(self.clause("en"))

    def clause(self, language: str) -> str:
        """For people; without a full stop."""
        return texts(language)[self.reason] + (f" ({self.status})" if self.status else "")


class ArchiveError(CrpdQaError):
    """A library cannot be exported, or what should be imported is damaged, no library, or of another model."""
