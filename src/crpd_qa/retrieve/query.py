"""What is looked for."""

from dataclasses import dataclass

from crpd_qa.language import Language
from crpd_qa.scope import EVERYWHERE, Scope


@dataclass(frozen=True, slots=True)
class Query:
    """A question, what of the conversation it leans on, and where it is looked for."""

    question: str
    context: str = ""
    """Earlier questions, oldest first; empty where the question stands alone."""
    language: Language = "en"
    scope: Scope = EVERYWHERE

    @property
    def text(self) -> str:
        """A question that stands alone."""
        return f"{self.context} {self.question}" if self.context else self.question

    @property
    def start(self) -> int:
        """Where in `text` the question itself begins."""
        return len(self.text) - len(self.question)
