"""What is looked for."""

import re
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
    names: tuple[str, ...] = ()
    """Of the States that the scope is narrowed to, and of voices, as written: they tell no paragraph from another."""

    @property
    def text(self) -> str:
        """A question that stands alone."""
        return f"{self.context} {self.question}" if self.context else self.question

    @property
    def read(self) -> str:
        """The same for the reader, which is to tell what is asked from what was asked before."""
        return f"{self.context} Then: {self.question}" if self.context else self.question

    @property
    def searched(self) -> str:
        """`text` without `names`."""
        return self._without_names(self.text)

    @property
    def start(self) -> int:
        """Where in `searched` the question itself begins."""
        return len(self.searched) - len(self._without_names(self.question))

    def _without_names(self, text: str) -> str:
        for name in self.names:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "", text)
        return text
