"""The best paragraphs in the order of a cross-encoder, for those who name one; it takes torch and its time."""

from collections.abc import Sequence

import numpy as np

from crpd_qa.encode import Floats
from crpd_qa.errors import ModelError
from crpd_qa.extras import needs_extra
from crpd_qa.retrieve.ranking import Ranking

RERANKED = 20
"""So many of the best paragraphs are read together with the question."""


class CrossEncoderReranker:
    """sentence-transformers' CrossEncoder by name or folder (Nogueira & Cho 2019)."""

    def __init__(self, name: str) -> None:
        """Raises ModelError, ExtraNotInstalledError."""
        with needs_extra("build", "CRPD_QA_RERANKER"):
            from sentence_transformers import CrossEncoder

        try:
            self._model = CrossEncoder(name, device="cpu")
        except Exception as error:  # the libraries below raise a dozen kinds, for one reason: no such model
            raise ModelError(
                f"the reranker {name!r} cannot be loaded ({str(error).splitlines()[0]}); "
                "give a sentence-transformers CrossEncoder's name or folder in CRPD_QA_RERANKER, or leave it unset"
            ) from error

    def relevance(self, question: str, texts: Sequence[str]) -> Floats:
        """(n_texts,) how well each answers the question; higher is better, whatever the model's scale."""
        pairs = [(question, text) for text in texts]
        found = np.asarray(self._model.predict(pairs, show_progress_bar=False), dtype=np.float32)
        return found.reshape(len(texts), -1)[:, 0]


def reranked(question: str, ranking: Ranking, reranker: CrossEncoderReranker) -> Ranking:
    """The first paragraphs change places; scores stay with the ranks, since confidence is calibrated on them.

    `question` is the person's, in its own language: a ranking's may be made of words found for it.
    """
    count = min(RERANKED, len(ranking))
    if count:
        relevance = reranker.relevance(question, [ranking.paragraph(rank).text for rank in range(count)])
        return ranking.with_first(np.argsort(-relevance, kind="stable"))
    return ranking
