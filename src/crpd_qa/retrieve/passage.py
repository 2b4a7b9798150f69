"""What retrieval hands to a caller."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that was found. The score lies between 0 and 1: higher is nearer to the question."""

    document: str
    """Its document's symbol."""
    label: str
    """Its number as the document prints it."""
    number: int | None
    """Its number as an integer, where the label is one."""
    score: float
