"""The best paragraphs in the order of a cross-encoder, for those who name one; it takes torch and its time."""

import numpy as np

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

    def rerank(self, ranking: Ranking) -> Ranking:
        """The first paragraphs change places; scores stay with the ranks, since confidence is calibrated on them."""
        count = min(RERANKED, len(ranking))
        pairs = [(ranking.question, ranking.paragraph(rank).text) for rank in range(count)]
        relevance = np.asarray(self._model.predict(pairs, show_progress_bar=False)).reshape(count, -1)[:, 0]
        score = ranking.score.copy()
        score[np.argsort(-relevance, kind="stable")] = ranking.score[:count]
        return ranking.reordered(score)
