"""What is looked for."""

from dataclasses import dataclass

from crpd_qa.language import Language


@dataclass(frozen=True, slots=True)
class Query:
    """A question and what of the conversation it leans on."""

    question: str
    context: str = ""
    """Earlier questions, oldest first; empty where the question stands alone."""
    language: Language = "en"

    @property
    def text(self) -> str:
        """A question that stands alone."""
        return f"{self.context} {self.question}" if self.context else self.question

    @property
    def start(self) -> int:
        """Where in `text` the question itself begins."""
        return len(self.text) - len(self.question)
