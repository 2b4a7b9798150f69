"""The questions that each paragraph answers, written by a language model into the file beside the report.

Indexed, they let everyday words find a paragraph: doc2query (Nogueira et al. 2019).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from crpd_qa.answer.language_model.client import LanguageModel
from crpd_qa.answer.language_model.parse import visible
from crpd_qa.answer.language_model.prompt import expand_messages
from crpd_qa.documents import Document, Paragraph
from crpd_qa.errors import DocumentError
from crpd_qa.library.questions import questions_path, read_questions
from crpd_qa.retrieve.context import count_tokens

QUESTIONS = 5
"""So many questions of a paragraph are kept at most."""
MAX_CHARACTERS = 200
_TOKENS_OF_A_REPLY = 100
"""Five questions, measured on those that were written by hand."""

_MARK = re.compile(r"^\s*(?:[-*•]|\d{1,2}[.)])\s*|[\"“”*]")


@dataclass(frozen=True, slots=True)
class Expansion:
    """What is left to be written. Token counts are estimates."""

    paragraphs: tuple[Paragraph, ...]
    path: Path
    tokens_in: int
    tokens_out: int

    @classmethod
    def of(cls, document: Document, document_path: Path, encoding: str) -> "Expansion":
        """Paragraphs without a line in the questions' file. Raises DocumentError for a file that cannot be read."""
        path = questions_path(document_path)
        _drop_torn_line(path)
        done = read_questions(document_path, document).answers
        left = tuple(p for p, own in zip(document, done, strict=True) if not own)
        sent = sum(
            count_tokens(str(message["content"]), encoding)
            for p in left
            for message in expand_messages(p.section.heading, p.text)
        )
        return cls(left, path, sent, len(left) * _TOKENS_OF_A_REPLY)

    def write(self, model: LanguageModel) -> Iterator[str]:
        """Yields each paragraph's label when its line is in the file: stopped anywhere, another run goes on.

        Raises LanguageModelError or DocumentError.
        """
        try:
            with self.path.open("ab") as file:
                for paragraph in self.paragraphs:
                    reply = model.complete(expand_messages(paragraph.section.heading, paragraph.text))
                    line = {"number": paragraph.label, "answers": questions_in(reply), "unanswered": []}
                    file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
                    file.flush()
                    yield paragraph.label
        except OSError as error:
            raise DocumentError(f"cannot write {self.path}: {error.strerror}") from error


def questions_in(reply: str) -> list[str]:
    """The questions that a reply holds, one a line; what is no question is left out."""
    lines = (" ".join(_MARK.sub("", line).split()) for line in visible(reply).splitlines())
    return list(dict.fromkeys(line for line in lines if line.endswith("?") and 10 <= len(line) <= MAX_CHARACTERS))[
        :QUESTIONS
    ]


def _drop_torn_line(path: Path) -> None:
    """A killed run may have left half a line at the end."""
    if not path.exists() or (written := path.read_bytes()).endswith(b"\n") or not written:
        return
    try:
        orjson.loads(written.rpartition(b"\n")[2])
    except orjson.JSONDecodeError:
        whole = written[: written.rfind(b"\n") + 1]
    else:
        whole = written + b"\n"
    path.write_bytes(whole)
