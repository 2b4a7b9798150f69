"""What retrieval hands to a caller."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph that was found. The score lies between 0 and 1: higher is nearer to the question."""

    number: int
    score: float
